//! The orders of a list of sessions, and places in them.

use serde::{Deserialize, Serialize};

/// The place of a row in an order, in the store's own words: short, not secret, never the key.
pub type Position = String;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By creation time and then a tie-break of the store, descending.
    #[default]
    Newest,
    /// The same, ascending.
    Oldest,
    /// By expiry time and then the tie-break, ascending, without what never expires.
    Expiry,
}

/// Where a page of a list begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PageStart {
    /// With the first row.
    #[default]
    First,
    /// With the row after this position.
    After(Position),
    /// Before this position: the nearest rows ahead of it, still in the order of the list.
    Before(Position),
    /// At the end: the last rows, still in the order of the list.
    Last,
}
