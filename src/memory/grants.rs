//! The grants, and the indexes that find them.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::error::Result;
use crate::grant::{Grant, GrantCounts, GrantFilter};

/// All grants of a store, numbered in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct GrantTable {
    grants: BTreeMap<u64, Grant>,
    by_key: HashMap<String, u64>,
    by_subject: Index,
    by_session: Index,
    by_client: Index,
    next_id: u64,
}

/// The grants of each subject, session or client.
#[derive(Debug, Default)]
struct Index(HashMap<String, BTreeSet<u64>>);

impl Index {
    fn insert(&mut self, text: &str, id: u64) {
        self.0.entry_ref(text).or_default().insert(id);
    }

    fn remove(&mut self, text: &str, id: u64) {
        if let Some(ids) = self.0.get_mut(text) {
            ids.remove(&id);
            if ids.is_empty() {
                self.0.remove(text);
            }
        }
    }

    fn ids<'a>(&'a self, text: &str) -> impl Iterator<Item = u64> + use<'a> {
        self.0.get(text).into_iter().flatten().copied()
    }
}

impl GrantTable {
    pub(super) fn store(&mut self, grant: &Grant) {
        let id = match self.by_key.get(&grant.key) {
            // One that is replaced keeps its place.
            Some(id) => *id,
            None => {
                self.next_id += 1;
                self.next_id
            }
        };
        self.take(id);
        self.by_key.insert(grant.key.clone(), id);
        grant.subject_id.iter().for_each(|subject| self.by_subject.insert(subject, id));
        grant.session_id.iter().for_each(|session| self.by_session.insert(session, id));
        self.by_client.insert(&grant.client_id, id);
        self.grants.insert(id, grant.clone());
    }

    pub(super) fn get(&self, key: &str) -> Option<Grant> {
        self.by_key.get(key).and_then(|id| self.grants.get(id)).cloned()
    }

    pub(super) fn list(&self, filter: &GrantFilter) -> Result<Vec<Grant>> {
        filter.check()?;
        Ok(self.find(filter).filter_map(|id| self.grants.get(&id)).cloned().collect())
    }

    pub(super) fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        filter.check()?;
        let mut counts = GrantCounts::default();
        let found = self.find(filter).filter_map(|id| self.grants.get(&id));
        found.for_each(|grant| counts.add(&grant.grant_type));
        Ok(counts)
    }

    pub(super) fn remove(&mut self, filter: &GrantFilter) -> Result<GrantCounts> {
        filter.check()?;
        let mut counts = GrantCounts::default();
        let found: Vec<u64> = self.find(filter).collect();
        let removed = found.into_iter().filter_map(|id| self.take(id));
        removed.for_each(|grant| counts.add(&grant.grant_type));
        Ok(counts)
    }

    /// The grants that match, in the order in which they came.
    fn find<'a>(&'a self, filter: &'a GrantFilter) -> Box<dyn Iterator<Item = u64> + 'a> {
        let candidates: Box<dyn Iterator<Item = u64>> = if let Some(session) = &filter.session_id {
            Box::new(self.by_session.ids(session))
        } else if let Some(subject) = &filter.subject_id {
            Box::new(self.by_subject.ids(subject))
        } else if filter.client_ids.is_empty() {
            Box::new(self.grants.keys().copied())
        } else {
            let of_clients: BTreeSet<u64> = filter.client_ids.iter().flat_map(|id| self.by_client.ids(id)).collect();
            Box::new(of_clients.into_iter())
        };
        Box::new(candidates.filter(|id| self.grants.get(id).is_some_and(|grant| filter.matches(grant))))
    }

    fn take(&mut self, id: u64) -> Option<Grant> {
        let grant = self.grants.remove(&id)?;
        self.by_key.remove(&grant.key);
        grant.subject_id.iter().for_each(|subject| self.by_subject.remove(subject, id));
        grant.session_id.iter().for_each(|session| self.by_session.remove(session, id));
        self.by_client.remove(&grant.client_id, id);
        Some(grant)
    }
}
