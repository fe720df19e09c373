//! The core's values as the objects that ports exchange, and back. Names and meanings are those of
//! `pkg-template/src/types.ts`.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::imports;
use super::value::{Fields, Literal, is_absent, list};
use crate::error::Result;
use crate::filter::{Filter, Search, StateAt, TextMatch, TimeRange};
use crate::grant::{GrantCounts, GrantFilter};
use crate::logout::{Delivery, LogoutReason, LogoutTokenClaims, Notification, Settlement};
use crate::ports::{From, ListRequest, Order};
use crate::session::{ClientSession, Millis, Session, SessionChange};

// ------------------------------------------------------------------------------------------------------- sessions

pub fn session_to_js(session: &Session) -> JsValue {
    let object = Literal::new();
    object.set("key", &session.key);
    object.set("scheme", &session.scheme);
    object.set("subjectId", &session.subject_id);
    object.set("sessionId", &session.session_id);
    object.text("displayName", session.display_name.as_deref());
    object.text("displayNameFolded", session.display_name_folded.as_deref());
    object.text("issuer", session.issuer.as_deref());
    object.set("created", session.created as f64);
    object.set("renewed", session.renewed as f64);
    object.time("expires", session.expires);
    object.set("clients", session.clients.iter().map(client_to_js).collect::<Array>());
    object.text("ipAddress", session.ip_address.as_deref());
    object.text("userAgent", session.user_agent.as_deref());
    if let Some(attributes) = &session.attributes {
        object.set("attributes", text_map(attributes));
    }
    object.text("ticket", session.ticket.as_deref());
    object.done()
}

pub fn session_from_js(value: &JsValue) -> Result<Session> {
    let fields = Fields::read_open(value, "the session")?;
    let mut session = Session::default();
    session.key = fields.required_text("key")?;
    session.scheme = fields.required_text("scheme")?;
    session.subject_id = fields.required_text("subjectId")?;
    session.session_id = fields.required_text("sessionId")?;
    session.display_name = fields.text("displayName")?;
    session.display_name_folded = fields.text("displayNameFolded")?;
    session.issuer = fields.text("issuer")?;
    session.created = required_time(&fields, "created")?;
    session.renewed = required_time(&fields, "renewed")?;
    session.expires = fields.time("expires")?;
    session.clients = clients_from_js(&fields, "clients")?.unwrap_or_default();
    session.ip_address = fields.text("ipAddress")?;
    session.user_agent = fields.text("userAgent")?;
    session.attributes = fields.text_map("attributes")?;
    session.ticket = fields.text("ticket")?;
    Ok(session)
}

pub fn change_to_js(change: &SessionChange) -> JsValue {
    let object = Literal::new();
    let clearable = |name: &str, text: &Option<Option<String>>| match text {
        None => {}
        Some(None) => object.set(name, JsValue::NULL),
        Some(Some(text)) => object.set(name, text),
    };
    object.text("scheme", change.scheme.as_deref());
    object.text("subjectId", change.subject_id.as_deref());
    object.text("sessionId", change.session_id.as_deref());
    clearable("displayName", &change.display_name);
    clearable("displayNameFolded", &change.display_name_folded);
    clearable("issuer", &change.issuer);
    object.time("renewed", change.renewed);
    match change.expires {
        None => {}
        Some(None) => object.set("expires", JsValue::NULL),
        Some(Some(expires)) => object.set("expires", expires as f64),
    }
    clearable("ipAddress", &change.ip_address);
    clearable("userAgent", &change.user_agent);
    match &change.attributes {
        None => {}
        Some(None) => object.set("attributes", JsValue::NULL),
        Some(Some(attributes)) => object.set("attributes", text_map(attributes)),
    }
    clearable("ticket", &change.ticket);
    object.done()
}

pub fn change_from_js(value: &JsValue) -> Result<SessionChange> {
    let fields = Fields::read_open(value, "the change")?;
    let mut change = SessionChange::default();
    change.scheme = fields.text("scheme")?;
    change.subject_id = fields.text("subjectId")?;
    change.session_id = fields.text("sessionId")?;
    change.display_name = clearable(&fields, "displayName", text_member)?;
    change.display_name_folded = clearable(&fields, "displayNameFolded", text_member)?;
    change.issuer = clearable(&fields, "issuer", text_member)?;
    change.renewed = fields.time("renewed")?;
    change.expires = clearable(&fields, "expires", Fields::time)?;
    change.ip_address = clearable(&fields, "ipAddress", text_member)?;
    change.user_agent = clearable(&fields, "userAgent", text_member)?;
    change.attributes = clearable(&fields, "attributes", Fields::text_map)?;
    change.ticket = clearable(&fields, "ticket", text_member)?;
    Ok(change)
}

