//! Stores in memory: for tests, demos and the browser console.
//!
//! What they hold is shared by all handles of one [`MemoryStores`], so that a removal is one step.
//! Each method does its work at once, without waiting; the ports only wrap it.

mod grants;
mod index;
mod interner;
mod outbox;
mod packing;
mod page;
mod place;
mod row;
mod rows;
mod sessions;

use std::cell::RefCell;
use std::rc::Rc;

use crate::error::Result;
use crate::filter::Filter;
use crate::grant::{Grant, GrantCounts, GrantFilter};
use crate::notification::{Delivery, Notification, OutboxFilter, Settlement};
use crate::ports::{
    AtomicPlan, AtomicRemoval, AtomicResult, GrantStore, ListRequest, LogoutOutbox,
    PlannedNotification, SessionStore,
};
use crate::session::{ClientSession, Session, SessionChange, SessionKey};
use crate::time::{Millis, Timestamp};

use grants::GrantTable;
use outbox::OutboxTable;
pub use page::SessionPage;
use sessions::SessionTable;

/// The four stores over one shared memory. A clone shares it too.
#[derive(Clone, Debug, Default)]
pub struct MemoryStores(Rc<RefCell<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    sessions: SessionTable,
    grants: GrantTable,
    outbox: OutboxTable,
}

impl MemoryStores {
    /// Stores with nothing in them.
    pub fn new() -> Self {
        Self::default()
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

    /// The transaction over all of them.
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

    /// Changes a session. False: there is none; never creates one.
    pub fn update(&self, key: &SessionKey, change: &SessionChange) -> Result<bool> {
        self.0.0.borrow_mut().sessions.update(key, change)
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
        self.0.0.borrow().sessions.list(request)
    }

    /// How many sessions match; stops at `up_to`.
    pub fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        self.0.0.borrow().sessions.count(filter, up_to)
    }

    /// Removes these sessions and returns the keys that this call removed.
    pub fn remove(&self, keys: &[SessionKey]) -> Result<Vec<SessionKey>> {
        self.0.0.borrow_mut().sessions.remove(keys)
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

    async fn update(&self, key: &SessionKey, change: &SessionChange) -> Result<bool> {
        self.update(key, change)
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

    async fn remove(&self, keys: &[SessionKey]) -> Result<Vec<SessionKey>> {
        self.remove(keys)
    }
}

/// Where grants are kept. Finds by key, subject, session and client.
#[derive(Clone, Debug, Default)]
pub struct MemoryGrants(MemoryStores);

impl MemoryGrants {
    /// Adds a grant, or replaces the one with the same key.
    pub fn store(&self, grant: &Grant) {
        self.0.0.borrow_mut().grants.store(grant);
    }

    /// The grant with this key.
    pub fn get(&self, key: &str) -> Option<Grant> {
        self.0.0.borrow().grants.get(key)
    }

    /// All grants that match, in no promised order. Fails with `invalid_argument` where the filter
    /// is empty.
    pub fn list(&self, filter: &GrantFilter) -> Result<Vec<Grant>> {
        self.0.0.borrow().grants.list(filter)
    }

    /// How many match, by kind. Fails with `invalid_argument` where the filter is empty.
    pub fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.0.0.borrow().grants.count(filter)
    }

    /// Removes all that match and says how many, by kind. Fails with `invalid_argument` where the
    /// filter is empty.
    pub fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.0.0.borrow_mut().grants.remove(filter)
    }
}

impl GrantStore for MemoryGrants {
    async fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.count(filter)
    }

    async fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.remove(filter)
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

    /// Records how an attempt went, and counts it. An id that is not there is ignored.
    pub fn settle(&self, id: &str, result: &Settlement) {
        self.0.0.borrow_mut().outbox.settle(id, result);
    }

    /// The entries that match, in the order of their ids, behind the id `after`; without a limit,
    /// all.
    pub fn list(
        &self,
        filter: &OutboxFilter,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Vec<Delivery> {
        self.0.0.borrow().outbox.list(filter, after, limit)
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
    ) -> Result<Vec<Notification>> {
        Ok(self.claim(now, limit, lease_for))
    }

    async fn settle(&self, id: &str, result: &Settlement) -> Result<()> {
        self.settle(id, result);
        Ok(())
    }
}

/// Removes, revokes and records in one step.
#[derive(Clone, Debug, Default)]
pub struct MemoryAtomic(MemoryStores);

impl MemoryAtomic {
    /// All of the plan, or nothing of it. Fails with `invalid_argument` where a grant filter is
    /// empty.
    pub fn run(&self, plan: &AtomicPlan) -> Result<AtomicResult> {
        // Checked ahead of the first change: nothing after it can refuse.
        plan.grants.iter().try_for_each(GrantFilter::check)?;
        let tables = &mut *self.0.0.borrow_mut();
        let removed = tables.sessions.remove(&plan.session_keys)?;
        let mut grants = GrantCounts::default();
        for filter in &plan.grants {
            grants += tables.grants.remove(filter)?;
        }
        let mut recorded = Vec::new();
        for PlannedNotification { session_keys: keys, entry } in &plan.notifications {
            // Not by a hash table: a plan holds one page of sessions, and the table would only be
            // code.
            let is_due = keys.is_empty() || keys.iter().any(|key| removed.contains(key));
            if is_due && tables.outbox.add(entry) {
                recorded.push(entry.id.clone());
            }
        }
        Ok(AtomicResult { removed, recorded, grants })
    }
}

impl AtomicRemoval for MemoryAtomic {
    async fn run(&self, plan: &AtomicPlan) -> Result<AtomicResult> {
        self.run(plan)
    }
}

#[cfg(test)]
mod tests;
