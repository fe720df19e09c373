//! Delivery: concurrent attempts at notifications, retries and the delivery pass.

mod attempt;
mod deliveries;
mod pass;
mod queue;
mod retry;

pub(crate) use deliveries::{Deliveries, Progress};
pub use pass::{DEFAULT_LIMIT, DeliveryPass, deliver_due};
