//! A session packed into one short allocation.

use crate::error::{Result, StoreFailed};
use crate::filter::Filter;
use crate::session::{Attributes, ClientSession, Session};
use crate::strings::fold;
use crate::time::Timestamp;

use super::interner::Interner;
use super::packing::{Reader, Writer};

/// A packed session. The key comes first. Strings that sessions share are numbers of an
/// [`Interner`].
#[derive(Debug)]
pub(super) struct Row(Box<[u8]>);

/// Bit flags for the members that are present.
mod has {
    pub(super) const NAME: u64 = 1;
    /// The folded name, if it equals the [`fold`](super::fold) of the name.
    pub(super) const FOLDED_NAME: u64 = 1 << 1;
    /// The folded name, if it doesn't.
    pub(super) const OTHER_FOLDED_NAME: u64 = 1 << 2;
    pub(super) const EXPIRES: u64 = 1 << 3;
    pub(super) const IP_ADDRESS: u64 = 1 << 4;
    pub(super) const ISSUER: u64 = 1 << 5;
    pub(super) const USER_AGENT: u64 = 1 << 6;
    pub(super) const ATTRIBUTES: u64 = 1 << 7;
    pub(super) const TICKET: u64 = 1 << 8;
}

/// The packed bytes of a key, as at the start of its row.
pub(super) fn pack_key(key: &str) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text(key);
    writer.0
}

impl Row {
    /// Packs a session and acquires its shared strings.
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
        writer.text(session.key.as_str());
        writer.number(flags);
        writer.signed(session.created.as_millis());
        // Store the differences, which are short.
        writer.signed(session.renewed.since(session.created));
        if let Some(expires) = session.expires {
            writer.signed(expires.since(session.created));
        }
        writer.text(&session.subject_id);
        writer.text(&session.session_id);
        if let Some(name) = &session.display_name {
            writer.text(name);
        }
        if let Some(other) =
            session.display_name_folded.as_ref().filter(|_| folded == has::OTHER_FOLDED_NAME)
        {
            writer.text(other);
        }
        if let Some(address) = &session.ip_address {
            writer.text(address);
        }
        for text in [Some(&session.scheme), session.issuer.as_ref(), session.user_agent.as_ref()]
            .into_iter()
            .flatten()
        {
            writer.number(interner.acquire(text).into());
        }
        writer.number(session.clients.len() as u64);
        for client in &session.clients {
            write_client(&mut writer, client, interner);
        }
        if let Some(Attributes(attributes)) = &session.attributes {
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

    /// The row with one more client, whose id is acquired. The other clients are copied without
    /// unpacking, because a session may have thousands. `None` if the client is already there.
    pub(super) fn with_client(
        &self,
        client: &ClientSession,
        interner: &mut Interner,
    ) -> Result<Option<Self>> {
        let mut reader = Reader(&self.0);
        read(&mut reader, interner, Wanted::TIMES, &mut Session::default())
            .ok_or(StoreFailed::UnreadableMemory)?;
        let (head, _) = self.0.split_at_checked(self.0.len() - reader.0.len()).unwrap_or_default();
        let length = reader.number().ok_or(StoreFailed::UnreadableMemory)?;
        let (mut rest, known) = (reader, interner.number(&client.client_id));
        let is_there = skip_clients(&mut rest, length, known);
        if is_there.ok_or(StoreFailed::UnreadableMemory)? {
            return Ok(None);
        }
        let others = reader.0.get(..reader.0.len() - rest.0.len()).unwrap_or_default();
        let mut writer = Writer(Vec::with_capacity(self.0.len() + 16));
        writer.0.extend_from_slice(head);
        writer.number(length + 1);
        writer.0.extend_from_slice(others);
        write_client(&mut writer, client, interner);
        writer.0.extend_from_slice(rest.0);
        Ok(Some(Row(writer.0.into_boxed_slice())))
    }

    /// Releases the strings that [`Row::pack`] acquired for this session.
    pub(super) fn release(session: &Session, interner: &mut Interner) {
        let texts = [Some(&session.scheme), session.issuer.as_ref(), session.user_agent.as_ref()];
        let clients = session.clients.iter().map(|client| &client.client_id);
        texts.into_iter().flatten().chain(clients).for_each(|text| interner.release(text));
    }

    /// The packed bytes of the key; see [`pack_key`].
    pub(super) fn packed_key(&self) -> &[u8] {
        Reader(&self.0).packed_text().unwrap_or_default()
    }

    /// Whether the session has an address or a user agent.
    pub(super) fn has_device(&self) -> bool {
        let mut reader = Reader(&self.0);
        let key = reader.text(false, &mut String::new());
        let flags = key.and_then(|()| reader.number()).unwrap_or_default();
        flags & (has::IP_ADDRESS | has::USER_AGENT) != 0
    }

    /// Unpacks the whole session.
    pub(super) fn session(&self, interner: &Interner) -> Result<Session> {
        let mut session = Session::default();
        self.read_into(interner, Wanted::ALL, &mut session)?;
        Ok(session)
    }

    /// Reads the wanted members into `into` and reuses its memory, so that a scan of many rows
    /// hardly allocates. Other members have arbitrary values.
    pub(super) fn read_into(
        &self,
        interner: &Interner,
        wanted: Wanted,
        into: &mut Session,
    ) -> Result<()> {
        read(&mut Reader(&self.0), interner, wanted, into)
            .ok_or_else(|| StoreFailed::UnreadableMemory.into())
    }
}

/// The members to read. Times are always read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    ids: bool,
    name: bool,
    ip_address: bool,
    issuer: bool,
    clients: bool,
    /// The members that no filter uses.
    rest: bool,
}

