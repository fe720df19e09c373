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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn grant(key: &str, grant_type: &str, subject: &str, session: Option<&str>, client: &str) -> Grant {
        Grant {
            key: key.into(),
            grant_type: grant_type.into(),
            subject_id: Some(subject.into()),
            session_id: session.map(Into::into),
            client_id: client.into(),
            ..Grant::default()
        }
    }

    fn table() -> GrantTable {
        let mut table = GrantTable::default();
        for grant in [
            grant("5", "refresh_token", "bob", Some("s1"), "web"),
            grant("4", "reference_token", "bob", Some("s2"), "api"),
            grant("3", "user_consent", "bob", None, "web"),
            grant("2", "device_code", "eve", Some("s1"), "api"),
            grant("1", "ciba", "eve", Some("s3"), "tv"),
        ] {
            table.store(&grant);
        }
        table
    }

    fn filters() -> Vec<(GrantFilter, Vec<&'static str>)> {
        let text = |text: &str| Some(text.to_owned());
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let none = GrantFilter::default();
        vec![
            (GrantFilter { subject_id: text("bob"), ..none.clone() }, vec!["5", "4", "3"]),
            (GrantFilter { session_id: text("s1"), ..none.clone() }, vec!["5", "2"]),
            (GrantFilter { subject_id: text("eve"), session_id: text("s1"), ..none.clone() }, vec!["2"]),
            (GrantFilter { client_ids: texts(&["tv", "web", "tv"]), ..none.clone() }, vec!["5", "3", "1"]),
            (GrantFilter { types: texts(&["ciba", "user_consent"]), ..none.clone() }, vec!["3", "1"]),
            (GrantFilter { subject_id: text("bob"), client_ids: texts(&["web"]), ..none.clone() }, vec!["5", "3"]),
            (GrantFilter { subject_id: text("Bob"), ..none.clone() }, vec![]),
            (GrantFilter { client_ids: texts(&["none"]), ..none }, vec![]),
        ]
    }

    fn keys(grants: Vec<Grant>) -> Vec<String> {
        grants.into_iter().map(|grant| grant.key).collect()
    }

    #[test]
    fn lists_counts_and_removes_what_matches_and_nothing_else() {
        for (filter, expected) in filters() {
            let mut table = table();
            assert_eq!(keys(table.list(&filter).unwrap()), expected, "{filter:?}");
            let counts = table.count(&filter).unwrap();
            assert_eq!(table.remove(&filter).unwrap(), counts);
            assert_eq!(counts.tokens + counts.consents + counts.other, expected.len() as u64);
            assert_eq!(table.remove(&filter).unwrap(), GrantCounts::default(), "it is gone");
            for key in ["1", "2", "3", "4", "5"] {
                assert_eq!(table.get(key).is_none(), expected.contains(&key), "{filter:?} {key}");
            }
        }
    }

    #[test]
    fn counts_by_kind() {
        let counts = |subject: &str| {
            table().count(&GrantFilter { subject_id: Some(subject.into()), ..GrantFilter::default() }).unwrap()
        };
        assert_eq!(counts("bob"), GrantCounts { tokens: 2, consents: 1, other: 0 });
        assert_eq!(counts("eve"), GrantCounts { tokens: 1, consents: 0, other: 1 });
    }

    #[test]
    fn an_empty_filter_is_refused_and_removes_nothing() {
        let mut table = table();
        let blank = GrantFilter { subject_id: Some("  ".into()), ..GrantFilter::default() };
        for filter in [GrantFilter::default(), blank] {
            assert_eq!(table.list(&filter).unwrap_err().code(), Code::InvalidArgument);
            assert_eq!(table.count(&filter).unwrap_err().code(), Code::InvalidArgument);
            assert_eq!(table.remove(&filter).unwrap_err().code(), Code::InvalidArgument);
        }
        assert_eq!(table.grants.len(), 5);
    }

    #[test]
    fn a_grant_with_the_same_key_is_replaced_and_found_by_what_it_is_now() {
        let mut table = table();
        table.store(&grant("5", "refresh_token", "ann", None, "new"));
        let of = |subject: &str| {
            keys(table.list(&GrantFilter { subject_id: Some(subject.into()), ..GrantFilter::default() }).unwrap())
        };
        assert_eq!((of("ann"), of("bob")), (vec!["5".to_owned()], vec!["4".to_owned(), "3".to_owned()]));
        assert_eq!(table.get("5").unwrap().client_id, "new");
        assert_eq!(table.grants.len(), 5);
    }

    #[test]
    fn nothing_is_left_behind_when_the_last_grant_goes() {
        let mut table = table();
        for subject in ["bob", "eve"] {
            table.remove(&GrantFilter { subject_id: Some(subject.into()), ..GrantFilter::default() }).unwrap();
        }
        let indexes = [&table.by_subject, &table.by_session, &table.by_client];
        assert!(indexes.iter().all(|index| index.0.is_empty()));
        assert!(table.by_key.is_empty() && table.grants.is_empty());
    }
}
