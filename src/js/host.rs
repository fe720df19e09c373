//! The host: every injected function, checked when a service is made, as the ports of the core for one call.

use std::rc::Rc;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

use super::callback::{Callback, Limits};
use super::error::thrown;
use super::imports::{self, Signal};
use super::value::Fields;
use crate::error::{Code, Error, Result};
use crate::ports::{Event, Host};
use crate::session::Millis;

/// How long one injected function may take, in milliseconds, if the host does not say.
const DEFAULT_TIMEOUT: f64 = 30_000.0;

/// What a host injected.
pub struct Injected {
    pub(super) sessions: Sessions,
    pub(super) grants: Option<Grants>,
    pub(super) outbox: Option<Outbox>,
    pub(super) atomic: Option<Callback>,
    pub(super) clients: Option<Callback>,
    pub(super) send_logout: Option<Callback>,
    subject_for: Option<Callback>,
    on_event: Option<Callback>,
    now: Option<Callback>,
    timeout: f64,
}

pub(super) struct Sessions {
    /// The filters that it serves; `None` is all.
    pub filters: Option<Vec<String>>,
    pub create: Callback,
    pub get: Callback,
    pub update: Callback,
    pub add_client: Callback,
    pub list: Callback,
    pub count: Option<Callback>,
    pub remove: Callback,
}

pub(super) struct Grants {
    pub list: Callback,
    pub count: Option<Callback>,
    pub remove: Callback,
}

pub(super) struct Outbox {
    pub add: Callback,
    pub settle: Callback,
}

impl Injected {
    /// Checks a host. Fails with `invalid_argument` and the name of what is missing, unknown or no function.
    pub fn read(host: &JsValue) -> Result<Rc<Self>> {
        const KNOWN: [&str; 10] = [
            "sessions",
            "grants",
            "outbox",
            "atomic",
            "clients",
            "subjectFor",
            "sendLogout",
            "onEvent",
            "now",
            "callbackTimeout",
        ];
        let fields = Fields::read(host, "the host", &KNOWN)?;
        let function = |member: &str, name, code| match fields.get(member)? {
            Some(_) => Callback::find(host, member, name, code),
            None => Ok(None),
        };
        let timeout = fields.number("callbackTimeout")?.unwrap_or(DEFAULT_TIMEOUT);
        if !timeout.is_finite() || timeout < 0.0 {
            return Err(fields.wrong("callbackTimeout", "milliseconds, 0 or more; 0 waits for ever"));
        }
        Ok(Rc::new(Injected {
            sessions: match fields.get("sessions")? {
                Some(store) => Sessions::read(&store)?,
                None => return Err(fields.wrong("sessions", "a session store")),
            },
            grants: fields.get("grants")?.map(|store| Grants::read(&store)).transpose()?,
            outbox: fields.get("outbox")?.map(|store| Outbox::read(&store)).transpose()?,
            atomic: function("atomic", "atomic", Code::StoreFailed)?,
            clients: function("clients", "clients", Code::SenderFailed)?,
            send_logout: function("sendLogout", "sendLogout", Code::SenderFailed)?,
            subject_for: function("subjectFor", "subjectFor", Code::SenderFailed)?,
            on_event: function("onEvent", "onEvent", Code::InvalidArgument)?,
            now: function("now", "now", Code::InvalidArgument)?,
            timeout,
        }))
    }
}

impl Sessions {
    fn read(store: &JsValue) -> Result<Self> {
        let capabilities = Fields::read_open(store, "`sessions`")?.get("capabilities")?;
        let capabilities = Fields::read_open(&capabilities.unwrap_or_default(), "`sessions.capabilities`")?;
        let code = Code::StoreFailed;
        Ok(Sessions {
            filters: capabilities.texts("filters")?,
            create: Callback::require(store, "create", "sessions.create", code)?,
            get: Callback::require(store, "get", "sessions.get", code)?,
            update: Callback::require(store, "update", "sessions.update", code)?,
            add_client: Callback::require(store, "addClient", "sessions.addClient", code)?,
            list: Callback::require(store, "list", "sessions.list", code)?,
            count: Callback::find(store, "count", "sessions.count", code)?,
            remove: Callback::require(store, "remove", "sessions.remove", code)?,
        })
    }
}

