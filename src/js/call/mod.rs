//! Calls: the futures under way, and the injected functions that they call.
//!
//! An export makes a call's [`Work`] and [`run`]s it. The work calls a [`Callback`], which gives
//! the returned promise a number in the [inbox](inbox) of its own call. JavaScript settles it under
//! that number, and the [executor] polls the call at once.

mod callback;
mod executor;
mod failing;
mod inbox;
mod limits;
mod returned;
mod work;

pub use callback::{Call, Callback, member_of};
pub use executor::run;
pub use failing::Failing;
pub use limits::Limits;
pub use returned::Returned;
pub use work::Work;
