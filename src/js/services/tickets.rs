//! `TicketStore`: the sign-in path.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::error::{Code, InvalidArgument, Result};
use crate::js::call::Failing;
use crate::js::call::{Work, run};
use crate::js::error::to_js;
use crate::js::host::{CallHost, Injected, JsCipher, KeyRing};
use crate::js::wire::{Handle, read};
use crate::session::{ClientSession, SessionKey};
use crate::ticket::{NewSession, Renewal, TicketStore};

#[wasm_bindgen(raw_module = "./core/rows.js")]
extern "C" {
    /// A row as the sign-in path sees it, with its ticket opened.
    #[wasm_bindgen(catch, js_name = ticketSession)]
    fn ticket_session(row: &JsValue, ticket: &JsValue) -> std::result::Result<JsValue, JsValue>;
}

const SESSIONS_GET: Failing = Failing { function: "sessions.get", code: Code::StoreFailed };

/// The core of `TicketStore`.
#[wasm_bindgen]
pub struct CoreTickets {
    injected: AssertUnwindSafe<Rc<Injected>>,
}

#[wasm_bindgen]
impl CoreTickets {
    /// Checks the host and the options: `{ maxSessionsPerSubject? }`.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &JsValue, options: &JsValue) -> std::result::Result<CoreTickets, JsValue> {
        let injected = read(options, "the options of the ticket store")
            .and_then(|options| Injected::read(host, Default::default(), options))
            .map_err(|error| to_js(&error))?;
        Ok(CoreTickets { injected: AssertUnwindSafe(injected) })
    }

    /// Stores a sign-in.
    pub fn store(&self, key_ring: KeyRing, session: &JsValue) -> Promise {
        run(self.start_store(key_ring, session))
    }

    fn start_store(&self, key_ring: KeyRing, session: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let session: NewSession<Handle> = read(session, "the session")?;
        Ok(Box::pin(async move {
            call.tickets().store(session).await.map(|key| JsValue::from(key.as_str()))
        }))
    }

    /// The session of a key.
    pub fn retrieve(&self, key_ring: KeyRing, key: &JsValue) -> Promise {
        run(self.start_retrieval(key_ring, key))
    }

    fn start_retrieval(&self, key_ring: KeyRing, key: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let key = read_key(key)?;
        Ok(Box::pin(async move {
            let found = call.tickets().retrieve(&key).await?;
            let Some((row, ticket)) = found else { return Ok(JsValue::UNDEFINED) };
            let Handle(ticket) = ticket.unwrap_or_default();
            ticket_session(row.object(), &ticket).map_err(|value| SESSIONS_GET.threw(value))
        }))
    }

    /// Renews a session.
    pub fn renew(&self, key_ring: KeyRing, key: &JsValue, change: &JsValue) -> Promise {
        run(self.start_renewal(key_ring, key, change))
    }

    fn start_renewal(&self, key_ring: KeyRing, key: &JsValue, change: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let key = read_key(key)?;
        let change: Renewal<Handle> = read(change, "the change")?;
        Ok(Box::pin(async move { call.tickets().renew(&key, change).await.map(JsValue::from) }))
    }

    /// Records a client.
    #[wasm_bindgen(js_name = addClient)]
    pub fn add_client(&self, key_ring: KeyRing, key: &JsValue, client: &JsValue) -> Promise {
        run(self.start_add_client(key_ring, key, client))
    }

    fn start_add_client(&self, key_ring: KeyRing, key: &JsValue, client: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let key = read_key(key)?;
        let client: ClientSession = read(client, "the client")?;
        Ok(Box::pin(
            async move { call.tickets().add_client(&key, &client).await.map(JsValue::from) },
        ))
    }

    /// Removes a session.
    pub fn remove(&self, key_ring: KeyRing, key: &JsValue) -> Promise {
        run(self.start_removal(key_ring, key))
    }

    fn start_removal(&self, key_ring: KeyRing, key: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let key = read_key(key)?;
        Ok(Box::pin(async move { call.tickets().remove(&key).await.map(JsValue::from) }))
    }

    fn call(&self, key_ring: KeyRing) -> Result<TicketCall> {
        let host = CallHost::new(&self.injected, &JsValue::UNDEFINED)?;
        Ok(TicketCall { host, cipher: JsCipher::new(key_ring)? })
    }
}

/// The host and the cipher of one call of the ticket store.
struct TicketCall {
    host: CallHost,
    cipher: JsCipher,
}

impl TicketCall {
    fn tickets(&self) -> TicketStore<'_, CallHost, JsCipher> {
        TicketStore {
            host: &self.host,
            cipher: &self.cipher,
            limit: self.host.injected.coordination.max_sessions_per_subject,
        }
    }
}

/// A key from a cookie. A cookie may hold anything, so a string that is not well formed is only not
/// found.
fn read_key(key: &JsValue) -> Result<SessionKey> {
    key.as_string().map(SessionKey::from).ok_or_else(|| {
        let place = "the session key".to_owned();
        let wanted = "a string: give what `store` returned".to_owned();
        InvalidArgument::Wrong { place, wanted, source: None }.into()
    })
}
