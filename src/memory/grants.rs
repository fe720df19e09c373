//! The grant table and its index.

use crate::error::{Result, StoreFailed};
use crate::grant::{Grant, GrantCounts, GrantFilter};
use crate::time::Timestamp;

use super::exported_rows::{Contents, GrantRow, Number};
use super::index::{Entry, Index, Kind, Term};
use super::numbered_rows::Rows;
use super::place::Place;

/// All grants of a store.
#[derive(Debug, Default)]
pub(super) struct GrantTable {
    pub(super) rows: Rows<Grant>,
    index: Index,
}

/// A search for grants in progress.
#[derive(Debug)]
pub(super) struct GrantSearch {
    filter: GrantFilter,
    /// The terms to scan, the next one last.
    terms: Vec<Term>,
    /// Where to continue in the next term.
    from: Place,
    /// The numbers of the matching grants.
    found: Vec<u32>,
}

impl GrantSearch {
    /// Removes duplicates: a grant that was stored again during the search is found twice.
    pub(super) fn dedup(&mut self) {
        self.found.sort_unstable();
        self.found.dedup();
    }
}

impl GrantTable {
    pub(super) fn store(&mut self, grant: &Grant) {
        let known = self.find(&grant.key);
        let number = known.unwrap_or_else(|| self.rows.free_number());
        self.take(number);
        self.insert(number, grant.clone());
    }

    fn insert(&mut self, number: u32, grant: Grant) {
        self.index.change(Vec::new(), self.entries(&grant, number));
        self.rows.put(number, grant);
    }

    pub(super) fn get(&self, key: &str) -> Option<Grant> {
        self.find(key).and_then(|number| self.rows.get(number)).cloned()
    }

    /// Removes up to `limit` grants that have expired at `now`, and returns their number.
    pub(super) fn remove_expired(&mut self, now: Timestamp, limit: usize) -> usize {
        let until_now = Place::FIRST..Place::new(now, u32::MAX);
        let expired = self.index.scan(Term::EXPIRES, until_now, true).take(limit);
        let numbers: Vec<u32> = expired.map(Place::number).collect();
        numbers.into_iter().filter_map(|number| self.take(number)).count()
    }

    /// The search for matching grants. If only clients are named, they are found client by client,
    /// and otherwise by age.
    pub(super) fn search(&self, filter: &GrantFilter) -> Result<GrantSearch> {
        filter.check()?;
        let mut terms = Vec::new();
        if let Some(session) = &filter.session_id {
            terms.push(self.index.term(Kind::Session, session));
        } else if let Some(subject) = &filter.subject_id {
            terms.push(self.index.term(Kind::Subject, subject));
        } else if filter.client_ids.is_empty() {
            terms.push(Term::ALL);
        } else {
            for client in &filter.client_ids {
                let term = self.index.term(Kind::Client, client);
                // Each client once, so that no grant is found twice.
                if !terms.contains(&term) {
                    terms.push(term);
                }
            }
        }
        terms.reverse();
        Ok(GrantSearch { filter: filter.clone(), terms, from: Place::FIRST, found: Vec::new() })
    }

    /// Scans the next `rows` grants of a search. Returns true if none are left.
    pub(super) fn advance(&self, search: &mut GrantSearch, rows: usize) -> bool {
        let mut left = rows;
        while let Some(term) = search.terms.last().copied() {
            for place in self.index.scan(term, search.from..Place::END, true) {
                if left == 0 {
                    return false;
                }
                left -= 1;
                search.from = place.next();
                let number = place.number();
                if self.rows.get(number).is_some_and(|grant| search.filter.matches(grant)) {
                    search.found.push(number);
                }
            }
            search.terms.pop();
            search.from = Place::FIRST;
        }
        true
    }

    /// The grants that a search found and that still match.
    pub(super) fn found(&self, search: &GrantSearch) -> impl Iterator<Item = &Grant> {
        let grants = search.found.iter().filter_map(|number| self.rows.get(*number));
        grants.filter(|grant| search.filter.matches(grant))
    }

    /// Removes the grants that a search has found.
    pub(super) fn remove_found(&mut self, search: &mut GrantSearch, counts: &mut GrantCounts) {
        for number in std::mem::take(&mut search.found) {
            if let Some(grant) = self.take(number) {
                counts.add(&grant.grant_type);
            }
        }
    }