/// A member that may be absent (it stays), `null` (it is cleared) or there.
pub fn clearable<T>(
    fields: &Fields,
    name: &str,
    read: impl Fn(&Fields, &str) -> Result<Option<T>>,
) -> Result<Option<Option<T>>> {
    Ok(match fields.raw(name)? {
        None => None,
        Some(_) => Some(read(fields, name)?),
    })
}

/// [`Fields::text`] in the form that [`clearable`] takes.
pub fn text_member(fields: &Fields, name: &str) -> Result<Option<String>> {
    fields.text(name)
}

pub fn client_to_js(client: &ClientSession) -> JsValue {
    let object = Literal::new();
    object.set("clientId", &client.client_id);
    object.text("sessionId", client.session_id.as_deref());
    object.done()
}

/// A client, written as its id alone or as `{ clientId, sessionId? }`.
pub fn client_from_js(value: &JsValue) -> Result<ClientSession> {
    if let Some(client_id) = super::value::text(value) {
        return Ok(ClientSession { client_id, session_id: None });
    }
    let fields = Fields::read(value, "a client", &["clientId", "sessionId"])?;
    Ok(ClientSession { client_id: fields.required_text("clientId")?, session_id: fields.text("sessionId")? })
}

pub fn clients_from_js(fields: &Fields, name: &str) -> Result<Option<Vec<ClientSession>>> {
    let Some(value) = fields.get(name)? else { return Ok(None) };
    let Some(clients) = value.dyn_ref::<Array>() else { return Err(fields.wrong(name, "a list of clients")) };
    clients.iter().map(|client| client_from_js(&client)).collect::<Result<_>>().map(Some)
}

fn required_time(fields: &Fields, name: &str) -> Result<Millis> {
    fields.time(name)?.ok_or_else(|| fields.wrong(name, "epoch milliseconds"))
}

fn text_map(entries: &[(String, String)]) -> JsValue {
    let object = Literal::new();
    for (name, text) in entries {
        object.set(name, text);
    }
    object.done()
}

// ------------------------------------------------------------------------------------------------ filters and lists

pub fn filter_to_js(filter: &Filter) -> JsValue {
    let object = Literal::new();
    let text = |name: &str, wanted: &Option<TextMatch>| {
        if let Some(wanted) = wanted {
            let form = Literal::new();
            let kind = match wanted {
                TextMatch::Equals(_) => "equals",
                TextMatch::StartsWith(_) => "startsWith",
                TextMatch::Contains(_) => "contains",
            };
            form.set(kind, wanted.text());
            object.set(name, form.done());
        }
    };
    let range = |name: &str, range: TimeRange| {
        if !range.is_unbounded() {
            let bounds = Literal::new();
            bounds.time("after", range.after);
            bounds.time("before", range.before);
            object.set(name, bounds.done());
        }
    };
    text("subjectId", &filter.subject_id);
    text("sessionId", &filter.session_id);
    text("displayName", &filter.display_name);
    if let Some(search) = &filter.search {
        let wanted = Literal::new();
        wanted.set("id", &search.id);
        wanted.set("name", &search.name);
        object.set("search", wanted.done());
    }
    object.text("clientId", filter.client_id.as_deref());
    object.text("issuer", filter.issuer.as_deref());
    object.text("ipAddress", filter.ip_address.as_deref());
    range("created", filter.created);
    range("renewed", filter.renewed);
    range("expires", filter.expires);
    match filter.state {
        None => {}
        Some(StateAt::Active(at)) => object.set("activeAt", at as f64),
        Some(StateAt::Expired(at)) => object.set("expiredAt", at as f64),
    }
    object.done()
}

pub fn filter_from_js(value: &JsValue) -> Result<Filter> {
    let fields = Fields::read_open(value, "the filter")?;
    let search = match fields.get("search")? {
        None => None,
        Some(search) => {
            let search = Fields::read_open(&search, "the filter's `search`")?;
            Some(Search { id: search.required_text("id")?, name: search.required_text("name")? })
        }
    };
    let state = match (fields.time("activeAt")?, fields.time("expiredAt")?) {
        (Some(at), _) => Some(StateAt::Active(at)),
        (None, Some(at)) => Some(StateAt::Expired(at)),
        (None, None) => None,
    };
    let mut filter = Filter::default();
    filter.subject_id = text_match_from_js(&fields, "subjectId")?;
    filter.session_id = text_match_from_js(&fields, "sessionId")?;
    filter.display_name = text_match_from_js(&fields, "displayName")?;
    filter.search = search;
    filter.client_id = fields.text("clientId")?;
    filter.issuer = fields.text("issuer")?;
    filter.ip_address = fields.text("ipAddress")?;
    filter.created = range_from_js(&fields, "created")?;
    filter.renewed = range_from_js(&fields, "renewed")?;
    filter.expires = range_from_js(&fields, "expires")?;
    filter.state = state;
    Ok(filter)
}

