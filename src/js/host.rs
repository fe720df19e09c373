//! The host: every injected function, checked when a service is made, as the ports of the core for
//! one call.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::callback::{Call, Callback, Limits};
use super::error::thrown;
use super::imports::{self, Signal, Timer};
use super::options;
use super::value::{Slot, Value, array, is_absent, object, read, read_open, wrong};
use crate::error::{Code, Error, Result};
use crate::event::{Detail, Event};
use crate::ports::Host;
use crate::settings::{CoordinationOptions, DeliveryOptions};
use crate::time::Millis;

/// How long one injected function may take, in milliseconds, if the host does not say.
const DEFAULT_TIMEOUT: f64 = 30_000.0;

/// The functions that a host injects, in the order of [`FUNCTIONS`].
#[derive(Clone, Copy)]
pub enum Function {
    SessionsCreate,
    SessionsGet,
    SessionsUpdate,
    SessionsAddClient,
    SessionsList,
    SessionsCount,
    SessionsRemove,
    GrantsList,
    GrantsCount,
    GrantsRemove,
    OutboxAdd,
    OutboxClaim,
    OutboxSettle,
    OutboxList,
    OutboxRetry,
    Atomic,
    Clients,
    SendLogout,
    SubjectFor,
    OnEvent,
    Now,
}

/// For each function its name, what a failure of it is, and whether its owner, where there is one,
/// must have it.
const FUNCTIONS: [(&str, Code, bool); 21] = [
    ("sessions.create", Code::StoreFailed, true),
    ("sessions.get", Code::StoreFailed, true),
    ("sessions.update", Code::StoreFailed, true),
    ("sessions.addClient", Code::StoreFailed, true),
    ("sessions.list", Code::StoreFailed, true),
    ("sessions.count", Code::StoreFailed, false),
    ("sessions.remove", Code::StoreFailed, true),
    ("grants.list", Code::StoreFailed, true),
    ("grants.count", Code::StoreFailed, false),
    ("grants.remove", Code::StoreFailed, true),
    ("outbox.add", Code::StoreFailed, true),
    ("outbox.claim", Code::StoreFailed, true),
    ("outbox.settle", Code::StoreFailed, true),
    ("outbox.list", Code::StoreFailed, true),
    ("outbox.retry", Code::StoreFailed, true),
    ("atomic", Code::StoreFailed, false),
    ("clients", Code::SenderFailed, false),
    ("sendLogout", Code::SenderFailed, false),
    ("subjectFor", Code::SenderFailed, false),
    ("onEvent", Code::InvalidArgument, false),
    ("now", Code::InvalidArgument, false),
];

/// What messages call a function.
fn name(function: Function) -> &'static str {
    FUNCTIONS.get(function as usize).map_or("", |(name, ..)| name)
}

/// What a host injected.
pub struct Injected {
    functions: Vec<Option<Callback>>,
    /// The filters that the session store serves; `None` is all.
    pub(super) filters: Option<Vec<String>>,
    timeout: f64,
    delivery: DeliveryOptions,
    pub(super) coordination: CoordinationOptions,
}

