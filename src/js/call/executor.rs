//! The calls under way.
//!
//! A call is polled in a microtask of its own at first, and then whenever something arrives in its
//! inbox. Either happens in the async context of its caller, because JavaScript restores the
//! context in which a microtask, a reaction or a timer was made. The executor of `js-sys` polls
//! everything that is woken in one tick in the context of whichever call came first: an injected
//! function would find the span, or the transaction, of another call in its `AsyncLocalStorage`.

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
    /// The promise of a call, which is polled for the first time in a microtask.
    #[wasm_bindgen(catch, js_name = startCall)]
    fn start_call(place: u32) -> std::result::Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_name = endCall)]
    fn end_call(place: u32, fulfilled: bool, value: &JsValue) -> std::result::Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = queuePoll)]
    fn queue_poll(place: u32) -> std::result::Result<(), JsValue>;
    /// Starts the clock of a call and listens to its signal.
    #[wasm_bindgen(catch, js_name = limitCall)]
    fn limit_call(place: u32, signal: &JsValue, tick: f64) -> std::result::Result<(), JsValue>;
}

thread_local! {
    /// The calls by place. A place is used again when its call has ended.
    static CALLS: RefCell<Vec<Option<UnderWay>>> = const { RefCell::new(Vec::new()) };
    /// The place of the call that is being polled.
    static CURRENT: Cell<Option<usize>> = const { Cell::new(None) };
    static NEXT_WAIT: Cell<u32> = const { Cell::new(0) };
}

/// A call under way.
struct UnderWay {
    /// Absent while it is polled.
    work: Option<Work>,
    waker: Waker,
    /// Whether a microtask to poll it is queued.
    queued: bool,
    inbox: Inbox,
    /// Whether its clock runs and its signal is listened to.
    limited: bool,
}

/// Wakes the call at this place. Another call may have the place by now; polling that one once more
/// does no harm.
struct CallWaker(usize);

impl Wake for CallWaker {
    fn wake(self: Arc<Self>) {
        let place = self.0;
        let was_queued = with_call(place, |call| std::mem::replace(&mut call.queued, true));
        if was_queued == Some(false) {
            // Queueing a microtask can't fail.
            let _ = queue_poll(place as u32);
        }
    }
}

/// Runs a call and returns its promise. A panic, which only a defect leads to, rejects this promise
/// and no other.
pub fn run(work: Result<Work>) -> Promise {
    let work = match work {
        Ok(work) => work,
        Err(error) => return Promise::reject(&to_js(&error)),
    };
    let place = CALLS.with_borrow_mut(|calls| {
        let free = calls.iter().position(Option::is_none);
        let place = free.unwrap_or(calls.len());
        let call = Some(UnderWay {
            work: Some(work),
            waker: Waker::from(Arc::new(CallWaker(place))),
            queued: true,
            inbox: Inbox::default(),
            limited: false,
        });
        match calls.get_mut(place) {
            Some(free) => *free = call,
            None => calls.push(call),
        }
        place
    });
    start_call(place as u32).unwrap_or_else(|thrown| Promise::reject(&thrown))
}

/// Polls the call at this place.
#[wasm_bindgen(js_name = pollCall)]
pub fn poll_call(place: u32) {
    let place = place as usize;
    let taken = with_call(place, |call| {
        call.queued = false;
        call.work.take().map(|work| (work, call.waker.clone()))
    });
    let Some((mut work, waker)) = taken.flatten() else { return };
    let before = CURRENT.replace(Some(place));
    let mut context = Context::from_waker(&waker);
    let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)));
    CURRENT.set(before);
    let (fulfilled, value) = match polled {
        Ok(Poll::Pending) => {
            with_call(place, |call| call.work = Some(work));
            return;
        }
        Ok(Poll::Ready(Ok(value))) => (true, value),
        Ok(Poll::Ready(Err(error))) => (false, to_js(&error)),
        Err(panic) => (false, js_sys::Error::new(&message(&*panic)).into()),
    };
    // Before its place is free: what it drops may still be in its inbox.
    drop(work);
    let ended = CALLS.with_borrow_mut(|calls| calls.get_mut(place).and_then(Option::take));
    if ended.is_some() {
        // Settling a promise can't fail.
        let _ = end_call(place as u32, fulfilled, &value);
    }
}

/// Takes what a promise came to, and lets its call go on.
#[wasm_bindgen]
pub fn settled(place: u32, wait: u32, fulfilled: bool, value: JsValue) {
    let arrived = if fulfilled { Arrived::Value(value) } else { Arrived::Threw(value) };
    poll_if(place, |inbox| inbox.put(wait, arrived));
}

/// Counts one tick of a call's clock.
#[wasm_bindgen]
pub fn tick(place: u32) {
    poll_if(place, Inbox::tick);
}

/// Ends the waits of a call whose signal aborted.
#[wasm_bindgen(js_name = abortCall)]
pub fn abort_call(place: u32, reason: &JsValue) {
    poll_if(place, |inbox| inbox.abort(reason));
}

fn poll_if(place: u32, change: impl FnOnce(&mut Inbox) -> bool) {
    if with_call(place as usize, |call| change(&mut call.inbox)) == Some(true) {
        poll_call(place);
    }
}

/// A number for a wait of the call that is being polled.
pub fn next_wait() -> Option<(usize, u32)> {
    let place = CURRENT.get()?;
    let number = NEXT_WAIT.get();
    NEXT_WAIT.set(number.wrapping_add(1));
    Some((place, number))
}

/// Waits for this number, until the call's signal aborts or its time-out passes if there are
/// limits.
pub fn expect(place: usize, number: u32, limits: Option<&Limits>) {
    let limited = with_call(place, |call| {
        let can_abort = limits.is_some_and(|limits| !limits.shielded.get());
        call.inbox.expect(number, limits.is_some(), can_abort);
        limits.is_none() || std::mem::replace(&mut call.limited, true)
    });
    if let (Some(false), Some(limits)) = (limited, limits) {
        // Starting a timer and listening to a signal can't fail: the signal was checked.
        let tick = limits.timeout as f64 / f64::from(Inbox::TICKS);
        let _ = limit_call(place as u32, &limits.signal, tick);
    }
}

/// Looks into the inbox of a call.
pub fn with_inbox<T>(place: usize, look: impl FnOnce(&mut Inbox) -> T) -> Option<T> {
    with_call(place, |call| look(&mut call.inbox))
}

fn with_call<T>(place: usize, change: impl FnOnce(&mut UnderWay) -> T) -> Option<T> {
    CALLS.with_borrow_mut(|calls| calls.get_mut(place)?.as_mut().map(change))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    ["rollcall: a defect: ", &text.unwrap_or_default()].concat()
}
