//! A session as the table holds it: packed into one short allocation.

use crate::error::{Code, Error, Result};
use crate::session::{ClientSession, Millis, Session, fold};

use super::interner::Interner;
use super::packing::{Reader, Writer};

/// A packed session. The key is in front; texts that sessions have in common are numbers of an [`Interner`].
#[derive(Debug)]
pub(super) struct Row(Box<[u8]>);

/// Which members are there, as bits.
mod has {
    pub(super) const NAME: u64 = 1;
    /// The folded name, where it is what [`fold`](super::fold) makes of the name.
    pub(super) const FOLDED_NAME: u64 = 1 << 1;
    /// The folded name, where it is something else.
    pub(super) const OTHER_FOLDED_NAME: u64 = 1 << 2;
    pub(super) const EXPIRES: u64 = 1 << 3;
    pub(super) const IP_ADDRESS: u64 = 1 << 4;
    pub(super) const ISSUER: u64 = 1 << 5;
    pub(super) const USER_AGENT: u64 = 1 << 6;
    pub(super) const ATTRIBUTES: u64 = 1 << 7;
    pub(super) const TICKET: u64 = 1 << 8;
}

/// The bytes of a key, as they stand in front of its row.
pub(super) fn pack_key(key: &str) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text(key);
    writer.0
}

impl Row {
    /// Packs a session, and uses its common texts once more.
    pub(super) fn pack(session: &Session, interner: &mut Interner) -> Self {
        let folded = match (&session.display_name, &session.display_name_folded) {
            (_, None) => 0,
            (Some(name), Some(folded)) if fold(name) == *folded => has::FOLDED_NAME,
            _ => has::OTHER_FOLDED_NAME,
        };
        let flag = |there: bool, flag: u64| if there { flag } else { 0 };
        let flags = folded
            | flag(session.display_name.is_some(), has::NAME)
            | flag(session.expires.is_some(), has::EXPIRES)
            | flag(session.ip_address.is_some(), has::IP_ADDRESS)
            | flag(session.issuer.is_some(), has::ISSUER)
            | flag(session.user_agent.is_some(), has::USER_AGENT)
            | flag(session.attributes.is_some(), has::ATTRIBUTES)
            | flag(session.ticket.is_some(), has::TICKET);

        let mut writer = Writer::default();
        writer.text(&session.key);
        writer.number(flags);
        writer.signed(session.created);
        // As distances, which are short. They wrap, so that every pair of instants has one.
        writer.signed(session.renewed.wrapping_sub(session.created));
        if let Some(expires) = session.expires {
            writer.signed(expires.wrapping_sub(session.created));
        }
        writer.text(&session.subject_id);
        writer.text(&session.session_id);
        if let Some(name) = &session.display_name {
            writer.text(name);
        }
        if let Some(other) = session.display_name_folded.as_ref().filter(|_| folded == has::OTHER_FOLDED_NAME) {
            writer.text(other);
        }
        if let Some(address) = &session.ip_address {
            writer.text(address);
        }
        for text in [Some(&session.scheme), session.issuer.as_ref(), session.user_agent.as_ref()].into_iter().flatten() {
            writer.number(interner.acquire(text).into());
        }
        writer.number(session.clients.len() as u64);
        for client in &session.clients {
            let own_id = u64::from(client.session_id.is_some());
            writer.number(u64::from(interner.acquire(&client.client_id)) << 1 | own_id);
            if let Some(id) = &client.session_id {
                writer.text(id);
            }
        }
        if let Some(attributes) = &session.attributes {
            writer.number(attributes.len() as u64);
            for (name, value) in attributes {
                writer.text(name);
                writer.text(value);
            }
        }
        if let Some(ticket) = &session.ticket {
            writer.text(ticket);
        }
        Row(writer.0.into_boxed_slice())
    }

    /// Takes back the uses that [`Row::pack`] made for this session.
    pub(super) fn release(session: &Session, interner: &mut Interner) {
        let texts = [Some(&session.scheme), session.issuer.as_ref(), session.user_agent.as_ref()];
        let clients = session.clients.iter().map(|client| &client.client_id);
        texts.into_iter().flatten().chain(clients).for_each(|text| interner.release(text));
    }

    /// The bytes of the key, as [`pack_key`] makes them.
    pub(super) fn packed_key(&self) -> &[u8] {
        Reader(&self.0).packed_text().unwrap_or_default()
    }

    /// The whole session.
    pub(super) fn session(&self, interner: &Interner) -> Result<Session> {
        let mut session = Session::default();
        let mut reader = self.read(interner, &mut session)?;
        self.read_rest(&mut reader, &mut session).ok_or_else(damaged)?;
        Ok(session)
    }

    /// What filters look at, written over `into`, whose memory is used again: all but attributes and ticket.
    pub(super) fn read_into(&self, interner: &Interner, into: &mut Session) -> Result<()> {
        self.read(interner, into).map(|_| ())
    }

    fn read<'a>(&'a self, interner: &Interner, into: &mut Session) -> Result<Reader<'a>> {
        let mut reader = Reader(&self.0);
        read_front(&mut reader, interner, into).ok_or_else(damaged)?;
        Ok(reader)
    }
}
