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

/// Whether every store can hold the characters of a string. PostgreSQL refuses NUL, and some
/// clients of SQLite cut a string off there: another one would be stored, removed or found.
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

/// The longest value of a member that every store holds, in characters (Unicode code points), as
/// the columns on MySQL count. With four bytes each, what PostgreSQL has in one index entry stays
/// below 2,704 bytes, and on MySQL below 3,072. `pkg-template/src/stores/lengths.ts` has the same
/// lengths for the functions of the stores.
pub fn longest(member: &str) -> usize {
    match member {
        "type" => 100,
        "reason" | "actor" => 1_000,
        "displayName" | "search" | "issuer" | "issuers" => 500,
        "backChannelLogoutUri" | "securityEventUri" => 8_192,
        "userAgent" | "description" => 16_000,
        "attributes" | "data" => usize::MAX,
        _ => 255,
    }
}

/// Checks a string that will be stored. Fails with `invalid_argument` if a store can't hold it:
/// because of NUL, or because it is longer than [`longest`].
pub fn check_storable(member: &'static str, text: &str) -> Result<()> {
    if !is_storable(text) {
        return Err(InvalidArgument::Nul { member }.into());
    }
    let most = longest(member);
    // No string has more characters than bytes.
    if text.len() > most {
        let length = text.chars().count();
        if length > most {
            return Err(InvalidArgument::TooLong { member, length, most }.into());
        }
    }
    Ok(())
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
    fn the_stores_have_the_same_lengths() {
        let source = include_str!("../pkg-template/src/stores/lengths.ts");
        let table = source.split("number>> = {").nth(1).unwrap().split('}').next().unwrap();
        let mut entries = table.lines().filter_map(|line| line.trim().split_once(':'));
        let most: Vec<(&str, usize)> = entries
            .by_ref()
            .map(|(name, most)| {
                (name, most.trim_end_matches(',').replace('_', "").trim().parse().unwrap())
            })
            .collect();
        assert_eq!(most.len(), 14);
        for (name, most) in most {
            let name = match name {
                "displayNameFolded" => "displayName",
                "logoutUri" => "backChannelLogoutUri",
                // Of its own: it is made of a row id and a client id.
                "id" => continue,
                name => name,
            };
            assert_eq!(most, longest(name), "{name}");
        }
    }

    #[test]
    fn a_length_is_counted_in_characters() {
        for (member, most) in [("clientId", 255), ("issuer", 500), ("userAgent", 16_000)] {
            for char in ["x", "é", "💥"] {
                assert!(check_storable(member, &char.repeat(most)).is_ok());
                assert_eq!(
                    check_storable(member, &char.repeat(most + 1)).unwrap_err().to_string(),
                    format!(
                        "`{member}` has {} characters, and not every store holds more than \
                         {most}: shorten it",
                        most + 1
                    )
                );
            }
        }
        assert!(check_storable("attributes", &"x".repeat(100_000)).is_ok());
    }

    #[test]
    fn a_part_of_a_word_is_found_and_nothing_grows() {
        assert!(fold("ΝΙΚΟΣΙΑ").contains(&fold("ΝΙΚΟΣ")));
        assert_eq!((fold("Νίκος"), fold("ΣΣ")), ("νίκοσ".into(), "σσ".into()));
        assert_eq!(fold("İSTANBUL"), "istanbul");
        assert_eq!(fold(&"İ".repeat(300)).chars().count(), 300);
    }
}
