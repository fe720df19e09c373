//! Coordination: the lifetime of sessions, and of the tokens of clients that live and die with
//! them. The reference's session coordination, with the corrections of the design.
//!
//! A client coordinates when its own setting is true, or the host's is true and the client's is not
//! false.

mod expiry;
mod limit;
mod sign_out;
mod validation;

use crate::session::Millis;

pub use expiry::{DEFAULT_BATCH_SIZE, ExpiryPass, remove_expired_sessions};
pub(crate) use limit::check_room;
pub use limit::{LimitPolicy, SessionLimit, admit_session};
pub use sign_out::{SignedOut, process_logout};
pub use validation::{ValidationRequest, validate_session};

/// The settings of coordination. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoordinationOptions {
    /// Whether clients coordinate that do not say.
    pub coordinate_client_lifetimes_with_user_session: bool,
    /// Whether all clients of a session that expires are told, and not only those that coordinate.
    pub expired_sessions_trigger_backchannel_logout: bool,
    /// How long after its beginning a session is over, however often it was renewed.
    pub absolute_lifetime: Option<Millis>,
    /// A session that was renewed less than this ago is not written again.
    pub renew_at_most_every: Millis,
    /// How many live sessions a subject may have.
    pub max_sessions_per_subject: Option<SessionLimit>,
}

impl Default for CoordinationOptions {
    fn default() -> Self {
        CoordinationOptions {
            coordinate_client_lifetimes_with_user_session: false,
            expired_sessions_trigger_backchannel_logout: false,
            absolute_lifetime: None,
            renew_at_most_every: 60_000,
            max_sessions_per_subject: None,
        }
    }
}
