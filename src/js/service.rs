//! How every exported call runs: arguments are read at once, the work goes on in a promise of its own that holds what it needs.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::error::to_js;
use super::host::{CallHost, Injected};
use crate::error::Result;

/// Runs a call: `start` reads the arguments, and the future that it makes does the work. A panic, which only a defect leads
/// to, rejects this promise and no other.
pub fn run<F>(start: impl FnOnce() -> Result<F>) -> Promise
where
    F: Future<Output = Result<JsValue>> + 'static,
{
    promise(start().map(|work| Box::pin(work) as Work))
}

/// One type for the work of every call, so that the module holds the code around it once.
type Work = Pin<Box<dyn Future<Output = Result<JsValue>>>>;

fn promise(work: Result<Work>) -> Promise {
    match work {
        Ok(work) => future_to_promise(AssertUnwindSafe(async move { work.await.map_err(|error| to_js(&error)) })),
        Err(error) => Promise::reject(&to_js(&error)),
    }
}

/// What a service keeps: the checked host. Shared with every call under way, so that the service may be freed meanwhile.
pub type Service = AssertUnwindSafe<Rc<Injected>>;

/// Checks a host and keeps it.
pub fn service(host: &JsValue) -> std::result::Result<Service, JsValue> {
    Injected::read(host).map(AssertUnwindSafe).map_err(|error| to_js(&error))
}

/// A host for one call.
pub fn call_host(service: &Service, options: &JsValue) -> Result<CallHost> {
    CallHost::new(&service.0, options)
}
