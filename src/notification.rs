//! Logout notifications: what a client is told, and what became of it.

use crate::time::Millis;

/// Why a session ended, as told to clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogoutReason {
    /// Somebody else ended it.
    #[default]
    Terminated,
    /// It ran out.
    SessionExpiration,
    /// The user signed out.
    UserLogout,
}

impl LogoutReason {
    /// The value of the claim `logout_reason`, as in the reference.
    pub fn as_str(self) -> &'static str {
        match self {
            LogoutReason::Terminated => "terminated",
            LogoutReason::SessionExpiration => "session_expiration",
            LogoutReason::UserLogout => "user_logout",
        }
    }

    /// The reason that this word means.
    pub fn parse(word: &str) -> Option<Self> {
        [LogoutReason::Terminated, LogoutReason::SessionExpiration, LogoutReason::UserLogout]
            .into_iter()
            .find(|reason| reason.as_str() == word)
    }
}

/// What a notification is: how the client is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

    /// The kind as a word.
    pub fn as_str(self) -> &'static str {
        match self {
            NotificationKind::Logout => "logout",
            NotificationKind::SessionRevoked => "session_revoked",
        }
    }
}

/// One notification that is due to one client, as an outbox keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notification {
    /// Tells it from all others; the same again when the same removal is repeated.
    pub id: String,
    /// How.
    pub kind: NotificationKind,
    /// Who is told.
    pub client_id: String,
    /// Where, as registered when it was recorded; absent where the registration could not be read.
    pub logout_uri: Option<String>,
    /// The subject as the host knows it.
    pub subject_id: Option<String>,
    /// The `sid` that the client knows; absent when all of the subject's sessions ended.
    pub session_id: Option<String>,
    /// The issuer at sign-in.
    pub issuer: Option<String>,
    /// Why.
    pub reason: LogoutReason,
    /// How many attempts were made before.
    pub attempt: u32,
    /// When it was recorded.
    pub created: Millis,
    /// Not to be claimed before this instant: whoever recorded it makes the first attempt.
    pub not_before: Option<Millis>,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl DeliveryState {
    /// The state as a word.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryState::Delivered => "delivered",
            DeliveryState::Pending => "pending",
            DeliveryState::Failed => "failed",
            DeliveryState::Skipped => "skipped",
        }
    }

    /// The state that this word means.
    pub fn parse(word: &str) -> Option<Self> {
        [
            DeliveryState::Delivered,
            DeliveryState::Pending,
            DeliveryState::Failed,
            DeliveryState::Skipped,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
    }
}

/// What became of one notification, for a report or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The notification's id.
    pub id: String,
    /// How the client was told.
    pub kind: NotificationKind,
    /// Who was told.
    pub client_id: String,
    /// Whose sessions ended.
    pub subject_id: Option<String>,
    /// The `sid` that the client was told.
    pub session_id: Option<String>,
    /// How far it got.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: u32,
    /// The HTTP status of the last attempt.
    pub status: Option<u16>,
    /// What went wrong at the last attempt, or why it was skipped.
    pub error: Option<String>,
    /// When it is tried again.
    pub next_attempt: Option<Millis>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The client took it.
    Delivered {
        /// The HTTP status.
        status: Option<u16>,
    },
    /// Given up.
    Failed {
        /// What went wrong.
        error: String,
        /// The HTTP status.
        status: Option<u16>,
    },
    /// To be tried again.
    Retry {
        /// When.
        next_attempt: Millis,
        /// What went wrong.
        error: String,
        /// The HTTP status.
        status: Option<u16>,
    },
}

/// Which entries of an outbox to list. Members are ANDed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFilter {
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Only of this subject.
    pub subject_id: Option<String>,
    /// Only with this `sid`.
    pub session_id: Option<String>,
    /// Only to this client.
    pub client_id: Option<String>,
}

/// A delivery of which no attempt was made.
pub fn untried(notification: &Notification, state: DeliveryState) -> Delivery {
    Delivery {
        id: notification.id.clone(),
        kind: notification.kind,
        client_id: notification.client_id.clone(),
        subject_id: notification.subject_id.clone(),
        session_id: notification.session_id.clone(),
        state,
        attempts: notification.attempt,
        status: None,
        error: None,
        next_attempt: notification.not_before.filter(|_| state == DeliveryState::Pending),
    }
}
