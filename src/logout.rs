//! Logout notifications: what a client is told, and what became of it.

use crate::error::Result;
use crate::session::Millis;

/// How long a logout token is valid, in seconds: the longest that OpenID Connect Back-Channel
/// Logout 1.0, section 4, advises.
pub const LOGOUT_TOKEN_LIFETIME: i64 = 120;

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

/// The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4), without the
/// constant `events`. There is never a `nonce`. Those of a Security Event Token are made of the
/// same: without `exp`, and with both subjects in `sub_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutTokenClaims {
    /// The issuer at sign-in; absent where the session does not know it.
    pub iss: Option<String>,
    /// The client.
    pub aud: String,
    /// When this attempt was made, in seconds.
    pub iat: i64,
    /// When the token ends, in seconds.
    pub exp: i64,
    /// 16 random bytes, hex: new for each attempt.
    pub jti: String,
    /// The subject as the client knows it.
    pub sub: Option<String>,
    /// The session as the client knows it.
    pub sid: Option<String>,
    /// Why the session ended.
    pub logout_reason: LogoutReason,
}

/// A client's registration, as far as the core needs it.
pub trait Client: Clone {
    /// False: nobody is to be told.
    fn enabled(&self) -> Result<bool>;
    /// Where logout tokens go.
    fn back_channel_logout_uri(&self) -> Result<Option<String>>;
    /// Whether every token must name the session (OpenID Connect Back-Channel Logout 1.0, section
    /// 2.2).
    fn back_channel_logout_session_required(&self) -> Result<bool>;
    /// Whether its tokens live as long as the session; `None` leaves it to the host's setting.
    fn coordinate_lifetime_with_user_session(&self) -> Result<Option<bool>>;
    /// Where Security Event Tokens go (RFC 8935).
    fn security_event_uri(&self) -> Result<Option<String>>;
}

/// Where a client is told, in the order of [`NotificationKind::ALL`]; nothing where it is not told
/// in that way.
pub fn addresses(client: &impl Client) -> Result<[Option<String>; 2]> {
    let mut addresses = [client.back_channel_logout_uri()?, client.security_event_uri()?];
    for address in &mut addresses {
        address.take_if(|uri| uri.trim().is_empty());
    }
    Ok(addresses)
}

/// Why a client is not told, if it is not: it must be known, enabled and have an address.
pub fn why_skipped(client: Option<&impl Client>) -> Result<Option<&'static str>> {
    let Some(client) = client else { return Ok(Some("the client is not known")) };
    if !client.enabled()? {
        return Ok(Some("the client is disabled"));
    }
    let told = addresses(client)?.iter().any(Option::is_some);
    Ok((!told).then_some("the client has no back-channel logout URI"))
}