/// `{ equals }`, `{ startsWith }` or `{ contains }`, exactly one of them.
pub fn text_match_from_js(fields: &Fields, name: &str) -> Result<Option<TextMatch>> {
    let Some(value) = fields.get(name)? else { return Ok(None) };
    let form = Fields::read(&value, "a text filter", &["equals", "startsWith", "contains"])?;
    match (form.text("equals")?, form.text("startsWith")?, form.text("contains")?) {
        (Some(text), None, None) => Ok(Some(TextMatch::Equals(text))),
        (None, Some(text), None) => Ok(Some(TextMatch::StartsWith(text))),
        (None, None, Some(text)) => Ok(Some(TextMatch::Contains(text))),
        _ => Err(fields.wrong(name, "a text, or one of `{ equals }`, `{ startsWith }` and `{ contains }`")),
    }
}

/// `{ after?, before? }`.
pub fn range_from_js(fields: &Fields, name: &'static str) -> Result<TimeRange> {
    let range = Fields::read(&fields.get(name)?.unwrap_or_default(), "a time range", &["after", "before"])?;
    Ok(TimeRange { after: range.time("after")?, before: range.time("before")? })
}

pub fn list_request_to_js(request: &ListRequest) -> JsValue {
    let object = Literal::new();
    object.set("filter", filter_to_js(&request.filter));
    let order = match request.order {
        Order::Newest => "newest",
        Order::Oldest => "oldest",
        Order::Expiry => "expiry",
    };
    object.set("order", order);
    match &request.from {
        From::Start => {}
        From::After(position) => object.set("after", position),
        From::Before(position) => object.set("before", position),
        From::End => object.set("fromEnd", true),
    }
    object.set("limit", request.limit as f64);
    object.done()
}

pub fn list_request_from_js(value: &JsValue) -> Result<ListRequest> {
    let known = ["filter", "order", "after", "before", "fromEnd", "limit"];
    let fields = Fields::read(value, "the list request", &known)?;
    let order = match fields.text("order")?.as_deref() {
        Some("newest") => Order::Newest,
        Some("oldest") => Order::Oldest,
        Some("expiry") => Order::Expiry,
        _ => return Err(fields.wrong("order", "`newest`, `oldest` or `expiry`")),
    };
    let from = match (fields.text("after")?, fields.text("before")?, fields.flag("fromEnd")?.unwrap_or(false)) {
        (None, None, false) => From::Start,
        (Some(position), None, false) => From::After(position),
        (None, Some(position), false) => From::Before(position),
        (None, None, true) => From::End,
        _ => return Err(fields.wrong("after", "alone: `after`, `before` and `fromEnd` exclude each other")),
    };
    let limit = fields.number("limit")?.filter(|limit| *limit >= 1.0 && limit.fract() == 0.0);
    let Some(limit) = limit else { return Err(fields.wrong("limit", "a whole number, 1 or more")) };
    let filter = filter_from_js(&fields.get("filter")?.unwrap_or_default())?;
    Ok(ListRequest { filter, order, from, limit: limit as usize })
}

// -------------------------------------------------------------------------------------------------------- grants

pub fn grant_filter_to_js(filter: &GrantFilter) -> JsValue {
    let object = Literal::new();
    object.text("subjectId", filter.subject_id.as_deref());
    object.text("sessionId", filter.session_id.as_deref());
    if !filter.client_ids.is_empty() {
        object.set("clientIds", list(&filter.client_ids));
    }
    if !filter.types.is_empty() {
        object.set("types", list(&filter.types));
    }
    object.done()
}

pub fn grant_filter_from_js(value: &JsValue) -> Result<GrantFilter> {
    let fields = Fields::read(value, "the grant filter", &["subjectId", "sessionId", "clientIds", "types"])?;
    let mut filter = GrantFilter::default();
    filter.subject_id = fields.text("subjectId")?;
    filter.session_id = fields.text("sessionId")?;
    filter.client_ids = fields.texts("clientIds")?.unwrap_or_default();
    filter.types = fields.texts("types")?.unwrap_or_default();
    Ok(filter)
}

pub fn counts_to_js(counts: GrantCounts) -> Literal {
    let object = Literal::new();
    object.set("tokens", counts.tokens as f64);
    object.set("consents", counts.consents as f64);
    object.set("other", counts.other as f64);
    object
}

/// `{ tokens, consents, other }`, if it is that.
pub fn counts_from_js(value: &JsValue) -> Option<GrantCounts> {
    let fields = Fields::read_open(value, "the counts").ok()?;
    let count = |name| {
        let count = fields.number(name).ok()??;
        (count >= 0.0 && count.fract() == 0.0).then_some(count as u64)
    };
    Some(GrantCounts { tokens: count("tokens")?, consents: count("consents")?, other: count("other")? })
}

