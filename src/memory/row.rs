//! A session as the table holds it: packed into one short allocation.

use crate::error::{Code, Error, Result};
use crate::session::{ClientSession, Session, fold};

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
        for text in [Some(&session.scheme), session.issuer.as_ref(), session.user_agent.as_ref()].into_iter().flatten()
        {
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
        let mut reader = Reader(&self.0);
        let flags = read_filtered(&mut reader, interner, &mut session).ok_or_else(damaged)?;
        read_rest(&mut reader, flags, &mut session).ok_or_else(damaged)?;
        Ok(session)
    }

    /// All that filters look at, written over `into`, whose memory is used again: a walk over many rows allocates next to
    /// nothing.
    pub(super) fn read_into(&self, interner: &Interner, into: &mut Session) -> Result<()> {
        read_filtered(&mut Reader(&self.0), interner, into).map(|_| ()).ok_or_else(damaged)
    }
}

/// Reads all but attributes and ticket, and returns the flags.
fn read_filtered(reader: &mut Reader, interner: &Interner, into: &mut Session) -> Option<u64> {
    reader.text(&mut into.key)?;
    let flags = reader.number()?;
    let has = |flag: u64| flags & flag != 0;
    into.created = reader.signed()?;
    into.renewed = into.created.wrapping_add(reader.signed()?);
    into.expires = if has(has::EXPIRES) { Some(into.created.wrapping_add(reader.signed()?)) } else { None };
    reader.text(&mut into.subject_id)?;
    reader.text(&mut into.session_id)?;
    optional(has(has::NAME), &mut into.display_name, |text| reader.text(text))?;
    if has(has::FOLDED_NAME) {
        into.display_name_folded = into.display_name.as_deref().map(fold);
    } else {
        optional(has(has::OTHER_FOLDED_NAME), &mut into.display_name_folded, |text| reader.text(text))?;
    }
    optional(has(has::IP_ADDRESS), &mut into.ip_address, |text| reader.text(text))?;
    let mut common = |text: &mut String| {
        text.clear();
        text.push_str(interner.text(reader.number()?.try_into().ok()?)?);
        Some(())
    };
    common(&mut into.scheme)?;
    optional(has(has::ISSUER), &mut into.issuer, &mut common)?;
    optional(has(has::USER_AGENT), &mut into.user_agent, &mut common)?;
    read_clients(reader, interner, &mut into.clients)?;
    Some(flags)
}

fn read_clients(reader: &mut Reader, interner: &Interner, into: &mut Vec<ClientSession>) -> Option<()> {
    let length = usize::try_from(reader.number()?).ok()?;
    into.resize_with(length, || ClientSession { client_id: String::new(), session_id: None });
    for client in into {
        let number = reader.number()?;
        client.client_id.clear();
        client.client_id.push_str(interner.text(u32::try_from(number >> 1).ok()?)?);
        optional(number & 1 == 1, &mut client.session_id, |text| reader.text(text))?;
    }
    Some(())
}

fn read_rest(reader: &mut Reader, flags: u64, into: &mut Session) -> Option<()> {
    if flags & has::ATTRIBUTES != 0 {
        let mut attributes = Vec::new();
        for _ in 0..reader.number()? {
            let mut attribute = (String::new(), String::new());
            reader.text(&mut attribute.0)?;
            reader.text(&mut attribute.1)?;
            attributes.push(attribute);
        }
        into.attributes = Some(attributes);
    }
    optional(flags & has::TICKET != 0, &mut into.ticket, |text| reader.text(text))
}

/// Reads a member that may be absent.
fn optional(there: bool, into: &mut Option<String>, read: impl FnOnce(&mut String) -> Option<()>) -> Option<()> {
    if there {
        read(into.get_or_insert_default())
    } else {
        *into = None;
        Some(())
    }
}

fn damaged() -> Error {
    Error::new(Code::StoreFailed, "a session in memory cannot be read: this is a bug, please report it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Millis;

    fn full() -> Session {
        Session {
            key: "ab".repeat(32),
            scheme: "default".into(),
            subject_id: "12345".into(),
            session_id: "cd".repeat(16),
            display_name: Some("İsmail 💥".into()),
            display_name_folded: Some(fold("İsmail 💥")),
            issuer: Some("https://login.example".into()),
            created: 1_732_430_000_000,
            renewed: 1_732_430_060_000,
            expires: Some(1_732_433_600_000),
            clients: vec![
                ClientSession { client_id: "web".into(), session_id: None },
                ClientSession { client_id: "api".into(), session_id: Some("own".into()) },
            ],
            ip_address: Some("2001:db8::1".into()),
            user_agent: Some("Firefox".into()),
            attributes: Some(vec![("b".into(), "2".into()), ("a".into(), String::new())]),
            ticket: Some("sealed".into()),
        }
    }

    fn cases() -> Vec<Session> {
        let none = Session { key: "k".into(), ..Session::default() };
        let extreme =
            Session { created: Millis::MIN, renewed: Millis::MAX, expires: Some(Millis::MAX), ..none.clone() };
        let other = Session { display_name: Some("A".into()), display_name_folded: Some("b".into()), ..none.clone() };
        let unfolded = Session { display_name_folded: None, ..other.clone() };
        let unnamed = Session { display_name: None, ..other.clone() };
        let empty = Session { attributes: Some(Vec::new()), ticket: Some(String::new()), ..none.clone() };
        vec![full(), none, extreme, other, unfolded, unnamed, empty]
    }

    #[test]
    fn a_session_comes_back_as_it_was() {
        let mut interner = Interner::default();
        for session in cases() {
            let row = Row::pack(&session, &mut interner);
            assert_eq!(row.session(&interner).unwrap(), session);
            assert_eq!(row.packed_key(), pack_key(&session.key));
        }
    }

    #[test]
    fn one_session_can_be_read_over_another() {
        let mut interner = Interner::default();
        let rows: Vec<Row> = cases().iter().map(|session| Row::pack(session, &mut interner)).collect();
        let mut into = full();
        for (row, session) in rows.iter().zip(cases()).chain(rows.iter().zip(cases()).rev()) {
            row.read_into(&interner, &mut into).unwrap();
            assert_eq!(into, Session { attributes: full().attributes, ticket: full().ticket, ..session });
        }
    }

    #[test]
    fn releasing_the_rows_frees_every_common_text() {
        let mut interner = Interner::default();
        cases().iter().for_each(|session| drop(Row::pack(session, &mut interner)));
        cases().iter().for_each(|session| Row::release(session, &mut interner));
        assert_eq!(interner.len(), 0);
    }

    #[test]
    fn a_damaged_row_is_an_error() {
        let mut interner = Interner::default();
        let whole = Row::pack(&full(), &mut interner).0;
        for length in 0..whole.len() {
            let error = Row(whole[..length].into()).session(&interner).unwrap_err();
            assert_eq!(error.code(), Code::StoreFailed);
        }
    }
}
