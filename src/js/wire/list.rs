//! Lists that a caller or a callback made.

use wasm_bindgen::prelude::*;

type Member = std::result::Result<JsValue, JsValue>;

// Everything is caught: a list may be a proxy, whose traps run foreign code. An exception that
// passed through the core would leave its call pending.
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

/// An array, with the length that it had when it arrived.
#[derive(Clone)]
pub struct List {
    array: ArrayObject,
    length: u32,
}

impl List {
    /// The value as a list. `None` for any other value, and for an array that can't be read.
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

    /// One item; `undefined` beyond the end. Fails with what reading it threw.
    pub fn get(&self, index: u32) -> Member {
        self.array.item(index)
    }

    /// The array itself.
    #[cfg(feature = "services")]
    pub fn array(&self) -> &JsValue {
        &self.array
    }
}
