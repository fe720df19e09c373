//! Registered clients: what a removal and a delivery need to know of them.

use crate::error::Result;

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
