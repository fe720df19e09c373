//! The core's values as the objects that ports exchange, and back. Names and meanings are those of
//! `pkg-template/src/types/`.

use wasm_bindgen::prelude::*;

use super::value::{Slot, Value, array, list, object, read, read_open, wrong};
use crate::error::Result;
use crate::filter::{Filter, Search, StateAt, TextMatch, TimeRange};
use crate::grant::{GrantCounts, GrantFilter};
use crate::notification::{Delivery, LogoutReason, Notification, NotificationKind, Settlement};
use crate::ports::{ListRequest, Order, PageStart};
use crate::session::{ClientSession, Session, SessionChange};

// ------------------------------------------------------------------------------------------------------- sessions

pub fn session_to_js(session: &Session) -> JsValue {
    object(&[
        ("key", Value::Text(&session.key)),
        ("scheme", Value::Text(&session.scheme)),
        ("subjectId", Value::Text(&session.subject_id)),
        ("sessionId", Value::Text(&session.session_id)),
        ("displayName", Value::MaybeText(&session.display_name)),
        ("displayNameFolded", Value::MaybeText(&session.display_name_folded)),
        ("issuer", Value::MaybeText(&session.issuer)),
        ("created", Value::Time(Some(session.created))),
        ("renewed", Value::Time(Some(session.renewed))),
        ("expires", Value::Time(session.expires)),
        ("clients", Value::Object(array(&session.clients, client_to_js).into())),
        ("ipAddress", Value::MaybeText(&session.ip_address)),
        ("userAgent", Value::MaybeText(&session.user_agent)),
        (
            "attributes",
            session.attributes.as_ref().map_or(Value::Absent, |map| Value::TextMap(map)),
        ),
        ("ticket", Value::MaybeText(&session.ticket)),
    ])
}

pub fn session_from_js(value: &JsValue) -> Result<Session> {
    let mut session = Session::default();
    let members = &mut [
        ("key", Slot::RequiredText(&mut session.key)),
        ("scheme", Slot::RequiredText(&mut session.scheme)),
        ("subjectId", Slot::RequiredText(&mut session.subject_id)),
        ("sessionId", Slot::RequiredText(&mut session.session_id)),
        ("displayName", Slot::Text(&mut session.display_name)),
        ("displayNameFolded", Slot::Text(&mut session.display_name_folded)),
        ("issuer", Slot::Text(&mut session.issuer)),
        ("created", Slot::RequiredTime(&mut session.created)),
        ("renewed", Slot::RequiredTime(&mut session.renewed)),
        ("expires", Slot::Time(&mut session.expires)),
        ("clients", Slot::Clients(&mut session.clients)),
        ("ipAddress", Slot::Text(&mut session.ip_address)),
        ("userAgent", Slot::Text(&mut session.user_agent)),
        ("attributes", Slot::TextMap(&mut session.attributes)),
        ("ticket", Slot::Text(&mut session.ticket)),
    ];
    read_open(value, "the session", members)?;
    Ok(session)
}

pub fn change_to_js(change: &SessionChange) -> JsValue {
    let expires = match change.expires {
        Some(None) => Value::Null,
        expires => Value::Time(expires.flatten()),
    };
    let attributes = match &change.attributes {
        None => Value::Absent,
        Some(None) => Value::Null,
        Some(Some(attributes)) => Value::TextMap(attributes),
    };
    object(&[
        ("scheme", Value::MaybeText(&change.scheme)),
        ("subjectId", Value::MaybeText(&change.subject_id)),
        ("sessionId", Value::MaybeText(&change.session_id)),
        ("displayName", Value::ClearableText(&change.display_name)),
        ("displayNameFolded", Value::ClearableText(&change.display_name_folded)),
        ("issuer", Value::ClearableText(&change.issuer)),
        ("renewed", Value::Time(change.renewed)),
        ("expires", expires),
        ("ipAddress", Value::ClearableText(&change.ip_address)),
        ("userAgent", Value::ClearableText(&change.user_agent)),
        ("attributes", attributes),
        ("ticket", Value::ClearableText(&change.ticket)),
    ])
}

pub fn change_from_js(value: &JsValue) -> Result<SessionChange> {
    let mut change = SessionChange::default();
    let members = &mut [
        ("scheme", Slot::Text(&mut change.scheme)),
        ("subjectId", Slot::Text(&mut change.subject_id)),
        ("sessionId", Slot::Text(&mut change.session_id)),
        ("displayName", Slot::ClearableText(&mut change.display_name)),
        ("displayNameFolded", Slot::ClearableText(&mut change.display_name_folded)),
        ("issuer", Slot::ClearableText(&mut change.issuer)),
        ("renewed", Slot::Time(&mut change.renewed)),
        ("expires", Slot::ClearableTime(&mut change.expires)),
        ("ipAddress", Slot::ClearableText(&mut change.ip_address)),
        ("userAgent", Slot::ClearableText(&mut change.user_agent)),
        ("attributes", Slot::ClearableTextMap(&mut change.attributes)),
        ("ticket", Slot::ClearableText(&mut change.ticket)),
    ];
    read_open(value, "the change", members)?;
    Ok(change)
}

