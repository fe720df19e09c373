//! Stores in memory: for tests, demos and the browser console.
//!
//! What they hold is shared by all handles of one [`MemoryStores`], so that a removal is one step.
//! Each method does its work at once, without waiting; the ports only wrap it. A search that may
//! pass over many rows can also be made [in slices](Slices).

mod contents;
mod grants;
mod index;
mod interner;
mod numbered;
mod outbox;
mod packing;
mod page;
mod place;
mod row;
mod rows;
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

use grants::{GrantSearch, GrantTable};
pub use numbered::ContentsVersion;
use outbox::{OutboxSearch, OutboxTable};
pub use page::SessionPage;
use search::Search;
pub use search::{SLICE, Slices};
use sessions::{Picked, SessionTable, row_id};

/// The four stores over one shared memory. A clone shares it too. Serde writes what they hold as
/// plain data, and reads it into new stores.
#[derive(Clone, Debug)]
pub struct MemoryStores(Rc<RefCell<Tables>>);

#[derive(Debug)]
struct Tables {
    sessions: SessionTable,
    grants: GrantTable,
    outbox: OutboxTable,
    /// See [`SLICE`].
    slice: usize,
}

impl Default for MemoryStores {
    fn default() -> Self {
        Self::with_slices_of(SLICE)
    }
}

impl MemoryStores {
    /// Stores with nothing in them.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with searches that pass over `rows` rows at a time instead of [`SLICE`].
    pub fn with_slices_of(rows: usize) -> Self {
        MemoryStores(Rc::new(RefCell::new(Tables {
            sessions: SessionTable::default(),
            grants: GrantTable::default(),
            outbox: OutboxTable::default(),
            slice: rows,
        })))
    }

    /// A search for sessions, and the value that is made of its result in the same moment.
    fn search<T: 'static>(
        &self,
        search: Search,
        made: impl Fn(&mut Tables, &Search) -> Result<T> + 'static,
    ) -> Slices<T> {
        let (stores, mut under_way) = (self.clone(), Some(Rc::new(RefCell::new(search))));
        let mut is_watched = false;
        Slices::new(move || {
            let tables = &mut *stores.0.borrow_mut();
            let Some(search) = &under_way else { return Ok(None) };
            if !tables.sessions.advance(&mut search.borrow_mut(), tables.slice)? {
                if !std::mem::replace(&mut is_watched, true) {
                    tables.sessions.watch(search);
                }
                return Ok(None);
            }
            // It ends here, so that it doesn't follow what is made of it.
            let search = under_way.take().and_then(Rc::into_inner);
            search.map(|search| made(tables, &search.into_inner())).transpose()
        })
    }

    /// The sessions that a step ends, and what is made of them in the same moment.
    fn pick<T: 'static>(
        &self,
        pick: EndingPick,
        made: impl Fn(&mut Tables, Vec<Picked>) -> Result<T> + 'static,
    ) -> Result<Slices<T>> {
        let search = self.0.borrow().sessions.search_pick(&pick)?;
        Ok(match search {
            Some(search) => self.search(search, move |tables, search| {
                let picked = tables.sessions.found(search)?;
                made(tables, picked)
            }),
            None => {
                let stores = self.clone();
                Slices::new(move || {
                    let tables = &mut *stores.0.borrow_mut();
                    let picked = tables.sessions.pick(&pick)?;
                    made(tables, picked).map(Some)
                })
            }
        })
    }

    /// Where sessions are kept.
    pub fn sessions(&self) -> MemorySessions {
        MemorySessions(self.clone())
    }

    /// Where grants are kept.
    pub fn grants(&self) -> MemoryGrants {
        MemoryGrants(self.clone())
    }

    /// Where notifications are kept.
    pub fn outbox(&self) -> MemoryOutbox {
        MemoryOutbox(self.clone())
    }

    /// What ends sessions as a set over all of them.
    pub fn atomic(&self) -> MemoryAtomic {
        MemoryAtomic(self.clone())
    }
}

/// Where sessions are kept; each takes some 360 bytes. By key, subject, session id and client, and
/// in every order, it finds a page without a look at the rows ahead of it or at those of others;
/// all other filters, and every filter in the order of expiry, are checked row by row along the
/// way.
#[derive(Clone, Debug, Default)]
pub struct MemorySessions(MemoryStores);

impl MemorySessions {
    /// Adds a session. Fails with `store_failed` where its key is there already; the stored session
    /// stays.
    pub fn create(&self, session: &Session) -> Result<()> {
        self.0.0.borrow_mut().sessions.create(session)
    }

    /// The session with this key, expired or not.
    pub fn get(&self, key: &SessionKey) -> Result<Option<Session>> {
        self.0.0.borrow().sessions.get(key)
    }

    /// Changes a session that meets the condition. False: none has this key, or it doesn't meet the
    /// condition; never creates one.
    pub fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool> {
        self.0.0.borrow_mut().sessions.update(key, change, condition)
    }

    /// Adds a client, once for each client id: one that is there already keeps its place, and takes
    /// over the session id if the new one has another. False, and nothing added, if no session has
    /// this key or it has expired at `now`.
    pub fn add_client(
        &self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool> {
        self.0.0.borrow_mut().sessions.add_client(key, client, now)
    }

    /// One page of the sessions that match. Fails with `invalid_argument` where the limit is 0, and
    /// with `invalid_results_token` where the position is none of this store's.
    pub fn list(&self, request: &ListRequest) -> Result<SessionPage> {
        self.list_in_slices(request)?.finish()
    }

    /// The same in slices: the page as it is when the search is over.
    pub fn list_in_slices(&self, request: &ListRequest) -> Result<Slices<SessionPage>> {
        let search = self.0.0.borrow().sessions.search(request)?;
        let from = request.from.clone();
        Ok(self.0.search(search, move |tables, search| tables.sessions.page(search, &from)))
    }

    /// How many sessions match; stops at `up_to`.
    pub fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        self.count_in_slices(filter, up_to).finish()
    }

