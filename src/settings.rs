//! The host's settings for delivery and for coordinated lifetimes.

use serde::Deserialize;

use crate::time::Millis;

/// Settings for the delivery of notifications. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryOptions {
    /// The most concurrent attempts in one call; 1 or more.
    pub concurrency: usize,
    /// The most concurrent attempts per origin; 1 or more.
    pub per_origin: usize,
    /// The pause after the first failed attempt. Each further failure doubles it.
    pub first_retry: Millis,
    /// The longest pause, unless the client asks for more.
    pub max_retry: Millis,
    /// How long after it was recorded a notification may still be attempted.
    pub give_up_after: Millis,
    /// How long a claim lasts. Until then no other instance can claim the notification.
    pub lease_for: Millis,
    /// How long a removal waits for its deliveries if an outbox keeps the rest.
    pub wait: Millis,
    /// How far logout tokens are backdated. A relying party with a slow clock rejects a token from
    /// the future, and some never accept it later.
    pub backdate: Millis,
    /// How long the outbox keeps a delivered notification.
    pub keep_delivered: Millis,
    /// How long it keeps a failed one.
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

/// Settings for coordination. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoordinationOptions {
    /// The default for clients that don't set `coordinateLifetimeWithUserSession`.
    pub coordinate_client_lifetimes_with_user_session: bool,
    /// Whether the expiry of a session notifies all of its clients or only those that coordinate.
    pub expired_sessions_trigger_backchannel_logout: bool,
    /// Throttles renewal: a session that was renewed more recently than this is not written again.
    pub renew_at_most_every: Millis,
    /// The session limit of each subject.
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

/// How many active sessions a subject may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimit {
    /// The most sessions; 1 or more.
    pub limit: usize,
    /// The policy for sessions over the limit.
    pub policy: LimitPolicy,
}

/// The policy for sessions over the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LimitPolicy {
    /// The new session is refused.
    Deny,
    /// The session created first ends.
    RemoveOldest,
    /// The session whose last renewal is the oldest ends.
    RemoveLeastRecent,
}
