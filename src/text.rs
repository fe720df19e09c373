//! Rules about strings that the whole core shares.

use crate::error::{InvalidArgument, Result};
use crate::host_value::lowercase;

/// Folds a string so that names compare without regard to case: Unicode lower case, composed (NFC)
/// where the host is JavaScript. Final sigma folds like sigma, and a dotted `İ` like `i`, so that a
/// part of a word is found and a folded name is never longer than the name.
///
/// Only the core folds, so all stores agree; a store compares folded strings by code unit.
pub fn fold(text: &str) -> String {
    // Most names are ASCII, and a walk over many rows would feel a call into the host.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    lowercase(text).replace("i\u{307}", "i").replace('ς', "σ")
}

/// Whether a string is empty or white space only.
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Whether every store can hold a string. PostgreSQL refuses NUL, and some clients of SQLite cut a
/// string off there: another one would be stored, removed or found.
pub fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// The longest message that is stored, in characters.
const LONGEST_MESSAGE: usize = 1_000;

/// A message of foreign code, which can have any characters, so that every store can hold it: NUL
/// as a space, and cut off after 1,000 characters.
pub fn storable_message(text: &str) -> String {
    let characters = text.chars().take(LONGEST_MESSAGE);
    characters.map(|char| if char == '\0' { ' ' } else { char }).collect()
}

/// Checks a string that will be stored. Fails with `invalid_argument` if a store can't hold it.
pub fn check_storable(member: &'static str, text: &str) -> Result<()> {
    match is_storable(text) {
        true => Ok(()),
        false => Err(InvalidArgument::Nul { member }.into()),
    }
}

/// Checks an id in a call that stores, removes or permits something. Fails with `invalid_argument`
/// if it is blank, because only a query may take a blank string for an absent one, and as
/// [`check_storable`].
pub fn check_id(member: &'static str, id: &str) -> Result<()> {
    match is_blank(id) {
        true => Err(InvalidArgument::Blank { member }.into()),
        false => check_storable(member, id),
    }
}

/// The longest list of ids that a call takes.
pub const MAX_IDS: usize = 10_000;

/// [`check_id`] for every entry of a list of at most [`MAX_IDS`]: each is compared with every
/// client or session.
pub fn check_ids(member: &'static str, ids: &[String]) -> Result<()> {
    if ids.len() > MAX_IDS {
        return Err(InvalidArgument::TooManyIds { member, most: MAX_IDS }.into());
    }
    match ids.iter().any(|id| is_blank(id)) {
        true => Err(InvalidArgument::BlankEntry { member }.into()),
        false => ids.iter().try_for_each(|id| check_storable(member, id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_word_is_found_and_nothing_grows() {
        assert!(fold("ΝΙΚΟΣΙΑ").contains(&fold("ΝΙΚΟΣ")));
        assert_eq!((fold("Νίκος"), fold("ΣΣ")), ("νίκοσ".into(), "σσ".into()));
        assert_eq!(fold("İSTANBUL"), "istanbul");
        assert_eq!(fold(&"İ".repeat(300)).chars().count(), 300);
    }
}