    pub(super) fn remove(&mut self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.remove_if(filter, |_| true)
    }

    /// Removes the matching grants that meet the condition.
    pub(super) fn remove_if(
        &mut self,
        filter: &GrantFilter,
        condition: impl Fn(&Grant) -> bool,
    ) -> Result<GrantCounts> {
        let mut counts = GrantCounts::default();
        let mut search = self.search(filter)?;
        self.advance(&mut search, usize::MAX);
        search.found.retain(|number| self.rows.get(*number).is_some_and(&condition));
        self.remove_found(&mut search, &mut counts);
        Ok(counts)
    }

    /// The number of the grant with this key.
    fn find(&self, key: &str) -> Option<u32> {
        let mut numbers = self.index.all(self.index.term(Kind::Key, key)).map(Place::number);
        numbers.find(|number| self.rows.get(*number).is_some_and(|grant| grant.key == key))
    }

    fn take(&mut self, number: u32) -> Option<Grant> {
        let grant = self.rows.remove(number)?;
        self.index.change(self.entries(&grant, number), Vec::new());
        Some(grant)
    }

    /// The index entries of a grant.
    fn entries(&self, grant: &Grant, number: u32) -> Vec<Entry> {
        let place = Place::new(grant.created, number);
        let texts = [
            (Kind::Key, Some(&grant.key)),
            (Kind::Subject, grant.subject_id.as_ref()),
            (Kind::Session, grant.session_id.as_ref()),
            (Kind::Client, Some(&grant.client_id)),
        ];
        let mut entries = vec![(Term::ALL, place)];
        entries.extend(grant.expires.map(|expires| (Term::EXPIRES, Place::new(expires, number))));
        entries.extend(
            texts
                .into_iter()
                .filter_map(|(kind, text)| Some((self.index.term(kind, text?), place))),
        );
        entries
    }
}

impl Contents for GrantTable {
    type Row = GrantRow;

    fn numbers(&self) -> Vec<u32> {
        self.rows.numbers()
    }

    fn numbered(&self, number: u32) -> Result<GrantRow> {
        let grant = self.rows.get(number).cloned().ok_or(StoreFailed::DanglingIndex)?;
        Ok(GrantRow { number: Number(number), grant })
    }

