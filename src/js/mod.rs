//! The boundary: the only place that uses wasm-bindgen. It turns injected callbacks into ports and
//! exports the services. It decides nothing.
//!
//! - [`call`]: the calls under way, and the callbacks that they wait for;
//! - [`wire`]: values that cross, in both directions;
//! - [`host`]: what a host injects, as the ports of the core;
//! - [`services`]: the exports.
//!
//! INVARIANT: a future waits for nothing but promises made by its own call. On Cloudflare Workers a
//! wait that is shared between requests ends them.

// JavaScript sees these types, and has no use for `Debug`.
#![allow(missing_debug_implementations)]

mod call;
mod host;
mod services;
#[cfg(feature = "test-panic")]
mod test_panic;
mod wire;

use wasm_bindgen::prelude::*;

use call::error::to_js;
use wire::read;

/// The version of the core.
#[wasm_bindgen(js_name = coreVersion)]
pub fn core_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Folds a string as display names are folded, for hosts that write rows of their own. Throws
/// `invalid_argument` for anything but a string.
#[wasm_bindgen(js_name = foldText)]
pub fn fold_text(
    #[wasm_bindgen(unchecked_param_type = "string")] text: &JsValue,
) -> Result<String, JsValue> {
    let text: String = read(text, "the text to fold").map_err(|error| to_js(&error))?;
    Ok(crate::text::fold(&text))
}
