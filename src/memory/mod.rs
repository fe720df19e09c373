//! Memory stores, for tests, demos and the browser console.
//!
//! All handles of one [`MemoryStores`] share its data, so a removal is atomic. Methods complete
//! synchronously, and the ports only wrap them. A search over many rows can also run [in
//! slices](Slices).

mod contents;
mod exported_rows;
mod grants;
mod index;
mod interner;
mod numbered_rows;
mod outbox;
mod packed_row;
mod packing;
mod page;
mod place;
mod search;
mod sessions;

use std::cell::RefCell;
use std::rc::Rc;

use crate::ending::{EndedSessions, EndingPick, EndingSession, EndingStep, SessionIds};
use crate::error::Result;
use crate::filter::{Filter, TextMatch};
use crate::grant::{Grant, GrantCounts, GrantFilter};
use crate::notification::{Delivery, Notification, OutboxFilter, SettledBefore, Settlement};
use crate::ports::{
    Admission, AtomicEnding, CoveredStore, GrantStore, ListRequest, LogoutOutbox, SessionStore,
};
use crate::session::{
    ClientSession, RemovedSession, Session, SessionChange, SessionCondition, SessionKey,
};
use crate::time::{Millis, Timestamp};

pub use exported_rows::ContentsVersion;
use grants::{GrantSearch, GrantTable};
use outbox::{OutboxSearch, OutboxTable};
pub use page::SessionPage;
use search::Search;
pub use search::{SLICE, Slices};
use sessions::{Picked, SessionTable, row_id};

/// The four stores over shared memory. A clone shares the data. Serde writes the contents as plain
/// data and reads them into new stores.
#[derive(Clone, Debug)]
pub struct MemoryStores(Rc<RefCell<Tables>>);

#[derive(Debug)]
struct Tables {
    sessions: SessionTable,
    grants: GrantTable,
    outbox: OutboxTable,
    /// The rows per slice; see [`SLICE`].
    slice: usize,
}

impl Default for MemoryStores {
    fn default() -> Self {
        Self::with_slices_of(SLICE)
    }
}

impl MemoryStores {
    /// Empty stores.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empty stores whose searches scan `rows` rows per slice instead of [`SLICE`].
    pub fn with_slices_of(rows: usize) -> Self {
        MemoryStores(Rc::new(RefCell::new(Tables {
            sessions: SessionTable::default(),
            grants: GrantTable::default(),
            outbox: OutboxTable::default(),
            slice: rows,
        })))
    }

    /// A search for sessions. `convert` converts its result in the same step.
    fn search<T: 'static>(
        &self,
        search: Search,
        convert: impl Fn(&mut Tables, &Search) -> Result<T> + 'static,
    ) -> Slices<T> {
        let (stores, mut running) = (self.clone(), Some(Rc::new(RefCell::new(search))));
        let mut is_paused = false;
        Slices::new(move || {
            let tables = &mut *stores.0.borrow_mut();
            let Some(search) = &running else { return Ok(None) };
            if !tables.sessions.advance(&mut search.borrow_mut(), tables.slice)? {
                if !std::mem::replace(&mut is_paused, true) {
                    tables.sessions.add_paused(search);
                }
                return Ok(None);
            }
            // Drop the search first, so that it doesn't track the changes of `convert`.
            let search = running.take().and_then(Rc::into_inner);
            search.map(|search| convert(tables, &search.into_inner())).transpose()
        })
    }

    /// Selects the sessions that a step ends. `convert` converts them in the same step.
    fn pick<T: 'static>(
        &self,
        pick: EndingPick,
        convert: impl Fn(&mut Tables, Vec<Picked>) -> Result<T> + 'static,
    ) -> Result<Slices<T>> {
        let search = self.0.borrow().sessions.search_pick(&pick)?;
        Ok(match search {
            Some(search) => self.search(search, move |tables, search| {
                let picked = tables.sessions.found(search)?;
                convert(tables, picked)
            }),
            None => {
                let stores = self.clone();
                Slices::new(move || {
                    let tables = &mut *stores.0.borrow_mut();
                    let picked = tables.sessions.pick(&pick)?;
                    convert(tables, picked).map(Some)
                })
            }
        })
    }

    /// The session store.
    pub fn sessions(&self) -> MemorySessions {
        MemorySessions(self.clone())
    }

    /// The grant store.
    pub fn grants(&self) -> MemoryGrants {
        MemoryGrants(self.clone())
    }

    /// The outbox.
    pub fn outbox(&self) -> MemoryOutbox {
        MemoryOutbox(self.clone())
    }

    /// The port that ends sessions as a set, over all of these stores.
    pub fn atomic(&self) -> MemoryAtomic {
        MemoryAtomic(self.clone())
    }
}

