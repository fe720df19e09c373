//! Coordination: ties the lifetime of clients' tokens to the session. It follows the reference's
//! session coordination, with corrections.
//!
//! A client coordinates if its own setting is true, or if the host's default is true and the client
//! doesn't set it to false.

mod expiry;
mod limit;
mod renewal;
mod sign_out;
mod validation;

pub use expiry::{DEFAULT_BATCH_SIZE, ExpiryPass, remove_expired_sessions};
pub use limit::{StartedSession, admit_session};
pub(crate) use limit::{Subject, check_limit, create_within_limit, end_surplus};
pub use sign_out::{SignedOut, process_logout};
pub use validation::{ValidationRequest, validate_session};
