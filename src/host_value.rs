//! Values that the host has types and tables of its own for. In WebAssembly the host is JavaScript;
//! elsewhere Rust's own do.

#[cfg(not(target_arch = "wasm32"))]
use serde::Serialize;
use serde::Serializer;

use crate::time::Timestamp;

/// Writes an instant for a person or a program that shows it: as a `Date` in JavaScript.
pub fn date<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    #[cfg(target_arch = "wasm32")]
    {
        let date = js_sys::Date::new(&(time.as_millis() as f64).into());
        serde_wasm_bindgen::preserve::serialize(&date, to)
    }
    #[cfg(not(target_arch = "wasm32"))]
    time.serialize(to)
}

/// Writes an instant that may be absent, as [`date`] does.
pub fn optional_date<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => date(time, to),
        None => to.serialize_none(),
    }
}

/// Writes strings by name, in their order. In JavaScript every name is a member of its own, even
/// `__proto__`, which an assignment would take for the prototype.
pub fn dictionary<S: Serializer>(pairs: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    #[cfg(target_arch = "wasm32")]
    {
        let entries: js_sys::Array = pairs
            .iter()
            .map(|(name, value)| js_sys::Array::of2(&name.into(), &value.into()))
            .collect();
        let object = js_sys::Object::from_entries(&entries).unwrap_or_default();
        serde_wasm_bindgen::preserve::serialize(&object, to)
    }
    #[cfg(not(target_arch = "wasm32"))]
    to.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

/// Unicode lower case (the Unicode Standard, section 3.13, `toLowercase`), in JavaScript of the
/// composed string (NFC).
pub fn lowercase(text: &str) -> String {
    // By the host's own tables: Rust's would be a tenth of the module.
    #[cfg(target_arch = "wasm32")]
    {
        let text = js_sys::JsString::from(text);
        let composed = text.normalize("NFC");
        // A few characters have no composed form in NFC: a string with them would grow.
        let text = if composed.length() > text.length() { text } else { composed };
        text.to_lower_case().into()
    }
    #[cfg(not(target_arch = "wasm32"))]
    text.to_lowercase()
}
