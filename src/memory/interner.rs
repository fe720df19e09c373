//! Texts that many sessions have in common, each kept once for as long as it is used.

use std::collections::BTreeMap;
use std::rc::Rc;

/// Keeps each text once and gives it a number, small for the texts that came first. A text goes
/// with its last use.
#[derive(Debug, Default)]
pub(super) struct Interner {
    entries: Vec<Entry>,
    /// The numbers of the texts, by text.
    numbers: BTreeMap<Rc<str>, u32>,
    /// Numbers to be given out again.
    free: Vec<u32>,
    /// How often a string was acquired.
    #[cfg(test)]
    pub(super) acquired: usize,
}

#[derive(Debug)]
struct Entry {
    text: Rc<str>,
    uses: usize,
}

impl Interner {
    /// The number of this text, used once more.
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
        // There are fewer texts than sessions, and those have numbers of 32 bits.
        let number = self.free.pop().unwrap_or(self.entries.len() as u32);
        match self.entries.get_mut(number as usize) {
            Some(entry) => *entry = new,
            None => self.entries.push(new),
        }
        self.numbers.insert(text, number);
        number
    }

    /// The number of this string, if it is used.
    pub(super) fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// Takes one use back.
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

    /// The text with this number.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.entries.get(number as usize).filter(|entry| entry.uses > 0).map(|entry| &*entry.text)
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
