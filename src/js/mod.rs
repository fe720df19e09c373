//! The boundary: the only module that uses wasm-bindgen. It turns injected callbacks into ports and
//! exports the services. It decides nothing.
//!
//! - [`call`]: calls in progress and the callbacks that they wait for;
//! - [`wire`]: values that cross the boundary, in both directions;
//! - [`host`]: an injected host as the core's ports;
//! - [`services`]: the exports of the services;
//! - [`memory`]: the exports of the memory stores, which are built as a second module.
//!
//! INVARIANT: a future only waits for promises made by its own call. On Cloudflare Workers, a wait
//! that is shared between requests ends them.

// JavaScript uses these types and has no `Debug`.
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
