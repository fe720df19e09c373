//! The injected session store as a port. Rows stay the objects that the store returned; the core
//! reads the members it needs.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::convert;
use super::host::{CallHost, Function};
use super::imports::Row;
use super::value::{is_absent, list, texts};
use crate::error::{Code, Error, Result};
use crate::filter::Filter;
use crate::ports::{ListRequest, Page, Position, SessionRow, SessionStore};
use crate::session::{ClientSession, Session, SessionChange};
use crate::time::Millis;

impl SessionStore for CallHost {
    type Row = JsRow;
    type Page = JsPage;

    fn serves(&self, filter: &str) -> Result<bool> {
        let filters = self.injected.filters.as_ref();
        Ok(filters.is_none_or(|filters| filters.iter().any(|served| served == filter)))
    }

    fn counts(&self) -> bool {
        self.function(Function::SessionsCount).is_some()
    }

    async fn create(&self, session: &Session) -> Result<()> {
        self.call(Function::SessionsCreate, &[convert::session_to_js(session)]).await.map(|_| ())
    }

    async fn get(&self, key: &str) -> Result<Option<JsRow>> {
        let row = self.call(Function::SessionsGet, &[key.into()]).await?;
        if is_absent(&row) {
            return Ok(None);
        }
        let wrong = || self.wrong_shape(Function::SessionsGet, "a stored session or `undefined`");
        JsRow::new(row).map(Some).ok_or_else(wrong)
    }

    async fn update(&self, key: &str, change: &SessionChange) -> Result<bool> {
        let updated = self
            .call(Function::SessionsUpdate, &[key.into(), convert::change_to_js(change)])
            .await?;
        self.flag(Function::SessionsUpdate, &updated)
    }

    async fn add_client(&self, key: &str, client: &ClientSession) -> Result<bool> {
        let added = self
            .call(Function::SessionsAddClient, &[key.into(), convert::client_to_js(client)])
            .await?;
        self.flag(Function::SessionsAddClient, &added)
    }

    async fn list(&self, request: &ListRequest) -> Result<JsPage> {
        let page =
            self.call(Function::SessionsList, &[convert::list_request_to_js(request)]).await?;
        let wanted = "`{ sessions, positions }`: two lists of one length, at most `limit` long";
        JsPage::new(&page, request.limit)
            .ok_or_else(|| self.wrong_shape(Function::SessionsList, wanted))
    }

    async fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        let up_to = up_to.map_or(JsValue::UNDEFINED, |up_to| JsValue::from_f64(up_to as f64));
        let count = self
            .call(Function::SessionsCount, &[convert::filter_to_js(filter), up_to])
            .await?
            .as_f64();
        let count =
            count.filter(|count| *count >= 0.0 && count.fract() == 0.0 && count.is_finite());
        let wrong = || self.wrong_shape(Function::SessionsCount, "a whole number, 0 or more");
        count.map(|count| count as u64).ok_or_else(wrong)
    }

    async fn remove(&self, keys: &[String]) -> Result<Vec<String>> {
        let removed = self.call(Function::SessionsRemove, &[list(keys).into()]).await?;
        let wrong =
            || self.wrong_shape(Function::SessionsRemove, "a list of the keys that it removed");
        texts(&removed).ok_or_else(wrong)
    }
}

impl CallHost {
    fn flag(&self, function: Function, value: &JsValue) -> Result<bool> {
        value.as_bool().ok_or_else(|| self.wrong_shape(function, "true or false"))
    }
}

/// A row as the store returned it.
#[derive(Clone)]
pub struct JsRow(Row);

impl JsRow {
    fn new(value: JsValue) -> Option<Self> {
        value.is_object().then(|| JsRow(value.unchecked_into()))
    }

    /// The object itself.
    pub fn object(&self) -> &JsValue {
        &self.0
    }
}

/// The error for a row that lacks a member or has it in another form.
fn bad_row(member: &str, wanted: &str) -> Error {
    let message = [
        "the session store returned a row whose `",
        member,
        "` is not ",
        wanted,
        ": see `StoredSession`",
    ];
    Error::new(Code::StoreFailed, message.concat())
}

