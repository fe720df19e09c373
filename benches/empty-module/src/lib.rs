//! A module that does nothing: what wasm-bindgen, the standard library and the loading take by
//! themselves.

use wasm_bindgen::prelude::*;

/// Does nothing. Without an export there would be no module.
#[wasm_bindgen]
pub fn nothing() {}