/// The session store. Each session takes about 360 bytes. Filters by key, subject, session id and
/// client use an index in every order and skip all other rows. Other filters are checked row by
/// row, and so are all filters when ordering by expiry.
#[derive(Clone, Debug, Default)]
pub struct MemorySessions(MemoryStores);

impl MemorySessions {
    /// Adds a session. Fails with `store_failed` if its key exists, and leaves the stored session
    /// unchanged.
    pub fn create(&self, session: &Session) -> Result<()> {
        self.0.0.borrow_mut().sessions.create(session)
    }

    /// The session with this key, even if it has expired.
    pub fn get(&self, key: &SessionKey) -> Result<Option<Session>> {
        self.0.0.borrow().sessions.get(key)
    }

    /// Changes a session that meets the condition. Returns false if no session has this key or it
    /// doesn't meet the condition; it never creates one.
    pub fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool> {
        self.0.0.borrow_mut().sessions.update(key, change, condition)
    }

    /// Adds a client, once per client id. A known client keeps its place and gets the new session
    /// id if there is one. Returns false and adds nothing if no session has this key or it has
    /// expired at `now`.
    pub fn add_client(
        &self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool> {
        self.0.0.borrow_mut().sessions.add_client(key, client, now)
    }

    /// One page of matching sessions. Fails with `invalid_argument` if the limit is 0 and with
    /// `invalid_results_token` if the position isn't one of this store.
    pub fn list(&self, request: &ListRequest) -> Result<SessionPage> {
        self.list_in_slices(request)?.finish()
    }

    /// The same in slices. The page is up to date when the search ends.
    pub fn list_in_slices(&self, request: &ListRequest) -> Result<Slices<SessionPage>> {
        let search = self.0.0.borrow().sessions.search(request)?;
        let from = request.from.clone();
        Ok(self.0.search(search, move |tables, search| tables.sessions.page(search, &from)))
    }

    /// The number of matching sessions. Stops counting at `up_to`.
    pub fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        self.count_in_slices(filter, up_to).finish()
    }

    /// The same in slices. The number is up to date when the search ends.
    pub fn count_in_slices(&self, filter: &Filter, up_to: Option<u64>) -> Slices<u64> {
        if *filter == Filter::default() {
            let stores = self.0.clone();
            let up_to = up_to.unwrap_or(u64::MAX);
            return Slices::new(move || Ok(Some(up_to.min(stores.0.borrow().sessions.len()))));
        }
        let search = self.0.0.borrow().sessions.search_count(filter, up_to);
        self.0.search(search, |_, search| Ok(search.count.min(search.limit)))
    }

    /// Removes the sessions with these keys that meet the condition, and returns them.
    pub fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>> {
        self.0.0.borrow_mut().sessions.remove(keys, condition)
    }

    /// Clears the address and user agent of up to `limit` sessions created before this instant.
    /// Returns the number of changed sessions.
    pub fn forget_devices(&self, created_before: Timestamp, limit: usize) -> Result<usize> {
        self.0.0.borrow_mut().sessions.forget_devices(created_before, limit)
    }
}

impl SessionStore for MemorySessions {
    type Row = Rc<Session>;
    type Page = SessionPage;

    fn serves(&self, _filter: &str) -> Result<bool> {
        Ok(true)
    }

    fn counts(&self) -> bool {
        true
    }

