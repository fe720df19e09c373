//! Waiting for a value that JavaScript returned.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use wasm_bindgen::prelude::*;

use super::executor::{expect, next_wait, with_inbox};
use super::inbox::Arrived;
use super::limits::Limits;

#[wasm_bindgen(raw_module = "./core/calls.js")]
extern "C" {
    /// Settles a promise or thenable under this number. Returns false for anything else.
    #[wasm_bindgen(catch, js_name = awaitReturned)]
    fn await_returned(returned: &JsValue, slot: u32, wait: u32) -> Result<bool, JsValue>;
}

/// A value that JavaScript returned: the value itself, a promise or a thenable.
pub struct Returned(State);

enum State {
    /// Not a promise. Polling takes the value.
    Ready(Option<Arrived>),
    /// Will be settled into the inbox of this call, under this number.
    Awaited { slot: usize, wait: u32 },
}

impl Returned {
    /// With limits, the wait ends when the signal aborts or the timeout has passed.
    pub fn new(value: JsValue, limits: Option<&Limits>) -> Self {
        // Callbacks are only called while their call is polled.
        let Some((slot, wait)) = next_wait() else { return Self::ready(Arrived::Value(value)) };
        match await_returned(&value, slot as u32, wait) {
            Ok(false) => Self::ready(Arrived::Value(value)),
            Ok(true) => {
                expect(slot, wait, limits);
                Returned(State::Awaited { slot, wait })
            }
            // Reading `then` threw.
            Err(thrown) => Self::ready(Arrived::Threw(thrown)),
        }
    }

    /// Whether the value is a promise or thenable that hasn't settled.
    pub fn is_awaited(&self) -> bool {
        matches!(self.0, State::Awaited { .. })
    }

    fn ready(arrived: Arrived) -> Self {
        Returned(State::Ready(Some(arrived)))
    }
}

impl Future for Returned {
    type Output = Arrived;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Arrived> {
        // The executor polls the call when a value arrives, so no waker is needed.
        let arrived = match &mut self.0 {
            State::Ready(arrived) => arrived.take(),
            State::Awaited { slot, wait } => with_inbox(*slot, |inbox| inbox.take(*wait)).flatten(),
        };
        arrived.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Returned {
    fn drop(&mut self) {
        if let State::Awaited { slot, wait } = self.0 {
            with_inbox(slot, |inbox| inbox.forget(wait));
        }
    }
}
