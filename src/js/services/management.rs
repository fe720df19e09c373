//! `SessionManagement`: the admin path.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::{Array, Promise};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::publish::publisher;
use crate::error::{Code, Error, InvalidArgument, NotConfigured, Result};
use crate::event::{Event, Permission};
use crate::js::call::CallbackErrors;
use crate::js::call::{Work, run};
use crate::js::error::to_js;
use crate::js::host::{CallHost, Injected, JsCipher, JsPage, KeyRing};
use crate::js::wire::{Count, CountOptions, Handle, PurgeMembers, read, write};
use crate::ports::{Host, Page, SessionRow, SessionStore};
use crate::purge::{Purge, PurgeRequest, purge_sessions};
use crate::query::{QueryResult, SessionQuery, count_sessions, query_sessions};
use crate::removal::{RemovalRequest, remove_and_publish};
use crate::strings::is_blank;
use crate::ticket::{Opened, open_ticket};

#[wasm_bindgen(raw_module = "./core/rows.js")]
extern "C" {
    /// The rows at these indexes as callers see them, each with its ticket.
    #[wasm_bindgen(catch, js_name = userSessions)]
    fn user_sessions(
        rows: &JsValue,
        indexes: Vec<u32>,
        tickets: &JsValue,
    ) -> std::result::Result<JsValue, JsValue>;
}

const SESSIONS_LIST: CallbackErrors =
    CallbackErrors { function: "sessions.list", code: Code::StoreFailed };

/// The core of `SessionManagement`.
#[wasm_bindgen]
pub struct CoreManagement {
    injected: AssertUnwindSafe<Rc<Injected>>,
}

#[wasm_bindgen]
impl CoreManagement {
    /// Checks the host.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &JsValue) -> std::result::Result<CoreManagement, JsValue> {
        let injected = Injected::read(host, Default::default(), Default::default())
            .map_err(|error| to_js(&error))?;
        Ok(CoreManagement { injected: AssertUnwindSafe(injected) })
    }

    /// Lists one page. Queries that include tickets need `key_ring`.
    #[wasm_bindgen(js_name = querySessions)]
    pub fn query_sessions(
        &self,
        query: &JsValue,
        options: &JsValue,
        key_ring: Option<KeyRing>,
    ) -> Promise {
        run(self.start_query(query, options, key_ring))
    }

    fn start_query(
        &self,
        query: &JsValue,
        options: &JsValue,
        key_ring: Option<KeyRing>,
    ) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let query: SessionQuery = read(query, "the query")?;
        let cipher = match (query.include_ticket, key_ring) {
            (false, _) => None,
            (true, Some(key_ring)) => Some(JsCipher::new(key_ring)?),
            (true, None) => {
                return Err(NotConfigured::Keys.into());
            }
        };
        Ok(Box::pin(async move {
            let result = query_sessions(&host, &query).await?;
            let tickets = match &cipher {
                Some(cipher) => open_tickets(&host, cipher, &result).await?,
                None => JsValue::UNDEFINED,
            };
            write(&page_members(&host, &result, &tickets)?)
        }))
    }

    /// The capabilities of the host.
    pub fn capabilities(&self) -> std::result::Result<JsValue, JsValue> {
        let capabilities = || {
            let host = CallHost::new(&self.injected, &JsValue::UNDEFINED)?;
            let filters = match &host.injected.filters {
                Some(filters) => write(filters)?,
                None => JsValue::from("all"),
            };
            write(&Capabilities {
                filters: Handle(filters),
                count: host.sessions().counts(),
                grants: host.grants().is_some(),
                notifications: host.can_notify(),
                outbox: host.outbox().is_some(),
            })
        };
        capabilities().map_err(|error| to_js(&error))
    }

    /// Emits the event that an admin API refused a request.
    #[wasm_bindgen(js_name = reportDenied)]
    pub fn report_denied(&self, denial: &JsValue) -> std::result::Result<(), JsValue> {
        let report = || {
            let host = CallHost::new(&self.injected, &JsValue::UNDEFINED)?;
            let Denial { actor, permission, route } = read(denial, "the denial")?;
            if is_blank(&route) {
                return Err(InvalidArgument::Blank { member: "route" }.into());
            }
            host.emit(Event::AdminDenied { at: host.now()?, actor, permission, route });
            Ok(())
        };
        report().map_err(|error: Error| to_js(&error))
    }

    /// Counts sessions.
    #[wasm_bindgen(js_name = countSessions)]
    pub fn count_sessions(&self, query: &JsValue, count: &JsValue, options: &JsValue) -> Promise {
        run(self.start_count(query, count, options))
    }

    fn start_count(&self, query: &JsValue, count: &JsValue, options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let query: SessionQuery = read(query, "the query")?;
        let CountOptions { up_to } = read(count, "the options of the count")?;
        let up_to = up_to.map(|Count(up_to)| up_to as u64);
        Ok(Box::pin(async move { write(&count_sessions(&host, &query, up_to).await?) }))
    }

    /// Ends sessions. `publish` receives the interim report when the call has waited long enough.
    #[wasm_bindgen(js_name = removeSessions)]
    pub fn remove_sessions(
        &self,
        context: &JsValue,
        publish: &JsValue,
        options: &JsValue,
    ) -> Promise {
        run(self.start_removal(context, publish, options))
    }

    fn start_removal(
        &self,
        context: &JsValue,
        publish: &JsValue,
        options: &JsValue,
    ) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let request: RemovalRequest = read(context, "the removal")?;
        let mut publish = publisher(publish);
        Ok(Box::pin(
            async move { write(&remove_and_publish(&host, &request, &mut publish).await?) },
        ))
    }

    /// Previews or continues a purge.
    #[wasm_bindgen(js_name = purgeSessions)]
    pub fn purge_sessions(
        &self,
        request: &JsValue,
        publish: &JsValue,
        options: &JsValue,
    ) -> Promise {
        run(self.start_purge(request, publish, options))
    }

    fn start_purge(&self, request: &JsValue, publish: &JsValue, options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let request: PurgeRequest = read::<PurgeMembers>(request, "the purge")?.into();
        let mut publish = publisher(publish);
        Ok(Box::pin(async move {
            match purge_sessions(&host, &request, &mut publish).await? {
                Purge::Preview { count, sample: page, shown: rows, confirm_token } => {
                    let sample = caller_rows(&host, &page, rows, &JsValue::UNDEFINED)?;
                    write(&PreviewMembers { count, sample, confirm_token })
                }
                Purge::Done(report) => write(&report),
            }
        }))
    }
}

