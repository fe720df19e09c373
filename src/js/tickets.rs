//! `TicketStore`: the sign-in path.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::convert::client_from_js;
use super::error::{thrown, unexpected};
use super::host::CallHost;
use super::imports::{self, KeyRing};
use super::service::Work;
use super::value::{Slot, read};
use crate::error::{Code, Error, Result};
use crate::ticket::{NewSession, Renewal, TicketCipher, TicketStore};

/// The package's key ring as the core's cipher. Tickets stay JavaScript values and never enter the
/// module in the clear.
pub struct JsCipher {
    ring: KeyRing,
    current: String,
}

impl JsCipher {
    pub fn new(ring: KeyRing) -> Result<Self> {
        let current = ring.current().map_err(unexpected)?;
        Ok(JsCipher { ring, current })
    }
}

impl TicketCipher for JsCipher {
    type Ticket = JsValue;

    fn current(&self) -> &str {
        &self.current
    }

    async fn seal(&self, key_id: &str, bound: &[u8], ticket: &JsValue) -> Result<String> {
        let body = JsFuture::from(self.ring.seal(key_id, bound, ticket).map_err(unexpected)?)
            .await
            .map_err(unexpected)?;
        body.as_string()
            .ok_or_else(|| Error::invalid("the ticket could not be sealed: give plain data"))
    }

    async fn open(&self, key_id: &str, bound: &[u8], body: &str) -> Result<Option<JsValue>> {
        let opened = JsFuture::from(self.ring.open(key_id, bound, body).map_err(unexpected)?)
            .await
            .map_err(unexpected)?;
        if opened.is_undefined() {
            return Ok(None);
        }
        Reflect::get(&opened, &"ticket".into()).map(Some).map_err(unexpected)
    }
}

fn tickets<'a>(host: &'a CallHost, cipher: &'a JsCipher) -> TicketStore<'a, CallHost, JsCipher> {
    TicketStore { host, cipher, limit: host.injected.coordination.max_sessions_per_subject }
}

/// Stores a sign-in; its key.
pub fn store(host: CallHost, cipher: JsCipher, session: &JsValue) -> Result<Work> {
    let session = new_session_from_js(session)?;
    Ok(Box::pin(async move { tickets(&host, &cipher).store(session).await.map(JsValue::from) }))
}

/// The session of a key.
pub fn retrieve(host: CallHost, cipher: JsCipher, key: &JsValue) -> Result<Work> {
    let key = key_from_js(key)?;
    Ok(Box::pin(async move {
        let found = tickets(&host, &cipher).retrieve(&key).await?;
        let Some((row, ticket)) = found else { return Ok(JsValue::UNDEFINED) };
        let session = imports::ticket_session(row.object(), &ticket.unwrap_or_default());
        session.map_err(|value| thrown("sessions.get", Code::StoreFailed, value))
    }))
}

/// Renews a session.
pub fn renew(host: CallHost, cipher: JsCipher, key: &JsValue, change: &JsValue) -> Result<Work> {
    let (key, change) = (key_from_js(key)?, renewal_from_js(change)?);
    Ok(Box::pin(
        async move { tickets(&host, &cipher).renew(&key, change).await.map(JsValue::from) },
    ))
}

/// Records a client.
pub fn add_client(
    host: CallHost,
    cipher: JsCipher,
    key: &JsValue,
    client: &JsValue,
) -> Result<Work> {
    let (key, client) = (key_from_js(key)?, client_from_js(client)?);
    Ok(Box::pin(async move {
        tickets(&host, &cipher).add_client(&key, &client).await.map(JsValue::from)
    }))
}

/// Removes a session.
pub fn remove(host: CallHost, cipher: JsCipher, key: &JsValue) -> Result<Work> {
    let key = key_from_js(key)?;
    Ok(Box::pin(async move { tickets(&host, &cipher).remove(&key).await.map(JsValue::from) }))
}

/// A key from a cookie: any text, since a cookie may hold anything.
fn key_from_js(key: &JsValue) -> Result<String> {
    key.as_string()
        .ok_or_else(|| Error::invalid("the session key must be a text: give what `store` returned"))
}

fn new_session_from_js(value: &JsValue) -> Result<NewSession<JsValue>> {
    let mut session = NewSession::default();
    let members = &mut [
        ("subjectId", Slot::RequiredText(&mut session.subject_id)),
        ("sessionId", Slot::Text(&mut session.session_id)),
        ("displayName", Slot::Text(&mut session.display_name)),
        ("issuer", Slot::Text(&mut session.issuer)),
        ("scheme", Slot::Text(&mut session.scheme)),
        ("expires", Slot::Time(&mut session.expires)),
        ("ipAddress", Slot::Text(&mut session.ip_address)),
        ("userAgent", Slot::Text(&mut session.user_agent)),
        ("attributes", Slot::TextMap(&mut session.attributes)),
        ("ticket", Slot::Any(&mut session.ticket)),
        ("clients", Slot::Clients(&mut session.clients)),
    ];
    read(value, "the session", members)?;
    Ok(session)
}

fn renewal_from_js(value: &JsValue) -> Result<Renewal<JsValue>> {
    let mut renewal = Renewal::default();
    let mut ticket = None;
    let members = &mut [
        ("subjectId", Slot::Text(&mut renewal.subject_id)),
        ("sessionId", Slot::Text(&mut renewal.session_id)),
        ("displayName", Slot::ClearableText(&mut renewal.display_name)),
        ("issuer", Slot::ClearableText(&mut renewal.issuer)),
        ("scheme", Slot::Text(&mut renewal.scheme)),
        ("expires", Slot::ClearableTime(&mut renewal.expires)),
        ("ipAddress", Slot::ClearableText(&mut renewal.ip_address)),
        ("userAgent", Slot::ClearableText(&mut renewal.user_agent)),
        ("attributes", Slot::ClearableTextMap(&mut renewal.attributes)),
        ("ticket", Slot::Any(&mut ticket)),
    ];
    read(value, "the change", members)?;
    // A ticket may be any JSON, `null` included: it can be replaced and not cleared.
    renewal.ticket = ticket.map(Some);
    Ok(renewal)
}
