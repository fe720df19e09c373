//! Numbered rows: what a table holds, each under a number of its own.

use hashbrown::HashMap;

/// Rows by number. Numbers grow, so that they say in which order rows came, and are short, so that
/// an index entry is.
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
    /// A number that no row has. After four thousand million they go round; [`u32::MAX`] is never
    /// given. There always is one: so many rows do not fit into the memory that a module can have.
    pub(super) fn free_number(&mut self) -> u32 {
        loop {
            let number = self.next;
            self.next = if number >= u32::MAX - 1 { 0 } else { number + 1 };
            if !self.rows.contains_key(&number) {
                return number;
            }
        }
    }

    /// Puts a row under this number, in the place of the one that was there.
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

    /// The numbers of all rows, in their order.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.rows.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// The number that a new row gets, unless a row has it.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// Gives new rows this number and the ones behind it.
    pub(super) fn go_on_with(&mut self, next: u32) {
        self.next = next;
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Loses all rows but one, so that a test sees who looks at the others.
    #[cfg(test)]
    pub(super) fn keep_only(&mut self, number: u32) {
        self.rows.retain(|other, _| *other == number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_round_without_one_that_is_in_use_or_never_given() {
        let mut rows = Rows::default();
        let add = |rows: &mut Rows<()>| {
            let number = rows.free_number();
            rows.put(number, ());
            number
        };
        assert_eq!((add(&mut rows), add(&mut rows)), (0, 1));
        rows.remove(0);
        assert_eq!(add(&mut rows), 2, "a number is not given again soon");
        rows.go_on_with(u32::MAX - 1);
        assert_eq!((add(&mut rows), add(&mut rows), add(&mut rows)), (u32::MAX - 1, 0, 3));
        assert_eq!(rows.len(), 5);
    }
}
