//! `SessionManagement`: the admin path.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use super::convert::{delivery_to_js, range_from_js, text_match_from_js};
use super::error::{thrown, unexpected};
use super::host::CallHost;
use super::imports::{self, KeyRing};
use super::service::{Service, call_host, run, service};
use super::tickets::JsCipher;
use super::value::{Fields, list};
use crate::error::{Code, Error, Result};
use crate::logout::LogoutReason;
use crate::ports::Page;
use crate::query::{Count, QueryResult, SessionQuery, State, TextFilter, query_sessions};
use crate::removal::{RemovalReport, RemovalRequest, remove_sessions};
use crate::ticket::{Opened, open_ticket};

use super::sessions::JsPage;

/// The core of `SessionManagement`.
#[wasm_bindgen(js_name = CoreManagement)]
pub struct CoreManagement {
    service: Service,
}

#[wasm_bindgen(js_class = CoreManagement)]
impl CoreManagement {
    /// Checks the host.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &JsValue) -> std::result::Result<CoreManagement, JsValue> {
        Ok(CoreManagement { service: service(host)? })
    }

    /// One page. `key_ring` is `undefined` where the service was made without keys.
    #[wasm_bindgen(js_name = querySessions)]
    pub fn query_sessions(&self, query: &JsValue, options: &JsValue, key_ring: Option<KeyRing>) -> Promise {
        run(|| {
            let (query, include_ticket) = query_from_js(query)?;
            let host = call_host(&self.service, options)?;
            let cipher = match (include_ticket, key_ring) {
                (false, _) => None,
                (true, Some(key_ring)) => Some(JsCipher::new(key_ring)?),
                (true, None) => {
                    let message = "`includeTicket` needs the keys: give `new SessionManagement(host, { keys })`";
                    return Err(Error::new(Code::NotConfigured, message));
                }
            };
            Ok(async move {
                let result = query_sessions(&host, &query).await?;
                let tickets = match &cipher {
                    Some(cipher) => open_tickets(&host, cipher, &result).await?,
                    None => JsValue::UNDEFINED,
                };
                result_to_js(&result, &tickets)
            })
        })
    }

    /// Ends sessions.
    #[wasm_bindgen(js_name = removeSessions)]
    pub fn remove_sessions(&self, context: &JsValue, options: &JsValue) -> Promise {
        run(|| {
            let request = removal_from_js(context)?;
            let host = call_host(&self.service, options)?;
            Ok(async move { report_to_js(&remove_sessions(&host, &request).await?) })
        })
    }
}

fn query_from_js(value: &JsValue) -> Result<(SessionQuery, bool)> {
    const KNOWN: [&str; 16] = [
        "subjectId",
        "sessionId",
        "displayName",
        "search",
        "clientId",
        "issuer",
        "ipAddress",
        "created",
        "renewed",
        "expires",
        "state",
        "order",
        "count",
        "countRequested",
        "resultsToken",
        "requestPriorResults",
    ];
    let known: Vec<_> = KNOWN.into_iter().chain(["includeTicket"]).collect();
    let fields = Fields::read(value, "the query", &known)?;
    let mut query = SessionQuery::default();
    query.subject_id = text_filter(&fields, "subjectId")?;
    query.session_id = text_filter(&fields, "sessionId")?;
    query.display_name = text_filter(&fields, "displayName")?;
    query.search = fields.text("search")?;
    query.client_id = fields.text("clientId")?;
    query.issuer = fields.text("issuer")?;
    query.ip_address = fields.text("ipAddress")?;
    query.created = range_from_js(&fields, "created")?;
    query.renewed = range_from_js(&fields, "renewed")?;
    query.expires = range_from_js(&fields, "expires")?;
    query.state = match fields.text("state")?.as_deref() {
        None | Some("any") => State::Any,
        Some("active") => State::Active,
        Some("expired") => State::Expired,
        Some(_) => return Err(fields.wrong("state", "`active`, `expired` or `any`")),
    };
    query.oldest_first = match fields.text("order")?.as_deref() {
        None | Some("newest") => false,
        Some("oldest") => true,
        Some(_) => return Err(fields.wrong("order", "`newest` or `oldest`")),
    };
    query.count = match fields.text("count")?.as_deref() {
        None => None,
        Some("exact") => Some(Count::Exact),
        Some("capped") => Some(Count::Capped),
        Some("none") => Some(Count::None),
        Some(_) => return Err(fields.wrong("count", "`exact`, `capped` or `none`")),
    };
    query.count_requested = fields.number("countRequested")?;
    query.results_token = fields.text("resultsToken")?;
    query.request_prior_results = fields.flag("requestPriorResults")?.unwrap_or(false);

    Ok((query, fields.flag("includeTicket")?.unwrap_or(false)))
}

