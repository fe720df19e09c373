use serde_json::{Value, json};

use super::*;

const AT: Timestamp = Timestamp::from_millis(1_750_000_000_000);

#[track_caller]
fn check(event: Event, expected: Value) {
    assert_eq!(serde_json::to_value(&event).unwrap(), expected);
}

fn subject_id() -> String {
    "alice".into()
}

fn session_id() -> String {
    "s1".into()
}

fn issuer() -> Option<String> {
    Some("https://op.example".into())
}

#[test]
fn the_events_of_the_sign_in_path_as_json() {
    check(
        Event::SessionCreated {
            at: AT,
            subject_id: subject_id(),
            session_id: session_id(),
            issuer: issuer(),
        },
        json!({
            "type": "session_created",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "sessionId": "s1",
            "issuer": "https://op.example",
        }),
    );
    check(
        Event::SessionRenewed {
            at: AT,
            subject_id: subject_id(),
            session_id: session_id(),
            issuer: issuer(),
        },
        json!({
            "type": "session_renewed",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "sessionId": "s1",
            "issuer": "https://op.example",
        }),
    );
    check(
        Event::SessionDenied { at: AT, subject_id: subject_id(), issuer: issuer() },
        json!({
            "type": "session_denied",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "issuer": "https://op.example",
        }),
    );
    check(
        Event::TicketUnreadable {
            at: AT,
            subject_id: subject_id(),
            session_id: session_id(),
            issuer: issuer(),
        },
        json!({
            "type": "ticket_unreadable",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "sessionId": "s1",
            "issuer": "https://op.example",
        }),
    );
}

#[test]
fn a_removal_as_json() {
    let removed = |reason: Option<&str>, actor: Option<&str>| Event::SessionRemoved {
        at: AT,
        subject_id: subject_id(),
        session_id: session_id(),
        issuer: issuer(),
        logout_reason: LogoutReason::UserLogout,
        reason: reason.map(str::to_owned),
        actor: actor.map(str::to_owned),
    };
    check(
        removed(Some("lost laptop"), Some("carol")),
        json!({
            "type": "session_removed",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "sessionId": "s1",
            "issuer": "https://op.example",
            "logoutReason": "user_logout",
            "reason": "lost laptop",
            "actor": "carol",
        }),
    );
    check(
        removed(None, None),
        json!({
            "type": "session_removed",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "sessionId": "s1",
            "issuer": "https://op.example",
            "logoutReason": "user_logout",
        }),
    );
}

#[test]
fn the_events_of_an_expiry_pass_as_json() {
    check(
        Event::SessionExpired {
            at: AT,
            subject_id: subject_id(),
            session_id: session_id(),
            issuer: issuer(),
        },
        json!({
            "type": "session_expired",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "sessionId": "s1",
            "issuer": "https://op.example",
        }),
    );
    check(
        Event::SessionRemovalFailed {
            at: AT,
            subject_id: subject_id(),
            session_id: session_id(),
            issuer: issuer(),
            code: Code::StoreFailed,
            error: "the store is down".into(),
        },
        json!({
            "type": "session_removal_failed",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "sessionId": "s1",
            "issuer": "https://op.example",
            "code": "store_failed",
            "error": "the store is down",
        }),
    );
}

#[test]
fn an_unreadable_session_as_json() {
    check(
        Event::SessionUnreadable {
            at: AT,
            subject_id: subject_id(),
            session_id: String::new(),
            issuer: None,
            code: Code::StoreFailed,
            error: "the row is damaged".into(),
        },
        json!({
            "type": "session_unreadable",
            "at": 1_750_000_000_000_i64,
            "subjectId": "alice",
            "sessionId": "",
            "code": "store_failed",
            "error": "the row is damaged",
        }),
    );
}

#[test]
fn a_denied_request_as_json() {
    let denied = |actor: Option<&str>, permission| Event::AdminDenied {
        at: AT,
        actor: actor.map(str::to_owned),
        permission,
        route: "POST /v1/sessions/purge".into(),
    };
    check(
        denied(Some("carol"), Some(Permission::Purge)),
        json!({
            "type": "admin_denied",
            "at": 1_750_000_000_000_i64,
            "actor": "carol",
            "permission": "purge",
            "route": "POST /v1/sessions/purge",
        }),
    );
    check(
        denied(None, None),
        json!({
            "type": "admin_denied",
            "at": 1_750_000_000_000_i64,
            "route": "POST /v1/sessions/purge",
        }),
    );
}

#[test]
fn an_unreadable_client_as_json() {
    check(
        Event::ClientUnreadable {
            at: AT,
            client_id: "web".into(),
            code: Code::SenderFailed,
            error: "the registry is down".into(),
        },
        json!({
            "type": "client_unreadable",
            "at": 1_750_000_000_000_i64,
            "clientId": "web",
            "code": "sender_failed",
            "error": "the registry is down",
        }),
    );
}

#[test]
fn a_store_that_failed_to_prune_as_json() {
    check(
        Event::PruningFailed {
            at: AT,
            store: "outbox",
            code: Code::StoreFailed,
            error: "the store is down".into(),
        },
        json!({
            "type": "pruning_failed",
            "at": 1_750_000_000_000_i64,
            "store": "outbox",
            "code": "store_failed",
            "error": "the store is down",
        }),
    );
}

/// An attempt without its optional members.
fn attempt() -> DeliveryAttempt {
    DeliveryAttempt {
        at: AT,
        id: "n1".into(),
        kind: NotificationKind::Logout,
        client_id: "web".into(),
        subject_id: None,
        session_id: None,
        issuer: None,
        attempts: 3,
        duration: 40,
        status: None,
        error: None,
        next_attempt: None,
    }
}

#[test]
fn a_delivery_as_json() {
    check(
        Event::NotificationDelivered(attempt()),
        json!({
            "type": "notification_delivered",
            "at": 1_750_000_000_000_i64,
            "id": "n1",
            "kind": "logout",
            "clientId": "web",
            "attempts": 3,
            "duration": 40,
        }),
    );
    check(
        Event::NotificationDelivered(DeliveryAttempt {
            kind: NotificationKind::SessionRevoked,
            subject_id: Some(subject_id()),
            session_id: Some(session_id()),
            issuer: issuer(),
            status: Some(202),
            ..attempt()
        }),
        json!({
            "type": "notification_delivered",
            "at": 1_750_000_000_000_i64,
            "id": "n1",
            "kind": "session_revoked",
            "clientId": "web",
            "subjectId": "alice",
            "sessionId": "s1",
            "issuer": "https://op.example",
            "attempts": 3,
            "duration": 40,
            "status": 202,
        }),
    );
}

#[test]
fn a_failed_delivery_as_json() {
    let refused =
        DeliveryAttempt { status: Some(503), error: Some("HTTP 503".into()), ..attempt() };
    check(
        Event::NotificationFailed(DeliveryAttempt {
            next_attempt: Some(AT.plus(10_000)),
            ..refused.clone()
        }),
        json!({
            "type": "notification_failed",
            "at": 1_750_000_000_000_i64,
            "id": "n1",
            "kind": "logout",
            "clientId": "web",
            "attempts": 3,
            "duration": 40,
            "status": 503,
            "error": "HTTP 503",
            "nextAttempt": 1_750_000_010_000_i64,
        }),
    );
    check(
        Event::NotificationGivenUp(refused),
        json!({
            "type": "notification_given_up",
            "at": 1_750_000_000_000_i64,
            "id": "n1",
            "kind": "logout",
            "clientId": "web",
            "attempts": 3,
            "duration": 40,
            "status": 503,
            "error": "HTTP 503",
        }),
    );
}
