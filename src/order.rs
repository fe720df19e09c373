//! The orders of a session list, and positions in it.

use serde::{Deserialize, Serialize};

/// The position of a row in an order. The store chooses its form: short, not secret, never the key.
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
    /// By expiry time, then by the tie-break, ascending. Sessions that never expire are left out.
    Expiry,
}

/// Where a page starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PageStart {
    /// At the first row.
    #[default]
    First,
    /// At the row after this position.
    After(Position),
    /// Before this position: the closest preceding rows, in the order of the list.
    Before(Position),
    /// At the end: the last rows, in the order of the list.
    Last,
}
