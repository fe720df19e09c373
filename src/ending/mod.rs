//! Ending sessions as a set: the input and the result of one step of the port [`AtomicEnding`].
//!
//! - `step` has the sessions that a step ends, and its result.
//! - `notified_clients` has the rule for the notifications: which clients, and how many each gets.
//! - `revoked_grants` has the rule for the grants.
//!
//! [`AtomicEnding`]: crate::ports::AtomicEnding

mod ended_session;
pub mod notified_clients;
mod revoked_grants;
mod step;

pub use ended_session::{EndingSession, SessionIds};
pub use notified_clients::{ClientNotices, EndingNotices, NoticeScope, Way};
pub use revoked_grants::{EndingGrants, SessionGrants};
pub use step::{EndedSessions, EndingPick, EndingStep, Surplus, SurplusOrder};
