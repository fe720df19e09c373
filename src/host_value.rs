//! Values that use the host's own types and tables. In WebAssembly the host is JavaScript;
//! elsewhere Rust's own are used.

#[cfg(not(target_arch = "wasm32"))]
use serde::Serialize;
use serde::Serializer;

use crate::time::Timestamp;

/// Writes an instant, as a `Date` in JavaScript.
pub fn date<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    #[cfg(target_arch = "wasm32")]
    {
        let date = js_sys::Date::new(&(time.as_millis() as f64).into());
        serde_wasm_bindgen::preserve::serialize(&date, to)
    }
    #[cfg(not(target_arch = "wasm32"))]
    time.serialize(to)
}

/// Writes an optional instant like [`date`].
pub fn optional_date<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => date(time, to),
        None => to.serialize_none(),
    }
}

/// Writes named strings in order. In JavaScript every name becomes an own property, even
/// `__proto__`, which an assignment would treat as the prototype.
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

/// Converts to lower case (the Unicode Standard, section 3.13, `toLowercase`). In JavaScript the
/// string is composed (NFC) first.
pub fn lowercase(text: &str) -> String {
    // JavaScript has these tables. Rust's would take a tenth of the module.
    #[cfg(target_arch = "wasm32")]
    {
        let text = js_sys::JsString::from(text);
        let composed = text.normalize("NFC");
        // A few characters have no composed form: NFC would make a string with them longer.
        let text = if composed.length() > text.length() { text } else { composed };
        text.to_lower_case().into()
    }
    #[cfg(not(target_arch = "wasm32"))]
    text.to_lowercase()
}
