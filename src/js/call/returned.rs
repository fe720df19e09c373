//! A wait for one value that JavaScript returned.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use wasm_bindgen::prelude::*;

use super::executor::{expect, next_wait, with_inbox};
use super::inbox::Arrived;
use super::limits::Limits;

#[wasm_bindgen(raw_module = "./core/calls.js")]
extern "C" {
    /// Has the value of a promise or thenable settled under this number. False for anything else.
    #[wasm_bindgen(catch, js_name = awaitReturned)]
    fn await_returned(returned: &JsValue, place: u32, wait: u32) -> Result<bool, JsValue>;
}

/// Waits for a value that JavaScript returned: the value itself, a promise of it or a thenable.
pub struct Returned(State);

enum State {
    /// It arrived at once. It is taken when it is polled.
    Here(Option<Arrived>),
    /// It is settled into the inbox of this call, under this number.
    Awaited { place: usize, wait: u32 },
}

impl Returned {
    /// With limits, the wait ends when the signal aborts or the time-out passes.
    pub fn new(value: JsValue, limits: Option<&Limits>) -> Self {
        // Every callback is called while its call is polled.
        let Some((place, wait)) = next_wait() else { return Self::here(Arrived::Value(value)) };
        match await_returned(&value, place as u32, wait) {
            Ok(false) => Self::here(Arrived::Value(value)),
            Ok(true) => {
                expect(place, wait, limits);
                Returned(State::Awaited { place, wait })
            }
            // A `then` that can't be read.
            Err(thrown) => Self::here(Arrived::Threw(thrown)),
        }
    }

    /// Whether the value was a promise or thenable, which has yet to settle.
    pub fn is_awaited(&self) -> bool {
        matches!(self.0, State::Awaited { .. })
    }

    fn here(arrived: Arrived) -> Self {
        Returned(State::Here(Some(arrived)))
    }
}

impl Future for Returned {
    type Output = Arrived;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Arrived> {
        // The executor polls the call again when something arrives, so no waker is needed.
        let arrived = match &mut self.0 {
            State::Here(arrived) => arrived.take(),
            State::Awaited { place, wait } => {
                with_inbox(*place, |inbox| inbox.take(*wait)).flatten()
            }
        };
        arrived.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Returned {
    fn drop(&mut self) {
        if let State::Awaited { place, wait } = self.0 {
            with_inbox(place, |inbox| inbox.forget(wait));
        }
    }
}
