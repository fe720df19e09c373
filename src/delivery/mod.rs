//! Delivering: attempts at notifications, several at a time, and what each leads to.

mod attempt;
mod deliveries;
mod pass;
mod queue;
mod retry;

pub(crate) use deliveries::{Deliveries, Progress};
pub use pass::{DEFAULT_LIMIT, DeliveryPass, deliver_due};
