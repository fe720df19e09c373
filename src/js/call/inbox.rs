//! The inbox of one call: the values that it waits for, by number.
//!
//! A value for a number that the call no longer waits for is dropped: the callback was too slow.

use wasm_bindgen::prelude::*;

/// The result of a wait.
pub enum Arrived {
    /// The promise was fulfilled.
    Value(JsValue),
    /// The promise was rejected.
    Threw(JsValue),
    /// The caller aborted the call with this reason.
    Aborted(JsValue),
    /// The timeout has passed.
    TimedOut,
}

/// The waits of one call.
#[derive(Default)]
pub struct Inbox {
    waits: Vec<Wait>,
}

struct Wait {
    number: u32,
    /// How many more ticks of the call's clock the wait may last. A wait without a limit lasts
    /// until its value arrives, even if the call is aborted.
    ticks_left: Option<u8>,
    /// Whether aborting the call ends the wait.
    can_abort: bool,
    arrived: Option<Arrived>,
}

impl Inbox {
    /// The ticks of the clock per timeout.
    pub const TICKS: u8 = 8;

    /// Starts a wait under this number, which must be unused.
    pub fn expect(&mut self, number: u32, is_limited: bool, can_abort: bool) {
        // The first tick may come at once, so add one to a whole timeout.
        let ticks_left = is_limited.then_some(Self::TICKS + 1);
        self.waits.push(Wait { number, ticks_left, can_abort, arrived: None });
    }

    /// Delivers a value. Returns false if the call no longer waits for it.
    pub fn put(&mut self, number: u32, arrived: Arrived) -> bool {
        let open = |wait: &&mut Wait| wait.number == number && wait.arrived.is_none();
        let Some(wait) = self.waits.iter_mut().find(open) else { return false };
        wait.arrived = Some(arrived);
        true
    }

    /// Takes a value and ends its wait; `None` if it hasn't arrived.
    pub fn take(&mut self, number: u32) -> Option<Arrived> {
        let index = self.waits.iter().position(|wait| wait.number == number)?;
        let arrived = self.waits.get_mut(index)?.arrived.take()?;
        self.waits.swap_remove(index);
        Some(arrived)
    }

    /// Ends a wait without taking its value.
    pub fn forget(&mut self, number: u32) {
        self.waits.retain(|wait| wait.number != number);
    }

    /// Counts one tick of the clock. Returns true if a wait timed out.
    pub fn tick(&mut self) -> bool {
        self.end_limited(|_, ticks_left| {
            *ticks_left = ticks_left.saturating_sub(1);
            (*ticks_left == 0).then_some(Arrived::TimedOut)
        })
    }

    /// Ends the waits that an abort may end. Returns true if there was one.
    pub fn abort(&mut self, reason: &JsValue) -> bool {
        self.end_limited(|can_abort, _| can_abort.then(|| Arrived::Aborted(reason.clone())))
    }

    fn end_limited(&mut self, end: impl Fn(bool, &mut u8) -> Option<Arrived>) -> bool {
        let mut has_ended = false;
        for wait in self.waits.iter_mut().filter(|wait| wait.arrived.is_none()) {
            if let Some(ticks_left) = &mut wait.ticks_left {
                wait.arrived = end(wait.can_abort, ticks_left);
                has_ended |= wait.arrived.is_some();
            }
        }
        has_ended
    }
}
