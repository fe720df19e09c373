//! An injected host during one call.

use std::cell::Cell;
use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::client::JsClient;
use super::ended_list::EndedList;
use super::functions::{HostFunction, Injected};
use crate::ending::SessionIds;
use crate::error::{Code, Error, InvalidArgument, NotConfigured, Result};
use crate::event::Event;
use crate::js::call::{Call, Callback, CallbackErrors, Limits, Returned};
use crate::js::wire::{CallOptions, Handle, is_absent, read, string, write};
use crate::ports::Host;
use crate::settings::DeliveryOptions;
use crate::time::{Millis, Timestamp};

#[wasm_bindgen(raw_module = "./core/calls.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = startTimer)]
    fn start_timer(milliseconds: f64) -> std::result::Result<Timer, JsValue>;
    /// A timer of `startTimer`.
    type Timer;
    #[wasm_bindgen(method, getter, catch)]
    fn over(this: &Timer) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn stop(this: &Timer) -> std::result::Result<(), JsValue>;
}

const SIGNAL: CallbackErrors = CallbackErrors { function: "signal", code: Code::InvalidArgument };
const ON_PROGRESS: CallbackErrors =
    CallbackErrors { function: "onProgress", code: Code::InvalidArgument };

/// An injected host during one call. The other files in this folder implement the ports for it.
pub struct CallHost {
    pub(in crate::js) injected: Rc<Injected>,
    pub(super) limits: Limits,
    on_progress: Option<Callback>,
}

impl CallHost {
    /// The host for a call with these options: `{ signal?, onProgress? }`.
    pub fn new(injected: &Rc<Injected>, options: &JsValue) -> Result<Self> {
        let CallOptions { signal, on_progress } = read(options, "the call's options")?;
        let signal = signal.map_or(JsValue::UNDEFINED, |Handle(signal)| signal);
        if !is_absent(&signal) {
            // Accept signals of other realms and polyfills.
            let listens = signal.is_object()
                && Callback::find(&signal, "addEventListener", SIGNAL)?.is_some();
            if !listens {
                return Err(not_a_signal());
            }
        }
        let on_progress = match on_progress {
            None => None,
            Some(_) => Callback::find(options, "onProgress", ON_PROGRESS)?,
        };
        let limits = Limits { signal, timeout: injected.timeout, aborts_delayed: Cell::new(false) };
        Ok(CallHost { injected: injected.clone(), limits, on_progress })
    }

    /// An injected function, if there is one.
    pub(super) fn function(&self, function: HostFunction) -> Option<&Callback> {
        self.injected.function(function)
    }

    /// Calls an injected function and waits for what it returns.
    pub(in crate::js) fn call(&self, function: HostFunction, arguments: &[JsValue]) -> Call {
        match self.function(function) {
            Some(callback) => callback.call(arguments, &self.limits),
            None => Call::failed(not_injected(function)),
        }
    }

    /// The error for a result of the wrong shape.
    pub(in crate::js) fn wrong_shape(&self, function: HostFunction, wanted: &'static str) -> Error {
        match self.function(function) {
            Some(callback) => callback.wrong_shape(wanted),
            None => not_injected(function),
        }
    }

    /// Calls a function that prunes up to `limit` entries. Returns 0 if the store doesn't have it.
    pub(super) async fn pruned(
        &self,
        function: HostFunction,
        argument: JsValue,
        limit: usize,
    ) -> Result<u64> {
        if self.function(function).is_none() {
            return Ok(0);
        }
        let count = self.call(function, &[argument, (limit as f64).into()]).await?;
        let wanted = "a whole number from 0 to `limit`";
        let count = read::<u64>(&count, "the count").ok().filter(|count| *count <= limit as u64);
        count.ok_or_else(|| self.wrong_shape(function, wanted))
    }

    /// The last argument of functions that can be aborted; `None` if this call can't be.
    pub(super) fn signal_option(&self) -> Result<Option<JsValue>> {
        #[derive(Serialize)]
        struct SignalOption {
            signal: Handle,
        }

        let can_abort = !self.limits.aborts_delayed.get() && !is_absent(&self.limits.signal);
        let signal = can_abort.then(|| Handle(self.limits.signal.clone()));
        signal.map(|signal| write(&SignalOption { signal })).transpose()
    }

