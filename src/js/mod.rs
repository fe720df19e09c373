//! The boundary: the only place that touches wasm-bindgen. It turns injected callbacks into ports
//! and exports the services.
//!
//! INVARIANT: no future in this crate ever waits on anything but a promise made by its own call. On
//! Cloudflare Workers a wait that is shared between requests ends them.

// JavaScript sees these types, and has no use for `Debug`.
#![allow(missing_debug_implementations)]
// A struct is filled member by member where each may fail: an early return then drops one value,
// not one by one all members read so far. Measured: a tenth of the whole module.
#![allow(clippy::field_reassign_with_default)]

mod callback;
mod clients;
mod convert;
mod coordination;
mod delivery;
mod error;
mod grants;
mod host;
mod imports;
mod management;
mod memory;
mod options;
mod outbox;
mod running;
mod service;
mod sessions;
#[cfg(feature = "test-panic")]
mod test_panic;
mod tickets;
mod value;

use wasm_bindgen::prelude::*;

/// The version of the core.
#[wasm_bindgen(js_name = coreVersion)]
pub fn core_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Folds a text as display names are folded, for hosts that write rows of their own.
#[wasm_bindgen(js_name = foldText)]
pub fn fold_text(text: &str) -> String {
    crate::text::fold(text)
}
