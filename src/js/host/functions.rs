//! The injected functions, checked when a service is created.

use std::rc::Rc;

use js_sys::Object;
use wasm_bindgen::prelude::*;

use crate::error::{Code, Error, InvalidArgument, NotConfigured, Result};
use crate::js::call::CallbackErrors;
use crate::js::call::{Callback, member_of};
use crate::js::wire::{
    CoordinationMembers, DeliveryMembers, Handle, HostMembers, Span, StoreCapabilities, is_absent,
    read,
};
use crate::settings::{CoordinationOptions, DeliveryOptions};
use crate::strings::check_ids;
use crate::time::Millis;

/// The default limit for one injected function, in milliseconds.
const DEFAULT_TIMEOUT: Millis = 30_000;

/// The functions that a host injects, in the order of [`FUNCTIONS`].
#[derive(Clone, Copy)]
pub enum HostFunction {
    SessionsCreate,
    SessionsGet,
    SessionsUpdate,
    SessionsSharePartition,
    SessionsAddClient,
    SessionsList,
    SessionsCount,
    SessionsRemove,
    SessionsForgetDevices,
    GrantsList,
    GrantsCount,
    GrantsRemove,
    GrantsRemoveExpired,
    OutboxAdd,
    OutboxClaim,
    OutboxSettle,
    OutboxList,
    OutboxRetry,
    OutboxPrune,
    AtomicClientsOf,
    AtomicEndSessions,
    AtomicAdmit,
    Clients,
    SendLogout,
    SubjectFor,
    OnEvent,
    Now,
}

/// The name of each function, its error code, and whether its store must have it.
const FUNCTIONS: [(&str, Code, bool); 27] = [
    ("sessions.create", Code::StoreFailed, true),
    ("sessions.get", Code::StoreFailed, true),
    ("sessions.update", Code::StoreFailed, true),
    ("sessions.sharePartition", Code::StoreFailed, false),
    ("sessions.addClient", Code::StoreFailed, true),
    ("sessions.list", Code::StoreFailed, true),
    ("sessions.count", Code::StoreFailed, false),
    ("sessions.remove", Code::StoreFailed, true),
    ("sessions.forgetDevices", Code::StoreFailed, false),
    ("grants.list", Code::StoreFailed, true),
    ("grants.count", Code::StoreFailed, false),
    ("grants.remove", Code::StoreFailed, true),
    ("grants.removeExpired", Code::StoreFailed, false),
    ("outbox.add", Code::StoreFailed, true),
    ("outbox.claim", Code::StoreFailed, true),
    ("outbox.settle", Code::StoreFailed, true),
    ("outbox.list", Code::StoreFailed, true),
    ("outbox.retry", Code::StoreFailed, true),
    ("outbox.prune", Code::StoreFailed, false),
    ("atomic.clientsOf", Code::StoreFailed, true),
    ("atomic.endSessions", Code::StoreFailed, true),
    ("atomic.admit", Code::StoreFailed, true),
    ("clients", Code::SenderFailed, false),
    ("sendLogout", Code::SenderFailed, false),
    ("subjectFor", Code::SenderFailed, false),
    ("onEvent", Code::InvalidArgument, false),
    ("now", Code::InvalidArgument, false),
];

impl HostFunction {
    /// The name used in messages.
    pub fn name(self) -> &'static str {
        FUNCTIONS.get(self as usize).map_or("", |(name, ..)| name)
    }
}

/// The functions and settings of a host.
pub struct Injected {
    functions: Vec<Option<Callback>>,
    /// The filters that the session store supports; `None` means all.
    pub filters: Option<Vec<String>>,
    /// Whether `atomic` covers each store of this host.
    pub covers_sessions: bool,
    pub covers_grants: bool,
    pub covers_outbox: bool,
    /// The longest time for one injected function, in milliseconds; 0 waits forever.
    pub timeout: Millis,
    pub issuers: Vec<String>,
    pub absolute_lifetime: Option<Millis>,
    pub forget_devices_after: Option<Millis>,
    pub delivery: DeliveryOptions,
    pub coordination: CoordinationOptions,
}

