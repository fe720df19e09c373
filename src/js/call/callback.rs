//! One injected function: found and checked when a service is made, called and awaited safely
//! afterwards.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::failing::Failing;
use crate::error::{Error, InvalidArgument, Result};
use crate::js::error::Thrown;

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
    failing: Failing,
    this: JsValue,
    function: Function,
}

/// The member `property` of an object; `name` is what messages call it.
pub fn member_of(owner: &JsValue, property: &str, name: &str) -> Result<JsValue> {
    member(owner, property).map_err(|value| {
        let source = Some(Thrown::cause(value));
        InvalidArgument::Unreadable { name: name.to_owned(), source }.into()
    })
}

impl Callback {
    /// The function `property` of `owner`, which is an object. `None` if there is none. Fails with
    /// `invalid_argument` if it isn't a function.
    pub fn find(owner: &JsValue, property: &str, failing: Failing) -> Result<Option<Self>> {
        let value = member_of(owner, property, failing.function)?;
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        match value.dyn_into() {
            Ok(function) => Ok(Some(Callback { failing, this: owner.clone(), function })),
            Err(_) => Err(InvalidArgument::NotAFunction { name: failing.function.into() }.into()),
        }
    }

    /// Calls it. The future waits for what it returned: a value, a promise or a thenable. It never
    /// waits forever, and for nothing else.
    pub fn call(&self, arguments: &[JsValue], limits: &Limits) -> Call {
        let failing = self.failing;
        let settled = self.call_now(arguments).and_then(|returned| {
            let code = failing.code.to_string();
            settle(&returned, failing.function, &code, limits.timeout, &limits.signal)
                .map_err(|value| failing.threw(value))
        });
        Call(match settled {
            Ok(promise) => State::Waits(failing, promise.into()),
            Err(error) => State::Failed(Some(error)),
        })
    }

    /// Calls it and returns what it returns.
    pub fn call_now(&self, arguments: &[JsValue]) -> Result<JsValue> {
        let arguments: Array = arguments.iter().collect();
        self.function.apply(&self.this, &arguments).map_err(|value| self.failing.threw(value))
    }

    /// The function itself.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The error for a result of the wrong shape.
    pub fn wrong_shape(&self, wanted: &'static str) -> Error {
        self.failing.wrong_shape(wanted)
    }
}

/// A call of an injected function under way. It is written out because an `async fn` would be a
/// state machine of its own in each place that waits.
pub struct Call(State);

enum State {
    Waits(Failing, JsFuture),
    /// The call could not be made. The error is taken when it is polled.
    Failed(Option<Error>),
}

impl Call {
    /// A call that could not be made.
    pub fn failed(error: Error) -> Self {
        Call(State::Failed(Some(error)))
    }
}

impl Future for Call {
    type Output = Result<JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<JsValue>> {
        match &mut self.0 {
            State::Waits(failing, settled) => {
                Pin::new(settled).poll(context).map_err(|value| failing.threw(value))
            }
            State::Failed(error) => {
                error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error)))
            }
        }
    }
}
