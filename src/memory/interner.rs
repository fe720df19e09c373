//! Interned strings: strings that many sessions share, each stored once while it is used.

use std::collections::BTreeMap;
use std::rc::Rc;

/// Stores each string once and gives it a number, smaller for earlier strings. A string is dropped
/// after its last use.
#[derive(Debug, Default)]
pub(super) struct Interner {
    entries: Vec<Entry>,
    /// The numbers, by string.
    numbers: BTreeMap<Rc<str>, u32>,
    /// Free numbers.
    free: Vec<u32>,
    /// The number of calls of `acquire`.
    #[cfg(test)]
    pub(super) acquired: usize,
}

#[derive(Debug)]
struct Entry {
    text: Rc<str>,
    uses: usize,
}

impl Interner {
    /// The number of a string. Counts one more use.
    pub(super) fn acquire(&mut self, text: &str) -> u32 {
        #[cfg(test)]
        {
            self.acquired += 1;
        }
        if let Some(number) = self.numbers.get(text).copied() {
            if let Some(entry) = self.entries.get_mut(number as usize) {
                entry.uses += 1;
            }
            return number;
        }
        let text: Rc<str> = text.into();
        let new = Entry { text: text.clone(), uses: 1 };
        // Fewer strings than sessions exist, and sessions have 32-bit numbers.
        let number = self.free.pop().unwrap_or(self.entries.len() as u32);
        match self.entries.get_mut(number as usize) {
            Some(entry) => *entry = new,
            None => self.entries.push(new),
        }
        self.numbers.insert(text, number);
        number
    }

    /// The number of a string, if it is in use.
    pub(super) fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// Counts one use less.
    pub(super) fn release(&mut self, text: &str) {
        let Some(number) = self.numbers.get(text).copied() else { return };
        let Some(entry) = self.entries.get_mut(number as usize) else { return };
        entry.uses = entry.uses.saturating_sub(1);
        if entry.uses == 0 {
            entry.text = "".into();
            self.numbers.remove(text);
            self.free.push(number);
        }
    }

    /// The string with this number.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.entries.get(number as usize).filter(|entry| entry.uses > 0).map(|entry| &*entry.text)
    }

    /// The number of strings.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_stored_once() {
        let mut interner = Interner::default();
        let first = interner.acquire("web");
        assert_eq!(interner.acquire("web"), first);
        assert_ne!(interner.acquire("api"), first);
        assert_eq!(interner.text(first), Some("web"));
        assert_eq!(interner.len(), 2);
    }

    #[test]
    fn a_string_is_dropped_after_its_last_use_and_its_number_reused() {
        let mut interner = Interner::default();
        let web = interner.acquire("web");
        interner.acquire("web");
        interner.release("web");
        assert_eq!(interner.text(web), Some("web"));
        interner.release("web");
        assert_eq!((interner.text(web), interner.len()), (None, 0));
        assert_eq!(interner.acquire("api"), web);
        interner.release("unknown");
        assert_eq!(interner.text(web), Some("api"));
    }

    #[test]
    fn the_empty_string_is_a_string() {
        let mut interner = Interner::default();
        let empty = interner.acquire("");
        assert_eq!(interner.text(empty), Some(""));
        interner.release("");
        assert_eq!(interner.text(empty), None);
    }
}
