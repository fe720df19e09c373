//! The exports of the services, one class each.
//!
//! Arguments are read synchronously. The call's promise owns everything it needs, so a service may
//! be freed before it settles.

mod coordination;
mod delivery;
mod management;
mod publish;
mod tickets;

use wasm_bindgen::prelude::*;

use crate::js::error::to_js;
use crate::js::wire::read;

/// The version of the core.
#[wasm_bindgen(js_name = coreVersion)]
pub fn core_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Folds a string like a display name, for hosts that write rows themselves. Throws
/// `invalid_argument` for anything but a string.
#[wasm_bindgen(js_name = foldText)]
pub fn fold_text(
    #[wasm_bindgen(unchecked_param_type = "string")] text: &JsValue,
) -> Result<String, JsValue> {
    let text: String = read(text, "the text to fold").map_err(|error| to_js(&error))?;
    Ok(crate::strings::fold(&text))
}
