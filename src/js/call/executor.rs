//! The calls under way. Each is polled in a microtask of its own, queued by what it waited for, and
//! so in the async context of its caller. The executor of `js-sys` polls everything that is woken
//! in one tick in one microtask, in the context of whichever call came first: an injected function
//! would find the span, or the transaction, of another call in its `AsyncLocalStorage`.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::work::Work;
use crate::error::Result;
use crate::js::error::to_js;

#[wasm_bindgen(raw_module = "./core/scheduling.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = queuePoll)]
    fn queue_poll(place: u32) -> std::result::Result<(), JsValue>;
}

thread_local! {
    static RUNNING: RefCell<Vec<Option<Running>>> = const { RefCell::new(Vec::new()) };
}

/// A call under way.
struct Running {
    /// Absent while it is polled.
    work: Option<Work>,
    waker: Waker,
    /// Whether a microtask to poll it is queued.
    queued: bool,
    resolve: Function,
    reject: Function,
}

/// Wakes the call at this place. Another call may have the place by now; polling that one once more
/// does no harm.
struct CallWaker(usize);

impl Wake for CallWaker {
    fn wake(self: Arc<Self>) {
        let place = self.0;
        let asleep = with_call(place, |call| !std::mem::replace(&mut call.queued, true));
        if asleep == Some(true) {
            // Queueing a microtask cannot fail.
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
    let functions = AssertUnwindSafe(Cell::new(None));
    let promise = Promise::new(&mut |resolve, reject| {
        let functions = &functions;
        functions.set(Some((resolve, reject)));
    });
    if let Some((resolve, reject)) = functions.take() {
        let waker = RUNNING.with_borrow_mut(|calls| {
            let free = calls.iter().position(Option::is_none);
            let place = free.unwrap_or(calls.len());
            let waker = Waker::from(Arc::new(CallWaker(place)));
            let call = Some(Running {
                work: Some(work),
                waker: waker.clone(),
                queued: false,
                resolve,
                reject,
            });
            match calls.get_mut(place) {
                Some(free) => *free = call,
                None => calls.push(call),
            }
            waker
        });
        waker.wake();
    }
    promise
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
    let polled =
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut Context::from_waker(&waker))));
    let (settled, value) = match polled {
        Ok(Poll::Pending) => {
            with_call(place, |call| call.work = Some(work));
            return;
        }
        Ok(Poll::Ready(Ok(value))) => (true, value),
        Ok(Poll::Ready(Err(error))) => (false, to_js(&error)),
        Err(panic) => (false, js_sys::Error::new(&message(&*panic)).into()),
    };
    let ended = RUNNING.with_borrow_mut(|calls| calls.get_mut(place).and_then(Option::take));
    if let Some(Running { resolve, reject, .. }) = ended {
        // The functions of a promise do not throw.
        let _ = if settled { resolve } else { reject }.call1(&JsValue::UNDEFINED, &value);
    }
}

fn with_call<T>(place: usize, change: impl FnOnce(&mut Running) -> T) -> Option<T> {
    RUNNING.with_borrow_mut(|calls| calls.get_mut(place)?.as_mut().map(change))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    ["rollcall: a defect: ", &text.unwrap_or_default()].concat()
}