fn row_text(member: &str, value: std::result::Result<JsValue, JsValue>) -> Result<String> {
    let value = value.map_err(|thrown| bad_row(member, "readable").because(thrown))?;
    value.as_string().ok_or_else(|| bad_row(member, "a text"))
}

fn optional_row_text(
    member: &str,
    value: std::result::Result<JsValue, JsValue>,
) -> Result<Option<String>> {
    match value {
        Ok(value) if is_absent(&value) => Ok(None),
        value => row_text(member, value).map(Some),
    }
}

fn optional_row_time(
    member: &str,
    value: std::result::Result<JsValue, JsValue>,
) -> Result<Option<Millis>> {
    let value = value.map_err(|thrown| bad_row(member, "readable").because(thrown))?;
    if is_absent(&value) {
        return Ok(None);
    }
    let time = value.as_f64().filter(|time| time.is_finite());
    time.map(|time| Some(time as Millis)).ok_or_else(|| bad_row(member, "epoch milliseconds"))
}

impl SessionRow for JsRow {
    fn key(&self) -> Result<String> {
        row_text("key", self.0.key())
    }

    fn scheme(&self) -> Result<String> {
        row_text("scheme", self.0.scheme())
    }

    fn subject_id(&self) -> Result<String> {
        row_text("subjectId", self.0.subject_id())
    }

    fn session_id(&self) -> Result<String> {
        row_text("sessionId", self.0.session_id())
    }

    fn issuer(&self) -> Result<Option<String>> {
        optional_row_text("issuer", self.0.issuer())
    }

    fn created(&self) -> Result<Millis> {
        let created = optional_row_time("created", self.0.created())?;
        created.ok_or_else(|| bad_row("created", "epoch milliseconds"))
    }

    fn renewed(&self) -> Result<Millis> {
        let renewed = optional_row_time("renewed", self.0.renewed())?;
        renewed.ok_or_else(|| bad_row("renewed", "epoch milliseconds"))
    }

    fn expires(&self) -> Result<Option<Millis>> {
        optional_row_time("expires", self.0.expires())
    }

    fn clients(&self) -> Result<Vec<ClientSession>> {
        let value =
            self.0.clients().map_err(|thrown| bad_row("clients", "readable").because(thrown))?;
        let Some(clients) = value.dyn_ref::<Array>() else {
            return Err(bad_row("clients", "a list"));
        };
        let client = |client: JsValue| {
            let client =
                JsRow::new(client).ok_or_else(|| bad_row("clients", "a list of clients"))?;
            Ok(ClientSession {
                client_id: row_text("clients.clientId", client.0.client_id())?,
                session_id: optional_row_text("clients.sessionId", client.0.session_id())?,
            })
        };
        let mut read = Vec::new();
        for item in clients.iter() {
            read.push(client(item)?);
        }
        Ok(read)
    }

    fn ticket(&self) -> Result<Option<String>> {
        optional_row_text("ticket", self.0.ticket())
    }
}

/// A page as the store returned it.
pub struct JsPage {
    sessions: Array,
    positions: Array,
}

impl JsPage {
    fn new(page: &JsValue, limit: usize) -> Option<Self> {
        let member =
            |name| Reflect::get(page, &JsValue::from_str(name)).ok()?.dyn_into::<Array>().ok();
        let (sessions, positions) = (member("sessions")?, member("positions")?);
        let lengths_fit =
            sessions.length() == positions.length() && sessions.length() as usize <= limit;
        lengths_fit.then_some(JsPage { sessions, positions })
    }

    /// The rows.
    pub fn sessions(&self) -> &JsValue {
        &self.sessions
    }
}

impl Page for JsPage {
    type Row = JsRow;

    fn len(&self) -> usize {
        self.sessions.length() as usize
    }

    fn row(&self, index: usize) -> Result<JsRow> {
        let row = self.sessions.get(index as u32);
        JsRow::new(row).ok_or_else(|| {
            Error::new(Code::StoreFailed, "`sessions.list` returned a row that is no object")
        })
    }

    fn position(&self, index: usize) -> Result<Position> {
        let position = self.positions.get(index as u32).as_string();
        position.ok_or_else(|| {
            Error::new(Code::StoreFailed, "`sessions.list` returned a position that is not a text")
        })
    }
}