impl Injected {
    /// Checks a host, and the settings of one service: `{ delivery?, coordination? }`. Fails with
    /// `invalid_argument` and the name of what is missing, unknown or of the wrong form.
    pub fn read(host: &JsValue, settings: &JsValue) -> Result<Rc<Self>> {
        let what = "the host";
        let (mut sessions, mut grants, mut outbox, mut timeout) = (None, None, None, None);
        let (mut shared, mut delivery, mut coordination) = (None, None, None);
        let members = &mut [
            ("sessions", Slot::Any(&mut sessions)),
            ("grants", Slot::Any(&mut grants)),
            ("outbox", Slot::Any(&mut outbox)),
            ("atomic", Slot::Known),
            ("clients", Slot::Known),
            ("subjectFor", Slot::Known),
            ("sendLogout", Slot::Known),
            ("onEvent", Slot::Known),
            ("now", Slot::Known),
            ("delivery", Slot::Any(&mut shared)),
            ("callbackTimeout", Slot::Number(&mut timeout)),
        ];
        read(host, what, members)?;
        let members = &mut [
            ("delivery", Slot::Any(&mut delivery)),
            ("coordination", Slot::Any(&mut coordination)),
        ];
        read_open(settings, "the settings", members)?;
        let delivery =
            options::delivery(&shared.unwrap_or_default(), DeliveryOptions::default())
                .and_then(|shared| options::delivery(&delivery.unwrap_or_default(), shared))?;
        let coordination = options::coordination(&coordination.unwrap_or_default())?;
        let timeout = timeout.unwrap_or(DEFAULT_TIMEOUT);
        if !timeout.is_finite() || timeout < 0.0 {
            return Err(wrong(
                what,
                "callbackTimeout",
                "milliseconds, 0 or more; 0 waits for ever",
            ));
        }
        let (sessions, grants, outbox) =
            (sessions.unwrap_or_default(), grants.unwrap_or_default(), outbox.unwrap_or_default());
        if is_absent(&sessions) {
            return Err(wrong(what, "sessions", "a session store"));
        }
        let (mut capabilities, mut filters) = (None, None);
        read_open(&sessions, "`sessions`", &mut [("capabilities", Slot::Any(&mut capabilities))])?;
        let capabilities = capabilities.unwrap_or_default();
        read_open(
            &capabilities,
            "`sessions.capabilities`",
            &mut [("filters", Slot::Texts(&mut filters))],
        )?;
        read_open(&grants, "`grants`", &mut [])?;
        read_open(&outbox, "`outbox`", &mut [])?;
        let mut functions = Vec::new();
        for (name, code, required) in FUNCTIONS {
            let (owner, member) = match name.split_once('.') {
                None => (host, name),
                Some(("sessions", member)) => (&sessions, member),
                Some(("grants", member)) => (&grants, member),
                Some((_, member)) => (&outbox, member),
            };
            let function =
                if is_absent(owner) { None } else { Callback::find(owner, member, name, code)? };
            if required && function.is_none() && !is_absent(owner) {
                return Err(Error::invalid(
                    ["`", name, "` is missing: the host must have this function"].concat(),
                ));
            }
            functions.push(function);
        }
        Ok(Rc::new(Injected { functions, filters, timeout, delivery, coordination }))
    }
}

/// A host during one call.
pub struct CallHost {
    pub(super) injected: Rc<Injected>,
    pub(super) limits: Limits,
    on_progress: Option<Callback>,
}

impl CallHost {
    /// The host for a call with these options: `{ signal?, onProgress? }`.
    pub fn new(injected: &Rc<Injected>, options: &JsValue) -> Result<Self> {
        let what = "the call's options";
        let mut signal = None;
        let members = &mut [("signal", Slot::Any(&mut signal)), ("onProgress", Slot::Known)];
        read(options, what, members)?;
        let signal = signal.filter(|signal| !signal.is_null()).unwrap_or_default();
        if !signal.is_undefined()
            && Callback::find(&signal, "addEventListener", "signal", Code::InvalidArgument)?
                .is_none()
        {
            return Err(wrong(what, "signal", "an AbortSignal"));
        }
        let on_progress = match is_absent(options) {
            true => None,
            false => Callback::find(options, "onProgress", "onProgress", Code::InvalidArgument)?,
        };
        let limits = Limits { signal, timeout: injected.timeout };
        Ok(CallHost { injected: injected.clone(), limits, on_progress })
    }

    /// An injected function, if there is one.
    pub(super) fn function(&self, function: Function) -> Option<&Callback> {
        self.injected.functions.get(function as usize)?.as_ref()
    }

    /// Calls an injected function and waits for what it returns.
    pub(super) fn call(&self, function: Function, arguments: &[JsValue]) -> Call {
        match self.function(function) {
            Some(callback) => callback.call(arguments, &self.limits),
            None => Call::failed(Error::new(
                Code::NotConfigured,
                ["`", name(function), "` is not injected: the call needs it"].concat(),
            )),
        }
    }

    /// The error for a result of the wrong shape.
    pub(super) fn wrong_shape(&self, function: Function, wanted: &str) -> Error {
        match self.function(function) {
            Some(callback) => callback.wrong_shape(wanted),
            None => Error::new(Code::NotConfigured, name(function)),
        }
    }