impl Wanted {
    const ALL: Wanted =
        Wanted { ids: true, name: true, ip_address: true, issuer: true, clients: true, rest: true };

    pub(super) const TIMES: Wanted = Wanted {
        ids: false,
        name: false,
        ip_address: false,
        issuer: false,
        clients: false,
        rest: false,
    };

    /// The members that [`Filter::matches`] uses.
    pub(super) fn by(filter: &Filter) -> Self {
        let searched = filter.search.is_some();
        Wanted {
            ids: searched || filter.subject_id.is_some() || filter.session_id.is_some(),
            name: searched || filter.display_name.is_some(),
            ip_address: filter.ip_address.is_some(),
            issuer: filter.issuer.is_some() || filter.issuers.is_some(),
            clients: filter.client_id.is_some(),
            rest: false,
        }
    }
}

fn read(
    reader: &mut Reader,
    interner: &Interner,
    wanted: Wanted,
    into: &mut Session,
) -> Option<()> {
    let mut key = String::new();
    reader.text(wanted.rest, &mut key)?;
    into.key = key.into();
    let flags = reader.number()?;
    let has = |flag: u64| flags & flag != 0;
    into.created = Timestamp::from_millis(reader.signed()?);
    into.renewed = into.created.plus(reader.signed()?);
    into.expires = if has(has::EXPIRES) { Some(into.created.plus(reader.signed()?)) } else { None };
    reader.text(wanted.ids, &mut into.subject_id)?;
    reader.text(wanted.ids, &mut into.session_id)?;
    optional(has(has::NAME), &mut into.display_name, |text| reader.text(wanted.name, text))?;
    optional(has(has::OTHER_FOLDED_NAME), &mut into.display_name_folded, |text| {
        reader.text(wanted.name, text)
    })?;
    if has(has::FOLDED_NAME) && wanted.name {
        into.display_name_folded = into.display_name.as_deref().map(fold);
    }
    optional(has(has::IP_ADDRESS), &mut into.ip_address, |text| {
        reader.text(wanted.ip_address, text)
    })?;
    shared_string(reader, interner, wanted.rest, &mut into.scheme)?;
    optional(has(has::ISSUER), &mut into.issuer, |text| {
        shared_string(reader, interner, wanted.issuer, text)
    })?;
    optional(has(has::USER_AGENT), &mut into.user_agent, |text| {
        shared_string(reader, interner, wanted.rest, text)
    })?;
    if wanted.clients {
        read_clients(reader, interner, &mut into.clients)?;
    }
    // The remaining members follow the clients, and callers that want them want the clients too.
    if wanted.rest {
        into.attributes = if has(has::ATTRIBUTES) { Some(read_attributes(reader)?) } else { None };
        optional(has(has::TICKET), &mut into.ticket, |text| reader.text(true, text))?;
    }
    Some(())
}

fn shared_string(
    reader: &mut Reader,
    interner: &Interner,
    wanted: bool,
    into: &mut String,
) -> Option<()> {
    let number = reader.number()?;
    if wanted {
        into.clear();
        into.push_str(interner.text(number.try_into().ok()?)?);
    }
    Some(())
}

