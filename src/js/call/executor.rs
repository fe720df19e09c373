//! The executor of calls.
//!
//! A call is first polled in a microtask of its own, and then whenever a value arrives in its
//! inbox. Both happen in the async context of its caller, because JavaScript restores the context
//! in which a microtask, a reaction or a timer was created. The executor of `js-sys` polls all
//! woken tasks in one tick, in the context of the call that was first. There an injected function
//! would find the span or the transaction of another call in its `AsyncLocalStorage`.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::inbox::{Arrived, Inbox};
use super::limits::Limits;
use super::work::Work;
use crate::error::Result;
use crate::js::error::to_js;

#[wasm_bindgen(raw_module = "./core/calls.js")]
extern "C" {
    /// Returns the promise of a call and queues its first poll in a microtask.
    #[wasm_bindgen(catch, js_name = startCall)]
    fn start_call(slot: u32) -> std::result::Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_name = endCall)]
    fn end_call(slot: u32, fulfilled: bool, value: &JsValue) -> std::result::Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = queuePoll)]
    fn queue_poll(slot: u32) -> std::result::Result<(), JsValue>;
    /// Starts the clock of a call and listens to its signal.
    #[wasm_bindgen(catch, js_name = limitCall)]
    fn limit_call(slot: u32, signal: &JsValue, tick: f64) -> std::result::Result<(), JsValue>;
}

thread_local! {
    /// The calls by slot. A slot is reused when its call has ended.
    static CALLS: RefCell<Vec<Option<RunningCall>>> = const { RefCell::new(Vec::new()) };
    /// The slot of the call that is being polled.
    static CURRENT: Cell<Option<usize>> = const { Cell::new(None) };
    static NEXT_WAIT: Cell<u32> = const { Cell::new(0) };
}

/// A call in progress.
struct RunningCall {
    /// Absent while it is being polled.
    work: Option<Work>,
    waker: Waker,
    /// Whether a microtask that polls it is queued.
    queued: bool,
    inbox: Inbox,
    /// Whether its clock is running and its signal is observed.
    limited: bool,
}

/// Wakes the call in this slot. If another call has the slot by now, polling it once more is
/// harmless.
struct CallWaker(usize);

impl Wake for CallWaker {
    fn wake(self: Arc<Self>) {
        let slot = self.0;
        let was_queued = with_call(slot, |call| std::mem::replace(&mut call.queued, true));
        if was_queued == Some(false) {
            // Queueing a microtask never fails.
            let _ = queue_poll(slot as u32);
        }
    }
}

/// Runs a call and returns its promise. A panic, which only a defect can cause, rejects just this
/// promise.
pub fn run(work: Result<Work>) -> Promise {
    let work = match work {
        Ok(work) => work,
        Err(error) => return Promise::reject(&to_js(&error)),
    };
    let slot = CALLS.with_borrow_mut(|calls| {
        let free = calls.iter().position(Option::is_none);
        let slot = free.unwrap_or(calls.len());
        let call = Some(RunningCall {
            work: Some(work),
            waker: Waker::from(Arc::new(CallWaker(slot))),
            queued: true,
            inbox: Inbox::default(),
            limited: false,
        });
        match calls.get_mut(slot) {
            Some(free) => *free = call,
            None => calls.push(call),
        }
        slot
    });
    start_call(slot as u32).unwrap_or_else(|thrown| Promise::reject(&thrown))
}

/// Polls the call in this slot.
#[wasm_bindgen(js_name = pollCall)]
pub fn poll_call(slot: u32) {
    let slot = slot as usize;
    let taken = with_call(slot, |call| {
        call.queued = false;
        call.work.take().map(|work| (work, call.waker.clone()))
    });
    let Some((mut work, waker)) = taken.flatten() else { return };
    let before = CURRENT.replace(Some(slot));
    let mut context = Context::from_waker(&waker);
    let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)));
    CURRENT.set(before);
    let (fulfilled, value) = match polled {
        Ok(Poll::Pending) => {
            with_call(slot, |call| call.work = Some(work));
            return;
        }
        Ok(Poll::Ready(Ok(value))) => (true, value),
        Ok(Poll::Ready(Err(error))) => (false, to_js(&error)),
        Err(panic) => (false, js_sys::Error::new(&message(&*panic)).into()),
    };
    // Drop the work before its slot is free: its futures may still remove waits from the inbox.
    drop(work);
    let ended = CALLS.with_borrow_mut(|calls| calls.get_mut(slot).and_then(Option::take));
    if ended.is_some() {
        // Settling a promise never fails.
        let _ = end_call(slot as u32, fulfilled, &value);
    }
}

/// Delivers the result of a promise and polls its call.
#[wasm_bindgen]
pub fn settled(slot: u32, wait: u32, fulfilled: bool, value: JsValue) {
    let arrived = if fulfilled { Arrived::Value(value) } else { Arrived::Threw(value) };
    poll_if(slot, |inbox| inbox.put(wait, arrived));
}

/// Counts one tick of a call's clock.
#[wasm_bindgen]
pub fn tick(slot: u32) {
    poll_if(slot, Inbox::tick);
}

/// Ends the waits of a call whose signal has aborted.
#[wasm_bindgen(js_name = abortCall)]
pub fn abort_call(slot: u32, reason: &JsValue) {
    poll_if(slot, |inbox| inbox.abort(reason));
}

fn poll_if(slot: u32, change: impl FnOnce(&mut Inbox) -> bool) {
    if with_call(slot as usize, |call| change(&mut call.inbox)) == Some(true) {
        poll_call(slot);
    }
}

/// A new wait number for the call that is being polled.
pub fn next_wait() -> Option<(usize, u32)> {
    let slot = CURRENT.get()?;
    let number = NEXT_WAIT.get();
    NEXT_WAIT.set(number.wrapping_add(1));
    Some((slot, number))
}

/// Starts a wait under this number. With limits, it ends when the call's signal aborts or its
/// timeout has passed.
pub fn expect(slot: usize, number: u32, limits: Option<&Limits>) {
    let limited = with_call(slot, |call| {
        let can_abort = limits.is_some_and(|limits| !limits.aborts_delayed.get());
        call.inbox.expect(number, limits.is_some(), can_abort);
        limits.is_none() || std::mem::replace(&mut call.limited, true)
    });
    if let (Some(false), Some(limits)) = (limited, limits) {
        // Starting a timer never fails, and the signal was checked before.
        let tick = limits.timeout as f64 / f64::from(Inbox::TICKS);
        let _ = limit_call(slot as u32, &limits.signal, tick);
    }
}

/// Accesses the inbox of a call.
pub fn with_inbox<T>(slot: usize, access: impl FnOnce(&mut Inbox) -> T) -> Option<T> {
    with_call(slot, |call| access(&mut call.inbox))
}

fn with_call<T>(slot: usize, change: impl FnOnce(&mut RunningCall) -> T) -> Option<T> {
    CALLS.with_borrow_mut(|calls| calls.get_mut(slot)?.as_mut().map(change))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    ["rollcall: a defect: ", &text.unwrap_or_default()].concat()
}