    fn put(&mut self, row: GrantRow) -> Result<bool> {
        let GrantRow { number: Number(number), grant } = row;
        let is_new = self.rows.get(number).is_none() && self.find(&grant.key).is_none();
        if is_new {
            self.insert(number, grant);
        }
        Ok(is_new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    impl GrantTable {
        fn list(&self, filter: &GrantFilter) -> Result<Vec<Grant>> {
            let mut search = self.search(filter)?;
            assert!(self.advance(&mut search, usize::MAX));
            Ok(self.found(&search).cloned().collect())
        }

        fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
            let mut counts = GrantCounts::default();
            self.list(filter)?.iter().for_each(|grant| counts.add(&grant.grant_type));
            Ok(counts)
        }
    }

    fn grant(
        key: &str,
        grant_type: &str,
        subject: &str,
        session: Option<&str>,
        client: &str,
    ) -> Grant {
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
        let texts =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let none = GrantFilter::default();
        vec![
            (GrantFilter { subject_id: text("bob"), ..none.clone() }, vec!["5", "4", "3"]),
            (GrantFilter { session_id: text("s1"), ..none.clone() }, vec!["5", "2"]),
            (
                GrantFilter { subject_id: text("eve"), session_id: text("s1"), ..none.clone() },
                vec!["2"],
            ),
            (
                GrantFilter { client_ids: texts(&["tv", "web", "tv"]), ..none.clone() },
                vec!["1", "5", "3"],
            ),
            (
                GrantFilter { types: texts(&["ciba", "user_consent"]), ..none.clone() },
                vec!["3", "1"],
            ),
            (
                GrantFilter {
                    subject_id: text("bob"),
                    client_ids: texts(&["web"]),
                    ..none.clone()
                },
                vec!["5", "3"],
            ),
            (GrantFilter { subject_id: text("Bob"), ..none.clone() }, vec![]),
            (GrantFilter { client_ids: texts(&["none"]), ..none }, vec![]),
        ]
    }

    fn keys(grants: Vec<Grant>) -> Vec<String> {
        grants.into_iter().map(|grant| grant.key).collect()
    }

    #[test]
    fn lists_counts_and_removes_only_matching_grants() {
        for (filter, expected) in filters() {
            let mut table = table();
            assert_eq!(keys(table.list(&filter).unwrap()), expected, "{filter:?}");
            let counts = table.count(&filter).unwrap();
            assert_eq!(table.remove(&filter).unwrap(), counts);
            assert_eq!(counts.tokens + counts.consents + counts.other, expected.len() as u64);
            assert_eq!(table.remove(&filter).unwrap(), GrantCounts::default(), "nothing is left");
            for key in ["1", "2", "3", "4", "5"] {
                assert_eq!(table.get(key).is_none(), expected.contains(&key), "{filter:?} {key}");
            }
        }
    }

    #[test]
    fn counts_by_kind() {
        let counts = |subject: &str| {
            table()
                .count(&GrantFilter { subject_id: Some(subject.into()), ..GrantFilter::default() })
                .unwrap()
        };
        assert_eq!(counts("bob"), GrantCounts { tokens: 2, consents: 1, other: 0 });
        assert_eq!(counts("eve"), GrantCounts { tokens: 1, consents: 0, other: 1 });
    }

    #[test]
    fn an_empty_filter_is_rejected_and_removes_nothing() {
        let mut table = table();
        let blank = GrantFilter { subject_id: Some("  ".into()), ..GrantFilter::default() };
        for filter in [GrantFilter::default(), blank] {
            assert_eq!(table.list(&filter).unwrap_err().code(), Code::InvalidArgument);
            assert_eq!(table.count(&filter).unwrap_err().code(), Code::InvalidArgument);
            assert_eq!(table.remove(&filter).unwrap_err().code(), Code::InvalidArgument);
        }
        assert_eq!(table.rows.len(), 5);
    }

    #[test]
    fn a_grant_with_the_same_key_is_replaced_in_all_indexes() {
        let mut table = table();
        table.store(&grant("5", "refresh_token", "ann", None, "new"));
        let of = |subject: &str| {
            keys(
                table
                    .list(&GrantFilter {
                        subject_id: Some(subject.into()),
                        ..GrantFilter::default()
                    })
                    .unwrap(),
            )
        };
        assert_eq!(
            (of("ann"), of("bob")),
            (vec!["5".to_owned()], vec!["4".to_owned(), "3".to_owned()])
        );
        assert_eq!(table.get("5").unwrap().client_id, "new");
        assert_eq!(table.rows.len(), 5);
    }

    #[test]
    fn keys_with_the_same_term_are_distinct() {
        let mut table = table();
        let [one, other] = table.index.pair_with_same_term(Kind::Key);
        table.store(&grant(&one, "ciba", "ann", None, "one"));
        assert_eq!(table.get(&other), None);
        table.store(&grant(&other, "ciba", "ann", None, "other"));
        assert_eq!(table.get(&one).unwrap().client_id, "one");
        assert_eq!(table.get(&other).unwrap().client_id, "other");
    }

    #[test]
    fn removing_the_last_grant_empties_the_index() {
        let mut table = table();
        table.store(&grant("5", "refresh_token", "eve", None, "new"));
        for (key, expires) in [("6", 10), ("7", 11), ("6", 12)] {
            let expires = Some(Timestamp::from_millis(expires));
            table.store(&Grant { expires, ..grant(key, "ciba", "ann", None, "web") });
        }
        assert_eq!(table.remove_expired(Timestamp::from_millis(10), 10), 0);
        assert_eq!(table.remove_expired(Timestamp::from_millis(12), 1), 1);
        assert_eq!(table.remove_expired(Timestamp::from_millis(12), 10), 1);
        for subject in ["bob", "eve"] {
            table
                .remove(&GrantFilter { subject_id: Some(subject.into()), ..GrantFilter::default() })
                .unwrap();
        }
        assert_eq!((table.rows.len(), table.index.len()), (0, 0));
    }
}
