//! Events for the host's audit log and metrics. No event contains a session key.

use serde::{Deserialize, Serialize};

use crate::error::Code;
use crate::host_value::{date, optional_date};
use crate::notification::{LogoutReason, NotificationKind};
use crate::time::{Millis, Timestamp};

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Event {
    /// A sign-in was stored.
    SessionCreated {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The subject that signed in.
        subject_id: String,
        /// The session.
        session_id: String,
        /// The issuer that the session began under.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
    },
    /// A session was renewed on the sign-in path.
    SessionRenewed {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The subject of the session.
        subject_id: String,
        /// The session.
        session_id: String,
        /// The issuer that the session began under.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
    },
    /// A session was ended.
    SessionRemoved {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The subject of the session.
        subject_id: String,
        /// The session.
        session_id: String,
        /// The issuer that the session began under.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
        /// The reason that clients are given.
        logout_reason: LogoutReason,
        /// The reason that the caller gave.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The person or program that ended it, as named by the caller.
        #[serde(skip_serializing_if = "Option::is_none")]
        actor: Option<String>,
    },
    /// A session was ended after it had expired.
    SessionExpired {
        /// When it was ended.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The subject of the session.
        subject_id: String,
        /// The session.
        session_id: String,
        /// The issuer that the session began under.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
    },
    /// An expiry pass or a purge couldn't end a session and continued with the others.
    SessionRemovalFailed {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The subject of the session.
        subject_id: String,
        /// The session.
        session_id: String,
        /// The issuer that the session began under.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
        /// The code of the error.
        code: Code,
        /// Its message.
        error: String,
    },
    /// A listing contains a session that couldn't be read completely. It is listed without the
    /// unreadable fields, or left out if its ids or times are among them.
    SessionUnreadable {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The subject of the session; empty if unreadable.
        subject_id: String,
        /// The session; empty if unreadable.
        session_id: String,
        /// The issuer that the session began under.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
        /// The code of the error.
        code: Code,
        /// Its message.
        error: String,
    },
    /// A client's registration couldn't be read. Its sessions end anyway. It is notified if its
    /// registration can be read at delivery. Its tokens are kept if only coordination would end
    /// them.
    ClientUnreadable {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The client; only the first one if the whole registry is down.
        client_id: String,
        /// The code of the error.
        code: Code,
        /// Its message.
        error: String,
    },
    /// A store failed to remove entries that are no longer needed. The next pass tries again.
    PruningFailed {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The store's name in the host's options: `outbox`, `grants` or `sessions`.
        store: &'static str,
        /// The code of the error.
        code: Code,
        /// Its message.
        error: String,
    },
    /// A sign-in was refused because the subject has reached its session limit.
    SessionDenied {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The subject that tried to sign in.
        subject_id: String,
        /// The issuer of the sign-in.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
    },
    /// An admin API refused a request and changed nothing.
    AdminDenied {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The person or program that sent it, if known.
        #[serde(skip_serializing_if = "Option::is_none")]
        actor: Option<String>,
        /// The permission that the route requires, if any.
        #[serde(skip_serializing_if = "Option::is_none")]
        permission: Option<Permission>,
        /// The route, without request parameters.
        route: String,
    },
    /// A ticket couldn't be opened.
    TicketUnreadable {
        /// When.
        #[serde(serialize_with = "date")]
        at: Timestamp,
        /// The subject of the session.
        subject_id: String,
        /// The session.
        session_id: String,
        /// The issuer that the session began under.
        #[serde(skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
    },
    /// A client accepted a notification.
    NotificationDelivered(DeliveryAttempt),
    /// An attempt failed; another will be made.
    NotificationFailed(DeliveryAttempt),
    /// The last attempt failed.
    NotificationGivenUp(DeliveryAttempt),
}

/// A permission of an actor in an admin API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Lists sessions and deliveries.
    Read,
    /// Ends one session or all sessions of a subject.
    Remove,
    /// Ends all sessions that match a filter.
    Purge,
}

/// One attempt to notify a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAttempt {
    /// When it ended.
    #[serde(serialize_with = "date")]
    pub at: Timestamp,
    /// The id of the notification.
    pub id: String,
    /// The kind of token that was sent.
    pub kind: NotificationKind,
    /// The client.
    pub client_id: String,
    /// The subject of the sessions that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The `sid` in the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The issuer of the notification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Attempts so far, including this one.
    pub attempts: u32,
    /// How long this attempt took, in milliseconds.
    pub duration: Millis,
    /// The HTTP status of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When the next attempt is due.
    #[serde(serialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
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
}
