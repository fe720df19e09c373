//! Memory stores, for tests, demos and the browser console.
//!
//! All handles of one [`MemoryStores`] share its data, so a removal is atomic. Methods complete
//! synchronously, and the ports only wrap them. A search over many rows can also run [in
//! slices](Slices).

mod atomic;
mod contents;
mod exported_rows;
mod grant_store;
mod grants;
mod index;
mod interner;
mod numbered_rows;
mod outbox;
mod outbox_store;
mod packed_row;
mod packing;
mod page;
mod place;
mod search;
mod session_store;
mod sessions;
mod tables;

pub use atomic::MemoryAtomic;
pub use exported_rows::ContentsVersion;
pub use grant_store::MemoryGrants;
pub use outbox_store::MemoryOutbox;
pub use page::SessionPage;
pub use search::{SLICE, Slices};
pub use session_store::MemorySessions;
use tables::SharedTables;

/// The four stores over shared memory. A clone shares the data. Serde writes the contents as plain
/// data and reads them into new stores.
#[derive(Clone, Debug, Default)]
pub struct MemoryStores(SharedTables);

impl MemoryStores {
    /// Empty stores.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empty stores whose searches scan `rows` rows per slice instead of [`SLICE`].
    pub fn with_slices_of(rows: usize) -> Self {
        MemoryStores(SharedTables::with_slices_of(rows))
    }

    /// The session store.
    pub fn sessions(&self) -> MemorySessions {
        MemorySessions(self.0.clone())
    }

    /// The grant store.
    pub fn grants(&self) -> MemoryGrants {
        MemoryGrants(self.0.clone())
    }

    /// The outbox.
    pub fn outbox(&self) -> MemoryOutbox {
        MemoryOutbox(self.0.clone())
    }

    /// The port that ends sessions as a set, over all of these stores.
    pub fn atomic(&self) -> MemoryAtomic {
        MemoryAtomic(self.0.clone())
    }
}

#[cfg(test)]
mod tests;
