//! Interim reports.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::js::wire::write;
use crate::removal::RemovalReport;

/// Passes interim reports to a function of the package, if there is one.
pub fn publisher(function: &JsValue) -> impl FnMut(&RemovalReport) + 'static {
    let function = function.dyn_ref::<Function>().cloned();
    move |report| {
        if let Some(function) = &function
            && let Ok(report) = write(report)
        {
            // The package's function doesn't throw.
            let _ = function.call1(&JsValue::UNDEFINED, &report);
        }
    }
}
