//! Coordination: the lifetime of sessions, and of the tokens of clients that share it. The
//! reference's session coordination, with the corrections of the design.
//!
//! A client coordinates when its own setting is true, or the host's is true and the client's is not
//! false.

mod expiry;
mod limit;
mod sign_out;
mod validation;

pub use expiry::{DEFAULT_BATCH_SIZE, ExpiryPass, remove_expired_sessions};
pub use limit::{Newcomer, admit_session};
pub(crate) use limit::{Subject, check_room, create_within, end_surplus};
pub use sign_out::{SignedOut, process_logout};
pub use validation::{ValidationRequest, validate_session};