pub fn client_to_js(client: &ClientSession) -> JsValue {
    object(&[
        ("clientId", Value::Text(&client.client_id)),
        ("sessionId", Value::MaybeText(&client.session_id)),
    ])
}

/// A client, written as its id alone or as `{ clientId, sessionId? }`.
pub fn client_from_js(value: &JsValue) -> Result<ClientSession> {
    let mut client = ClientSession { client_id: String::new(), session_id: None };
    if let Some(client_id) = super::value::text(value) {
        client.client_id = client_id;
        return Ok(client);
    }
    let members = &mut [
        ("clientId", Slot::RequiredText(&mut client.client_id)),
        ("sessionId", Slot::Text(&mut client.session_id)),
    ];
    read(value, "a client", members)?;
    Ok(client)
}

// ------------------------------------------------------------------------------------------------ filters and lists

pub fn filter_to_js(filter: &Filter) -> JsValue {
    let text = |wanted: &Option<TextMatch>| {
        let (form, text) = match wanted {
            None => return Value::Absent,
            Some(TextMatch::Equals(text)) => ("equals", text),
            Some(TextMatch::StartsWith(text)) => ("startsWith", text),
            Some(TextMatch::Contains(text)) => ("contains", text),
        };
        Value::Object(object(&[(form, Value::Text(text))]))
    };
    let range = |range: TimeRange| {
        if range.is_unbounded() {
            return Value::Absent;
        }
        Value::Object(object(&[
            ("after", Value::Time(range.after)),
            ("before", Value::Time(range.before)),
        ]))
    };
    let search = filter.search.as_ref().map(|search| {
        object(&[("id", Value::Text(&search.id)), ("name", Value::Text(&search.name))])
    });
    let (active_at, expired_at) = match filter.state {
        None => (None, None),
        Some(StateAt::Active(at)) => (Some(at), None),
        Some(StateAt::Expired(at)) => (None, Some(at)),
    };
    object(&[
        ("subjectId", text(&filter.subject_id)),
        ("sessionId", text(&filter.session_id)),
        ("displayName", text(&filter.display_name)),
        ("search", search.map_or(Value::Absent, Value::Object)),
        ("clientId", Value::MaybeText(&filter.client_id)),
        ("issuer", Value::MaybeText(&filter.issuer)),
        ("ipAddress", Value::MaybeText(&filter.ip_address)),
        ("created", range(filter.created)),
        ("renewed", range(filter.renewed)),
        ("expires", range(filter.expires)),
        ("activeAt", Value::Time(active_at)),
        ("expiredAt", Value::Time(expired_at)),
    ])
}

pub fn filter_from_js(value: &JsValue) -> Result<Filter> {
    let mut filter = Filter::default();
    let (mut search, mut active_at, mut expired_at) = (None, None, None);
    let members = &mut [
        ("subjectId", Slot::TextMatch(&mut filter.subject_id)),
        ("sessionId", Slot::TextMatch(&mut filter.session_id)),
        ("displayName", Slot::TextMatch(&mut filter.display_name)),
        ("search", Slot::Any(&mut search)),
        ("clientId", Slot::Text(&mut filter.client_id)),
        ("issuer", Slot::Text(&mut filter.issuer)),
        ("ipAddress", Slot::Text(&mut filter.ip_address)),
        ("created", Slot::Range(&mut filter.created)),
        ("renewed", Slot::Range(&mut filter.renewed)),
        ("expires", Slot::Range(&mut filter.expires)),
        ("activeAt", Slot::Time(&mut active_at)),
        ("expiredAt", Slot::Time(&mut expired_at)),
    ];
    read_open(value, "the filter", members)?;
    if let Some(value) = search.filter(|search| !search.is_null()) {
        let mut search = Search { id: String::new(), name: String::new() };
        let members = &mut [
            ("id", Slot::RequiredText(&mut search.id)),
            ("name", Slot::RequiredText(&mut search.name)),
        ];
        read_open(&value, "the filter's `search`", members)?;
        filter.search = Some(search);
    }
    filter.state = active_at.map(StateAt::Active).or(expired_at.map(StateAt::Expired));
    Ok(filter)
}

