//! `TicketStore`: the sign-in path.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::cookie_value::CookieValue;
use crate::error::{Code, Result};
use crate::js::call::CallbackErrors;
use crate::js::call::{Work, run};
use crate::js::error::to_js;
use crate::js::host::{CallHost, Injected, JsCipher, KeyRing};
use crate::js::wire::{Handle, read};
use crate::session::ClientSession;
use crate::ticket::{NewSession, Renewal, TicketStore};

#[wasm_bindgen(raw_module = "./core/rows.js")]
extern "C" {
    /// A row as the sign-in path returns it, with its ticket opened.
    #[wasm_bindgen(catch, js_name = ticketSession)]
    fn ticket_session(row: &JsValue, ticket: &JsValue) -> std::result::Result<JsValue, JsValue>;
}

const SESSIONS_GET: CallbackErrors =
    CallbackErrors { function: "sessions.get", code: Code::StoreFailed };

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
        Ok(Box::pin(async move { call.tickets().store(session).await.map(cookie_value) }))
    }

    /// The session of a cookie value.
    pub fn retrieve(&self, key_ring: KeyRing, cookie: &JsValue) -> Promise {
        run(self.start_retrieval(key_ring, cookie))
    }

    fn start_retrieval(&self, key_ring: KeyRing, cookie: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let cookie = cookie_string(cookie);
        Ok(Box::pin(async move {
            let found = call.tickets().retrieve(&cookie).await?;
            let Some((row, ticket)) = found else { return Ok(JsValue::UNDEFINED) };
            let Handle(ticket) = ticket.unwrap_or_default();
            ticket_session(row.object(), &ticket).map_err(|value| SESSIONS_GET.threw(value))
        }))
    }

    /// Renews a session.
    pub fn renew(&self, key_ring: KeyRing, cookie: &JsValue, change: &JsValue) -> Promise {
        run(self.start_renewal(key_ring, cookie, change))
    }

    fn start_renewal(&self, key_ring: KeyRing, cookie: &JsValue, change: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let cookie = cookie_string(cookie);
        let change: Renewal<Handle> = read(change, "the change")?;
        Ok(Box::pin(
            async move { call.tickets().renew(&cookie, change).await.map(valid_cookie_value) },
        ))
    }

    /// Rotates the cookie value of a session.
    pub fn rotate(&self, key_ring: KeyRing, cookie: &JsValue) -> Promise {
        run(self.start_rotation(key_ring, cookie))
    }

    fn start_rotation(&self, key_ring: KeyRing, cookie: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let cookie = cookie_string(cookie);
        Ok(Box::pin(async move { call.tickets().rotate(&cookie).await.map(valid_cookie_value) }))
    }

    /// Records a client.
    #[wasm_bindgen(js_name = addClient)]
    pub fn add_client(&self, key_ring: KeyRing, cookie: &JsValue, client: &JsValue) -> Promise {
        run(self.start_add_client(key_ring, cookie, client))
    }

    fn start_add_client(
        &self,
        key_ring: KeyRing,
        cookie: &JsValue,
        client: &JsValue,
    ) -> Result<Work> {
        let call = self.call(key_ring)?;
        let cookie = cookie_string(cookie);
        let client: ClientSession = read(client, "the client")?;
        Ok(Box::pin(
            async move { call.tickets().add_client(&cookie, &client).await.map(JsValue::from) },
        ))
    }

    /// Removes a session.
    pub fn remove(&self, key_ring: KeyRing, cookie: &JsValue) -> Promise {
        run(self.start_removal(key_ring, cookie))
    }

    fn start_removal(&self, key_ring: KeyRing, cookie: &JsValue) -> Result<Work> {
        let call = self.call(key_ring)?;
        let cookie = cookie_string(cookie);
        Ok(Box::pin(async move { call.tickets().remove(&cookie).await.map(JsValue::from) }))
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

/// Reads a browser's cookie for the core to check. It may be missing, and some cookie parsers turn
/// a value that looks like JSON into an object. Anything but a string is read as an empty string,
/// which isn't a cookie value.
fn cookie_string(cookie: &JsValue) -> String {
    cookie.as_string().unwrap_or_default()
}

fn cookie_value(cookie: CookieValue) -> JsValue {
    JsValue::from(cookie.to_hex())
}

/// `undefined` means not signed in.
fn valid_cookie_value(cookie: Option<CookieValue>) -> JsValue {
    cookie.map_or(JsValue::UNDEFINED, cookie_value)
}
