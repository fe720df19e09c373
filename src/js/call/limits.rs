//! The limits of calls: abort signals and timeouts.

use std::cell::Cell;

use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorKind};
use crate::js::error::Thrown;
use crate::js::wire::is_absent;
use crate::time::Millis;

#[wasm_bindgen]
extern "C" {
    /// An `AbortSignal`.
    type Signal;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn aborted(this: &Signal) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn reason(this: &Signal) -> Result<JsValue, JsValue>;
}

/// The limits of one call.
#[derive(Clone)]
pub struct Limits {
    /// The caller's `AbortSignal`, or `undefined`.
    pub signal: JsValue,
    /// The longest time for one callback, in milliseconds; 0 waits forever.
    pub timeout: Millis,
    /// Whether aborts are delayed.
    pub aborts_delayed: Cell<bool>,
}

impl Limits {
    /// The error if the signal has aborted. A signal that can't be read counts as aborted.
    pub fn aborted(&self) -> Option<Error> {
        if is_absent(&self.signal) || self.aborts_delayed.get() {
            return None;
        }
        let signal = self.signal.unchecked_ref::<Signal>();
        match signal.aborted() {
            Ok(aborted) if aborted.is_falsy() => None,
            Ok(_) => Some(aborted(signal.reason().unwrap_or_else(|thrown| thrown))),
            Err(thrown) => Some(aborted(thrown)),
        }
    }
}

/// The error of a call that was aborted with this reason.
pub fn aborted(reason: JsValue) -> Error {
    let source = Some(reason).filter(|reason| !reason.is_undefined()).map(Thrown::cause);
    ErrorKind::Aborted { source }.into()
}