// -------------------------------------------------------------------------------------------------- notifications

pub fn notification_to_js(notification: &Notification) -> Literal {
    let object = Literal::new();
    object.set("id", &notification.id);
    object.set("clientId", &notification.client_id);
    object.text("logoutUri", notification.logout_uri.as_deref());
    object.text("subjectId", notification.subject_id.as_deref());
    object.text("sessionId", notification.session_id.as_deref());
    object.text("issuer", notification.issuer.as_deref());
    object.set("reason", notification.reason.as_str());
    object.set("attempt", notification.attempt);
    object.set("created", notification.created as f64);
    object.time("notBefore", notification.not_before);
    object
}

pub fn notification_from_js(value: &JsValue) -> Result<Notification> {
    let fields = Fields::read_open(value, "the notification")?;
    let reason = LogoutReason::parse(&fields.required_text("reason")?);
    let created = required_time(&fields, "created")?;
    let mut notification = Notification::default();
    notification.id = fields.required_text("id")?;
    notification.client_id = fields.required_text("clientId")?;
    notification.logout_uri = fields.text("logoutUri")?;
    notification.subject_id = fields.text("subjectId")?;
    notification.session_id = fields.text("sessionId")?;
    notification.issuer = fields.text("issuer")?;
    notification.reason =
        reason.ok_or_else(|| fields.wrong("reason", "`terminated`, `session_expiration` or `user_logout`"))?;
    notification.attempt = fields.number("attempt")?.unwrap_or_default() as u32;
    notification.created = created;
    notification.not_before = fields.time("notBefore")?;
    Ok(notification)
}

/// The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4), ready to be signed.
pub fn claims_to_js(claims: &LogoutTokenClaims) -> JsValue {
    let events = Literal::new();
    events.set("http://schemas.openid.net/event/backchannel-logout", Literal::new().done());
    let object = Literal::new();
    object.text("iss", claims.iss.as_deref());
    object.set("aud", &claims.aud);
    object.set("iat", claims.iat as f64);
    object.set("exp", claims.exp as f64);
    object.set("jti", &claims.jti);
    object.set("events", events.done());
    object.text("sub", claims.sub.as_deref());
    object.text("sid", claims.sid.as_deref());
    object.set("logout_reason", claims.logout_reason.as_str());
    object.done()
}

pub fn settlement_to_js(settlement: &Settlement) -> JsValue {
    let object = Literal::new();
    let status = match settlement {
        Settlement::Delivered { status } => {
            object.set("state", "delivered");
            status
        }
        Settlement::Failed { error, status } => {
            object.set("state", "failed");
            object.set("error", error);
            status
        }
        Settlement::Retry { next_attempt, error, status } => {
            object.set("nextAttempt", *next_attempt as f64);
            object.set("error", error);
            status
        }
    };
    if let Some(status) = status {
        object.set("status", u32::from(*status));
    }
    object.done()
}

pub fn settlement_from_js(value: &JsValue) -> Result<Settlement> {
    let fields = Fields::read(value, "the result", &["state", "nextAttempt", "error", "status"])?;
    let status = fields.number("status")?.map(|status| status as u16);
    let state = fields.text("state")?;
    match (state.as_deref(), fields.time("nextAttempt")?) {
        (Some("delivered"), None) => Ok(Settlement::Delivered { status }),
        (Some("failed"), None) => Ok(Settlement::Failed { error: fields.text("error")?.unwrap_or_default(), status }),
        (None, Some(next_attempt)) => {
            Ok(Settlement::Retry { next_attempt, error: fields.text("error")?.unwrap_or_default(), status })
        }
        _ => Err(fields.wrong("state", "`delivered` or `failed`, or else `nextAttempt` a time")),
    }
}

pub fn delivery_to_js(delivery: &Delivery) -> std::result::Result<JsValue, JsValue> {
    imports::delivery(
        &delivery.id,
        &delivery.client_id,
        delivery.subject_id.as_deref(),
        delivery.session_id.as_deref(),
        delivery.state.as_str(),
        delivery.attempts,
        delivery.status.map(u32::from),
        delivery.error.as_deref(),
        delivery.next_attempt.map(|time| time as f64),
    )
}

/// A list that may be absent, each item read by `read`.
pub fn items<T>(value: &JsValue, read: impl Fn(&JsValue) -> Result<T>) -> Option<Result<Vec<T>>> {
    if is_absent(value) {
        return Some(Ok(Vec::new()));
    }
    Some(value.dyn_ref::<Array>()?.iter().map(|item| read(&item)).collect())
}
