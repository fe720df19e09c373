//! The sessions: packed rows, and the indexes that find and order them.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::ops::Range;
use std::rc::Rc;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::error::{Code, Error, Result};
use crate::filter::{Filter, StateAt, TextMatch, TimeRange};
use crate::ports::{From, ListRequest, Order};
use crate::session::{ClientSession, Millis, Session, SessionChange};

use super::SessionPage;
use super::interner::Interner;
use super::place::Place;
use super::row::{Row, Wanted, pack_key};

/// All sessions of a store. A session's number is its tie-break and its name in every index.
#[derive(Debug, Default)]
pub(super) struct SessionTable {
    rows: HashMap<u32, Row>,
    /// The numbers by key; the key itself stands in the row.
    keys: HashTable<u32>,
    /// By creation.
    order: BTreeSet<Place>,
    /// By expiry, without what never expires.
    expiry: BTreeSet<Place>,
    /// By subject, session id and client, and within each by creation.
    terms: BTreeSet<(Term, Place)>,
    interner: Interner,
    hasher: DefaultHashBuilder,
    next_id: u32,
}

/// A subject, a session id or a client as the index knows it: a hash, so that no text is kept twice. Two may have the same; every
/// walk therefore checks the rows that it finds.
type Term = u32;

/// What a term stands for, so that a subject and a client of the same name are two.
#[derive(Clone, Copy, Hash)]
enum TermKind {
    Subject,
    Session,
    Client,
}

impl SessionTable {
    pub(super) fn create(&mut self, session: &Session) -> Result<()> {
        if self.find(&session.key).is_some() {
            return Err(Error::new(Code::StoreFailed, "a session with this key is there already: make a new key"));
        }
        let id = self.free_id()?;
        let row = Row::pack(session, &mut self.interner);
        let hash = self.hasher.hash_one(row.packed_key());
        self.rows.insert(id, row);
        let SessionTable { rows, keys, hasher, .. } = self;
        let hash_of = |id: &u32| hasher.hash_one(rows.get(id).map(Row::packed_key).unwrap_or_default());
        keys.insert_unique(hash, id, hash_of);
        self.order.insert(Place::new(session.created, id));
        self.reindex(id, None, Some(session));
        Ok(())
    }

    pub(super) fn get(&self, key: &str) -> Result<Option<Session>> {
        self.find(key).and_then(|id| self.rows.get(&id)).map(|row| row.session(&self.interner)).transpose()
    }

    pub(super) fn update(&mut self, key: &str, change: &SessionChange) -> Result<bool> {
        self.change(key, |session| apply(change, session))
    }

    pub(super) fn add_client(&mut self, key: &str, client: &ClientSession) -> Result<bool> {
        self.change(key, |session| match session.clients.iter_mut().find(|known| known.client_id == client.client_id) {
            None => session.clients.push(client.clone()),
            Some(known) if client.session_id.is_some() => known.session_id.clone_from(&client.session_id),
            Some(_) => {}
        })
    }

    pub(super) fn remove(&mut self, keys: &[String]) -> Result<Vec<String>> {
        let mut removed = Vec::new();
        for key in keys {
            let Some(session) = self.get(key)? else { continue };
            let packed = pack_key(key);
            let SessionTable { rows, keys, hasher, .. } = self;
            let is_key = |id: &u32| rows.get(id).is_some_and(|row| row.packed_key() == packed);
            let Ok(found) = keys.find_entry(hasher.hash_one(packed.as_slice()), is_key) else { continue };
            let (id, _) = found.remove();
            self.rows.remove(&id);
            self.order.remove(&Place::new(session.created, id));
            self.reindex(id, Some(&session), None);
            Row::release(&session, &mut self.interner);
            removed.push(key.clone());
        }
        Ok(removed)
    }

