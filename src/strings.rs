//! String rules shared by the whole core: folding, blank strings, length limits.

use crate::error::{InvalidArgument, Result};
use crate::host_value::lowercase;

/// Folds a string for case-insensitive comparison: Unicode lower case, composed (NFC) if the host
/// is JavaScript. Final sigma folds like sigma and a dotted `İ` like `i`, so that parts of a word
/// match and a folded name is never longer than the name.
///
/// Only the core folds, so all stores agree. Stores compare folded strings by code unit.
pub fn fold(text: &str) -> String {
    // Most names are ASCII, and calls into the host would slow down a scan of many rows.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    lowercase(text).replace("i\u{307}", "i").replace('ς', "σ")
}

/// Whether a string is empty or only white space.
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Whether every store can hold the characters of a string. PostgreSQL rejects NUL, and some SQLite
/// drivers cut a string off there, so that a different string would be stored, found or removed.
pub fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// The longest error message that is stored, in characters.
const MAX_MESSAGE_LENGTH: usize = 1_000;

/// Makes an error message of foreign code storable: replaces NUL with a space and truncates it to
/// 1,000 characters.
pub fn storable_message(text: &str) -> String {
    let characters = text.chars().take(MAX_MESSAGE_LENGTH);
    characters.map(|char| if char == '\0' { ' ' } else { char }).collect()
}

/// The longest value of a member that every store holds, in characters (Unicode code points), as
/// MySQL counts columns. At four bytes each, an index entry stays below PostgreSQL's limit of 2,704
/// bytes and MySQL's of 3,072. `pkg-template/src/stores/lengths.ts` has the same lengths for the
/// stores.
pub fn max_length(member: &str) -> usize {
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

/// Checks a string that will be stored. Fails with `invalid_argument` if it contains NUL or is
/// longer than [`max_length`].
pub fn check_storable(member: &'static str, text: &str) -> Result<()> {
    if !is_storable(text) {
        return Err(InvalidArgument::Nul { member }.into());
    }
    let most = max_length(member);
    // A string never has more characters than bytes.
    if text.len() > most {
        let length = text.chars().count();
        if length > most {
            return Err(InvalidArgument::TooLong { member, length, most }.into());
        }
    }
    Ok(())
}

/// Checks an id in a call that stores, removes or permits something. Fails with `invalid_argument`
/// if it is blank (only queries treat a blank string as absent) and like [`check_storable`].
pub fn check_id(member: &'static str, id: &str) -> Result<()> {
    match is_blank(id) {
        true => Err(InvalidArgument::Blank { member }.into()),
        false => check_storable(member, id),
    }
}

/// The most ids that a call accepts in one list.
pub const MAX_IDS: usize = 10_000;

/// Checks every entry of a list with [`check_id`]. A list has at most [`MAX_IDS`] entries, because
/// each is compared with every client or session.
pub fn check_ids(member: &'static str, ids: &[String]) -> Result<()> {
    if ids.len() > MAX_IDS {
        return Err(InvalidArgument::TooManyIds { member, most: MAX_IDS }.into());
    }
    check_entries(member, ids)?;
    ids.iter().try_for_each(|id| check_storable(member, id))
}

/// Fails with `invalid_argument` if an entry of a list is blank.
pub(crate) fn check_entries(member: &'static str, list: &[String]) -> Result<()> {
    match list.iter().any(|entry| is_blank(entry)) {
        true => Err(InvalidArgument::BlankEntry { member }.into()),
        false => Ok(()),
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
                // Only the stores have it: a row id and a client id.
                "id" => continue,
                name => name,
            };
            assert_eq!(most, max_length(name), "{name}");
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
    fn parts_of_a_word_match_and_no_string_gets_longer() {
        assert!(fold("ΝΙΚΟΣΙΑ").contains(&fold("ΝΙΚΟΣ")));
        assert_eq!((fold("Νίκος"), fold("ΣΣ")), ("νίκοσ".into(), "σσ".into()));
        assert_eq!(fold("İSTANBUL"), "istanbul");
        assert_eq!(fold(&"İ".repeat(300)).chars().count(), 300);
    }
}
