//! The settings of a host: how notifications are delivered, and how lifetimes are coordinated.

use serde::Deserialize;

use crate::time::Millis;

/// How notifications are delivered. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryOptions {
    /// How many attempts are under way at once, in one call; 1 or more.
    pub concurrency: usize,
    /// How many of them go to one origin; 1 or more.
    pub per_origin: usize,
    /// How long a notification is left alone after its first failure. Each further failure doubles
    /// it.
    pub first_retry: Millis,
    /// The longest that it is left alone, unless the client asks for more.
    pub max_retry: Millis,
    /// How long after it was recorded a notification is given up.
    pub give_up_after: Millis,
    /// How long whoever claims a notification keeps it to itself.
    pub lease_for: Millis,
    /// How long a removal waits for its notifications, where an outbox remembers the rest.
    pub wait: Millis,
    /// By how much logout tokens are dated back. A relying party whose clock is slow refuses a
    /// token from the future, and some never accept it later.
    pub backdate: Millis,
    /// How long the outbox keeps a notification after it was delivered.
    pub keep_delivered: Millis,
    /// How long it keeps one after it was given up.
    pub keep_failed: Millis,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        DeliveryOptions {
            concurrency: 32,
            per_origin: 4,
            first_retry: 10_000,
            max_retry: 3_600_000,
            give_up_after: 86_400_000,
            lease_for: 60_000,
            wait: 10_000,
            backdate: 5_000,
            keep_delivered: 7 * 86_400_000,
            keep_failed: 90 * 86_400_000,
        }
    }
}

/// The settings of coordination. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoordinationOptions {
    /// Whether clients coordinate that do not say.
    pub coordinate_client_lifetimes_with_user_session: bool,
    /// Whether all clients of a session that expires are told, and not only those that coordinate.
    pub expired_sessions_trigger_backchannel_logout: bool,
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
            renew_at_most_every: 60_000,
            max_sessions_per_subject: None,
        }
    }
}

/// How many live sessions a subject may have, and which go when there are more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimit {
    /// How many; 1 or more.
    pub limit: usize,
    /// What happens when there are more.
    pub policy: LimitPolicy,
}

/// What happens when a subject has more sessions than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LimitPolicy {
    /// The new session does not begin.
    Deny,
    /// The session that began first ends.
    RemoveOldest,
    /// The session that was renewed longest ago ends.
    RemoveLeastRecent,
}
