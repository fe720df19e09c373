//! One injected function: found and checked when a service is made, called and waited for safely afterwards.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::thrown;
use super::imports::settle;
use super::value::is_absent;
use crate::error::{Code, Error, Result};

/// How calls of one service end early.
#[derive(Clone)]
pub struct Limits {
    /// The caller's `AbortSignal`, or `undefined`.
    pub signal: JsValue,
    /// Milliseconds; 0 is never.
    pub timeout: f64,
}

/// An injected function with the object that it belongs to.
pub struct Callback {
    name: &'static str,
    code: Code,
    this: JsValue,
    function: Function,
}

impl Callback {
    /// The function `member` of `owner`; `name` is what messages call it. `None` if there is none. Fails with
    /// `invalid_argument` if it is no function.
    pub fn find(owner: &JsValue, member: &str, name: &'static str, code: Code) -> Result<Option<Self>> {
        let value = Reflect::get(owner, &JsValue::from_str(member))
            .map_err(|thrown| Error::invalid(["`", name, "` could not be read"].concat()).because(thrown))?;
        if is_absent(&value) {
            return Ok(None);
        }
        match value.dyn_into() {
            Ok(function) => Ok(Some(Callback { name, code, this: owner.clone(), function })),
            Err(_) => Err(Error::invalid(["`", name, "` must be a function"].concat())),
        }
    }

    /// The same, for a function that must be there.
    pub fn require(owner: &JsValue, member: &str, name: &'static str, code: Code) -> Result<Self> {
        Self::find(owner, member, name, code)?
            .ok_or_else(|| Error::invalid(["`", name, "` is missing: the host must have this function"].concat()))
    }

    /// Calls it and waits for what it returns: a value, a promise or a thenable. Never waits for ever, and for nothing but
    /// what this very call returned: on Workers a wait that is shared between requests ends them.
    pub async fn call(&self, arguments: &[JsValue], limits: &Limits) -> Result<JsValue> {
        let fail = |value| thrown(self.name, self.code, value);
        let returned = self.call_now(arguments)?;
        let settled = settle(&returned, self.name, self.code.as_str(), limits.timeout, &limits.signal).map_err(fail)?;
        JsFuture::from(settled).await.map_err(fail)
    }

    /// Calls it and returns what it returns.
    pub fn call_now(&self, arguments: &[JsValue]) -> Result<JsValue> {
        let arguments: Array = arguments.iter().collect();
        self.function.apply(&self.this, &arguments).map_err(|value| thrown(self.name, self.code, value))
    }

    /// The function itself.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The error for a result of the wrong shape.
    pub fn wrong_shape(&self, wanted: &str) -> Error {
        super::error::wrong_shape(self.name, self.code, wanted)
    }
}
