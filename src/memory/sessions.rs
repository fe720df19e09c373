//! The session table: packed rows and the index that finds and sorts them.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::{Rc, Weak};

use crate::error::{InvalidArgument, Result, StoreFailed};
use crate::filter::{Filter, TextMatch, TimeRange};
use crate::ports::{ListRequest, Order, PageStart};
use crate::session::{
    ClientSession, RemovedSession, Session, SessionChange, SessionCondition, SessionKey,
};
use crate::time::{Timestamp, is_expired};

use super::exported_rows::{Contents, Number, SessionRow};
use super::index::{Entry, Index, Kind, Term};
use super::interner::Interner;
use super::numbered_rows::Rows;
use super::packed_row::{Row, Wanted, pack_key};
use super::page::SessionPage;
use super::place::Place;
use super::search::Search;

mod devices;
mod picks;

/// All sessions of a store. The number of a session is its tie-break.
#[derive(Debug, Default)]
pub(super) struct SessionTable {
    pub(super) rows: Rows<Row>,
    index: Index,
    interner: Interner,
    /// Devices are cleared in all sessions before this place. Sessions that got one since then are
    /// found by [`Term::DEVICES`].
    pub(super) forgotten: Place,
    /// The paused searches, which track changes.
    searches: Vec<Weak<RefCell<Search>>>,
}

impl SessionTable {
    pub(super) fn create(&mut self, session: &Session) -> Result<()> {
        if self.find(&session.key)?.is_some() {
            return Err(StoreFailed::DuplicateKey.into());
        }
        let number = self.rows.free_number();
        self.insert(number, session);
        Ok(())
    }

    fn insert(&mut self, number: u32, session: &Session) {
        self.rows.put(number, Row::pack(session, &mut self.interner));
        self.index.change(Vec::new(), self.entries(session, number));
        self.track_in_searches(number, None, Some(session));
    }

    pub(super) fn get(&self, key: &SessionKey) -> Result<Option<Session>> {
        Ok(self.read(key)?.map(|(_, session)| session))
    }

