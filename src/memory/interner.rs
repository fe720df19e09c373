//! Texts that many sessions have in common, each kept once for as long as it is used.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Keeps each text once and gives it a number, small for the texts that came first. A text goes with its last use.
#[derive(Debug, Default)]
pub(super) struct Interner {
    entries: Vec<Entry>,
    /// The numbers of the texts, by text.
    numbers: HashTable<u32>,
    /// Numbers to be given out again.
    free: Vec<u32>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug, Default)]
struct Entry {
    text: Box<str>,
    uses: usize,
}

impl Interner {
    /// The number of this text, used once more.
    pub(super) fn acquire(&mut self, text: &str) -> u32 {
        if let Some(number) = self.find(text) {
            if let Some(entry) = self.entries.get_mut(number as usize) {
                entry.uses += 1;
            }
            return number;
        }
        let new = Entry { text: text.into(), uses: 1 };
        // There are fewer texts than sessions, and those have numbers of 32 bits.
        let number = self.free.pop().unwrap_or(self.entries.len() as u32);
        match self.entries.get_mut(number as usize) {
            Some(entry) => *entry = new,
            None => self.entries.push(new),
        }
        let Interner { entries, numbers, hasher, .. } = self;
        let hash = |number: &u32| entries.get(*number as usize).map_or(0, |entry| hasher.hash_one(&*entry.text));
        numbers.insert_unique(hasher.hash_one(text), number, hash);
        number
    }

    /// Takes one use back.
    pub(super) fn release(&mut self, text: &str) {
        let Interner { entries, numbers, free, hasher } = self;
        let is_text = |number: &u32| entries.get(*number as usize).is_some_and(|entry| &*entry.text == text);
        let Ok(found) = numbers.find_entry(hasher.hash_one(text), is_text) else { return };
        let number = *found.get();
        let Some(entry) = entries.get_mut(number as usize) else { return };
        entry.uses = entry.uses.saturating_sub(1);
        if entry.uses == 0 {
            *entry = Entry::default();
            found.remove();
            free.push(number);
        }
    }

    /// The text with this number.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.entries.get(number as usize).filter(|entry| entry.uses > 0).map(|entry| &*entry.text)
    }

    fn find(&self, text: &str) -> Option<u32> {
        let is_text = |number: &u32| self.text(*number) == Some(text);
        self.numbers.find(self.hasher.hash_one(text), is_text).copied()
    }

    /// How many texts there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once() {
        let mut interner = Interner::default();
        let first = interner.acquire("web");
        assert_eq!(interner.acquire("web"), first);
        assert_ne!(interner.acquire("api"), first);
        assert_eq!(interner.text(first), Some("web"));
        assert_eq!(interner.len(), 2);
    }

    #[test]
    fn a_text_goes_with_its_last_use_and_its_number_is_given_again() {
        let mut interner = Interner::default();
        let web = interner.acquire("web");
        interner.acquire("web");
        interner.release("web");
        assert_eq!(interner.text(web), Some("web"));
        interner.release("web");
        assert_eq!((interner.text(web), interner.len()), (None, 0));
        assert_eq!(interner.acquire("api"), web);
        interner.release("never there");
        assert_eq!(interner.text(web), Some("api"));
    }

    #[test]
    fn the_empty_text_is_a_text() {
        let mut interner = Interner::default();
        let empty = interner.acquire("");
        assert_eq!(interner.text(empty), Some(""));
        interner.release("");
        assert_eq!(interner.text(empty), None);
    }
}