    async fn create(&self, session: &Session) -> Result<()> {
        self.create(session)
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<Rc<Session>>> {
        Ok(self.get(key)?.map(Rc::new))
    }

    async fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool> {
        self.update(key, change, condition)
    }

    async fn add_client(
        &self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool> {
        self.add_client(key, client, now)
    }

    async fn list(&self, request: &ListRequest) -> Result<SessionPage> {
        self.list(request)
    }

    async fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        self.count(filter, up_to)
    }

    async fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>> {
        self.remove(keys, condition)
    }

    async fn forget_devices(&self, created_before: Timestamp, limit: usize) -> Result<u64> {
        self.forget_devices(created_before, limit).map(|count| count as u64)
    }
}

/// The grant store. It has indexes by key, subject, session and client.
#[derive(Clone, Debug, Default)]
pub struct MemoryGrants(MemoryStores);

impl MemoryGrants {
    /// Adds a grant or replaces the one with the same key. Fails with `invalid_argument` if some
    /// store can't hold it.
    pub fn store(&self, grant: &Grant) -> Result<()> {
        grant.check()?;
        self.0.0.borrow_mut().grants.store(grant);
        Ok(())
    }

    /// The grant with this key.
    pub fn get(&self, key: &str) -> Option<Grant> {
        self.0.0.borrow().grants.get(key)
    }

    /// All matching grants, in any order. Fails with `invalid_argument` if the filter is empty.
    pub fn list(&self, filter: &GrantFilter) -> Result<Vec<Grant>> {
        self.list_in_slices(filter)?.finish()
    }

    /// The same in slices. Grants that are added or removed during the search may be missing or
    /// included.
    pub fn list_in_slices(&self, filter: &GrantFilter) -> Result<Slices<Vec<Grant>>> {
        self.search(filter, |grants, search| grants.found(search).cloned().collect())
    }

    /// The number of matching grants, by kind. Fails with `invalid_argument` if the filter is
    /// empty.
    pub fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.count_in_slices(filter)?.finish()
    }

    /// The same in slices. Grants that are added or removed during the search may count or not.
    pub fn count_in_slices(&self, filter: &GrantFilter) -> Result<Slices<GrantCounts>> {
        self.search(filter, |grants, search| {
            let mut counts = GrantCounts::default();
            grants.found(search).for_each(|grant| counts.add(&grant.grant_type));
            counts
        })
    }

    fn search<T: 'static>(
        &self,
        filter: &GrantFilter,
        convert: impl Fn(&GrantTable, &GrantSearch) -> T + 'static,
    ) -> Result<Slices<T>> {
        let (stores, mut search) = (self.0.clone(), self.0.0.borrow().grants.search(filter)?);
        let mut has_paused = false;
        Ok(Slices::new(move || {
            let Tables { grants, slice, .. } = &*stores.0.borrow();
            if !grants.advance(&mut search, *slice) {
                has_paused = true;
                return Ok(None);
            }
            if has_paused {
                search.dedup();
            }
            Ok(Some(convert(grants, &search)))
        }))
    }

    /// Removes all matching grants and returns their number by kind. Fails with `invalid_argument`
    /// if the filter is empty.
    pub fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.remove_in_slices(filter)?.finish()
    }

    /// The same in slices. Each slice removes the grants that it finds.
    pub fn remove_in_slices(&self, filter: &GrantFilter) -> Result<Slices<GrantCounts>> {
        let (stores, mut search) = (self.0.clone(), self.0.0.borrow().grants.search(filter)?);
        let mut counts = GrantCounts::default();
        Ok(Slices::new(move || {
            let Tables { grants, slice, .. } = &mut *stores.0.borrow_mut();
            let is_over = grants.advance(&mut search, *slice);
            grants.remove_found(&mut search, &mut counts);
            Ok(is_over.then_some(counts))
        }))
    }

    /// Removes up to `limit` grants that have expired at `now`, and returns their number.
    pub fn remove_expired(&self, now: Timestamp, limit: usize) -> usize {
        self.0.0.borrow_mut().grants.remove_expired(now, limit)
    }
}

impl GrantStore for MemoryGrants {
    async fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.count(filter)
    }

    async fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.remove(filter)
    }

    async fn remove_expired(&self, now: Timestamp, limit: usize) -> Result<u64> {
        Ok(self.remove_expired(now, limit) as u64)
    }
}