fn read_clients(
    reader: &mut Reader,
    interner: &Interner,
    into: &mut Vec<ClientSession>,
) -> Option<()> {
    let length = usize::try_from(reader.number()?).ok()?;
    into.resize_with(length, || ClientSession { client_id: String::new(), session_id: None });
    for client in into {
        let number = reader.number()?;
        client.client_id.clear();
        client.client_id.push_str(interner.text(u32::try_from(number >> 1).ok()?)?);
        optional(number & 1 == 1, &mut client.session_id, |text| reader.text(true, text))?;
    }
    Some(())
}

fn write_client(writer: &mut Writer, client: &ClientSession, interner: &mut Interner) {
    let own_id = u64::from(client.session_id.is_some());
    writer.number(u64::from(interner.acquire(&client.client_id)) << 1 | own_id);
    if let Some(id) = &client.session_id {
        writer.text(id);
    }
}

/// Skips the clients. Returns whether one has this number.
fn skip_clients(reader: &mut Reader, length: u64, wanted: Option<u32>) -> Option<bool> {
    let mut found = false;
    for _ in 0..length {
        let number = reader.number()?;
        found |= wanted.is_some_and(|wanted| number >> 1 == u64::from(wanted));
        if number & 1 == 1 {
            reader.text(false, &mut String::new())?;
        }
    }
    Some(found)
}

fn read_attributes(reader: &mut Reader) -> Option<Attributes> {
    let mut attributes = Vec::new();
    for _ in 0..reader.number()? {
        let (mut name, mut value) = Default::default();
        reader.text(true, &mut name)?;
        reader.text(true, &mut value)?;
        attributes.push((name, value));
    }
    Some(Attributes(attributes))
}

/// Reads an optional member.
fn optional(
    there: bool,
    into: &mut Option<String>,
    read: impl FnOnce(&mut String) -> Option<()>,
) -> Option<()> {
    if there {
        read(into.get_or_insert_default())
    } else {
        *into = None;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millis(milliseconds)
    }

    fn full() -> Session {
        Session {
            key: "ab".repeat(32).into(),
            scheme: "default".into(),
            subject_id: "12345".into(),
            session_id: "cd".repeat(16),
            display_name: Some("İsmail 💥".into()),
            display_name_folded: Some(fold("İsmail 💥")),
            issuer: Some("https://login.example".into()),
            created: at(1_732_430_000_000),
            renewed: at(1_732_430_060_000),
            expires: Some(at(1_732_433_600_000)),
            clients: vec![
                ClientSession { client_id: "web".into(), session_id: None },
                ClientSession { client_id: "api".into(), session_id: Some("own".into()) },
            ],
            ip_address: Some("2001:db8::1".into()),
            user_agent: Some("Firefox".into()),
            attributes: Some(Attributes(vec![
                ("b".into(), "2".into()),
                ("a".into(), String::new()),
            ])),
            ticket: Some("sealed".into()),
        }
    }

    fn cases() -> Vec<Session> {
        let none = Session { key: "k".into(), ..Session::default() };
        let extreme = Session {
            created: Timestamp::MIN,
            renewed: Timestamp::MAX,
            expires: Some(Timestamp::MAX),
            ..none.clone()
        };
        let other = Session {
            display_name: Some("A".into()),
            display_name_folded: Some("b".into()),
            ..none.clone()
        };
        let unfolded = Session { display_name_folded: None, ..other.clone() };
        let unnamed = Session { display_name: None, ..other.clone() };
        let empty = Session {
            attributes: Some(Attributes::default()),
            ticket: Some(String::new()),
            ..none.clone()
        };
        vec![full(), none, extreme, other, unfolded, unnamed, empty]
    }

    #[test]
    fn a_session_round_trips() {
        let mut interner = Interner::default();
        for session in cases() {
            let row = Row::pack(&session, &mut interner);
            assert_eq!(row.session(&interner).unwrap(), session);
            assert_eq!(row.packed_key(), pack_key(session.key.as_str()));
        }
    }

    #[test]
    fn a_session_can_be_read_into_another() {
        let mut interner = Interner::default();
        let rows: Vec<Row> =
            cases().iter().map(|session| Row::pack(session, &mut interner)).collect();
        let mut into = full();
        for (row, session) in rows.iter().zip(cases()).chain(rows.iter().zip(cases()).rev()) {
            row.read_into(&interner, Wanted::ALL, &mut into).unwrap();
            assert_eq!(into, session);
        }
    }

    #[test]
    fn releasing_the_rows_frees_every_shared_string() {
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
