//! Logout notifications and their delivery states.

use serde::{Deserialize, Serialize};

use crate::host_value::optional_date;
use crate::optional_members::or_default;
use crate::time::Timestamp;

/// Why a session ended. The notification carries it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogoutReason {
    /// An administrator or another session of the user ended it.
    #[default]
    Terminated,
    /// It expired.
    SessionExpiration,
    /// The user signed out.
    UserLogout,
}

/// The kind of token that a notification sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A logout token (OpenID Connect Back-Channel Logout 1.0).
    #[default]
    Logout,
    /// A Security Event Token (RFC 8417) with the event `session-revoked` (OpenID CAEP 1.0, section
    /// 3.1).
    SessionRevoked,
}

impl NotificationKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 2] = [NotificationKind::Logout, NotificationKind::SessionRevoked];

    /// Whether it is a logout token, the default kind.
    pub fn is_logout(&self) -> bool {
        *self == NotificationKind::Logout
    }
}

/// A notification that is due to one client, as an outbox stores it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct Notification {
    /// Unique. Repeating a removal gives the same ids.
    pub id: String,
    /// The kind of token to send.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "NotificationKind::is_logout"
    )]
    pub kind: NotificationKind,
    /// The client to notify.
    pub client_id: String,
    /// Its address when the notification was recorded; absent if the registration couldn't be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout_uri: Option<String>,
    /// The subject id of the host, before any pairwise mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The `sid` that the client knows; absent if all sessions of the subject ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The issuer at sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Why the session ended.
    pub reason: LogoutReason,
    /// Attempts made so far.
    #[serde(default, deserialize_with = "or_default")]
    pub attempt: u32,
    /// When it was recorded.
    pub created: Timestamp,
    /// Earliest claim time. Until then, the instance that recorded it makes the first attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

/// The delivery state of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The client accepted it.
    Delivered,
    /// Recorded; another attempt will be made.
    Pending,
    /// No further attempt will be made.
    Failed,
    /// Not sent: the client can't be notified.
    Skipped,
}

/// The delivery of one notification, for a report or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The notification's id.
    pub id: String,
    /// The kind of token that was sent.
    #[serde(skip_serializing_if = "NotificationKind::is_logout")]
    pub kind: NotificationKind,
    /// The client.
    pub client_id: String,
    /// The subject whose sessions ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The `sid` that the client was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The issuer under which these sessions began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Delivered, pending, failed or skipped.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: u32,
    /// The HTTP status of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the last attempt failed, or why the notification was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When the next attempt is due.
    #[serde(serialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<Timestamp>,
}

/// The outcome of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client accepted the notification.
    Delivered {
        /// The HTTP status.
        status: Option<u16>,
    },
    /// The client didn't accept the notification.
    Failed {
        /// Whether another attempt may succeed.
        retry: bool,
        /// The wait that the client asked for, in milliseconds.
        retry_after: Option<i64>,
        /// The HTTP status.
        status: Option<u16>,
        /// Why the attempt failed.
        error: String,
    },
}

/// The result of one attempt, as an outbox stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase", tag = "state")]
#[serde(try_from = "SettlementMembers")]
pub enum Settlement {
    /// The client accepted the notification.
    Delivered {
        /// The HTTP status.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// No further attempt will be made.
    Failed {
        /// Why the last attempt failed.
        error: String,
        /// The HTTP status.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// Another attempt will be made.
    Pending {
        /// When it is due.
        next_attempt: Timestamp,
        /// Why this attempt failed.
        error: String,
        /// The HTTP status.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
}

/// The members of a [`Settlement`] in any state. With an enum, serde would buffer the value to find
/// its tag.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SettlementMembers {
    state: DeliveryState,
    #[serde(default)]
    next_attempt: Option<Timestamp>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    status: Option<u16>,
}

impl TryFrom<SettlementMembers> for Settlement {
    type Error = &'static str;

    fn try_from(members: SettlementMembers) -> Result<Self, Self::Error> {
        let SettlementMembers { state, next_attempt, error, status } = members;
        match (state, next_attempt, error) {
            (DeliveryState::Delivered, None, None) => Ok(Settlement::Delivered { status }),
            (DeliveryState::Failed, None, Some(error)) => Ok(Settlement::Failed { error, status }),
            (DeliveryState::Pending, Some(next_attempt), Some(error)) => {
                Ok(Settlement::Pending { next_attempt, error, status })
            }
            _ => Err("`delivered`, `failed` with an `error`, or `pending` with an `error` and \
                      `nextAttempt`"),
        }
    }
}

/// Selects the outbox entries to prune: those settled before these instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettledBefore {
    /// The limit for delivered entries.
    pub delivered: Timestamp,
    /// The limit for failed entries.
    pub failed: Timestamp,
}

/// Selects outbox entries for a list. Members are ANDed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutboxFilter {
    /// The id of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<DeliveryState>,
    /// Its subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// Its `sid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Its client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Its issuer, one of these. An entry without an issuer never matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuers: Option<Vec<String>>,
}

/// The delivery of a notification before any attempt by this call.
pub fn unattempted(notification: &Notification, state: DeliveryState) -> Delivery {
    Delivery {
        id: notification.id.clone(),
        kind: notification.kind,
        client_id: notification.client_id.clone(),
        subject_id: notification.subject_id.clone(),
        session_id: notification.session_id.clone(),
        issuer: notification.issuer.clone(),
        state,
        attempts: notification.attempt,
        status: None,
        error: None,
        next_attempt: notification.not_before.filter(|_| state == DeliveryState::Pending),
    }
}