impl Injected {
    /// Checks a host and reads its functions, for a service with these options. Fails with
    /// `invalid_argument` and the name of the missing, unknown or invalid member.
    pub fn read(
        host: &JsValue,
        own_delivery: DeliveryMembers,
        coordination: CoordinationMembers,
    ) -> Result<Rc<Self>> {
        let members: HostMembers = read(host, "the host")?;
        let HostMembers { sessions, grants, outbox, atomic, .. } = members;
        let sessions = store_object("sessions", sessions)?;
        let grants = store_object("grants", grants)?;
        let outbox = store_object("outbox", outbox)?;
        let atomic = store_object("atomic", atomic)?;
        if is_absent(&sessions) {
            return Err(wrong("the host: `sessions`", "a session store"));
        }
        let covered = match is_absent(&atomic) {
            true => Covered::default(),
            false => Covered::read(&atomic)?,
        };
        let mut functions = Vec::new();
        for (name, code, required) in FUNCTIONS {
            let (owner, property) = match name.split_once('.') {
                None => (host, name),
                Some(("sessions", property)) => (&sessions, property),
                Some(("grants", property)) => (&grants, property),
                Some(("atomic", property)) => (&atomic, property),
                Some((_, property)) => (&outbox, property),
            };
            let function = match is_absent(owner) {
                true => None,
                false => Callback::find(owner, property, CallbackErrors { function: name, code })?,
            };
            if required && function.is_none() && !is_absent(owner) {
                return Err(InvalidArgument::MissingFunction { name }.into());
            }
            functions.push(function);
        }
        let forget_devices_after = members.forget_devices_after.map(|Span(age)| age);
        let can_forget = functions.get(HostFunction::SessionsForgetDevices as usize);
        if forget_devices_after.is_some() && !can_forget.is_some_and(Option::is_some) {
            return Err(NotConfigured::ForgetDevices.into());
        }
        let capabilities = member_of(&sessions, "capabilities", "sessions.capabilities")?;
        let StoreCapabilities { filters } = read(&capabilities, "`sessions.capabilities`")?;
        Ok(Rc::new(Injected {
            functions,
            filters,
            covers_sessions: covered.is(&covered.sessions, &sessions),
            covers_grants: covered.is(&covered.grants, &grants),
            covers_outbox: covered.is(&covered.outbox, &outbox),
            timeout: members.callback_timeout.map_or(DEFAULT_TIMEOUT, |Span(timeout)| timeout),
            issuers: declared_issuers(members.issuers)?,
            absolute_lifetime: members.absolute_lifetime.map(|Span(lifetime)| lifetime),
            forget_devices_after,
            delivery: own_delivery
                .with_defaults(members.delivery.with_defaults(DeliveryOptions::default())),
            coordination: coordination.into(),
        }))
    }

    /// An injected function, if there is one.
    pub fn function(&self, function: HostFunction) -> Option<&Callback> {
        self.functions.get(function as usize)?.as_ref()
    }
}

/// The issuers that a host declares. An empty list is an error.
fn declared_issuers(issuers: Option<Vec<String>>) -> Result<Vec<String>> {
    match issuers {
        None => Ok(Vec::new()),
        Some(issuers) if issuers.is_empty() => {
            Err(wrong("the host: `issuers`", "a list of at least one issuer"))
        }
        Some(mut issuers) => {
            check_ids("issuers", &issuers)?;
            issuers.sort_unstable();
            issuers.dedup();
            Ok(issuers)
        }
    }
}

/// The stores that the atomic ending covers.
#[derive(Default)]
struct Covered {
    sessions: JsValue,
    grants: JsValue,
    outbox: JsValue,
}

impl Covered {
    fn read(atomic: &JsValue) -> Result<Self> {
        let covers = member_of(atomic, "covers", "atomic.covers")?;
        if !covers.is_object() {
            return Err(wrong(
                "the host: `atomic.covers`",
                "an object of the stores that it covers",
            ));
        }
        Ok(Covered {
            sessions: member_of(&covers, "sessions", "atomic.covers.sessions")?,
            grants: member_of(&covers, "grants", "atomic.covers.grants")?,
            outbox: member_of(&covers, "outbox", "atomic.covers.outbox")?,
        })
    }

    /// Whether a covered store is the one that the host uses.
    fn is(&self, covered: &JsValue, used: &JsValue) -> bool {
        !is_absent(covered) && Object::is(covered, used)
    }
}

/// A store may be any object, for example an instance of a class, a proxy or a module.
fn store_object(name: &str, store: Option<Handle>) -> Result<JsValue> {
    let Some(Handle(store)) = store else { return Ok(JsValue::UNDEFINED) };
    if store.is_object() || store.is_function() {
        return Ok(store);
    }
    Err(wrong(&["the host: `", name, "`"].concat(), "an object of functions"))
}

fn wrong(place: &str, wanted: &str) -> Error {
    let (place, wanted) = (place.to_owned(), wanted.to_owned());
    InvalidArgument::Wrong { place, wanted, source: None }.into()
}