/// The outbox. It stores notifications until some time after they are delivered.
#[derive(Clone, Debug, Default)]
pub struct MemoryOutbox(MemoryStores);

impl MemoryOutbox {
    /// Records notifications. An id that exists, settled or not, is left unchanged.
    pub fn add(&self, entries: &[Notification]) {
        let mut tables = self.0.0.borrow_mut();
        for entry in entries {
            tables.outbox.add(entry);
        }
    }

    /// Claims up to `limit` notifications that are due at `now`, longest due first, then oldest
    /// first. For `lease_for` milliseconds they can't be claimed again.
    pub fn claim(&self, now: Timestamp, limit: usize, lease_for: Millis) -> Vec<Notification> {
        self.0.0.borrow_mut().outbox.claim(now, limit, lease_for)
    }

    /// Records the result of an attempt made at `now` and counts the attempt. Ignores unknown ids.
    pub fn settle(&self, id: &str, result: &Settlement, now: Timestamp) {
        self.0.0.borrow_mut().outbox.settle(id, result, now);
    }

    /// Removes up to `limit` notifications settled before these instants, and returns their number.
    pub fn prune(&self, settled_before: &SettledBefore, limit: usize) -> usize {
        self.0.0.borrow_mut().outbox.prune(settled_before, limit)
    }

    /// The matching entries after the id `after`, sorted by id. Without a limit, all of them.
    pub fn list(
        &self,
        filter: &OutboxFilter,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Vec<Delivery> {
        let mut search = OutboxSearch::new(filter, after, limit);
        while !self.0.0.borrow().outbox.advance(&mut search, usize::MAX) {}
        search.found
    }

    /// The same in slices. Each entry is as it was when the search reached it.
    pub fn list_in_slices(
        &self,
        filter: &OutboxFilter,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Slices<Vec<Delivery>> {
        let (stores, mut search) = (self.0.clone(), OutboxSearch::new(filter, after, limit));
        Slices::new(move || {
            let Tables { outbox, slice, .. } = &*stores.0.borrow();
            let is_over = outbox.advance(&mut search, *slice);
            Ok(is_over.then(|| std::mem::take(&mut search.found)))
        })
    }

    /// Makes a failed entry due again at `now`. Returns false if there is no such failed entry.
    pub fn retry(&self, id: &str, now: Timestamp) -> bool {
        self.0.0.borrow_mut().outbox.retry(id, now)
    }
}

impl LogoutOutbox for MemoryOutbox {
    async fn add(&self, entries: &[Notification]) -> Result<()> {
        self.add(entries);
        Ok(())
    }

    async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
        lease_for: Millis,
    ) -> Result<Vec<Option<Notification>>> {
        Ok(self.claim(now, limit, lease_for).into_iter().map(Some).collect())
    }

    async fn settle(&self, id: &str, result: &Settlement, now: Timestamp) -> Result<()> {
        self.settle(id, result, now);
        Ok(())
    }

    async fn prune(&self, settled_before: &SettledBefore, limit: usize) -> Result<u64> {
        Ok(self.prune(settled_before, limit) as u64)
    }
}

/// Ends sessions as a set, together with their grants and notifications.
#[derive(Clone, Debug, Default)]
pub struct MemoryAtomic(MemoryStores);

impl MemoryAtomic {
    /// The clients of the sessions that a step with this pick would end, each once.
    pub fn clients_of(&self, pick: &EndingPick) -> Result<Vec<String>> {
        self.clients_in_slices(pick.clone())?.finish()
    }

    /// The same in slices.
    pub fn clients_in_slices(&self, pick: EndingPick) -> Result<Slices<Vec<String>>> {
        self.0.pick(pick, |_, picked| {
            let clients = picked.into_iter().flat_map(|(_, _, session)| session.clients);
            let mut ids: Vec<String> = clients.map(|client| client.client_id).collect();
            ids.sort_unstable();
            ids.dedup();
            Ok(ids)
        })
    }

    /// Runs the whole step, or none of it. Fails with `invalid_argument` if the limit is 0 or a
    /// grant filter is empty, and with `invalid_results_token` if the position isn't one of this
    /// store.
    pub fn end_sessions(&self, step: &EndingStep) -> Result<EndedSessions> {
        self.end_in_slices(step.clone())?.finish()
    }

