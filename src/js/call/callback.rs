//! One injected function: found and checked when a service is made, called and awaited safely
//! afterwards.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::{thrown, wrong_shape};
use crate::error::{Code, Error, Result};

#[wasm_bindgen(raw_module = "./plain-object.js")]
extern "C" {
    /// The member of an object, unless only the last prototype has it.
    #[wasm_bindgen(catch)]
    fn member(owner: &JsValue, name: &str) -> std::result::Result<JsValue, JsValue>;
}

#[wasm_bindgen(raw_module = "./core/settle.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn settle(
        returned: &JsValue,
        name: &str,
        code: &str,
        timeout: f64,
        signal: &JsValue,
    ) -> std::result::Result<Promise, JsValue>;
}

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
    /// The function `property` of `owner`, which is an object; `name` is what messages call it.
    /// `None` if there is none. Fails with `invalid_argument` if it isn't a function.
    pub fn find(
        owner: &JsValue,
        property: &str,
        name: &'static str,
        code: Code,
    ) -> Result<Option<Self>> {
        let value = Self::value(owner, property, name)?;
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        match value.dyn_into() {
            Ok(function) => Ok(Some(Callback { name, code, this: owner.clone(), function })),
            Err(_) => Err(Error::invalid(["`", name, "` must be a function"].concat())),
        }
    }

    /// The member `property` of an object; `name` is what messages call it.
    pub fn value(owner: &JsValue, property: &str, name: &str) -> Result<JsValue> {
        member(owner, property).map_err(|thrown| {
            Error::invalid(["`", name, "` could not be read"].concat()).because(thrown)
        })
    }

    /// Calls it. The future waits for what it returned: a value, a promise or a thenable. It never
    /// waits forever, and for nothing else.
    pub fn call(&self, arguments: &[JsValue], limits: &Limits) -> Call {
        let settled = self.call_now(arguments).and_then(|returned| {
            let code = self.code.to_string();
            settle(&returned, self.name, &code, limits.timeout, &limits.signal)
                .map_err(|value| thrown(self.name, self.code, value))
        });
        Call {
            name: self.name,
            code: self.code,
            settled: settled.map(JsFuture::from).map_err(Some),
        }
    }

    /// Calls it and returns what it returns.
    pub fn call_now(&self, arguments: &[JsValue]) -> Result<JsValue> {
        let arguments: Array = arguments.iter().collect();
        self.function
            .apply(&self.this, &arguments)
            .map_err(|value| thrown(self.name, self.code, value))
    }

    /// The function itself.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The error for a result of the wrong shape.
    pub fn wrong_shape(&self, wanted: &str) -> Error {
        wrong_shape(self.name, self.code, wanted)
    }
}

/// A call of an injected function under way. It is written out because an `async fn` would be a
/// state machine of its own in each place that waits.
pub struct Call {
    name: &'static str,
    code: Code,
    settled: std::result::Result<JsFuture, Option<Error>>,
}

impl Call {
    /// A call that could not be made.
    pub fn failed(error: Error) -> Self {
        Call { name: "", code: error.code(), settled: Err(Some(error)) }
    }
}

impl Future for Call {
    type Output = Result<JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<JsValue>> {
        let (name, code) = (self.name, self.code);
        match &mut self.settled {
            Ok(settled) => {
                Pin::new(settled).poll(context).map_err(|value| thrown(name, code, value))
            }
            Err(error) => error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
        }
    }
}
