//! Sealing and opening tickets.
//!
//! A sealed ticket is `1.` key id `.` body. The host's cipher makes the body: AES-256-GCM with a
//! fresh random nonce in front, base64url. The row's key, subject and session id are bound in as
//! associated data, so that a ticket opens in its own row only.

use crate::error::Result;
use crate::event::Event;
use crate::ports::{Host, SessionRow, SessionStore};
use crate::session::SessionKey;

/// The form that sealed tickets have now.
const VERSION: &str = "1";

/// Seals and opens tickets, with a ring of keys: one seals, every one opens.
#[allow(async_fn_in_trait)]
pub trait TicketCipher {
    /// What the host stores: it never passes through the core in the clear.
    type Ticket;
    /// The id of the key that seals: letters, digits, `-` and `_`.
    fn current(&self) -> &str;
    /// Seals a ticket: AES-256-GCM, a fresh random 96-bit nonce, then the text and the tag,
    /// base64url.
    async fn seal(&self, key_id: &str, bound: &[u8], ticket: &Self::Ticket) -> Result<String>;
    /// Opens what [`TicketCipher::seal`] made; `None` if the key is not in the ring or the ticket
    /// does not open.
    async fn open(&self, key_id: &str, bound: &[u8], body: &str) -> Result<Option<Self::Ticket>>;
}

/// A row of this host's session store.
pub type RowOf<H> = <<H as Host>::Sessions as SessionStore>::Row;

/// What became of opening a ticket.
#[derive(Debug)]
pub enum Opened<T> {
    /// The session has none.
    None,
    /// It opened.
    Ticket(T),
    /// It did not open: damaged, from another row, or sealed with a key that is no longer in the
    /// ring.
    Unreadable,
}

/// Opens the ticket of a row, which must have been sealed for this key: for somebody who is signed
/// in, the key of their cookie value; in a listing, the key of the row. The event
/// `ticket_unreadable` reports a ticket that doesn't open.
pub async fn open_ticket<H: Host, C: TicketCipher>(
    host: &H,
    cipher: &C,
    key: &SessionKey,
    row: &RowOf<H>,
) -> Result<Opened<C::Ticket>> {
    let Some(sealed) = row.ticket()? else { return Ok(Opened::None) };
    let (subject_id, session_id) = (row.subject_id()?, row.session_id()?);
    let opened = match parts(&sealed) {
        Some((key_id, body)) => {
            cipher.open(key_id, &bound(key, &subject_id, &session_id), body).await?
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

/// The id of the key and the body of a sealed ticket.
fn parts(sealed: &str) -> Option<(&str, &str)> {
    sealed.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')
}

/// Whether a row has a ticket that was not sealed with the current key.
pub(super) fn is_stale<C: TicketCipher>(cipher: &C, row: &impl SessionRow) -> Result<bool> {
    let sealed = row.ticket()?;
    let key_id = sealed.as_deref().map(|sealed| parts(sealed).map(|(key_id, _)| key_id));
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
    let body = cipher.seal(key_id, &bound(key, subject_id, session_id), ticket).await?;
    Ok([VERSION, ".", key_id, ".", &body].concat())
}

/// The associated data: each part with its length, so that no two rows give the same bytes.
fn bound(key: &SessionKey, subject_id: &str, session_id: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in ["rollcall ticket", VERSION, key.as_str(), subject_id, session_id] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}
