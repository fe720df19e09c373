//! Values that pass through unchanged.

use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

/// A JavaScript value inside a serde type, for example an `AbortSignal`, a store or a ticket.
#[derive(Clone, Default)]
pub struct Handle(pub JsValue);

/// The newtype name that asks the deserializer for the value itself.
pub(super) const NAME: &str = "Handle";

thread_local! {
    /// The value that the deserializer passes to a handle. serde can't carry it.
    static PASSED: Cell<Option<JsValue>> = const { Cell::new(None) };
}

/// Passes a value to the next handle.
pub(super) fn pass(value: JsValue) {
    PASSED.set(Some(value));
}

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Passed;

        impl Visitor<'_> for Passed {
            type Value = Handle;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Handle, E> {
                Ok(Handle(PASSED.take().unwrap_or_default()))
            }
        }

        from.deserialize_newtype_struct(NAME, Passed)
    }
}

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serde_wasm_bindgen::preserve::serialize(&self.0, to)
    }
}
