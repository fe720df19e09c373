//! The work of one call.

use std::future::Future;
use std::pin::Pin;

use wasm_bindgen::prelude::*;

use crate::error::Result;

/// A call's future. It has one type for all calls, so that the module holds the code around it
/// once.
pub type Work = Pin<Box<dyn Future<Output = Result<JsValue>>>>;
