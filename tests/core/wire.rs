//! The JSON of values that cross ports and of callers' requests.

use std::fmt::Debug;

use crate::common::{at, client_session};
use rollcall::filter::{Filter, Search, TextMatch, TimeRange};
use rollcall::grant::{Grant, GrantFilter};
use rollcall::notification::{
    LogoutReason, Notification, NotificationKind, OutboxFilter, Settlement,
};
use rollcall::query::{Count, IssuerFilter, QueryOrder, SessionQuery, State, TextFilter};
use rollcall::removal::RemovalRequest;
use rollcall::session::{Attributes, ClientSession, Session, SessionChange};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, json, to_value};

/// Checks that a value serializes to this JSON and the JSON deserializes to the value.
#[track_caller]
fn round_trip<T>(value: T, json: Value)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    assert_eq!(to_value(&value).unwrap(), json);
    reads(json, value);
}

/// Checks that JSON deserializes to this value.
#[track_caller]
fn reads<T: DeserializeOwned + PartialEq + Debug>(json: Value, value: T) {
    assert_eq!(from_value::<T>(json.clone()).unwrap(), value, "{json}");
}

/// Checks that JSON doesn't deserialize to a `T`.
#[track_caller]
fn refuses<T: DeserializeOwned + Debug>(json: Value) {
    let read = from_value::<T>(json.clone());
    assert!(read.is_err(), "{json} was read as {read:?}");
}

fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    Attributes(pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect())
}

// ---------------------------------------------------------------------------------------- sessions

#[test]
fn a_session() {
    let session = Session {
        key: "k1".into(),
        scheme: "default".into(),
        subject_id: "alice".into(),
        session_id: "s1".into(),
        display_name: Some("Älice".into()),
        display_name_folded: Some("älice".into()),
        issuer: Some("https://op.example".into()),
        created: at(1),
        renewed: at(2),
        expires: Some(at(3)),
        clients: vec![client_session("web"), client_session("app=its sid")],
        ip_address: Some("192.0.2.1".into()),
        user_agent: Some("browser".into()),
        attributes: Some(attributes(&[("device", "phone")])),
        ticket: Some("1.k1.sealed".into()),
    };
    let json = json!({
        "key": "k1",
        "scheme": "default",
        "subjectId": "alice",
        "sessionId": "s1",
        "displayName": "Älice",
        "displayNameFolded": "älice",
        "issuer": "https://op.example",
        "created": 1,
        "renewed": 2,
        "expires": 3,
        "clients": [{ "clientId": "web" }, { "clientId": "app", "sessionId": "its sid" }],
        "ipAddress": "192.0.2.1",
        "userAgent": "browser",
        "attributes": { "device": "phone" },
        "ticket": "1.k1.sealed",
    });
    round_trip(session, json);
}

#[test]
fn a_session_with_as_little_as_possible() {
    let session = || Session {
        key: "k1".into(),
        scheme: "default".into(),
        subject_id: "alice".into(),
        session_id: "s1".into(),
        created: at(1),
        renewed: at(2),
        ..Session::default()
    };
    let mut json = json!({
        "key": "k1",
        "scheme": "default",
        "subjectId": "alice",
        "sessionId": "s1",
        "created": 1,
        "renewed": 2,
        "clients": [],
    });
    round_trip(session(), json.clone());
    for clients in [Value::Null, json!([])] {
        json["clients"] = clients;
        reads(json.clone(), session());
    }
    for required in ["key", "scheme", "subjectId", "sessionId", "created", "renewed"] {
        let mut json = json.clone();
        json.as_object_mut().unwrap().remove(required);
        refuses::<Session>(json);
    }
}

