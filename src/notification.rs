//! Logout notifications: what a client is told, and what became of it.

use serde::{Deserialize, Serialize};

use crate::host_value::optional_date;
use crate::presence::or_default;
use crate::time::Timestamp;

/// Why a session ended, as told to clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogoutReason {
    /// Somebody else ended it.
    #[default]
    Terminated,
    /// It ran out.
    SessionExpiration,
    /// The user signed out.
    UserLogout,
}

/// What a notification is: how the client is told.
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
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 2] = [NotificationKind::Logout, NotificationKind::SessionRevoked];

    /// Whether it is a logout token, the kind that a notification has if it names none.
    pub fn is_logout(&self) -> bool {
        *self == NotificationKind::Logout
    }
}

/// One notification that is due to one client, as an outbox keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct Notification {
    /// Tells it from all others; the same again when the same removal is repeated.
    pub id: String,
    /// How.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "NotificationKind::is_logout"
    )]
    pub kind: NotificationKind,
    /// Who is told.
    pub client_id: String,
    /// Where, as registered when it was recorded; absent where the registration could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout_uri: Option<String>,
    /// The subject as the host knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The `sid` that the client knows; absent when all of the subject's sessions ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The issuer at sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Why.
    pub reason: LogoutReason,
    /// How many attempts were made before.
    #[serde(default, deserialize_with = "or_default")]
    pub attempt: u32,
    /// When it was recorded.
    pub created: Timestamp,
    /// Not to be claimed before this instant: whoever recorded it makes the first attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The client took it.
    Delivered,
    /// Recorded, and will be tried again.
    Pending,
    /// Given up.
    Failed,
    /// Never due.
    Skipped,
}

/// What became of one notification, for a report or a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The notification's id.
    pub id: String,
    /// How the client was told.
    #[serde(skip_serializing_if = "NotificationKind::is_logout")]
    pub kind: NotificationKind,
    /// Who was told.
    pub client_id: String,
    /// Whose sessions ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The `sid` that the client was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The issuer under which these sessions began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// How far it got.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: u32,
    /// The HTTP status of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong at the last attempt, or why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it is tried again.
    #[serde(serialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<Timestamp>,
}

/// How one attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client took it.
    Delivered {
        /// The HTTP status.
        status: Option<u16>,
    },
    /// The client did not take it.
    Failed {
        /// Whether another attempt makes sense.
        retry: bool,
        /// How long the client asked to wait, in milliseconds.
        retry_after: Option<i64>,
        /// The HTTP status.
        status: Option<u16>,
        /// What went wrong.
        error: String,
    },
}

/// The result of one attempt, as an outbox records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase", tag = "state")]
#[serde(try_from = "SettlementMembers")]
pub enum Settlement {
    /// The client took it.
    Delivered {
        /// The HTTP status.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// The notification was given up.
    Failed {
        /// What went wrong.
        error: String,
        /// The HTTP status.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// Another attempt will be made.
    Pending {
        /// When.
        next_attempt: Timestamp,
        /// What went wrong.
        error: String,
        /// The HTTP status.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
}

/// The members of a [`Settlement`] in any state: serde would buffer an enum that it finds by a tag.
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

/// The entries of an outbox to prune: those that were settled before one of these instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettledBefore {
    /// For those that were delivered.
    pub delivered: Timestamp,
    /// For those that were given up.
    pub failed: Timestamp,
}

/// Which entries of an outbox to list. Members are ANDed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutboxFilter {
    /// Only this entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Only in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<DeliveryState>,
    /// Only of this subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// Only with this `sid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Only to this client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Only of one of these issuers. An entry without an issuer never matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuers: Option<Vec<String>>,
}

/// A delivery of which no attempt was made.
pub fn untried(notification: &Notification, state: DeliveryState) -> Delivery {
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