    pub(super) fn update(
        &mut self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool> {
        if let Some(new) = &change.key
            && new != key
            && let Some((_, session)) = self.read(key)?
            && condition.is_met_by(&session)
            && self.find(new)?.is_some()
        {
            return Err(StoreFailed::DuplicateKey.into());
        }
        self.change(key, &|session| {
            let is_met = condition.is_met_by(session);
            if is_met {
                apply(change, session);
            }
            is_met
        })
    }

    pub(super) fn add_client(
        &mut self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(number) = self.find(key)? else { return Ok(false) };
        let mut times = Session::default();
        let row = self.rows.get(number).ok_or(StoreFailed::DanglingIndex)?;
        row.read_into(&self.interner, Wanted::TIMES, &mut times)?;
        if is_expired(times.expires, now) {
            return Ok(false);
        }
        match row.with_client(client, &mut self.interner)? {
            Some(row) => {
                // Only paused searches need the whole session.
                let old = match self.searches.is_empty() {
                    true => None,
                    false => Some(self.row(number)?.session(&self.interner)?),
                };
                self.rows.put(number, row);
                let term = self.index.term(Kind::Client, &client.client_id);
                self.index.change(Vec::new(), vec![(term, Place::new(times.created, number))]);
                if let Some(old) = old {
                    let new = self.row(number)?.session(&self.interner)?;
                    self.track_in_searches(number, Some(&old), Some(&new));
                }
            }
            None if client.session_id.is_some() => {
                self.change(key, &|session| {
                    client.clone().join(&mut session.clients);
                    true
                })?;
            }
            None => {}
        }
        Ok(true)
    }

    pub(super) fn remove(
        &mut self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>> {
        let mut removed = Vec::new();
        for key in keys {
            let Some((number, session)) = self.read(key)? else { continue };
            if !condition.is_met_by(&session) {
                continue;
            }
            self.index.change(self.entries(&session, number), Vec::new());
            self.rows.remove(number);
            Row::release(&session, &mut self.interner);
            self.track_in_searches(number, Some(&session), None);
            let Session { key, subject_id, session_id, issuer, clients, .. } = session;
            removed.push(RemovedSession { key, subject_id, session_id, issuer, clients });
        }
        Ok(removed)
    }

    /// The sessions that a search found, with their places.
    pub(super) fn found(&self, search: &Search) -> Result<Vec<Picked>> {
        let places = search.places.iter().flatten().take(search.limit as usize);
        places
            .map(|place| {
                let number = place.number();
                Ok((*place, number, self.row(number)?.session(&self.interner)?))
            })
            .collect()
    }

    /// The term and span that contain all matching sessions in this order, ascending or descending.
    fn scan_range(&self, filter: &Filter, order: Order) -> (Term, Range<Place>) {
        match order {
            Order::Expiry => (Term::EXPIRES, expiry_span(filter)),
            Order::Newest | Order::Oldest => {
                (self.term(filter).unwrap_or(Term::ALL), span(filter.created))
            }
        }
    }

    /// The search for a page.
    pub(super) fn search(&self, request: &ListRequest) -> Result<Search> {
        let ListRequest { filter, order, from, limit } = request;
        if *limit == 0 {
            return Err(InvalidArgument::NoPageLimit.into());
        }
        let (term, mut span) = self.scan_range(filter, *order);
        // The direction of the scan, not of the page. A page before a position is found backwards
        // and then reversed.
        let ascending = (*order == Order::Newest) == is_backwards(from);
        if let PageStart::After(position) | PageStart::Before(position) = from {
            let place = Place::parse(position)?;
            if ascending {
                span.start = span.start.max(place.next());
            } else {
                span.end = span.end.min(place);
            }
        }
        Ok(Search {
            filter: filter.clone().into(),
            except_session_ids: Vec::new(),
            term,
            order: *order,
            ascending,
            remaining: span.clone(),
            span,
            limit: *limit as u64,
            count: 0,
            places: Some(Vec::new()),
        })
    }

    /// The page with the results of a search.
    pub(super) fn page(&self, search: &Search, from: &PageStart) -> Result<SessionPage> {
        let mut page = SessionPage::default();
        for (place, number, session) in self.found(search)? {
            if search.order == Order::Expiry {
                page.ids.push(row_id(&session, number));
            }
            page.sessions.push(Rc::new(session));
            page.positions.push(place.position());
        }
        if is_backwards(from) {
            page.sessions.reverse();
            page.positions.reverse();
            page.ids.reverse();
        }
        Ok(page)
    }

    /// The search that counts matching sessions.
    pub(super) fn search_count(&self, filter: &Filter, up_to: Option<u64>) -> Search {
        let expiry = expiry_span(filter);
        let (term, order, span) = match self.term(filter) {
            Some(term) => (term, Order::Oldest, span(filter.created)),
            None if expiry != span(TimeRange::default()) => (Term::EXPIRES, Order::Expiry, expiry),
            None => (Term::ALL, Order::Oldest, span(filter.created)),
        };
        Search {
            filter: filter.clone().into(),
            except_session_ids: Vec::new(),
            term,
            order,
            ascending: true,
            remaining: span.clone(),
            span,
            limit: up_to.unwrap_or(u64::MAX),
            count: 0,
            places: None,
        }
    }

    /// The number of sessions.
    pub(super) fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Scans the next `rows` rows of a search. Returns true if none are left.
    pub(super) fn advance(&self, search: &mut Search, rows: usize) -> Result<bool> {
        if search.count >= search.limit {
            return Ok(true);
        }
        let filter = search.filter.clone();
        let mut matcher = Matcher::new(&filter, &self.interner);
        let mut scan = self.index.scan(search.term, search.remaining.clone(), search.ascending);
        for place in scan.by_ref().take(rows) {
            let row = self.row(place.number())?;
            if matcher.matches(row)?
                && (search.except_session_ids.is_empty()
                    || search.matches(&row.session(&self.interner)?))
            {
                search.find(place);
                if search.count >= search.limit {
                    return Ok(true);
                }
            }
            match search.ascending {
                true => search.remaining.start = place.next(),
                false => search.remaining.end = place,
            }
        }
        Ok(scan.next().is_none())
    }

    /// Makes a paused search track changes.
    pub(super) fn add_paused(&mut self, search: &Rc<RefCell<Search>>) {
        self.searches.push(Rc::downgrade(search));
    }

    /// Passes a change to the paused searches and drops those that have ended.
    fn track_in_searches(&mut self, number: u32, old: Option<&Session>, new: Option<&Session>) {
        self.searches.retain(|search| match search.upgrade() {
            Some(search) => {
                search.borrow_mut().track(number, old, new);
                true
            }
            None => false,
        });
    }

    /// The number of the session with this key.
    fn find(&self, key: &SessionKey) -> Result<Option<u32>> {
        let packed = pack_key(key.as_str());
        for place in self.index.all(self.index.term(Kind::Key, key.as_str())) {
            if self.row(place.number())?.packed_key() == packed {
                return Ok(Some(place.number()));
            }
        }
        Ok(None)
    }

    fn row(&self, number: u32) -> Result<&Row> {
        self.rows.get(number).ok_or_else(|| StoreFailed::DanglingIndex.into())
    }

    fn read(&self, key: &SessionKey) -> Result<Option<(u32, Session)>> {
        let Some(number) = self.find(key)? else { return Ok(None) };
        Ok(Some((number, self.row(number)?.session(&self.interner)?)))
    }

    /// Changes a session unless `change` returns false. Returns false if nothing was changed.
    fn change(&mut self, key: &SessionKey, change: &dyn Fn(&mut Session) -> bool) -> Result<bool> {
        let Some((number, old)) = self.read(key)? else { return Ok(false) };
        let mut new = old.clone();
        if !change(&mut new) {
            return Ok(false);
        }
        // Pack before releasing the old strings, so that unchanged strings keep their numbers.
        self.rows.put(number, Row::pack(&new, &mut self.interner));
        Row::release(&old, &mut self.interner);
        // Clients are only added, so the entries of the first ones stay.
        let kept = old.clients.len();
        let entries = |session| self.entries_from(session, number, kept).collect();
        let (old_entries, new_entries): (Vec<Entry>, Vec<Entry>) = (entries(&old), entries(&new));
        self.index.change(old_entries, new_entries);
        self.track_in_searches(number, Some(&old), Some(&new));
        Ok(true)
    }

    /// The index entries of a session.
    fn entries(&self, session: &Session, number: u32) -> Vec<Entry> {
        self.entries_from(session, number, 0).collect()
    }

    /// The index entries without those of the first `kept` clients.
    fn entries_from<'a>(
        &'a self,
        session: &'a Session,
        number: u32,
        kept: usize,
    ) -> impl Iterator<Item = Entry> + 'a {
        let place = Place::new(session.created, number);
        let term = move |kind, text: &str| (self.index.term(kind, text), place);
        let ids = [
            (Term::ALL, place),
            term(Kind::Key, session.key.as_str()),
            term(Kind::Subject, &session.subject_id),
            term(Kind::Session, &session.session_id),
        ];
        let added = session.clients.iter().skip(kept);
        let clients = added.map(move |client| term(Kind::Client, &client.client_id));
        let expires = session.expires.map(|expires| (Term::EXPIRES, Place::new(expires, number)));
        let device = self.needs_device_entry(session, place).then_some((Term::DEVICES, place));
        ids.into_iter().chain(clients).chain(expires).chain(device)
    }