#[test]
fn attributes_keep_their_order() {
    let json = r#"{"zone":"eu","device":"phone","__proto__":"x","1":"one","":"empty"}"#;
    let attributes = attributes(&[
        ("zone", "eu"),
        ("device", "phone"),
        ("__proto__", "x"),
        ("1", "one"),
        ("", "empty"),
    ]);
    assert_eq!(serde_json::to_string(&attributes).unwrap(), json);
    assert_eq!(serde_json::from_str::<Attributes>(json).unwrap(), attributes);
    for json in [json!({ "device": 1 }), json!({ "device": null }), json!([]), json!("device")] {
        refuses::<Attributes>(json);
    }
}

#[test]
fn a_client_is_an_id_or_an_object() {
    reads(json!("web"), client_session("web"));
    round_trip(client_session("web"), json!({ "clientId": "web" }));
    round_trip(client_session("web=own"), json!({ "clientId": "web", "sessionId": "own" }));
    reads(json!({ "clientId": "web", "sessionId": null }), client_session("web"));
    reads(json!(["web", { "clientId": "app" }]), ["web", "app"].map(client_session).to_vec());
    for json in [
        json!({}),
        json!({ "sessionId": "own" }),
        json!({ "clientId": "web", "client_id": "web" }),
        json!({ "clientId": 1 }),
        json!(1),
        json!(null),
    ] {
        refuses::<ClientSession>(json);
    }
}

#[test]
fn a_change_keeps_absent_members() {
    round_trip(SessionChange::default(), json!({}));
}

#[test]
fn a_change_clears_null_members() {
    let change = SessionChange {
        display_name: Some(None),
        display_name_folded: Some(None),
        issuer: Some(None),
        expires: Some(None),
        ip_address: Some(None),
        user_agent: Some(None),
        attributes: Some(None),
        ticket: Some(None),
        ..SessionChange::default()
    };
    let json = json!({
        "displayName": null,
        "displayNameFolded": null,
        "issuer": null,
        "expires": null,
        "ipAddress": null,
        "userAgent": null,
        "attributes": null,
        "ticket": null,
    });
    round_trip(change, json);
}

#[test]
fn a_change_of_every_member() {
    let change = SessionChange {
        key: Some("k2".into()),
        scheme: Some("other".into()),
        subject_id: Some("bob".into()),
        session_id: Some("s2".into()),
        display_name: Some(Some("Bob".into())),
        display_name_folded: Some(Some("bob".into())),
        issuer: Some(Some("https://op.example".into())),
        renewed: Some(at(2)),
        expires: Some(Some(at(3))),
        ip_address: Some(Some("192.0.2.1".into())),
        user_agent: Some(Some("browser".into())),
        attributes: Some(Some(attributes(&[("device", "phone")]))),
        ticket: Some(Some("1.k1.sealed".into())),
    };
    let json = json!({
        "key": "k2",
        "scheme": "other",
        "subjectId": "bob",
        "sessionId": "s2",
        "displayName": "Bob",
        "displayNameFolded": "bob",
        "issuer": "https://op.example",
        "renewed": 2,
        "expires": 3,
        "ipAddress": "192.0.2.1",
        "userAgent": "browser",
        "attributes": { "device": "phone" },
        "ticket": "1.k1.sealed",
    });
    round_trip(change, json);
}

// ----------------------------------------------------------------------------------------- filters

#[test]
fn a_filter_of_every_member() {
    let range = |after, before| TimeRange { after: Some(at(after)), before: Some(at(before)) };
    let filter = Filter {
        subject_id: Some(TextMatch::Equals("alice".into())),
        session_id: Some(TextMatch::StartsWith("s".into())),
        display_name: Some(TextMatch::Contains("lic".into())),
        search: Some(Search { id: "Alice".into(), name: "alice".into() }),
        client_id: Some("web".into()),
        issuer: Some("https://op.example".into()),
        issuers: Some(vec!["a".into(), "b".into()]),
        ip_address: Some("192.0.2.1".into()),
        created: range(1, 2),
        renewed: range(3, 4),
        expires: range(5, 6),
        active_at: Some(at(7)),
        expired_at: Some(at(8)),
    };
    let json = json!({
        "subjectId": { "equals": "alice" },
        "sessionId": { "startsWith": "s" },
        "displayName": { "contains": "lic" },
        "search": { "id": "Alice", "name": "alice" },
        "clientId": "web",
        "issuer": "https://op.example",
        "issuers": ["a", "b"],
        "ipAddress": "192.0.2.1",
        "created": { "after": 1, "before": 2 },
        "renewed": { "after": 3, "before": 4 },
        "expires": { "after": 5, "before": 6 },
        "activeAt": 7,
        "expiredAt": 8,
    });
    round_trip(filter, json);
}