pub fn list_request_to_js(request: &ListRequest) -> JsValue {
    let order = match request.order {
        Order::Newest => "newest",
        Order::Oldest => "oldest",
        Order::Expiry => "expiry",
    };
    let from = match &request.from {
        PageStart::First => ("after", Value::Absent),
        PageStart::After(position) => ("after", Value::Text(position)),
        PageStart::Before(position) => ("before", Value::Text(position)),
        PageStart::Last => ("fromEnd", Value::Flag(true)),
    };
    object(&[
        ("filter", Value::Object(filter_to_js(&request.filter))),
        ("order", Value::Text(order)),
        from,
        ("limit", Value::Number(Some(request.limit as f64))),
    ])
}

pub fn list_request_from_js(value: &JsValue) -> Result<ListRequest> {
    let what = "the list request";
    let (mut filter, mut order, mut after, mut before, mut from_end, mut limit) =
        (None, None, None, None, None, None);
    let members = &mut [
        ("filter", Slot::Any(&mut filter)),
        ("order", Slot::Text(&mut order)),
        ("after", Slot::Text(&mut after)),
        ("before", Slot::Text(&mut before)),
        ("fromEnd", Slot::Flag(&mut from_end)),
        ("limit", Slot::Number(&mut limit)),
    ];
    read(value, what, members)?;
    let order = match order.as_deref() {
        Some("newest") => Order::Newest,
        Some("oldest") => Order::Oldest,
        Some("expiry") => Order::Expiry,
        _ => return Err(wrong(what, "order", "`newest`, `oldest` or `expiry`")),
    };
    let from = match (after, before, from_end.unwrap_or(false)) {
        (None, None, false) => PageStart::First,
        (Some(position), None, false) => PageStart::After(position),
        (None, Some(position), false) => PageStart::Before(position),
        (None, None, true) => PageStart::Last,
        _ => {
            return Err(wrong(
                what,
                "after",
                "alone: `after`, `before` and `fromEnd` exclude each other",
            ));
        }
    };
    let limit = limit.filter(|limit| *limit >= 1.0 && limit.fract() == 0.0);
    let limit = limit.ok_or_else(|| wrong(what, "limit", "a whole number, 1 or more"))? as usize;
    Ok(ListRequest { filter: filter_from_js(&filter.unwrap_or_default())?, order, from, limit })
}

// -------------------------------------------------------------------------------------------------------- grants

pub fn grant_filter_to_js(filter: &GrantFilter) -> JsValue {
    let some = |texts: &'_ [String]| {
        if texts.is_empty() { Value::Absent } else { Value::Object(list(texts).into()) }
    };
    object(&[
        ("subjectId", Value::MaybeText(&filter.subject_id)),
        ("sessionId", Value::MaybeText(&filter.session_id)),
        ("clientIds", some(&filter.client_ids)),
        ("types", some(&filter.types)),
    ])
}

pub fn grant_filter_from_js(value: &JsValue) -> Result<GrantFilter> {
    let mut filter = GrantFilter::default();
    let (mut client_ids, mut types) = (None, None);
    let members = &mut [
        ("subjectId", Slot::Text(&mut filter.subject_id)),
        ("sessionId", Slot::Text(&mut filter.session_id)),
        ("clientIds", Slot::Texts(&mut client_ids)),
        ("types", Slot::Texts(&mut types)),
    ];
    read(value, "the grant filter", members)?;
    filter.client_ids = client_ids.unwrap_or_default();
    filter.types = types.unwrap_or_default();
    Ok(filter)
}

/// The members of `GrantCounts`.
pub fn counts_members(counts: GrantCounts) -> [(&'static str, Value<'static>); 3] {
    [
        ("tokens", Value::Number(Some(counts.tokens as f64))),
        ("consents", Value::Number(Some(counts.consents as f64))),
        ("other", Value::Number(Some(counts.other as f64))),
    ]
}

/// `{ tokens, consents, other }`, if it is that.
pub fn counts_from_js(value: &JsValue) -> Option<GrantCounts> {
    let (mut tokens, mut consents, mut other) = (None, None, None);
    let members = &mut [
        ("tokens", Slot::Number(&mut tokens)),
        ("consents", Slot::Number(&mut consents)),
        ("other", Slot::Number(&mut other)),
    ];
    read_open(value, "the counts", members).ok()?;
    let count = |count: Option<f64>| {
        count.filter(|count| *count >= 0.0 && count.fract() == 0.0).map(|count| count as u64)
    };
    Some(GrantCounts { tokens: count(tokens)?, consents: count(consents)?, other: count(other)? })
}

// -------------------------------------------------------------------------------------------------- notifications

/// Absent means `logout`.
fn kind_to_js(kind: NotificationKind) -> Value<'static> {
    match kind {
        NotificationKind::Logout => Value::Absent,
        NotificationKind::SessionRevoked => Value::Text("session_revoked"),
    }
}

