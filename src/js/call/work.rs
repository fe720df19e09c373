//! The future of one call.

use std::future::Future;
use std::pin::Pin;

use wasm_bindgen::prelude::*;

use crate::error::Result;

/// The future of a call. All calls use one type, so that the code around it is compiled once.
pub type Work = Pin<Box<dyn Future<Output = Result<JsValue>>>>;