    pub(super) fn list(&self, request: &ListRequest) -> Result<SessionPage> {
        let ListRequest { filter, order, from, limit } = request;
        if *limit == 0 {
            return Err(Error::invalid("a page needs a `limit` of 1 or more"));
        }
        let by_expiry = *order == Order::Expiry;
        let backwards = matches!(from, From::Before(_) | From::End);
        // The direction of the walk, not of the page: a page that is cut from its end is found from there and turned round.
        let ascending = (*order == Order::Newest) == backwards;
        let mut span = if by_expiry { expiry_span(filter) } else { span(filter.created) };
        if let From::After(position) | From::Before(position) = from {
            let place = Place::parse(position)?;
            if ascending {
                span.start = span.start.max(place.next());
            } else {
                span.end = span.end.min(place);
            }
        }
        let places = match self.term(filter) {
            None if by_expiry => walk(&self.expiry, span, ascending),
            None => walk(&self.order, span, ascending),
            Some(term) if by_expiry => self.sorted_by_expiry(term, span, ascending)?,
            Some(term) => self.walk_term(term, span, ascending),
        };
        let mut matcher = Matcher::new(filter, &self.interner);
        let mut found = Vec::new();
        for place in places {
            let row = self.row(place)?;
            if matcher.matches(row)? {
                found.push((place.position(), Rc::new(row.session(&self.interner)?)));
                if found.len() >= *limit {
                    break;
                }
            }
        }
        if backwards {
            found.reverse();
        }
        let (positions, sessions) = found.into_iter().unzip();
        Ok(SessionPage { sessions, positions })
    }

    pub(super) fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        let up_to = up_to.unwrap_or(u64::MAX);
        if *filter == Filter::default() {
            return Ok(up_to.min(self.rows.len() as u64));
        }
        let (everywhere, created, expiry) = (span(TimeRange::default()), span(filter.created), expiry_span(filter));
        let places = match self.term(filter) {
            Some(term) => Some(self.walk_term(term, created, true)),
            None if expiry != everywhere => Some(walk(&self.expiry, expiry, true)),
            None if created != everywhere => Some(walk(&self.order, created, true)),
            None => None,
        };
        let rows: Box<dyn Iterator<Item = Result<&Row>>> = match places {
            Some(places) => Box::new(places.map(|place| self.row(place))),
            None => Box::new(self.rows.values().map(Ok)),
        };
        let mut matcher = Matcher::new(filter, &self.interner);
        let mut count = 0;
        for row in rows {
            if count >= up_to {
                break;
            }
            count += u64::from(matcher.matches(row?)?);
        }
        Ok(count)
    }

    fn find(&self, key: &str) -> Option<u32> {
        let packed = pack_key(key);
        let is_key = |id: &u32| self.rows.get(id).is_some_and(|row| row.packed_key() == packed);
        self.keys.find(self.hasher.hash_one(packed.as_slice()), is_key).copied()
    }

    /// A number that no session has. They go round after four thousand million, and never reach that of [`Place::END`].
    fn free_id(&mut self) -> Result<u32> {
        if self.rows.len() >= u32::MAX as usize {
            return Err(Error::new(Code::StoreFailed, "the memory store is full: use another store"));
        }
        loop {
            let id = self.next_id;
            self.next_id = if id >= u32::MAX - 1 { 0 } else { id + 1 };
            if !self.rows.contains_key(&id) {
                return Ok(id);
            }
        }
    }

    fn change(&mut self, key: &str, change: impl FnOnce(&mut Session)) -> Result<bool> {
        let Some(id) = self.find(key) else { return Ok(false) };
        let Some(old) = self.get(key)? else { return Ok(false) };
        let mut new = old.clone();
        change(&mut new);
        // Packed before the old texts are released, so that those which stay keep their numbers.
        let row = Row::pack(&new, &mut self.interner);
        Row::release(&old, &mut self.interner);
        self.rows.insert(id, row);
        self.reindex(id, Some(&old), Some(&new));
        Ok(true)
    }

    /// Takes a session from where it was in the indexes to where it is now. Its place in the order never changes.
    fn reindex(&mut self, id: u32, old: Option<&Session>, new: Option<&Session>) {
        let expiry = |session: Option<&Session>| Some(Place::new(session?.expires?, id));
        if expiry(old) != expiry(new) {
            if let Some(place) = expiry(old) {
                self.expiry.remove(&place);
            }
            self.expiry.extend(expiry(new));
        }
        let terms = |session: Option<&Session>| session.map(|session| self.terms_of(session, id)).unwrap_or_default();
        let (old, new) = (terms(old), terms(new));
        for gone in old.iter().filter(|term| !new.contains(term)) {
            self.terms.remove(gone);
        }
        self.terms.extend(new.iter().filter(|term| !old.contains(term)));
    }

    fn terms_of(&self, session: &Session, id: u32) -> Vec<(Term, Place)> {
        let ids = [(TermKind::Subject, &session.subject_id), (TermKind::Session, &session.session_id)];
        let clients = session.clients.iter().map(|client| (TermKind::Client, &client.client_id));
        let place = Place::new(session.created, id);
        ids.into_iter().chain(clients).map(|(kind, text)| (self.hash(kind, text), place)).collect()
    }

    /// The term that leaves the fewest rows, if the filter names one.
    fn term(&self, filter: &Filter) -> Option<Term> {
        let exact = |wanted: &Option<TextMatch>, kind| match wanted {
            Some(TextMatch::Equals(text)) => Some(self.hash(kind, text)),
            _ => None,
        };
        exact(&filter.session_id, TermKind::Session)
            .or_else(|| exact(&filter.subject_id, TermKind::Subject))
            .or_else(|| filter.client_id.as_deref().map(|client| self.hash(TermKind::Client, client)))
    }

    fn hash(&self, kind: TermKind, text: &str) -> Term {
        self.hasher.hash_one((kind, text)) as Term
    }

    fn walk_term(&self, term: Term, span: Range<Place>, ascending: bool) -> Walk<'_> {
        let end = span.end.max(span.start);
        let places = self.terms.range((term, span.start)..(term, end)).map(|(_, place)| *place);
        if ascending { Box::new(places) } else { Box::new(places.rev()) }
    }

    /// The rows of a term in the order of expiry, for which there is no index: they are few beside all that expire.
    fn sorted_by_expiry(&self, term: Term, span: Range<Place>, ascending: bool) -> Result<Walk<'_>> {
        let mut places = Vec::new();
        let mut session = Session::default();
        for place in self.walk_term(term, Place::FIRST..Place::END, true) {
            self.row(place)?.read_into(&self.interner, Wanted::by(&Filter::default()), &mut session)?;
            places.extend(session.expires.map(|expires| Place::new(expires, place.id())));
        }
        places.retain(|place| span.contains(place));
        places.sort_unstable();
        let places = places.into_iter();
        Ok(if ascending { Box::new(places) } else { Box::new(places.rev()) })
    }

    fn row(&self, place: Place) -> Result<&Row> {
        self.rows.get(&place.id()).ok_or_else(|| {
            Error::new(Code::StoreFailed, "an index in memory names no session: this is a bug, please report it")
        })
    }
}