#[test]
fn a_filter_leaves_out_absent_members() {
    round_trip(Filter::default(), json!({}));
    let nothing = json!({
        "subjectId": null,
        "sessionId": null,
        "displayName": null,
        "search": null,
        "clientId": null,
        "issuer": null,
        "issuers": null,
        "ipAddress": null,
        "created": null,
        "renewed": {},
        "expires": { "after": null, "before": null },
        "activeAt": null,
        "expiredAt": null,
    });
    reads(nothing, Filter::default());
    let from = TimeRange { after: Some(at(1)), before: None };
    round_trip(Filter { created: from, ..Filter::default() }, json!({ "created": { "after": 1 } }));
}

#[test]
fn a_malformed_filter_is_an_error() {
    for json in [
        json!({ "subject_id": { "equals": "alice" } }),
        json!({ "subjectId": {} }),
        json!({ "subjectId": { "equals": "alice", "contains": "alice" } }),
        json!({ "subjectId": { "endsWith": "alice" } }),
        json!({ "subjectId": "alice" }),
        json!({ "search": { "id": "alice" } }),
        json!({ "search": { "id": "alice", "name": "alice", "client": "web" } }),
        json!({ "created": { "from": 1 } }),
        json!({ "state": "active" }),
    ] {
        refuses::<Filter>(json);
    }
}

// ----------------------------------------------------------------------------------- notifications

#[test]
fn a_notification() {
    let notification = Notification {
        id: "n1".into(),
        kind: NotificationKind::SessionRevoked,
        client_id: "web".into(),
        logout_uri: Some("https://web.example/events".into()),
        subject_id: Some("alice".into()),
        session_id: Some("s1".into()),
        issuer: Some("https://op.example".into()),
        reason: LogoutReason::SessionExpiration,
        attempt: 2,
        created: at(1),
        not_before: Some(at(2)),
    };
    let json = json!({
        "id": "n1",
        "kind": "session_revoked",
        "clientId": "web",
        "logoutUri": "https://web.example/events",
        "subjectId": "alice",
        "sessionId": "s1",
        "issuer": "https://op.example",
        "reason": "session_expiration",
        "attempt": 2,
        "created": 1,
        "notBefore": 2,
    });
    round_trip(notification, json);
}

#[test]
fn a_notification_with_a_logout_token_leaves_out_its_kind() {
    let notification = || Notification {
        id: "n1".into(),
        kind: NotificationKind::Logout,
        client_id: "web".into(),
        reason: LogoutReason::UserLogout,
        attempt: 0,
        created: at(1),
        ..Notification::default()
    };
    let mut json = json!({
        "id": "n1",
        "clientId": "web",
        "reason": "user_logout",
        "attempt": 0,
        "created": 1,
    });
    round_trip(notification(), json.clone());
    json.as_object_mut().unwrap().remove("attempt");
    for kind in [json!(null), json!("logout")] {
        json["kind"] = kind;
        reads(json.clone(), notification());
    }
    for (member, wrong) in [
        ("kind", json!("event")),
        ("reason", json!("because")),
        ("reason", json!(null)),
        ("attempt", json!(-1)),
    ] {
        let mut json = json.clone();
        json[member] = wrong;
        refuses::<Notification>(json);
    }
}