    /// The same, with the search for the sessions in slices. The last slice runs the step on the
    /// sessions that match then.
    pub fn end_in_slices(&self, step: EndingStep) -> Result<Slices<EndedSessions>> {
        // Check before the first change: nothing fails after it.
        let matching = step.revoke.iter().flat_map(|revoke| &revoke.matching);
        matching.into_iter().try_for_each(GrantFilter::check)?;
        self.0.pick(step.pick.clone(), move |tables, picked| end(tables, &step, picked))
    }

    /// Adds a session unless its subject has reached the limit. Returns whether it was added. Fails
    /// with `store_failed` if its key exists.
    pub fn admit(&self, session: &Session, admission: &Admission) -> Result<bool> {
        let filter = Filter {
            subject_id: Some(TextMatch::Equals(session.subject_id.clone())),
            issuer: admission.issuer.clone(),
            active_at: Some(admission.now),
            ..Filter::default()
        };
        let (sessions, limit) = (self.0.sessions(), admission.limit as u64);
        if sessions.count(&filter, Some(limit))? >= limit {
            return Ok(false);
        }
        sessions.create(session).map(|()| true)
    }
}

/// Ends these sessions, revokes their grants and records their notifications.
fn end(tables: &mut Tables, step: &EndingStep, picked: Vec<Picked>) -> Result<EndedSessions> {
    let keys: Vec<SessionKey> = picked.iter().map(|(_, _, session)| session.key.clone()).collect();
    tables.sessions.remove(&keys, &SessionCondition::NONE)?;
    let mut done = EndedSessions {
        ended: picked.len() as u64,
        more: picked.len() == step.pick.limit as usize,
        last: picked.last().map(|(place, ..)| place.position()),
        ..EndedSessions::default()
    };
    let sessions = ending_sessions(picked);
    for filter in step.revoke.iter().flat_map(|revoke| &revoke.matching) {
        done.grants += tables.grants.remove(filter)?;
    }
    if let Some(of_sessions) = step.revoke.as_ref().and_then(|revoke| revoke.of_sessions.as_ref()) {
        for filter in sessions.iter().filter_map(|session| of_sessions.filter(session)) {
            let is_meant = |grant: &Grant| of_sessions.includes_client(&grant.client_id);
            done.grants += tables.grants.remove_if(&filter, is_meant)?;
        }
    }
    if let Some(notify) = &step.notify {
        for notification in notify.notifications(&sessions) {
            if tables.outbox.add(&notification) {
                done.recorded += 1;
                if done.recorded <= u64::from(notify.returned) {
                    done.notifications.push(notification);
                }
            }
        }
    }
    if step.details {
        let ids = sessions.into_iter().map(|session| SessionIds {
            subject_id: session.subject_id,
            session_id: session.session_id,
            issuer: session.issuer,
        });
        done.sessions = Some(ids.collect());
    }
    Ok(done)
}

/// The sessions, sorted oldest first for their notifications.
fn ending_sessions(mut picked: Vec<Picked>) -> Vec<EndingSession> {
    picked.sort_by_key(|(_, number, session)| (session.created, *number));
    let sessions = picked.into_iter().map(|(_, number, session)| EndingSession {
        row_id: row_id(&session, number),
        subject_id: session.subject_id,
        session_id: session.session_id,
        issuer: session.issuer,
        clients: session.clients,
    });
    sessions.collect()
}

impl AtomicEnding for MemoryAtomic {
    type List = Vec<SessionIds>;

    fn covers(&self, _store: CoveredStore) -> bool {
        true
    }

    async fn clients_of(&self, pick: &EndingPick) -> Result<Vec<String>> {
        self.clients_of(pick)
    }

    async fn end_sessions(&self, step: EndingStep) -> Result<EndedSessions> {
        self.end_sessions(&step)
    }

    async fn admit(&self, session: &Session, admission: &Admission) -> Result<bool> {
        self.admit(session, admission)
    }
}

#[cfg(test)]
mod tests;
