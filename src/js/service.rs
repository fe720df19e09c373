//! The services: what a host's calls lead to. Arguments are read at once; the work goes on in a
//! promise of its own that holds what it needs.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::error::to_js;
use super::host::{CallHost, Injected};
use super::imports::KeyRing;
use super::tickets::JsCipher;
use super::{coordination, delivery, management, running, tickets};
use crate::error::{Code, Error, Result};

/// What the services can do.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Operation {
    QuerySessions,
    RemoveSessions,
    PurgeSessions,
    ProcessLogout,
    RemoveExpiredSessions,
    ValidateSession,
    AdmitSession,
    DeliverDue,
    ListDeliveries,
    RetryDelivery,
    TicketStore,
    TicketRetrieve,
    TicketRenew,
    TicketAddClient,
    TicketRemove,
}

/// The core of every service: a checked host with the service's settings. Every call under way
/// shares it, so that the service may be freed meanwhile.
#[wasm_bindgen(js_name = CoreService)]
pub struct CoreService {
    injected: AssertUnwindSafe<Rc<Injected>>,
}

#[wasm_bindgen(js_class = CoreService)]
impl CoreService {
    /// Checks the host and the settings.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &JsValue, settings: &JsValue) -> std::result::Result<CoreService, JsValue> {
        Injected::read(host, settings)
            .map(|injected| CoreService { injected: AssertUnwindSafe(injected) })
            .map_err(|error| to_js(&error))
    }

    /// Does what the service's function of this name does. One export for all of them: the code
    /// around an export is longer than reading its arguments.
    pub fn call(
        &self,
        operation: Operation,
        first: &JsValue,
        second: &JsValue,
        options: &JsValue,
        key_ring: Option<KeyRing>,
    ) -> Promise {
        run(self.start(operation, first, second, options, key_ring))
    }

    fn start(
        &self,
        operation: Operation,
        first: &JsValue,
        second: &JsValue,
        options: &JsValue,
        key_ring: Option<KeyRing>,
    ) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let cipher = || match key_ring {
            Some(key_ring) => JsCipher::new(key_ring),
            None => {
                let message =
                    "`includeTicket` needs the keys: give `new SessionManagement(host, { keys })`";
                Err(Error::new(Code::NotConfigured, message))
            }
        };
        match operation {
            Operation::QuerySessions => management::query(host, first, cipher),
            Operation::RemoveSessions => management::remove(host, first, second),
            Operation::PurgeSessions => management::purge(host, first, second),
            Operation::ProcessLogout => coordination::sign_out(host, first, second),
            Operation::RemoveExpiredSessions => coordination::remove_expired(host, first),
            Operation::ValidateSession => coordination::validate(host, first),
            Operation::AdmitSession => coordination::admit(host, first),
            Operation::DeliverDue => delivery::deliver(host, first),
            Operation::ListDeliveries => delivery::list(host, first),
            Operation::RetryDelivery => delivery::retry(host, first),
            Operation::TicketStore => tickets::store(host, cipher()?, first),
            Operation::TicketRetrieve => tickets::retrieve(host, cipher()?, first),
            Operation::TicketRenew => tickets::renew(host, cipher()?, first, second),
            Operation::TicketAddClient => tickets::add_client(host, cipher()?, first, second),
            Operation::TicketRemove => tickets::remove(host, cipher()?, first),
        }
    }
}

/// The work of a call: one type for all of them, so that the module holds the code around it once.
pub type Work = Pin<Box<dyn Future<Output = Result<JsValue>>>>;

/// The promise of a call.
pub fn run(work: Result<Work>) -> Promise {
    match work {
        Ok(work) => running::run(work),
        Err(error) => Promise::reject(&to_js(&error)),
    }
}
