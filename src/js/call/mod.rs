//! Calls: the futures under way, and the injected functions that they call.

mod callback;
pub mod error;
mod executor;
mod work;

pub use callback::{Call, Callback, Limits, member_of};
pub use executor::run;
pub use work::Work;
