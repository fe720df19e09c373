//! The outbox in memory.

use super::outbox::OutboxSearch;
use super::search::Slices;
use super::tables::{SharedTables, Tables};
use crate::error::Result;
use crate::notification::{Delivery, Notification, OutboxFilter, SettledBefore, Settlement};
use crate::ports::LogoutOutbox;
use crate::time::{Millis, Timestamp};

/// The outbox. It stores notifications until some time after they are delivered.
#[derive(Clone, Debug, Default)]
pub struct MemoryOutbox(pub(super) SharedTables);

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
