//! The index: the rows of each term, sorted.

use std::collections::{BTreeSet, btree_set};
use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::DefaultHashBuilder;

use super::place::Place;

/// A property that rows share, for example a subject. A string is represented by its hash, so that
/// it isn't stored twice. Two strings may have the same hash, so check the rows of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Term(u32);

impl Term {
    /// All rows, by creation time.
    pub(super) const ALL: Term = Term(0);
    /// Rows that expire, by expiry time.
    pub(super) const EXPIRES: Term = Term(1);
    /// In an outbox: delivered notifications, by delivery time.
    pub(super) const DELIVERED: Term = Term(2);
    /// In an outbox: failed notifications, by the time they were given up.
    pub(super) const FAILED: Term = Term(3);
    /// In a session table: sessions whose device was stored after the clearing had passed their
    /// place, by creation time.
    pub(super) const DEVICES: Term = Term(4);
    /// The largest reserved term.
    const LAST: u32 = 4;
}

/// The kind of a string. A subject and a client with the same name are different terms.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Key,
    Subject,
    Session,
    Client,
}

/// An entry: a term of a row and the row's place.
pub(super) type Entry = (Term, Place);

/// The entries of all rows of a table, in one ordered set: more sets would add code. A row has so
/// many entries that they determine its size.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: BTreeSet<Entry>,
    hasher: DefaultHashBuilder,
}

impl Index {
    /// The term of a string.
    pub(super) fn term(&self, kind: Kind, text: &str) -> Term {
        let hash = self.hasher.hash_one((kind as u8, text)) as u32;
        Term(hash.max(Term::LAST + 1))
    }

    /// Replaces the old entries of a row with new ones. Uses binary search, because a session may
    /// have thousands of clients.
    pub(super) fn change(&mut self, mut old: Vec<Entry>, mut new: Vec<Entry>) {
        old.sort_unstable();
        new.sort_unstable();
        for removed in old.iter().filter(|entry| new.binary_search(entry).is_err()) {
            self.entries.remove(removed);
        }
        for added in new.iter().filter(|entry| old.binary_search(entry).is_err()) {
            self.entries.insert(*added);
        }
    }

    /// The rows with this term in a span of places, ascending or descending.
    pub(super) fn scan(&self, term: Term, span: Range<Place>, ascending: bool) -> Scan<'_> {
        let end = span.end.max(span.start);
        Scan { entries: self.entries.range((term, span.start)..(term, end)), ascending }
    }

    /// All rows with this term, ascending.
    pub(super) fn all(&self, term: Term) -> Scan<'_> {
        self.scan(term, Place::FIRST..Place::END, true)
    }

    /// The number of entries.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Two strings with the same term. Among 100,000 strings, about one pair shares a 32-bit hash.
    #[cfg(test)]
    pub(super) fn pair_with_same_term(&self, kind: Kind) -> [String; 2] {
        let mut seen = std::collections::HashMap::new();
        for number in 0..u32::MAX {
            let text = number.to_string();
            if let Some(other) = seen.insert(self.term(kind, &text), text.clone()) {
                return [other, text];
            }
        }
        unreachable!("there are more strings than terms")
    }
}

/// An iterator over the rows of a term.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    entries: btree_set::Range<'a, Entry>,
    ascending: bool,
}

impl Iterator for Scan<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let entry = if self.ascending { self.entries.next() } else { self.entries.next_back() };
        entry.map(|(_, place)| *place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn places(scan: Scan<'_>) -> Vec<Place> {
        scan.collect()
    }

    #[test]
    fn a_scan_stays_inside_its_term_and_span() {
        let mut index = Index::default();
        let [bob, eve] = ["bob", "eve"].map(|subject| index.term(Kind::Subject, subject));
        let place = |milliseconds| Place::new(Timestamp::from_millis(milliseconds), 0);
        index.change(
            Vec::new(),
            vec![
                (bob, place(1)),
                (bob, place(2)),
                (bob, place(3)),
                (eve, place(2)),
                (Term::ALL, place(2)),
            ],
        );
        assert_eq!(places(index.all(bob)), [place(1), place(2), place(3)]);
        assert_eq!(places(index.scan(bob, place(1)..place(3), false)), [place(2), place(1)]);
        assert_eq!(places(index.scan(eve, place(3)..place(1), true)), [], "an empty span");
        assert_eq!(places(index.all(Term::EXPIRES)), []);
    }

    #[test]
    fn a_change_leaves_only_the_new_entries() {
        let mut index = Index::default();
        let place = Place::new(Timestamp::from_millis(1), 7);
        let [a, b, c] = ["a", "b", "c"].map(|client| (index.term(Kind::Client, client), place));
        index.change(Vec::new(), vec![a, b, b]);
        index.change(vec![a, b, b], vec![b, c]);
        assert_eq!(
            (places(index.all(a.0)), places(index.all(b.0)), places(index.all(c.0))),
            (vec![], vec![place], vec![place])
        );
        index.change(vec![b, c], Vec::new());
        assert_eq!(index.len(), 0);
    }

    #[test]
    fn strings_of_different_kinds_are_different_terms() {
        let index = Index::default();
        let terms = [Kind::Key, Kind::Subject, Kind::Session, Kind::Client]
            .map(|kind| index.term(kind, "bob"));
        for (position, term) in terms.iter().enumerate() {
            assert!(*term > Term::DEVICES && !terms[..position].contains(term));
        }
    }
}
