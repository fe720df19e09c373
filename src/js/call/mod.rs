//! Calls: the futures under way, and the injected functions that they call.

mod callback;
mod executor;
mod failing;
mod work;

pub use callback::{Call, Callback, Limits, member_of};
pub use executor::run;
pub use failing::Failing;
pub use work::Work;
