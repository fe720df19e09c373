//! Sealing and opening tickets.
//!
//! A sealed ticket is `1.` key id `.` body. The body comes from the host's cipher: AES-256-GCM with
//! a random nonce in front, base64url. A ticket only opens in its own row, because its [associated
//! data](super::associated_data) names the row.

use super::associated_data::associated_data;
use crate::error::Result;
use crate::event::Event;
use crate::ports::{Host, SessionRow, SessionStore};
use crate::session::SessionKey;

/// The current form of sealed tickets.
const VERSION: &str = "1";

/// Seals and opens tickets with a key ring. One key seals; all keys open.
#[allow(async_fn_in_trait)]
pub trait TicketCipher {
    /// The host's ticket. The core never sees its content.
    type Ticket;
    /// The id of the key that seals: letters, digits, `-` and `_`.
    fn current(&self) -> &str;
    /// Seals a ticket with AES-256-GCM. Returns a random 96-bit nonce, the ciphertext and the tag,
    /// in base64url.
    async fn seal(
        &self,
        key_id: &str,
        associated_data: &[u8],
        ticket: &Self::Ticket,
    ) -> Result<String>;
    /// Opens the result of [`TicketCipher::seal`]. `None` if the key isn't in the ring or the
    /// ticket doesn't open.
    async fn open(
        &self,
        key_id: &str,
        associated_data: &[u8],
        body: &str,
    ) -> Result<Option<Self::Ticket>>;
}

/// A row of this host's session store.
pub type RowOf<H> = <<H as Host>::Sessions as SessionStore>::Row;

/// The result of opening a ticket.
#[derive(Debug)]
pub enum Opened<T> {
    /// The session has no ticket.
    None,
    /// The opened ticket.
    Ticket(T),
    /// The ticket is damaged, belongs to another row or was sealed with a key that has left the
    /// ring.
    Unreadable,
}

/// Opens the ticket of a row. It must have been sealed for `key`: for a signed-in user, the key of
/// the cookie value; in a listing, the key of the row. A ticket that doesn't open raises the event
/// `ticket_unreadable`.
pub async fn open_ticket<H: Host, C: TicketCipher>(
    host: &H,
    cipher: &C,
    key: &SessionKey,
    row: &RowOf<H>,
) -> Result<Opened<C::Ticket>> {
    let Some(sealed) = row.ticket()? else { return Ok(Opened::None) };
    let (subject_id, session_id) = (row.subject_id()?, row.session_id()?);
    let opened = match split_sealed(&sealed) {
        Some((key_id, body)) => {
            cipher
                .open(key_id, &associated_data(VERSION, key, &subject_id, &session_id), body)
                .await?
        }
        None => None,
    };
    match opened {
        Some(ticket) => Ok(Opened::Ticket(ticket)),
        None => {
            if host.listens() {
                let (at, issuer) = (host.now()?, row.issuer().unwrap_or_default());
                host.emit(Event::TicketUnreadable { at, subject_id, session_id, issuer });
            }
            Ok(Opened::Unreadable)
        }
    }
}

/// Splits a sealed ticket into its key id and body.
fn split_sealed(sealed: &str) -> Option<(&str, &str)> {
    sealed.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')
}

/// Whether a row has a ticket that was sealed with another key than the current one.
pub(super) fn is_stale<C: TicketCipher>(cipher: &C, row: &impl SessionRow) -> Result<bool> {
    let sealed = row.ticket()?;
    let key_id = sealed.as_deref().map(|sealed| split_sealed(sealed).map(|(key_id, _)| key_id));
    Ok(key_id.is_some_and(|key_id| key_id != Some(cipher.current())))
}

/// Seals a ticket for the row with this key, subject and session id.
pub(super) async fn seal<C: TicketCipher>(
    cipher: &C,
    key: &SessionKey,
    subject_id: &str,
    session_id: &str,
    ticket: &C::Ticket,
) -> Result<String> {
    let key_id = cipher.current();
    let body =
        cipher.seal(key_id, &associated_data(VERSION, key, subject_id, session_id), ticket).await?;
    Ok([VERSION, ".", key_id, ".", &body].concat())
}
