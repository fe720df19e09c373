//! The boundary: the only place that uses wasm-bindgen. It turns injected callbacks into ports and
//! exports the services. It decides nothing.
//!
//! - [`call`]: the calls under way, and the callbacks that they wait for;
//! - [`wire`]: values that cross, in both directions;
//! - [`host`]: an injected host as the ports of the core;
//! - [`services`]: the exports of the services;
//! - [`memory`]: the exports of the memory stores, which are built as a module of their own.
//!
//! INVARIANT: a future waits for nothing but promises made by its own call. On Cloudflare Workers a
//! wait that is shared between requests ends them.

// JavaScript sees these types, and has no use for `Debug`.
#![allow(missing_debug_implementations)]

#[cfg(feature = "services")]
mod call;
mod error;
#[cfg(feature = "services")]
mod host;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "services")]
mod services;
#[cfg(feature = "test-panic")]
mod test_panic;
mod wire;
