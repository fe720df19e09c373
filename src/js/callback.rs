//! One injected function: found and checked when a service is made, called and waited for safely
//! afterwards.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::thrown;
use super::imports::settle;
use super::value::{array, is_absent};
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
    /// The function `member` of `owner`; `name` is what messages call it. `None` if there is none.
    /// Fails with `invalid_argument` if it is no function.
    pub fn find(
        owner: &JsValue,
        member: &str,
        name: &'static str,
        code: Code,
    ) -> Result<Option<Self>> {
        let value = Reflect::get(owner, &JsValue::from_str(member)).map_err(|thrown| {
            Error::invalid(["`", name, "` could not be read"].concat()).because(thrown)
        })?;
        if is_absent(&value) {
            return Ok(None);
        }
        match value.dyn_into() {
            Ok(function) => Ok(Some(Callback { name, code, this: owner.clone(), function })),
            Err(_) => Err(Error::invalid(["`", name, "` must be a function"].concat())),
        }
    }

    /// Calls it; the future waits for what it returns: a value, a promise or a thenable. Never for
    /// ever, and for nothing but what this very call returned: on Workers a wait that is shared
    /// between requests ends them.
    pub fn call(&self, arguments: &[JsValue], limits: &Limits) -> Call {
        let settled = self.call_now(arguments).and_then(|returned| {
            settle(&returned, self.name, self.code.as_str(), limits.timeout, &limits.signal)
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
        let arguments = array(arguments, JsValue::clone);
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
        super::error::wrong_shape(self.name, self.code, wanted)
    }
}

/// A call of an injected function under way. One type for all of them, written out: an `async fn`
/// would be a state machine of its own in each place that waits.
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