impl Grants {
    fn read(store: &JsValue) -> Result<Self> {
        Fields::read_open(store, "`grants`")?;
        Ok(Grants {
            list: Callback::require(store, "list", "grants.list", Code::StoreFailed)?,
            count: Callback::find(store, "count", "grants.count", Code::StoreFailed)?,
            remove: Callback::require(store, "remove", "grants.remove", Code::StoreFailed)?,
        })
    }
}

impl Outbox {
    fn read(store: &JsValue) -> Result<Self> {
        Fields::read_open(store, "`outbox`")?;
        Ok(Outbox {
            add: Callback::require(store, "add", "outbox.add", Code::StoreFailed)?,
            settle: Callback::require(store, "settle", "outbox.settle", Code::StoreFailed)?,
        })
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
        let fields = Fields::read(options, "the call's options", &["signal", "onProgress"])?;
        let signal = fields.get("signal")?.unwrap_or_default();
        if !signal.is_undefined()
            && Callback::find(&signal, "addEventListener", "signal", Code::InvalidArgument)?.is_none()
        {
            return Err(fields.wrong("signal", "an AbortSignal"));
        }
        let on_progress = match fields.get("onProgress")? {
            Some(_) => Callback::find(options, "onProgress", "onProgress", Code::InvalidArgument)?,
            None => None,
        };
        let limits = Limits { signal, timeout: injected.timeout };
        Ok(CallHost { injected: injected.clone(), limits, on_progress })
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
        self.injected.grants.as_ref().map(|_| self)
    }

    fn outbox(&self) -> Option<&Self> {
        self.injected.outbox.as_ref().map(|_| self)
    }

    fn atomic(&self) -> Option<&Self> {
        self.injected.atomic.as_ref().map(|_| self)
    }

    fn clients(&self) -> Option<&Self> {
        self.injected.clients.as_ref().map(|_| self)
    }

    fn sender(&self) -> Option<&Self> {
        self.injected.send_logout.as_ref().map(|_| self)
    }

    async fn subject_for(&self, subject_id: &str, client_id: &str) -> Result<String> {
        let Some(callback) = &self.injected.subject_for else { return Ok(subject_id.to_owned()) };
        let subject = callback.call(&[subject_id.into(), client_id.into()], &self.limits).await?;
        subject.as_string().ok_or_else(|| callback.wrong_shape("a text: the subject as the client knows it"))
    }

    fn now(&self) -> Result<Millis> {
        let Some(callback) = &self.injected.now else { return Ok(js_sys::Date::now() as Millis) };
        let now = callback.call_now(&[])?.as_f64().filter(|now| now.is_finite());
        now.map(|now| now as Millis).ok_or_else(|| callback.wrong_shape("a number: epoch milliseconds"))
    }

    fn listens(&self) -> bool {
        self.injected.on_event.is_some()
    }

    fn emit(&self, event: Event) {
        let Some(callback) = &self.injected.on_event else { return };
        let names: Array = event.details.iter().map(|(name, _)| JsValue::from_str(name)).collect();
        let values: Array = event.details.iter().map(|(_, value)| JsValue::from_str(value)).collect();
        let on_event: &Function = callback.function();
        // `emit` itself reports what the host's function throws.
        let _ = imports::emit(on_event, event.name, event.at as f64, &names, &values);
    }

    fn progress(&self, sessions: u64, notifications: u64) -> Result<()> {
        let Some(callback) = &self.on_progress else { return Ok(()) };
        let done = super::value::Literal::new();
        done.set("sessions", sessions as f64);
        done.set("notifications", notifications as f64);
        callback.call_now(&[done.done()]).map(|_| ())
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
            Err(value) => Err(Error::invalid("the call's options: `signal` must be an AbortSignal").because(value)),
        }
    }
}
