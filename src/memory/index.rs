//! The index: which rows have a term, in order.

use std::collections::{BTreeSet, btree_set};
use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::DefaultHashBuilder;

use super::place::Place;

/// Something that rows have in common, such as a subject. A text is known by a hash, so that it is
/// kept nowhere twice. Two may have the same: whoever walks along a term checks the rows that it
/// finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Term(u32);

impl Term {
    /// Every row, by creation.
    pub(super) const ALL: Term = Term(0);
    /// Every row that expires, by expiry.
    pub(super) const EXPIRES: Term = Term(1);
    /// In an outbox: every notification that was delivered, by when.
    pub(super) const DELIVERED: Term = Term(2);
    /// In an outbox: every notification that was given up, by when.
    pub(super) const FAILED: Term = Term(3);
    /// Among the sessions: those with a device that were passed over when older ones were
    /// forgotten, by creation.
    pub(super) const DEVICES: Term = Term(4);
    /// The largest of these.
    const LAST: u32 = 4;
}

/// What a text is, so that a subject and a client of the same name are two terms.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Key,
    Subject,
    Session,
    Client,
}

/// One entry: a term that a row has, and the row's place along it.
pub(super) type Entry = (Term, Place);

/// The entries of all rows of a table. One ordered set for all of them: each more would be code
/// again, and a row has so many entries that they decide what a row takes.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: BTreeSet<Entry>,
    hasher: DefaultHashBuilder,
}

impl Index {
    /// The term of a text.
    pub(super) fn term(&self, kind: Kind, text: &str) -> Term {
        let hash = self.hasher.hash_one((kind as u8, text)) as u32;
        Term(hash.max(Term::LAST + 1))
    }

    /// Takes a row from its old entries to its new ones. A session may have thousands of clients,
    /// so the lists are searched in their order.
    pub(super) fn change(&mut self, mut old: Vec<Entry>, mut new: Vec<Entry>) {
        old.sort_unstable();
        new.sort_unstable();
        for gone in old.iter().filter(|entry| new.binary_search(entry).is_err()) {
            self.entries.remove(gone);
        }
        for added in new.iter().filter(|entry| old.binary_search(entry).is_err()) {
            self.entries.insert(*added);
        }
    }

    /// The rows with this term whose places lie in the span, from either end.
    pub(super) fn walk(&self, term: Term, span: Range<Place>, ascending: bool) -> Walk<'_> {
        let end = span.end.max(span.start);
        Walk { entries: self.entries.range((term, span.start)..(term, end)), ascending }
    }

    /// All rows with this term, the first one first.
    pub(super) fn all(&self, term: Term) -> Walk<'_> {
        self.walk(term, Place::FIRST..Place::END, true)
    }

    /// How many entries there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Two texts with the same term. Of 100,000 texts about one pair has the same 32 bits.
    #[cfg(test)]
    pub(super) fn pair_of_one_term(&self, kind: Kind) -> [String; 2] {
        let mut seen = std::collections::HashMap::new();
        for number in 0..u32::MAX {
            let text = number.to_string();
            if let Some(other) = seen.insert(self.term(kind, &text), text.clone()) {
                return [other, text];
            }
        }
        unreachable!("there are more texts than terms")
    }
}

/// A walk along a term.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    entries: btree_set::Range<'a, Entry>,
    ascending: bool,
}

impl Iterator for Walk<'_> {
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

    fn places(walk: Walk<'_>) -> Vec<Place> {
        walk.collect()
    }

    #[test]
    fn a_walk_stays_inside_its_term_and_span() {
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
        assert_eq!(places(index.walk(bob, place(1)..place(3), false)), [place(2), place(1)]);
        assert_eq!(places(index.walk(eve, place(3)..place(1), true)), [], "an empty span");
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
    fn texts_of_different_kinds_are_different_terms() {
        let index = Index::default();
        let terms = [Kind::Key, Kind::Subject, Kind::Session, Kind::Client]
            .map(|kind| index.term(kind, "bob"));
        for (position, term) in terms.iter().enumerate() {
            assert!(*term > Term::DEVICES && !terms[..position].contains(term));
        }
    }
}