    fn has(&self, function: HostFunction) -> Option<&Self> {
        self.function(function).map(|_| self)
    }
}

fn not_injected(function: HostFunction) -> Error {
    NotConfigured::Function { function: function.name() }.into()
}

fn not_a_signal() -> Error {
    let place = "the call's options: `signal`".to_owned();
    InvalidArgument::Wrong { place, wanted: "an AbortSignal".to_owned(), source: None }.into()
}

impl Host for CallHost {
    type Sessions = Self;
    type Grants = Self;
    type Outbox = Self;
    type Atomic = Self;
    type Clients = Self;
    type Client = JsClient;
    type Sender = Self;

    fn sessions(&self) -> &Self {
        self
    }

    fn grants(&self) -> Option<&Self> {
        self.has(HostFunction::GrantsRemove)
    }

    fn outbox(&self) -> Option<&Self> {
        self.has(HostFunction::OutboxAdd)
    }

    fn atomic(&self) -> Option<&Self> {
        self.has(HostFunction::AtomicEndSessions)
    }

    fn clients(&self) -> Option<&Self> {
        self.has(HostFunction::Clients)
    }

    fn sender(&self) -> Option<&Self> {
        self.has(HostFunction::SendLogout)
    }

    async fn subject_for(&self, subject_id: &str, client_id: &str) -> Result<String> {
        if self.function(HostFunction::SubjectFor).is_none() {
            return Ok(subject_id.to_owned());
        }
        let arguments = [subject_id.into(), client_id.into()];
        let subject = self.call(HostFunction::SubjectFor, &arguments).await?;
        let wanted = "a string: the client's subject id";
        string(&subject).ok_or_else(|| self.wrong_shape(HostFunction::SubjectFor, wanted))
    }

    fn issuers(&self) -> &[String] {
        &self.injected.issuers
    }

    fn absolute_lifetime(&self) -> Option<Millis> {
        self.injected.absolute_lifetime
    }

    fn forget_devices_after(&self) -> Option<Millis> {
        self.injected.forget_devices_after
    }

    fn delivery(&self) -> &DeliveryOptions {
        &self.injected.delivery
    }

    async fn sleep(&self, milliseconds: Millis) {
        let Ok(timer) = start_timer(milliseconds as f64) else { return };
        let timer = StopsWhenDropped(timer);
        if let Ok(over) = timer.0.over() {
            Returned::new(over, None).await;
        }
    }

    fn now(&self) -> Result<Timestamp> {
        let Some(callback) = self.function(HostFunction::Now) else {
            return Ok(Timestamp::from_millis(js_sys::Date::now() as Millis));
        };
        let range = Timestamp::MIN.as_millis() as f64..=Timestamp::MAX.as_millis() as f64;
        let now = callback.call_now(&[])?.as_f64().filter(|now| range.contains(now));
        now.map(|now| Timestamp::from_millis(now as Millis))
            .ok_or_else(|| callback.wrong_shape("epoch milliseconds that a `Date` can have"))
    }

    fn listens(&self) -> bool {
        self.function(HostFunction::OnEvent).is_some()
    }

    fn emit(&self, event: Event) {
        if let Some(callback) = self.function(HostFunction::OnEvent) {
            callback.notify(&event);
        }
    }

    fn emit_each(&self, sessions: EndedList, event: impl Fn(SessionIds) -> Event) {
        if let Some(callback) = self.function(HostFunction::OnEvent) {
            callback.notify_each(&event(SessionIds::default()), &sessions.0);
        }
    }

    fn progress(&self, sessions: u64, notifications: u64) {
        #[derive(Serialize)]
        struct Progress {
            sessions: u64,
            notifications: u64,
        }

        if let Some(callback) = &self.on_progress {
            callback.notify(&Progress { sessions, notifications });
        }
    }

    fn check_aborted(&self) -> Result<()> {
        self.limits.aborted().map_or(Ok(()), Err)
    }

    fn delay_aborts(&self, delayed: bool) {
        self.limits.aborts_delayed.set(delayed);
    }
}

/// Stops the timer when dropped, so that it doesn't keep the process running.
struct StopsWhenDropped(Timer);

impl Drop for StopsWhenDropped {
    fn drop(&mut self) {
        let _ = self.0.stop();
    }
}
