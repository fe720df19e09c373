//! The injected session store as a port. Rows are still the store's objects: reading only the
//! members that the core needs costs much less than deserializing them.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::call_host::CallHost;
use super::functions::HostFunction;
use crate::error::{Error, Result, StoreFailed};
use crate::filter::Filter;
use crate::js::error::Thrown;
use crate::js::wire::{List, ListRequestMembers, is_absent, read, string, write};
use crate::ports::{ListRequest, Page, Position, SessionRow, SessionStore};
use crate::session::{
    ClientSession, RemovedSession, Session, SessionChange, SessionCondition, SessionKey,
};
use crate::time::{Millis, Timestamp};

type Member = std::result::Result<JsValue, JsValue>;

#[wasm_bindgen]
extern "C" {
    /// A row, read by structural getters.
    #[derive(Clone)]
    type Row;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn key(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn scheme(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = subjectId)]
    fn subject_id(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = sessionId)]
    fn session_id(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn issuer(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn created(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn renewed(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn expires(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn clients(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = clientId)]
    fn client_id(this: &Row) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn ticket(this: &Row) -> std::result::Result<JsValue, JsValue>;
}

impl SessionStore for CallHost {
    type Row = JsRow;
    type Page = JsPage;

    fn serves(&self, filter: &str) -> Result<bool> {
        let filters = self.injected.filters.as_ref();
        Ok(filters.is_none_or(|filters| filters.iter().any(|served| served == filter)))
    }

    fn counts(&self) -> bool {
        self.function(HostFunction::SessionsCount).is_some()
    }

    async fn create(&self, session: &Session) -> Result<()> {
        self.call(HostFunction::SessionsCreate, &[write(session)?]).await.map(|_| ())
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<JsRow>> {
        let row = self.call(HostFunction::SessionsGet, &[key.as_str().into()]).await?;
        if is_absent(&row) {
            return Ok(None);
        }
        let wanted = "a stored session or `undefined`";
        let row = JsRow::new(row);
        row.map(Some).ok_or_else(|| self.wrong_shape(HostFunction::SessionsGet, wanted))
    }

    async fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool> {
        let arguments = [key.as_str().into(), write(change)?, write(condition)?];
        let updated = self.call(HostFunction::SessionsUpdate, &arguments).await?;
        self.flag(HostFunction::SessionsUpdate, &updated)
    }

    async fn share_partition(&self, key: &SessionKey, other: &SessionKey) -> Result<bool> {
        const FUNCTION: HostFunction = HostFunction::SessionsSharePartition;
        if self.function(FUNCTION).is_none() {
            return Ok(true);
        }
        let shared = self.call(FUNCTION, &[key.as_str().into(), other.as_str().into()]).await?;
        self.flag(FUNCTION, &shared)
    }

    async fn add_client(
        &self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool> {
        let now = JsValue::from_f64(now.as_millis() as f64);
        let arguments = [key.as_str().into(), write(client)?, now];
        let added = self.call(HostFunction::SessionsAddClient, &arguments).await?;
        self.flag(HostFunction::SessionsAddClient, &added)
    }

    async fn list(&self, request: &ListRequest) -> Result<JsPage> {
        let mut arguments = vec![write(&ListRequestMembers::from(request))?];
        arguments.extend(self.signal_option()?);
        let page = self.call(HostFunction::SessionsList, &arguments).await?;
        let wanted = "`{ sessions, positions, ids? }`: lists of the same length, at most `limit`";
        JsPage::new(&page, request.limit)
            .ok_or_else(|| self.wrong_shape(HostFunction::SessionsList, wanted))
    }

    async fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        let up_to = up_to.map_or(JsValue::UNDEFINED, |up_to| JsValue::from_f64(up_to as f64));
        let mut arguments = vec![write(filter)?, up_to];
        arguments.extend(self.signal_option()?);
        let count = self.call(HostFunction::SessionsCount, &arguments).await?;
        let wanted = "a whole number, 0 or more";
        read(&count, "the count").map_err(|_| self.wrong_shape(HostFunction::SessionsCount, wanted))
    }

    async fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>> {
        let arguments = [write(keys)?, write(condition)?];
        let removed = self.call(HostFunction::SessionsRemove, &arguments).await?;
        let wanted = "a list of the sessions that it removed";
        read(&removed, "the removed sessions")
            .map_err(|_| self.wrong_shape(HostFunction::SessionsRemove, wanted))
    }

    async fn forget_devices(&self, created_before: Timestamp, limit: usize) -> Result<u64> {
        let before = write(&created_before)?;
        self.pruned(HostFunction::SessionsForgetDevices, before, limit).await
    }
}

impl CallHost {
    pub(super) fn flag(&self, function: HostFunction, value: &JsValue) -> Result<bool> {
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

/// The error for a row with a missing or invalid member.
fn bad_row(member: &'static str, wanted: &'static str) -> Error {
    StoreFailed::Row { member, wanted, source: None }.into()
}

fn readable(member: &'static str, value: Member) -> Result<JsValue> {
    value.map_err(|value| {
        let source = Some(Thrown::cause(value));
        StoreFailed::Row { member, wanted: "readable", source }.into()
    })
}

fn row_string(name: &'static str, value: Member) -> Result<String> {
    let value = readable(name, value)?;
    string(&value).ok_or_else(|| {
        bad_row(name, if value.is_string() { "a well-formed string" } else { "a string" })
    })
}

fn optional_row_string(name: &'static str, value: Member) -> Result<Option<String>> {
    match value {
        Ok(value) if is_absent(&value) => Ok(None),
        value => row_string(name, value).map(Some),
    }
}

fn optional_row_time(name: &'static str, value: Member) -> Result<Option<Timestamp>> {
    let value = readable(name, value)?;
    if is_absent(&value) {
        return Ok(None);
    }
    let time = value.as_f64().filter(|time| time.is_finite());
    time.map(|time| Some(Timestamp::from_millis(time as Millis)))
        .ok_or_else(|| bad_row(name, "epoch milliseconds"))
}

fn row_time(name: &'static str, value: Member) -> Result<Timestamp> {
    optional_row_time(name, value)?.ok_or_else(|| bad_row(name, "epoch milliseconds"))
}

impl SessionRow for JsRow {
    fn key(&self) -> Result<SessionKey> {
        row_string("key", self.0.key()).map(SessionKey::from)
    }

    fn scheme(&self) -> Result<String> {
        row_string("scheme", self.0.scheme())
    }

    fn subject_id(&self) -> Result<String> {
        row_string("subjectId", self.0.subject_id())
    }

    fn session_id(&self) -> Result<String> {
        row_string("sessionId", self.0.session_id())
    }

    fn issuer(&self) -> Result<Option<String>> {
        optional_row_string("issuer", self.0.issuer())
    }

    fn created(&self) -> Result<Timestamp> {
        row_time("created", self.0.created())
    }

    fn renewed(&self) -> Result<Timestamp> {
        row_time("renewed", self.0.renewed())
    }

    fn expires(&self) -> Result<Option<Timestamp>> {
        optional_row_time("expires", self.0.expires())
    }

    fn clients(&self) -> Result<Vec<ClientSession>> {
        let value = readable("clients", self.0.clients())?;
        let clients = List::of(&value).ok_or_else(|| bad_row("clients", "a list"))?;
        let client = |index| {
            let client = readable("clients", clients.get(index))?;
            let client =
                JsRow::new(client).ok_or_else(|| bad_row("clients", "a list of clients"))?;
            Ok(ClientSession {
                client_id: row_string("clients.clientId", client.0.client_id())?,
                session_id: optional_row_string("clients.sessionId", client.0.session_id())?,
            })
        };
        (0..clients.len()).map(client).collect()
    }

    fn ticket(&self) -> Result<Option<String>> {
        optional_row_string("ticket", self.0.ticket())
    }
}

/// A page as the store returned it.
pub struct JsPage {
    sessions: List,
    positions: List,
    ids: Option<List>,
}

impl JsPage {
    fn new(page: &JsValue, limit: usize) -> Option<Self> {
        let member = |name| List::of(&Reflect::get(page, &JsValue::from_str(name)).ok()?);
        let (sessions, positions, ids) = (member("sessions")?, member("positions")?, member("ids"));
        let lengths_fit = sessions.len() == positions.len()
            && ids.as_ref().is_none_or(|ids| ids.len() == sessions.len())
            && sessions.len() as usize <= limit;
        lengths_fit.then_some(JsPage { sessions, positions, ids })
    }

    /// The rows.
    pub fn sessions(&self) -> &JsValue {
        self.sessions.array()
    }
}

impl Page for JsPage {
    type Row = JsRow;

    fn len(&self) -> usize {
        self.sessions.len() as usize
    }

    fn row(&self, index: usize) -> Result<JsRow> {
        let row = readable("sessions", self.sessions.get(index as u32))?;
        JsRow::new(row).ok_or_else(|| StoreFailed::NoRowObject.into())
    }

    fn position(&self, index: usize) -> Result<Position> {
        let position = readable("positions", self.positions.get(index as u32))?.as_string();
        position.ok_or_else(|| StoreFailed::NoPosition.into())
    }

    fn id(&self, index: usize) -> Result<String> {
        let Some(ids) = &self.ids else { return self.position(index) };
        let id = readable("ids", ids.get(index as u32))?.as_string();
        id.ok_or_else(|| StoreFailed::NoRowId.into())
    }
}
