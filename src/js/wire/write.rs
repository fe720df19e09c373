//! Writes Rust types as JavaScript values.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::{InvalidArgument, Result};
use crate::js::error::Thrown;

/// Writes a value as plain objects, lists, strings and numbers. Types leave out absent members
/// themselves; a `None` that is written becomes `null`.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_maps_as_objects(true)
        .serialize_missing_as_null(true);
    value
        .serialize(&serializer)
        .map_err(|error| InvalidArgument::Unwritable { source: Thrown::cause(error.into()) }.into())
}