/// The argument of `reportDenied`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Denial {
    #[serde(default)]
    actor: Option<String>,
    #[serde(default)]
    permission: Option<Permission>,
    route: String,
}

/// `Capabilities`.
#[derive(Serialize)]
struct Capabilities {
    filters: Handle,
    count: bool,
    grants: bool,
    notifications: bool,
    outbox: bool,
}

/// `QueryResult`. The rows are still the store's objects; `core/rows.ts` converts them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageMembers {
    results: Handle,
    #[serde(skip_serializing_if = "Option::is_none")]
    results_token: Option<String>,
    has_prev_results: bool,
    has_next_results: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    /// Left out if false.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    total_count_is_capped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_pages: Option<u32>,
    current_page: u32,
}

/// `PurgePreview`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PreviewMembers {
    count: u64,
    sample: Handle,
    confirm_token: String,
}

/// Opens the tickets of a page, in the order of its rows. `undefined` if a row has no ticket or it
/// doesn't open.
async fn open_tickets(
    host: &CallHost,
    cipher: &JsCipher,
    result: &QueryResult<JsPage>,
) -> Result<JsValue> {
    let tickets = Array::new();
    for index in result.rows.clone() {
        let row = result.page.row(index)?;
        let opened = match row.key() {
            Ok(key) => open_ticket(host, cipher, &key, &row).await,
            Err(error) => Err(error),
        };
        let ticket = match opened {
            Ok(Opened::Ticket(Handle(ticket))) => ticket,
            Ok(Opened::None | Opened::Unreadable) => JsValue::UNDEFINED,
            // A damaged row is listed without the fields that can't be read.
            Err(error) if error.code() == Code::StoreFailed => JsValue::UNDEFINED,
            Err(error) => return Err(error),
        };
        tickets.push(&ticket);
    }
    Ok(tickets.into())
}

fn page_members(
    host: &CallHost,
    result: &QueryResult<JsPage>,
    tickets: &JsValue,
) -> Result<PageMembers> {
    Ok(PageMembers {
        results: caller_rows(host, &result.page, result.rows.clone(), tickets)?,
        results_token: result.results_token.clone(),
        has_prev_results: result.has_prev,
        has_next_results: result.has_next,
        total_count: result.total.map(|total| total.count),
        total_count_is_capped: result.total.is_some_and(|total| total.capped),
        total_pages: result.total.and_then(|total| total.pages),
        current_page: result.current_page,
    })
}

/// The rows as callers see them. Emits an event for each row that couldn't be read completely.
fn caller_rows(
    host: &CallHost,
    page: &JsPage,
    rows: impl IntoIterator<Item = usize>,
    tickets: &JsValue,
) -> Result<Handle> {
    #[derive(Deserialize)]
    struct ShownRows {
        sessions: Handle,
        unreadable: Vec<UnreadableRow>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct UnreadableRow {
        subject_id: String,
        session_id: String,
        #[serde(default)]
        issuer: Option<String>,
        error: String,
    }

    let indexes = rows.into_iter().map(|index| index as u32).collect();
    let rows = user_sessions(page.sessions(), indexes, tickets)
        .map_err(|value| SESSIONS_LIST.threw(value))?;
    let ShownRows { sessions, unreadable } = read(&rows, "the rows")?;
    if host.listens() {
        for UnreadableRow { subject_id, session_id, issuer, error } in unreadable {
            let (at, code) = (host.now()?, Code::StoreFailed);
            host.emit(Event::SessionUnreadable { at, subject_id, session_id, issuer, code, error });
        }
    }
    Ok(sessions)
}
