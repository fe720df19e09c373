//! Calls in progress and the injected functions that they call.
//!
//! An export creates a call's [`Work`] and [`run`]s it. The work calls a [`Callback`], which gives
//! the returned promise a number in the [inbox] of its call. JavaScript settles the promise under
//! that number, and the [executor] polls the call at once.

mod callback;
mod callback_errors;
mod executor;
mod inbox;
mod limits;
mod returned;
mod work;

pub use callback::{Call, Callback, member_of};
pub use callback_errors::CallbackErrors;
pub use executor::run;
pub use limits::Limits;
pub use returned::Returned;
pub use work::Work;
