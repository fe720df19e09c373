//! The tables that the stores share, and the searches over them.

use std::cell::RefCell;
use std::rc::Rc;

use super::grants::GrantTable;
use super::outbox::OutboxTable;
use super::search::{SLICE, Search, Slices};
use super::sessions::{Picked, SessionTable};
use crate::ending::EndingPick;
use crate::error::Result;

#[derive(Debug)]
pub(super) struct Tables {
    pub sessions: SessionTable,
    pub grants: GrantTable,
    pub outbox: OutboxTable,
    /// The rows per slice; see [`SLICE`].
    pub slice: usize,
}

/// The tables, shared by all stores of one memory.
#[derive(Clone, Debug)]
pub(super) struct SharedTables(pub Rc<RefCell<Tables>>);

impl Default for SharedTables {
    fn default() -> Self {
        Self::with_slices_of(SLICE)
    }
}

impl SharedTables {
    /// Empty tables whose searches scan `rows` rows per slice.
    pub fn with_slices_of(rows: usize) -> Self {
        Self::new(Tables {
            sessions: SessionTable::default(),
            grants: GrantTable::default(),
            outbox: OutboxTable::default(),
            slice: rows,
        })
    }

    pub fn new(tables: Tables) -> Self {
        SharedTables(Rc::new(RefCell::new(tables)))
    }

    /// A search for sessions. `convert` converts its result in the same step.
    pub fn search<T: 'static>(
        &self,
        search: Search,
        convert: impl Fn(&mut Tables, &Search) -> Result<T> + 'static,
    ) -> Slices<T> {
        let (stores, mut running) = (self.clone(), Some(Rc::new(RefCell::new(search))));
        let mut is_paused = false;
        Slices::new(move || {
            let tables = &mut *stores.0.borrow_mut();
            let Some(search) = &running else { return Ok(None) };
            if !tables.sessions.advance(&mut search.borrow_mut(), tables.slice)? {
                if !std::mem::replace(&mut is_paused, true) {
                    tables.sessions.add_paused(search);
                }
                return Ok(None);
            }
            // Drop the search first, so that it doesn't track the changes of `convert`.
            let search = running.take().and_then(Rc::into_inner);
            search.map(|search| convert(tables, &search.into_inner())).transpose()
        })
    }

    /// Selects the sessions that a step ends. `convert` converts them in the same step.
    pub fn pick<T: 'static>(
        &self,
        pick: EndingPick,
        convert: impl Fn(&mut Tables, Vec<Picked>) -> Result<T> + 'static,
    ) -> Result<Slices<T>> {
        let search = self.0.borrow().sessions.search_pick(&pick)?;
        Ok(match search {
            Some(search) => self.search(search, move |tables, search| {
                let picked = tables.sessions.found(search)?;
                convert(tables, picked)
            }),
            None => {
                let stores = self.clone();
                Slices::new(move || {
                    let tables = &mut *stores.0.borrow_mut();
                    let picked = tables.sessions.pick(&pick)?;
                    convert(tables, picked).map(Some)
                })
            }
        })
    }
}
