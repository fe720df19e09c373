//! The grant store in memory.

use super::grants::{GrantSearch, GrantTable};
use super::search::Slices;
use super::tables::{SharedTables, Tables};
use crate::error::Result;
use crate::grant::{Grant, GrantCounts, GrantFilter};
use crate::ports::GrantStore;
use crate::time::Timestamp;

/// The grant store. It has indexes by key, subject, session and client.
#[derive(Clone, Debug, Default)]
pub struct MemoryGrants(pub(super) SharedTables);

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
