//! Rules about strings that the whole core shares.

use crate::host_value::lowercase;

/// Folds a string so that names compare without regard to case: Unicode lower case. Only the core
/// folds, so all stores agree; a store compares folded strings by code unit.
pub fn fold(text: &str) -> String {
    // Most names are ASCII, and a walk over many rows would feel a call into the host.
    if text.is_ascii() { text.to_ascii_lowercase() } else { lowercase(text) }
}

/// Whether a string is empty or white space only.
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