    /// The same in slices: the number as it is when the search is over.
    pub fn count_in_slices(&self, filter: &Filter, up_to: Option<u64>) -> Slices<u64> {
        if *filter == Filter::default() {
            let stores = self.0.clone();
            let up_to = up_to.unwrap_or(u64::MAX);
            return Slices::new(move || Ok(Some(up_to.min(stores.0.borrow().sessions.len()))));
        }
        let search = self.0.0.borrow().sessions.search_count(filter, up_to);
        self.0.search(search, |_, search| Ok(search.count.min(search.limit)))
    }

    /// Removes those of these sessions that meet the condition, and returns them.
    pub fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>> {
        self.0.0.borrow_mut().sessions.remove(keys, condition)
    }

    /// Clears the address and the user agent of up to `limit` sessions that were created before
    /// this instant and have one of them, and returns how many.
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

/// Where grants are kept. Finds by key, subject, session and client.
#[derive(Clone, Debug, Default)]
pub struct MemoryGrants(MemoryStores);

impl MemoryGrants {
    /// Adds a grant, or replaces the one with the same key. Fails with `invalid_argument` if not
    /// every store can hold it.
    pub fn store(&self, grant: &Grant) -> Result<()> {
        grant.check()?;
        self.0.0.borrow_mut().grants.store(grant);
        Ok(())
    }

    /// The grant with this key.
    pub fn get(&self, key: &str) -> Option<Grant> {
        self.0.0.borrow().grants.get(key)
    }

    /// All grants that match, in no promised order. Fails with `invalid_argument` where the filter
    /// is empty.
    pub fn list(&self, filter: &GrantFilter) -> Result<Vec<Grant>> {
        self.list_in_slices(filter)?.finish()
    }

    /// The same in slices. A grant that comes or goes meanwhile may be in the list or not.
    pub fn list_in_slices(&self, filter: &GrantFilter) -> Result<Slices<Vec<Grant>>> {
        self.search(filter, |grants, search| grants.found(search).cloned().collect())
    }

    /// How many match, by kind. Fails with `invalid_argument` where the filter is empty.
    pub fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.count_in_slices(filter)?.finish()
    }

    /// The same in slices. A grant that comes or goes meanwhile may count or not.
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
        made: impl Fn(&GrantTable, &GrantSearch) -> T + 'static,
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
                search.once_each();
            }
            Ok(Some(made(grants, &search)))
        }))
    }

    /// Removes all that match and says how many, by kind. Fails with `invalid_argument` where the
    /// filter is empty.
    pub fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.remove_in_slices(filter)?.finish()
    }

    /// The same in slices, each of which removes the grants that it finds.
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

    /// Removes up to `limit` grants that have expired at `now`, and returns how many.
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

/// Where notifications are kept until they are delivered, and after.
#[derive(Clone, Debug, Default)]
pub struct MemoryOutbox(MemoryStores);

impl MemoryOutbox {
    /// Records notifications; one whose id is there already, settled or not, changes nothing.
    pub fn add(&self, entries: &[Notification]) {
        let mut tables = self.0.0.borrow_mut();
        for entry in entries {
            tables.outbox.add(entry);
        }
    }

    /// Takes up to `limit` notifications that are due at `now`, the longest due first and then the
    /// oldest, and leases them for `lease_for` milliseconds: until then nobody else gets them.
    pub fn claim(&self, now: Timestamp, limit: usize, lease_for: Millis) -> Vec<Notification> {
        self.0.0.borrow_mut().outbox.claim(now, limit, lease_for)
    }

    /// Records how an attempt went at `now`, and counts it. An id that is not there is ignored.
    pub fn settle(&self, id: &str, result: &Settlement, now: Timestamp) {
        self.0.0.borrow_mut().outbox.settle(id, result, now);
    }

    /// Removes up to `limit` notifications that were settled before these instants, and returns how
    /// many.
    pub fn prune(&self, settled_before: &SettledBefore, limit: usize) -> usize {
        self.0.0.borrow_mut().outbox.prune(settled_before, limit)
    }

    /// The entries that match, in the order of their ids, behind the id `after`; without a limit,
    /// all.
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

    /// The same in slices: each entry as it was when the search came to it.
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

    /// Makes an entry that failed due at `now` again. False: no such entry, or not failed.
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

/// Ends sessions as a set, with their grants and notifications, in one step.
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

    /// All of the step, or nothing of it. Fails with `invalid_argument` if the limit is 0 or a
    /// grant filter is empty, and with `invalid_results_token` if the position isn't one of this
    /// store.
    pub fn end_sessions(&self, step: &EndingStep) -> Result<EndedSessions> {
        self.end_in_slices(step.clone())?.finish()
    }

    /// The same, with the search for the sessions in slices. The step is made in the last one, and
    /// ends the sessions that match then.
    pub fn end_in_slices(&self, step: EndingStep) -> Result<Slices<EndedSessions>> {
        // Checked ahead of the first change: nothing after it can refuse.
        let matching = step.revoke.iter().flat_map(|revoke| &revoke.matching);
        matching.into_iter().try_for_each(GrantFilter::check)?;
        self.0.pick(step.pick.clone(), move |tables, picked| end(tables, &step, picked))
    }

    /// Adds a session, unless its subject already has as many as it may. False: not added. Fails
    /// with `store_failed` if its key is there already.
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

/// Ends these sessions, and what goes with them.
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
            let is_meant = |grant: &Grant| of_sessions.means_client(&grant.client_id);
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

/// The sessions as their notifications follow from them: oldest first.
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