    /// The term that leaves the fewest rows; `None` if the filter has none.
    fn term(&self, filter: &Filter) -> Option<Term> {
        let (kind, text) = match filter {
            Filter { session_id: Some(TextMatch::Equals(session)), .. } => (Kind::Session, session),
            Filter { subject_id: Some(TextMatch::Equals(subject)), .. } => (Kind::Subject, subject),
            Filter { client_id: Some(client), .. } => (Kind::Client, client),
            _ => return None,
        };
        Some(self.index.term(kind, text))
    }
}

impl Contents for SessionTable {
    type Row = SessionRow;

    fn numbers(&self) -> Vec<u32> {
        self.rows.numbers()
    }

    fn numbered(&self, number: u32) -> Result<SessionRow> {
        let session = self.row(number)?.session(&self.interner)?;
        Ok(SessionRow { number: Number(number), session })
    }

    fn put(&mut self, row: SessionRow) -> Result<bool> {
        let SessionRow { number: Number(number), session } = row;
        let is_new = self.rows.get(number).is_none() && self.find(&session.key)?.is_none();
        if is_new {
            self.insert(number, &session);
        }
        Ok(is_new)
    }
}

/// A session that a step ends, with its place in the order of the step and its number.
pub(super) type Picked = (Place, u32, Session);

fn is_backwards(from: &PageStart) -> bool {
    matches!(from, PageStart::Before(_) | PageStart::Last)
}

/// Matches rows against a filter, reusing its memory.
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

/// The id of a session's row: its position by creation time.
pub(super) fn row_id(session: &Session, number: u32) -> String {
    Place::new(session.created, number).position()
}

/// The places in a time range.
fn span(range: TimeRange) -> Range<Place> {
    let first_at = |time: Timestamp| Place::new(time, 0);
    range.after.map_or(Place::FIRST, first_at)..range.before.map_or(Place::END, first_at)
}

/// The places in the order of expiry that a filter allows, by its range and its state.
fn expiry_span(filter: &Filter) -> Range<Place> {
    let Range { start, end } = span(filter.expires);
    match filter.expired_at {
        Some(at) => start..end.min(Place::new(at, u32::MAX)),
        None => start..end,
    }
}

/// Sets the members that are present in the change.
fn apply(change: &SessionChange, session: &mut Session) {
    fn set<T: Clone>(member: &mut T, change: &Option<T>) {
        if let Some(value) = change {
            member.clone_from(value);
        }
    }
    set(&mut session.key, &change.key);
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
