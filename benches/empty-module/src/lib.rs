//! A module that does nothing. Its start-up time is that of wasm-bindgen, the standard library and
//! loading.

use wasm_bindgen::prelude::*;

/// Does nothing. Without an export, wasm-bindgen generates no module.
#[wasm_bindgen]
pub fn nothing() {}