#[test]
fn a_settlement_in_each_state() {
    round_trip(Settlement::Delivered { status: None }, json!({ "state": "delivered" }));
    round_trip(
        Settlement::Delivered { status: Some(200) },
        json!({ "state": "delivered", "status": 200 }),
    );
    round_trip(
        Settlement::Failed { error: "HTTP 400".into(), status: Some(400) },
        json!({ "state": "failed", "error": "HTTP 400", "status": 400 }),
    );
    round_trip(
        Settlement::Failed { error: "timed out".into(), status: None },
        json!({ "state": "failed", "error": "timed out" }),
    );
    round_trip(
        Settlement::Pending { next_attempt: at(5), error: "HTTP 503".into(), status: Some(503) },
        json!({ "state": "pending", "nextAttempt": 5, "error": "HTTP 503", "status": 503 }),
    );
    round_trip(
        Settlement::Pending { next_attempt: at(5), error: "timed out".into(), status: None },
        json!({ "state": "pending", "nextAttempt": 5, "error": "timed out" }),
    );
    reads(
        json!({ "state": "delivered", "nextAttempt": null, "error": null, "status": null }),
        Settlement::Delivered { status: None },
    );
}

#[test]
fn other_combinations_of_members_are_no_settlement() {
    for json in [
        json!({}),
        json!({ "status": 200 }),
        json!({ "state": "delivered", "error": "HTTP 503" }),
        json!({ "state": "delivered", "nextAttempt": 5 }),
        json!({ "state": "failed" }),
        json!({ "state": "failed", "nextAttempt": 5, "error": "HTTP 503" }),
        json!({ "state": "pending" }),
        json!({ "state": "pending", "nextAttempt": 5 }),
        json!({ "state": "pending", "error": "HTTP 503" }),
        json!({ "nextAttempt": 5, "error": "HTTP 503" }),
        json!({ "state": "skipped", "error": "HTTP 503" }),
        json!({ "state": "retry", "nextAttempt": 5, "error": "HTTP 503" }),
        json!({ "state": "delivered", "status": -1 }),
        json!({ "state": "delivered", "next_attempt": 5 }),
    ] {
        refuses::<Settlement>(json);
    }
}

#[test]
fn a_filter_of_the_outbox() {
    round_trip(OutboxFilter::default(), json!({}));
    round_trip(
        OutboxFilter {
            id: Some("n1".into()),
            issuers: Some(vec!["https://op.example".into()]),
            ..OutboxFilter::default()
        },
        json!({ "id": "n1", "issuers": ["https://op.example"] }),
    );
}

// ------------------------------------------------------------------------------------------ grants

#[test]
fn a_grant() {
    let grant = Grant {
        key: "g1".into(),
        grant_type: "refresh_token".into(),
        subject_id: Some("alice".into()),
        session_id: Some("s1".into()),
        client_id: "web".into(),
        created: at(1),
        expires: Some(at(2)),
        consumed: Some(at(3)),
        description: Some("my phone".into()),
        data: "opaque".into(),
    };
    let json = json!({
        "key": "g1",
        "type": "refresh_token",
        "subjectId": "alice",
        "sessionId": "s1",
        "clientId": "web",
        "created": 1,
        "expires": 2,
        "consumed": 3,
        "description": "my phone",
        "data": "opaque",
    });
    round_trip(grant, json);
}

#[test]
fn a_grant_with_as_little_as_possible() {
    let grant = Grant {
        key: "g1".into(),
        grant_type: "custom".into(),
        client_id: "web".into(),
        created: at(1),
        data: "".into(),
        ..Grant::default()
    };
    let json = json!({
        "key": "g1",
        "type": "custom",
        "clientId": "web",
        "created": 1,
        "data": "",
    });
    round_trip(grant, json.clone());
    for required in ["key", "type", "clientId", "created", "data"] {
        let mut json = json.clone();
        json.as_object_mut().unwrap().remove(required);
        refuses::<Grant>(json);
    }
}

