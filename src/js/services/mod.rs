//! The exports: one class for each service of the package, and one for the memory stores.
//!
//! Arguments are read at once. The work goes on in a promise of its own that holds what it needs,
//! so a service may be freed meanwhile.

mod coordination;
mod delivery;
mod management;
mod memory;
mod tickets;