fn text_filter(fields: &Fields, name: &str) -> Result<Option<TextFilter>> {
    match fields.get(name)? {
        None => Ok(None),
        Some(value) if value.is_string() => Ok(fields.text(name)?.map(TextFilter::Plain)),
        Some(_) => Ok(text_match_from_js(fields, name)?.map(TextFilter::Explicit)),
    }
}

/// Opens the tickets of a page, each at its row's place; `undefined` where there is none or it does not open.
async fn open_tickets(host: &CallHost, cipher: &JsCipher, result: &QueryResult<JsPage>) -> Result<JsValue> {
    let tickets = Array::new();
    for index in result.rows.clone() {
        let ticket = match open_ticket(host, cipher, &result.page.row(index)?).await? {
            Opened::Ticket(ticket) => ticket,
            Opened::None | Opened::Unreadable => JsValue::UNDEFINED,
        };
        tickets.push(&ticket);
    }
    Ok(tickets.into())
}

fn result_to_js(result: &QueryResult<JsPage>, tickets: &JsValue) -> Result<JsValue> {
    imports::query_result(
        result.page.sessions(),
        result.rows.start as u32,
        result.rows.end as u32,
        tickets,
        result.results_token.as_deref(),
        result.has_prev,
        result.has_next,
        result.total.map(|total| total.count as f64),
        result.total.is_some_and(|total| total.capped),
        result.total.and_then(|total| total.pages),
        result.current_page,
    )
    .map_err(|value| thrown("sessions.list", Code::StoreFailed, value))
}

fn removal_from_js(value: &JsValue) -> Result<RemovalRequest> {
    const KNOWN: [&str; 11] = [
        "subjectId",
        "sessionId",
        "clientIds",
        "exceptSessionIds",
        "removeServerSideSession",
        "sendBackchannelLogoutNotification",
        "revokeTokens",
        "revokeConsents",
        "dryRun",
        "reason",
        "actor",
    ];
    let fields = Fields::read(value, "the removal", &KNOWN)?;
    let mut request = RemovalRequest::default();
    request.subject_id = fields.text("subjectId")?;
    request.session_id = fields.text("sessionId")?;
    request.client_ids = fields.texts("clientIds")?;
    request.except_session_ids = fields.texts("exceptSessionIds")?.unwrap_or_default();
    request.remove_server_side_session = fields.flag("removeServerSideSession")?;
    request.send_backchannel_logout_notification = fields.flag("sendBackchannelLogoutNotification")?;
    request.revoke_tokens = fields.flag("revokeTokens")?;
    request.revoke_consents = fields.flag("revokeConsents")?;
    request.dry_run = fields.flag("dryRun")?.unwrap_or(false);
    request.reason = fields.text("reason")?;
    request.actor = fields.text("actor")?;
    request.logout_reason = LogoutReason::Terminated;
    request.only_key = None;
    Ok(request)
}

fn report_to_js(report: &RemovalReport) -> Result<JsValue> {
    let deliveries = report.deliveries.iter().map(delivery_to_js).collect::<std::result::Result<Vec<_>, _>>();
    imports::removal_report(
        report.sessions_removed as f64,
        report.grants.tokens as f64,
        report.grants.consents as f64,
        report.grants.other as f64,
        report.delivered as f64,
        report.pending as f64,
        report.failed as f64,
        report.skipped as f64,
        &deliveries.map_err(unexpected)?.into_iter().collect(),
        &list(&report.notes),
        report.dry_run,
    )
    .map_err(unexpected)
}
