//! The rows of a table, by number.

use hashbrown::HashMap;

/// Rows by number. Numbers ascend, so they give the order of insertion, and they are short, which
/// keeps index entries short.
#[derive(Debug)]
pub(super) struct Rows<T> {
    rows: HashMap<u32, T>,
    next: u32,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Rows { rows: HashMap::new(), next: 0 }
    }
}

impl<T> Rows<T> {
    /// An unused number. After four billion, numbers start again at 0; [`u32::MAX`] is never used.
    /// There is always a free number, because that many rows don't fit into the memory of a module.
    pub(super) fn free_number(&mut self) -> u32 {
        loop {
            let number = self.next;
            self.next = if number >= u32::MAX - 1 { 0 } else { number + 1 };
            if !self.rows.contains_key(&number) {
                return number;
            }
        }
    }

    /// Inserts a row, or replaces the one with this number.
    pub(super) fn put(&mut self, number: u32, row: T) {
        self.rows.insert(number, row);
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.rows.get(&number)
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.rows.get_mut(&number)
    }

    pub(super) fn remove(&mut self, number: u32) -> Option<T> {
        self.rows.remove(&number)
    }

    /// The numbers of all rows, sorted.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.rows.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// The number of the next row, unless it is in use.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// Continues the numbering with this number.
    pub(super) fn continue_at(&mut self, next: u32) {
        self.next = next;
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Drops all rows except one, so that a test sees whether the others are read.
    #[cfg(test)]
    pub(super) fn keep_only(&mut self, number: u32) {
        self.rows.retain(|other, _| *other == number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_around_and_skip_those_in_use() {
        let mut rows = Rows::default();
        let add = |rows: &mut Rows<()>| {
            let number = rows.free_number();
            rows.put(number, ());
            number
        };
        assert_eq!((add(&mut rows), add(&mut rows)), (0, 1));
        rows.remove(0);
        assert_eq!(add(&mut rows), 2, "a free number isn't reused immediately");
        rows.continue_at(u32::MAX - 1);
        assert_eq!((add(&mut rows), add(&mut rows), add(&mut rows)), (u32::MAX - 1, 0, 3));
        assert_eq!(rows.len(), 5);
    }
}
