//! An export that panics like a defect in the core would. It only exists in the tests' own build.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::call::run;

/// Waits for `promise` and then panics.
#[wasm_bindgen(js_name = panicAfter)]
#[allow(clippy::panic)]
pub fn panic_after(promise: Promise) -> Promise {
    run(Ok(Box::pin(async move {
        let settled = JsFuture::from(promise).await;
        panic!("a defect, made for a test: {}", settled.is_ok());
    })))
}
