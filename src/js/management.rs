//! `SessionManagement`: the admin path.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

use super::convert::delivery_to_js;
use super::error::thrown;
use super::host::CallHost;
use super::imports;
use super::options::whole;
use super::service::Work;
use super::tickets::JsCipher;
use super::value::{Slot, Value, array, object, read, read_open, wrong};
use crate::error::{Code, Error, Result};
use crate::ports::Page;
use crate::purge::{Purge, PurgeRequest, purge_sessions};
use crate::query::{Count, QueryOrder, QueryResult, SessionQuery, State, query_sessions};
use crate::removal::{RemovalReport, RemovalRequest, remove_and_publish};
use crate::ticket::{Opened, open_ticket};

use super::sessions::JsPage;

/// One page.
pub fn query(
    host: CallHost,
    query: &JsValue,
    cipher: impl FnOnce() -> Result<JsCipher>,
) -> Result<Work> {
    let (query, include_ticket) = query_from_js(query)?;
    let cipher = if include_ticket { Some(cipher()?) } else { None };
    Ok(Box::pin(async move {
        let result = query_sessions(&host, &query).await?;
        let tickets = match &cipher {
            Some(cipher) => open_tickets(&host, cipher, &result).await?,
            None => JsValue::UNDEFINED,
        };
        result_to_js(&result, &tickets)
    }))
}

/// Ends sessions.
pub fn remove(host: CallHost, context: &JsValue, publish: &JsValue) -> Result<Work> {
    let mut request = RemovalRequest::default();
    let (mut subject_id, mut session_id) = (None, None);
    let target = &mut [
        ("subjectId", Slot::Text(&mut subject_id)),
        ("sessionId", Slot::Text(&mut session_id)),
    ];
    removal_from_js(context, "the removal", &mut request, target)?;
    (request.subject_id, request.session_id) = (subject_id, session_id);
    let mut publish = publisher(publish);
    Ok(Box::pin(async move {
        Ok(report_to_js(&remove_and_publish(&host, &request, &mut publish).await?))
    }))
}

/// Previews a purge, or carries it out.
pub fn purge(host: CallHost, request: &JsValue, publish: &JsValue) -> Result<Work> {
    let what = "the purge";
    let mut purge = PurgeRequest::default();
    let (mut filter, mut everything, mut limit) = (None, None, None);
    let more = &mut [
        ("filter", Slot::Any(&mut filter)),
        ("everything", Slot::Flag(&mut everything)),
        ("confirmToken", Slot::Text(&mut purge.confirm_token)),
        ("limit", Slot::Number(&mut limit)),
    ];
    removal_from_js(request, what, &mut purge.removal, more)?;
    purge.limit = whole(what, "limit", limit)?;
    purge.everything = everything.unwrap_or(false);
    let (query, include_ticket) = query_from_js(&filter.unwrap_or_default())?;
    if include_ticket {
        return Err(Error::invalid(
            "the filter of a purge opens no ticket: leave out `includeTicket`",
        ));
    }
    purge.query = query;
    let mut publish = publisher(publish);
    Ok(Box::pin(async move {
        match purge_sessions(&host, &purge, &mut publish).await? {
            Purge::Preview { count, sample, confirm_token } => {
                let rows = QueryResult::of_rows(sample);
                let result = result_to_js(&rows, &JsValue::UNDEFINED)?;
                let sample = Reflect::get(&result, &"results".into()).unwrap_or_default();
                Ok(object(&[
                    ("count", Value::Number(Some(count as f64))),
                    ("sample", Value::Object(sample)),
                    ("confirmToken", Value::Text(&confirm_token)),
                ]))
            }
            Purge::Done(report) => Ok(report_to_js(&report)),
        }
    }))
}

/// Gives a report, as it stands, to a function of the package's own.
pub fn publisher(function: &JsValue) -> impl FnMut(&RemovalReport) + 'static {
    let function = function.dyn_ref::<Function>().cloned();
    move |report| {
        if let Some(function) = &function {
            let _ = function.call1(&JsValue::UNDEFINED, &report_to_js(report));
        }
    }
}