#[test]
fn a_grant_filter() {
    let filter = GrantFilter {
        subject_id: Some("alice".into()),
        session_id: Some("s1".into()),
        client_ids: vec!["web".into(), "app".into()],
        types: vec!["refresh_token".into()],
    };
    let json = json!({
        "subjectId": "alice",
        "sessionId": "s1",
        "clientIds": ["web", "app"],
        "types": ["refresh_token"],
    });
    round_trip(filter, json);
    round_trip(GrantFilter::default(), json!({}));
    reads(
        json!({ "subjectId": null, "sessionId": null, "clientIds": null, "types": null }),
        GrantFilter::default(),
    );
    reads(json!({ "clientIds": [], "types": [] }), GrantFilter::default());
    for json in [
        json!({ "clientId": "web" }),
        json!({ "client_ids": ["web"] }),
        json!({ "clientIds": "web" }),
        json!({ "types": [null] }),
    ] {
        refuses::<GrantFilter>(json);
    }
}

// ---------------------------------------------------------------------------------------- requests

#[test]
fn a_removal_request() {
    let json = json!({
        "subjectId": "alice",
        "sessionId": "s1",
        "issuer": "https://id.example",
        "clientIds": ["web"],
        "exceptSessionIds": ["s2"],
        "removeServerSideSession": true,
        "sendBackchannelLogoutNotification": false,
        "revokeTokens": true,
        "revokeConsents": false,
        "dryRun": true,
        "reason": "lost laptop",
        "actor": "carol",
    });
    let request = RemovalRequest {
        subject_id: Some("alice".into()),
        session_id: Some("s1".into()),
        issuer: Some("https://id.example".to_owned().into()),
        sessions: None,
        client_ids: Some(vec!["web".into()]),
        except_session_ids: vec!["s2".into()],
        remove_server_side_session: Some(true),
        send_backchannel_logout_notification: Some(false),
        revoke_tokens: Some(true),
        revoke_consents: Some(false),
        dry_run: true,
        reason: Some("lost laptop".into()),
        actor: Some("carol".into()),
    };
    reads(json, request);
}

#[test]
fn null_counts_as_absent_in_a_removal_request() {
    reads(json!({}), RemovalRequest::default());
    let nothing = json!({
        "subjectId": null,
        "sessionId": null,
        "issuer": null,
        "clientIds": null,
        "exceptSessionIds": null,
        "removeServerSideSession": null,
        "sendBackchannelLogoutNotification": null,
        "revokeTokens": null,
        "revokeConsents": null,
        "dryRun": null,
        "reason": null,
        "actor": null,
    });
    reads(nothing, RemovalRequest::default());
    // An empty list isn't absent: the removal rejects it.
    let request = RemovalRequest { client_ids: Some(Vec::new()), ..RemovalRequest::default() };
    reads(json!({ "clientIds": [] }), request);
}

#[test]
fn an_unknown_member_of_a_removal_request_is_an_error() {
    for json in [
        json!({ "subjectId": "alice", "subject": "alice" }),
        json!({ "subject_id": "alice" }),
        json!({ "dryRun": 1 }),
        json!({ "revokeTokens": "yes" }),
        json!({ "clientIds": "web" }),
    ] {
        refuses::<RemovalRequest>(json);
    }
}

#[test]
fn a_caller_sets_neither_the_key_nor_the_logout_reason_of_a_removal() {
    for member in ["onlyKey", "only_key", "logoutReason", "logout_reason"] {
        for value in [json!("user_logout"), json!(null)] {
            refuses::<RemovalRequest>(json!({ "subjectId": "alice", member: value }));
        }
    }
}

