//! The claims of logout tokens.

use crate::error::Result;
use crate::notification::{LogoutReason, Notification};
use crate::random::random_hex;
use crate::time::Millis;

/// How long a logout token is valid, in seconds: the longest that OpenID Connect Back-Channel
/// Logout 1.0, section 4, advises.
pub const LOGOUT_TOKEN_LIFETIME: i64 = 120;

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

/// The claims for one attempt (OpenID Connect Back-Channel Logout 1.0, section 2.4).
pub(crate) fn claims(
    notification: &Notification,
    sub: Option<String>,
    now: Millis,
) -> Result<LogoutTokenClaims> {
    let iat = now.div_euclid(1_000);
    Ok(LogoutTokenClaims {
        iss: notification.issuer.clone(),
        aud: notification.client_id.clone(),
        iat,
        exp: iat + LOGOUT_TOKEN_LIFETIME,
        jti: random_hex::<16>()?,
        sub,
        sid: notification.session_id.clone(),
        logout_reason: notification.reason,
    })
}