/// The query, and whether tickets are to be opened.
fn query_from_js(value: &JsValue) -> Result<(SessionQuery, bool)> {
    let mut query = SessionQuery::default();
    let (mut state, mut order, mut count, mut prior, mut include_ticket) =
        (None, None, None, None, None);
    let members = &mut [
        ("subjectId", Slot::TextFilter(&mut query.subject_id)),
        ("sessionId", Slot::TextFilter(&mut query.session_id)),
        ("displayName", Slot::TextFilter(&mut query.display_name)),
        ("search", Slot::Text(&mut query.search)),
        ("clientId", Slot::Text(&mut query.client_id)),
        ("issuer", Slot::Text(&mut query.issuer)),
        ("ipAddress", Slot::Text(&mut query.ip_address)),
        ("created", Slot::Range(&mut query.created)),
        ("renewed", Slot::Range(&mut query.renewed)),
        ("expires", Slot::Range(&mut query.expires)),
        ("state", Slot::Text(&mut state)),
        ("order", Slot::Text(&mut order)),
        ("count", Slot::Text(&mut count)),
        ("countRequested", Slot::Number(&mut query.count_requested)),
        ("resultsToken", Slot::Text(&mut query.results_token)),
        ("requestPriorResults", Slot::Flag(&mut prior)),
        ("includeTicket", Slot::Flag(&mut include_ticket)),
    ];
    let what = "the query";
    read(value, what, members)?;
    query.state = match state.as_deref() {
        None | Some("any") => State::Any,
        Some("active") => State::Active,
        Some("expired") => State::Expired,
        Some(_) => return Err(wrong(what, "state", "`active`, `expired` or `any`")),
    };
    query.order = match order.as_deref() {
        None | Some("newest") => QueryOrder::Newest,
        Some("oldest") => QueryOrder::Oldest,
        Some(_) => return Err(wrong(what, "order", "`newest` or `oldest`")),
    };
    query.count = match count.as_deref() {
        None => None,
        Some("exact") => Some(Count::Exact),
        Some("capped") => Some(Count::Capped),
        Some("none") => Some(Count::None),
        Some(_) => return Err(wrong(what, "count", "`exact`, `capped` or `none`")),
    };
    query.request_prior_results = prior.unwrap_or(false);
    Ok((query, include_ticket.unwrap_or(false)))
}

/// Opens the tickets of a page, each at its row's place; `undefined` where there is none or it does
/// not open.
async fn open_tickets(
    host: &CallHost,
    cipher: &JsCipher,
    result: &QueryResult<JsPage>,
) -> Result<JsValue> {
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

/// The members that a removal and a purge share, and `more`.
fn removal_from_js(
    value: &JsValue,
    what: &'static str,
    request: &mut RemovalRequest,
    more: &mut [(&'static str, Slot)],
) -> Result<()> {
    let (mut except, mut dry_run) = (None, None);
    let mut members = vec![
        ("clientIds", Slot::Texts(&mut request.client_ids)),
        ("exceptSessionIds", Slot::Texts(&mut except)),
        ("removeServerSideSession", Slot::Flag(&mut request.remove_server_side_session)),
        (
            "sendBackchannelLogoutNotification",
            Slot::Flag(&mut request.send_backchannel_logout_notification),
        ),
        ("revokeTokens", Slot::Flag(&mut request.revoke_tokens)),
        ("revokeConsents", Slot::Flag(&mut request.revoke_consents)),
        ("dryRun", Slot::Flag(&mut dry_run)),
        ("reason", Slot::Text(&mut request.reason)),
        ("actor", Slot::Text(&mut request.actor)),
    ];
    members.extend(more.iter().map(|(name, _)| (*name, Slot::Known)));
    read(value, what, &mut members)?;
    drop(members);
    read_open(value, what, more)?;
    request.except_session_ids = except.unwrap_or_default();
    request.dry_run = dry_run.unwrap_or(false);
    Ok(())
}

pub fn report_to_js(report: &RemovalReport) -> JsValue {
    let count = |count: u64| Value::Number(Some(count as f64));
    let notifications = object(&[
        ("delivered", count(report.delivered)),
        ("pending", count(report.pending)),
        ("failed", count(report.failed)),
        ("skipped", count(report.skipped)),
    ]);
    object(&[
        ("sessionsRemoved", count(report.sessions_removed)),
        ("tokensRevoked", count(report.grants.tokens)),
        ("consentsRevoked", count(report.grants.consents)),
        ("otherGrantsRevoked", count(report.grants.other)),
        ("notifications", Value::Object(notifications)),
        ("deliveries", Value::Object(array(&report.deliveries, delivery_to_js).into())),
        ("notes", Value::Texts(&report.notes)),
        ("dryRun", Value::Flag(report.dry_run)),
        ("more", report.more.map_or(Value::Absent, Value::Flag)),
        ("confirmToken", Value::MaybeText(&report.confirm_token)),
    ])
}