#[test]
fn a_session_query() {
    let json = json!({
        "subjectId": "alice",
        "sessionId": { "startsWith": "s" },
        "displayName": { "contains": "Lic" },
        "search": "alice",
        "clientId": "web",
        "issuer": "https://op.example",
        "ipAddress": "192.0.2.1",
        "created": { "after": 1, "before": 2 },
        "renewed": { "after": 3 },
        "expires": { "before": 6 },
        "state": "active",
        "order": "oldest",
        "count": "capped",
        "countRequested": 50,
        "resultsToken": "token",
        "requestPriorResults": true,
        "includeTicket": true,
    });
    let query = SessionQuery {
        subject_id: Some(TextFilter::Plain("alice".into())),
        session_id: Some(TextFilter::Explicit(TextMatch::StartsWith("s".into()))),
        display_name: Some(TextFilter::Explicit(TextMatch::Contains("Lic".into()))),
        search: Some("alice".into()),
        client_id: Some("web".into()),
        issuer: Some(IssuerFilter::Equals("https://op.example".into())),
        ip_address: Some("192.0.2.1".into()),
        created: TimeRange { after: Some(at(1)), before: Some(at(2)) },
        renewed: TimeRange { after: Some(at(3)), before: None },
        expires: TimeRange { after: None, before: Some(at(6)) },
        state: State::Active,
        order: QueryOrder::Oldest,
        count: Some(Count::Capped),
        count_requested: Some(50.0),
        results_token: Some("token".into()),
        request_prior_results: true,
        include_ticket: true,
    };
    reads(json, query);
}

#[test]
fn the_issuer_of_a_session_query_is_a_string_or_a_list() {
    let of = |issuer| SessionQuery { issuer, ..SessionQuery::default() };
    let list = IssuerFilter::OneOf(vec!["a".into(), "b".into()]);
    reads(json!({ "issuer": ["a", "b"] }), of(Some(list)));
    reads(json!({ "issuer": [] }), of(Some(IssuerFilter::OneOf(vec![]))));
    reads(json!({ "issuer": null }), of(None));
    for json in [json!({ "issuer": { "equals": "a" } }), json!({ "issuer": ["a", 1] })] {
        refuses::<SessionQuery>(json);
    }
}

#[test]
fn the_enums_of_a_session_query() {
    for (word, state) in
        [("active", State::Active), ("expired", State::Expired), ("any", State::Any)]
    {
        reads(json!({ "state": word }), SessionQuery { state, ..SessionQuery::default() });
    }
    for (word, order) in [("newest", QueryOrder::Newest), ("oldest", QueryOrder::Oldest)] {
        reads(json!({ "order": word }), SessionQuery { order, ..SessionQuery::default() });
    }
    for (word, count) in [("exact", Count::Exact), ("capped", Count::Capped), ("none", Count::None)]
    {
        let query = SessionQuery { count: Some(count), ..SessionQuery::default() };
        reads(json!({ "count": word }), query);
    }
}

#[test]
fn null_counts_as_absent_in_a_session_query() {
    reads(json!({}), SessionQuery::default());
    let nothing = json!({
        "subjectId": null,
        "sessionId": null,
        "displayName": null,
        "search": null,
        "clientId": null,
        "issuer": null,
        "ipAddress": null,
        "created": null,
        "renewed": null,
        "expires": null,
        "state": null,
        "order": null,
        "count": null,
        "countRequested": null,
        "resultsToken": null,
        "requestPriorResults": null,
        "includeTicket": null,
    });
    reads(nothing, SessionQuery::default());
}

#[test]
fn an_unknown_member_or_value_of_a_session_query_is_an_error() {
    for json in [
        json!({ "subject": "alice" }),
        json!({ "subject_id": "alice" }),
        json!({ "subjectId": { "equals": "alice", "contains": "alice" } }),
        json!({ "subjectId": {} }),
        json!({ "subjectId": 1 }),
        json!({ "created": { "from": 1 } }),
        json!({ "state": "ended" }),
        // Only stores list in this order.
        json!({ "order": "expiry" }),
        json!({ "count": 10 }),
        json!({ "countRequested": "50" }),
        json!({ "requestPriorResults": 1 }),
        json!({ "includeTicket": "yes" }),
    ] {
        refuses::<SessionQuery>(json);
    }
}
