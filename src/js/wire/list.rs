//! Lists that a caller or a callback made.

use wasm_bindgen::prelude::*;

type Member = std::result::Result<JsValue, JsValue>;

// Catch every exception: a list may be a proxy that runs foreign code, and an exception that
// unwinds through the core would leave its call pending forever.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> std::result::Result<bool, JsValue>;

    #[derive(Clone)]
    type ArrayObject;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn length(this: &ArrayObject) -> std::result::Result<JsValue, JsValue>;
    #[wasm_bindgen(method, indexing_getter, catch, structural)]
    fn item(this: &ArrayObject, index: u32) -> std::result::Result<JsValue, JsValue>;
}

/// An array and the length that it had when it was read.
#[derive(Clone)]
pub struct List {
    array: ArrayObject,
    length: u32,
}

impl List {
    /// Reads a list. `None` for any other value and for an array that can't be read.
    pub fn of(value: &JsValue) -> Option<Self> {
        if !is_array(value).unwrap_or(false) {
            return None;
        }
        let array: ArrayObject = value.clone().unchecked_into();
        let length = array.length().ok()?.as_f64()?;
        let is_length = (0.0..=f64::from(u32::MAX)).contains(&length) && length.fract() == 0.0;
        is_length.then_some(List { array, length: length as u32 })
    }

    /// The number of items.
    pub fn len(&self) -> u32 {
        self.length
    }

    /// The item at `index`; `undefined` past the end. Fails with the value that reading it threw.
    pub fn get(&self, index: u32) -> Member {
        self.array.item(index)
    }

    /// The array itself.
    #[cfg(feature = "services")]
    pub fn array(&self) -> &JsValue {
        &self.array
    }
}
