//! An injected function. It is looked up and checked when a service is created.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Array, Function};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::callback_errors::CallbackErrors;
use super::inbox::Arrived;
use super::limits::{Limits, aborted};
use super::returned::Returned;
use crate::error::{Error, InvalidArgument, Result};
use crate::js::error::Thrown;
use crate::js::wire::write;
use crate::time::Millis;

#[wasm_bindgen(raw_module = "./plain-object.js")]
extern "C" {
    /// The member of an object, ignoring members of the last prototype.
    #[wasm_bindgen(catch)]
    fn member(owner: &JsValue, name: &str) -> std::result::Result<JsValue, JsValue>;
}

#[wasm_bindgen(raw_module = "./core/events.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn notify(
        name: &str,
        owner: &JsValue,
        observer: &Function,
        value: &JsValue,
    ) -> std::result::Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = notifyEach)]
    fn notify_each(
        name: &str,
        owner: &JsValue,
        observer: &Function,
        event: &JsValue,
        sessions: &JsValue,
    ) -> std::result::Result<(), JsValue>;
}

/// An injected function and the object that it is called on.
pub struct Callback {
    failing: CallbackErrors,
    this: JsValue,
    function: Function,
}

/// The member `property` of an object. Messages call it `name`.
pub fn member_of(owner: &JsValue, property: &str, name: &str) -> Result<JsValue> {
    member(owner, property).map_err(|value| {
        let source = Some(Thrown::cause(value));
        InvalidArgument::Unreadable { name: name.to_owned(), source }.into()
    })
}

impl Callback {
    /// The function `property` of the object `owner`; `None` if absent. Fails with
    /// `invalid_argument` if it isn't a function.
    pub fn find(owner: &JsValue, property: &str, failing: CallbackErrors) -> Result<Option<Self>> {
        let value = member_of(owner, property, failing.function)?;
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        match value.dyn_into() {
            Ok(function) => Ok(Some(Callback { failing, this: owner.clone(), function })),
            Err(_) => Err(InvalidArgument::NotAFunction { name: failing.function.into() }.into()),
        }
    }

    /// Calls the function. The future waits for the returned value, promise or thenable, and for
    /// nothing else. It never waits forever.
    pub fn call(&self, arguments: &[JsValue], limits: &Limits) -> Call {
        let returned = match self.call_now(arguments) {
            Ok(returned) => returned,
            Err(error) => return Call::failed(error),
        };
        let returned = Returned::new(returned, Some(limits));
        if returned.is_awaited()
            && let Some(error) = limits.aborted()
        {
            return Call::failed(error);
        }
        Call(State::Waits { returned, failing: self.failing, timeout: limits.timeout })
    }

    /// Calls the function and returns its result without waiting.
    pub fn call_now(&self, arguments: &[JsValue]) -> Result<JsValue> {
        let (this, function) = (&self.this, &self.function);
        let returned = match arguments {
            [] => function.call0(this),
            [first] => function.call1(this, first),
            [first, second] => function.call2(this, first, second),
            more => function.apply(this, &more.iter().collect::<Array>()),
        };
        returned.map_err(|value| self.failing.threw(value))
    }

    /// Calls an observer with a value. It can't fail: errors go to the console.
    pub fn notify(&self, value: &impl Serialize) {
        if let Ok(value) = write(value) {
            let _ = notify(self.failing.function, &self.this, &self.function, &value);
        }
    }

    /// Calls an observer with an event for each of these sessions, like [`Callback::notify`].
    /// `event` has the members that they share.
    pub fn notify_each(&self, event: &impl Serialize, sessions: &JsValue) {
        if let Ok(event) = write(event) {
            let name = self.failing.function;
            let _ = notify_each(name, &self.this, &self.function, &event, sessions);
        }
    }

    /// The error for a result of the wrong shape.
    pub fn wrong_shape(&self, wanted: &'static str) -> Error {
        self.failing.wrong_shape(wanted)
    }
}

/// A pending call of an injected function. This isn't an `async fn`, which would compile to a state
/// machine in each place that waits.
pub struct Call(State);

enum State {
    Waits {
        returned: Returned,
        failing: CallbackErrors,
        timeout: Millis,
    },
    /// The call couldn't be made. Polling takes the error.
    Failed(Option<Error>),
}

impl Call {
    /// A call of a function of the package that returned this value. It has no limits, and a value
    /// that isn't a promise is ready in the same microtask.
    pub fn of_package(returned: JsValue) -> Self {
        let returned = Returned::new(returned, None);
        Call(State::Waits { returned, failing: CallbackErrors::PACKAGE, timeout: 0 })
    }

    /// A call that couldn't be made.
    pub fn failed(error: Error) -> Self {
        Call(State::Failed(Some(error)))
    }
}

impl Future for Call {
    type Output = Result<JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<JsValue>> {
        match &mut self.0 {
            State::Waits { returned, failing, timeout } => {
                Pin::new(returned).poll(context).map(|arrived| match arrived {
                    Arrived::Value(value) => Ok(value),
                    Arrived::Threw(value) => Err(failing.threw(value)),
                    Arrived::Aborted(reason) => Err(aborted(reason)),
                    Arrived::TimedOut => Err(failing.timed_out(*timeout)),
                })
            }
            State::Failed(error) => {
                error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error)))
            }
        }
    }
}
