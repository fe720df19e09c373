//! Registered clients.

use crate::error::Result;

/// A client's registration. Only the members that the core needs.
pub trait Client: Clone {
    /// Whether it may be notified.
    fn enabled(&self) -> Result<bool>;
    /// The address for logout tokens.
    fn back_channel_logout_uri(&self) -> Result<Option<String>>;
    /// Whether every token must name the session (OpenID Connect Back-Channel Logout 1.0, section
    /// 2.2).
    fn back_channel_logout_session_required(&self) -> Result<bool>;
    /// Whether it wants a single token by subject if all sessions of a subject end.
    fn back_channel_logout_by_subject(&self) -> Result<bool>;
    /// Whether its tokens end with the session; `None` uses the host's default.
    fn coordinate_lifetime_with_user_session(&self) -> Result<Option<bool>>;
    /// The address for Security Event Tokens (RFC 8935).
    fn security_event_uri(&self) -> Result<Option<String>>;
}
