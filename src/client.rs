//! Registered clients, and whether they can be notified.

use crate::error::{Result, SenderFailed};
use crate::strings::{check_storable, is_blank};

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

/// One address for each kind of notification, in the order of
/// [`NotificationKind::ALL`](crate::notification::NotificationKind::ALL).
pub type Addresses = [Option<String>; 2];

/// Whether a client can be notified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reachable<C> {
    /// It can, at these addresses.
    Yes(C, Addresses),
    /// It can't, for this reason.
    No(&'static str),
}

/// Decides whether a client can be notified: it must be known and enabled and have an address.
pub fn reachable<C: Client>(client: Option<C>) -> Result<Reachable<C>> {
    let Some(client) = client else { return Ok(Reachable::No("the client is not known")) };
    if !client.enabled()? {
        return Ok(Reachable::No("the client is disabled"));
    }
    // Read it now. Otherwise an unknown value would fail only once all sessions of a subject end.
    client.back_channel_logout_by_subject()?;
    let mut addresses = [client.back_channel_logout_uri()?, client.security_event_uri()?];
    for (address, member) in addresses.iter_mut().zip(["backChannelLogoutUri", "securityEventUri"])
    {
        address.take_if(|uri| is_blank(uri));
        // The address is stored with the notification.
        if address.as_deref().is_some_and(|uri| check_storable(member, uri).is_err()) {
            let wanted = "a URL of at most 8,192 characters";
            return Err(SenderFailed::Registration { member, wanted, source: None }.into());
        }
    }
    match addresses.iter().any(Option::is_some) {
        true => Ok(Reachable::Yes(client, addresses)),
        false => Ok(Reachable::No("the client has no back-channel logout URI")),
    }
}