/// The members of `LogoutNotification`.
pub fn notification_members(notification: &Notification) -> [(&'static str, Value<'_>); 11] {
    [
        ("id", Value::Text(&notification.id)),
        ("kind", kind_to_js(notification.kind)),
        ("clientId", Value::Text(&notification.client_id)),
        ("logoutUri", Value::MaybeText(&notification.logout_uri)),
        ("subjectId", Value::MaybeText(&notification.subject_id)),
        ("sessionId", Value::MaybeText(&notification.session_id)),
        ("issuer", Value::MaybeText(&notification.issuer)),
        ("reason", Value::Text(notification.reason.as_str())),
        ("attempt", Value::Number(Some(notification.attempt.into()))),
        ("created", Value::Time(Some(notification.created))),
        ("notBefore", Value::Time(notification.not_before)),
    ]
}

pub fn notification_to_js(notification: &Notification) -> JsValue {
    object(&notification_members(notification))
}

pub fn notification_from_js(value: &JsValue) -> Result<Notification> {
    let mut notification = Notification::default();
    let (mut kind, mut reason, mut attempt) = (None, String::new(), None);
    let members = &mut [
        ("id", Slot::RequiredText(&mut notification.id)),
        ("kind", Slot::Text(&mut kind)),
        ("clientId", Slot::RequiredText(&mut notification.client_id)),
        ("logoutUri", Slot::Text(&mut notification.logout_uri)),
        ("subjectId", Slot::Text(&mut notification.subject_id)),
        ("sessionId", Slot::Text(&mut notification.session_id)),
        ("issuer", Slot::Text(&mut notification.issuer)),
        ("reason", Slot::RequiredText(&mut reason)),
        ("attempt", Slot::Number(&mut attempt)),
        ("created", Slot::RequiredTime(&mut notification.created)),
        ("notBefore", Slot::Time(&mut notification.not_before)),
    ];
    let what = "the notification";
    read_open(value, what, members)?;
    notification.kind = match kind.as_deref() {
        None | Some("logout") => NotificationKind::Logout,
        Some("session_revoked") => NotificationKind::SessionRevoked,
        _ => return Err(wrong(what, "kind", "`logout` or `session_revoked`")),
    };
    notification.reason = LogoutReason::parse(&reason).ok_or_else(|| {
        wrong(what, "reason", "`terminated`, `session_expiration` or `user_logout`")
    })?;
    notification.attempt = attempt.unwrap_or_default() as u32;
    Ok(notification)
}

pub fn settlement_to_js(settlement: &Settlement) -> JsValue {
    let (state, next_attempt, error, status) = match settlement {
        Settlement::Delivered { status } => (Value::Text("delivered"), None, Value::Absent, status),
        Settlement::Failed { error, status } => {
            (Value::Text("failed"), None, Value::Text(error), status)
        }
        Settlement::Retry { next_attempt, error, status } => {
            (Value::Absent, Some(*next_attempt), Value::Text(error), status)
        }
    };
    object(&[
        ("state", state),
        ("nextAttempt", Value::Time(next_attempt)),
        ("error", error),
        ("status", Value::Number(status.map(f64::from))),
    ])
}

pub fn settlement_from_js(value: &JsValue) -> Result<Settlement> {
    let what = "the result";
    let (mut state, mut next_attempt, mut error, mut status) = (None, None, None, None);
    let members = &mut [
        ("state", Slot::Text(&mut state)),
        ("nextAttempt", Slot::Time(&mut next_attempt)),
        ("error", Slot::Text(&mut error)),
        ("status", Slot::Number(&mut status)),
    ];
    read(value, what, members)?;
    let (error, status) = (error.unwrap_or_default(), status.map(|status| status as u16));
    match (state.as_deref(), next_attempt) {
        (Some("delivered"), None) => Ok(Settlement::Delivered { status }),
        (Some("failed"), None) => Ok(Settlement::Failed { error, status }),
        (None, Some(next_attempt)) => Ok(Settlement::Retry { next_attempt, error, status }),
        _ => Err(wrong(what, "state", "`delivered` or `failed`, or else `nextAttempt` a time")),
    }
}

pub fn delivery_to_js(delivery: &Delivery) -> JsValue {
    object(&[
        ("id", Value::Text(&delivery.id)),
        ("kind", kind_to_js(delivery.kind)),
        ("clientId", Value::Text(&delivery.client_id)),
        ("state", Value::Text(delivery.state.as_str())),
        ("attempts", Value::Number(Some(delivery.attempts.into()))),
        ("subjectId", Value::MaybeText(&delivery.subject_id)),
        ("sessionId", Value::MaybeText(&delivery.session_id)),
        ("status", Value::Number(delivery.status.map(f64::from))),
        ("error", Value::MaybeText(&delivery.error)),
        ("nextAttempt", Value::Date(delivery.next_attempt)),
    ])
}
