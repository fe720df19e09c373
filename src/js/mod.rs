//! The boundary: the only place that touches wasm-bindgen.

use wasm_bindgen::prelude::*;

/// The version of the core.
#[wasm_bindgen(js_name = coreVersion)]
pub fn core_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