    fn has(&self, function: Function) -> Option<&Self> {
        self.function(function).map(|_| self)
    }
}

impl Host for CallHost {
    type Sessions = Self;
    type Grants = Self;
    type Outbox = Self;
    type Atomic = Self;
    type Clients = Self;
    type Client = super::clients::JsClient;
    type Sender = Self;

    fn sessions(&self) -> &Self {
        self
    }

    fn grants(&self) -> Option<&Self> {
        self.has(Function::GrantsRemove)
    }

    fn outbox(&self) -> Option<&Self> {
        self.has(Function::OutboxAdd)
    }

    fn atomic(&self) -> Option<&Self> {
        self.has(Function::Atomic)
    }

    fn clients(&self) -> Option<&Self> {
        self.has(Function::Clients)
    }

    fn sender(&self) -> Option<&Self> {
        self.has(Function::SendLogout)
    }

    async fn subject_for(&self, subject_id: &str, client_id: &str) -> Result<String> {
        if self.function(Function::SubjectFor).is_none() {
            return Ok(subject_id.to_owned());
        }
        let subject =
            self.call(Function::SubjectFor, &[subject_id.into(), client_id.into()]).await?;
        let wrong =
            || self.wrong_shape(Function::SubjectFor, "a text: the subject as the client knows it");
        subject.as_string().ok_or_else(wrong)
    }

    fn delivery(&self) -> &DeliveryOptions {
        &self.injected.delivery
    }

    async fn sleep(&self, milliseconds: Millis) {
        let Ok(timer) = imports::start_timer(milliseconds as f64) else { return };
        let timer = StopsWhenDropped(timer);
        if let Ok(over) = timer.0.over() {
            let _ = JsFuture::from(over).await;
        }
    }

    fn now(&self) -> Result<Millis> {
        let Some(callback) = self.function(Function::Now) else {
            return Ok(js_sys::Date::now() as Millis);
        };
        let now = callback.call_now(&[])?.as_f64().filter(|now| now.is_finite());
        now.map(|now| now as Millis)
            .ok_or_else(|| callback.wrong_shape("a number: epoch milliseconds"))
    }

    fn listens(&self) -> bool {
        self.function(Function::OnEvent).is_some()
    }

    fn emit(&self, event: Event) {
        let Some(callback) = self.function(Function::OnEvent) else { return };
        let names = array(&event.details, |(name, _)| JsValue::from_str(name));
        let values = array(&event.details, |(_, value)| match value {
            Detail::Text(text) => JsValue::from_str(text),
            Detail::Number(number) => JsValue::from_f64(*number as f64),
        });
        // `emit` itself reports what the host's function throws.
        let _ = imports::emit(callback.function(), event.name, event.at as f64, &names, &values);
    }

    fn progress(&self, sessions: u64, notifications: u64) -> Result<()> {
        let Some(callback) = &self.on_progress else { return Ok(()) };
        let (sessions, notifications) = (Some(sessions as f64), Some(notifications as f64));
        let done = object(&[
            ("sessions", Value::Number(sessions)),
            ("notifications", Value::Number(notifications)),
        ]);
        callback.call_now(&[done]).map(|_| ())
    }

    fn check_aborted(&self) -> Result<()> {
        if self.limits.signal.is_undefined() {
            return Ok(());
        }
        match self.limits.signal.unchecked_ref::<Signal>().is_aborted() {
            Ok(false) => Ok(()),
            Ok(true) => {
                let error = imports::aborted(&self.limits.signal).unwrap_or_else(|thrown| thrown);
                Err(thrown("signal", Code::Aborted, error))
            }
            Err(value) => {
                Err(Error::invalid("the call's options: `signal` must be an AbortSignal")
                    .because(value))
            }
        }
    }
}

/// A timer that nobody waits for any more must not keep the process alive.
struct StopsWhenDropped(Timer);

impl Drop for StopsWhenDropped {
    fn drop(&mut self) {
        let _ = self.0.stop();
    }
}
