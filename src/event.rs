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
mod tests;