/// Tells which rows match a filter, and uses its memory again for each.
struct Matcher<'a> {
    filter: &'a Filter,
    interner: &'a Interner,
    wanted: Wanted,
    session: Session,
}

impl<'a> Matcher<'a> {
    fn new(filter: &'a Filter, interner: &'a Interner) -> Self {
        Matcher { filter, interner, wanted: Wanted::by(filter), session: Session::default() }
    }

    fn matches(&mut self, row: &Row) -> Result<bool> {
        row.read_into(self.interner, self.wanted, &mut self.session)?;
        Ok(self.filter.matches(&self.session))
    }
}

/// Places in the order in which a page takes them.
type Walk<'a> = Box<dyn Iterator<Item = Place> + 'a>;

fn walk(index: &BTreeSet<Place>, span: Range<Place>, ascending: bool) -> Walk<'_> {
    let end = span.end.max(span.start);
    let places = index.range(span.start..end).copied();
    if ascending { Box::new(places) } else { Box::new(places.rev()) }
}

/// The places in a range of time.
fn span(range: TimeRange) -> Range<Place> {
    let first_at = |time: Millis| Place::new(time, 0);
    range.after.map_or(Place::FIRST, first_at)..range.before.map_or(Place::END, first_at)
}

/// The places in the order of expiry that a filter leaves: by its range, and by its state.
fn expiry_span(filter: &Filter) -> Range<Place> {
    let Range { start, end } = span(filter.expires);
    match filter.state {
        Some(StateAt::Expired(at)) => start..end.min(Place::new(at, u32::MAX)),
        _ => start..end,
    }
}

/// Changes the members that the change names.
fn apply(change: &SessionChange, session: &mut Session) {
    fn set<T: Clone>(member: &mut T, change: &Option<T>) {
        if let Some(value) = change {
            member.clone_from(value);
        }
    }
    set(&mut session.scheme, &change.scheme);
    set(&mut session.subject_id, &change.subject_id);
    set(&mut session.session_id, &change.session_id);
    set(&mut session.display_name, &change.display_name);
    set(&mut session.display_name_folded, &change.display_name_folded);
    set(&mut session.issuer, &change.issuer);
    set(&mut session.renewed, &change.renewed);
    set(&mut session.expires, &change.expires);
    set(&mut session.ip_address, &change.ip_address);
    set(&mut session.user_agent, &change.user_agent);
    set(&mut session.attributes, &change.attributes);
    set(&mut session.ticket, &change.ticket);
}

#[cfg(test)]
mod tests;
