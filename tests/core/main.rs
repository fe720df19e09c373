//! Native tests of the core's rules over the memory stores, one module for each part of the core.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failure by panicking"
)]

mod common;
mod coordination;
mod delivery;
mod issuers;
mod limits;
mod memory_model;
mod pruning;
mod purge;
mod query;
mod query_model;
mod removal;
mod ticket;
mod wire;
