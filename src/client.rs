//! Registered clients: what a removal and a delivery need to know of them.

use crate::error::{Result, SenderFailed};
use crate::text::{check_storable, is_blank};

/// A client's registration, as far as the core needs it.
pub trait Client: Clone {
    /// False: it is not notified.
    fn enabled(&self) -> Result<bool>;
    /// Where logout tokens go.
    fn back_channel_logout_uri(&self) -> Result<Option<String>>;
    /// Whether every token must name the session (OpenID Connect Back-Channel Logout 1.0, section
    /// 2.2).
    fn back_channel_logout_session_required(&self) -> Result<bool>;
    /// Whether it asks for one token by subject if all sessions of a subject end.
    fn back_channel_logout_by_subject(&self) -> Result<bool>;
    /// Whether its tokens live as long as the session; `None` leaves it to the host's setting.
    fn coordinate_lifetime_with_user_session(&self) -> Result<Option<bool>>;
    /// Where Security Event Tokens go (RFC 8935).
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

/// Tells whether a client can be notified: it must be known, enabled and have an address.
pub fn reachable<C: Client>(client: Option<C>) -> Result<Reachable<C>> {
    let Some(client) = client else { return Ok(Reachable::No("the client is not known")) };
    if !client.enabled()? {
        return Ok(Reachable::No("the client is disabled"));
    }
    // Read now: a word that is not known would be found only when all sessions of a subject end.
    client.back_channel_logout_by_subject()?;
    let mut addresses = [client.back_channel_logout_uri()?, client.security_event_uri()?];
    for (address, member) in addresses.iter_mut().zip(["backChannelLogoutUri", "securityEventUri"])
    {
        address.take_if(|uri| is_blank(uri));
        // It is recorded with the notification.
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
