//! One step: the sessions that it ends, and its result.

use serde::{Deserialize, Serialize};

use super::ended_session::SessionIds;
use super::notified_clients::EndingNotices;
use super::revoked_grants::EndingGrants;
use crate::filter::Filter;
use crate::grant::GrantCounts;
use crate::notification::Notification;
use crate::order::{Order, Position};
use crate::session::SessionKey;
use crate::time::Timestamp;

/// Selects the sessions that a step ends. All members are ANDed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndingPick {
    /// The filter that they match.
    pub filter: Filter,
    /// Only sessions with one of these keys.
    pub keys: Option<Vec<SessionKey>>,
    /// Excludes sessions with one of these session ids.
    pub except_session_ids: Vec<String>,
    /// Only the sessions over a limit.
    pub surplus: Option<Surplus>,
    /// Their order: [`Order::Oldest`] or [`Order::Expiry`].
    pub order: Order,
    /// Only sessions after this position.
    pub after: Option<Position>,
    /// The most sessions; 1 or more.
    pub limit: u32,
}

/// Selects the sessions over a limit: the active matching sessions except the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Surplus {
    /// The number of sessions to keep, from the end of the order.
    pub keep: u32,
    /// The order that decides which are last.
    pub by: SurplusOrder,
    /// The time at which a session must be active to count.
    pub active_at: Timestamp,
}

/// The time that orders sessions against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurplusOrder {
    /// The creation time.
    Created,
    /// The time of the last renewal.
    Renewed,
}

/// One step: the sessions to end, the grants to revoke and the notifications to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingStep {
    /// The sessions to end.
    pub pick: EndingPick,
    /// The grants to revoke.
    pub revoke: Option<EndingGrants>,
    /// The notifications to record.
    pub notify: Option<EndingNotices>,
    /// Whether the result lists the ended sessions.
    pub details: bool,
}

/// A step that only ends sessions.
impl From<EndingPick> for EndingStep {
    fn from(pick: EndingPick) -> Self {
        EndingStep { pick, revoke: None, notify: None, details: false }
    }
}

/// The result of a step. `List` is the store's list of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSessions<List = Vec<SessionIds>> {
    /// The number of sessions removed.
    pub ended: u64,
    /// The removed sessions, if the step asked for them.
    pub sessions: Option<List>,
    /// The number of grants revoked.
    pub grants: GrantCounts,
    /// The number of notifications recorded.
    pub recorded: u64,
    /// Recorded notifications, as many as the step asked for.
    pub notifications: Vec<Notification>,
    /// Whether more sessions may match. False if none was removed.
    pub more: bool,
    /// The position of the last removed session.
    pub last: Option<Position>,
}

impl<List> Default for EndedSessions<List> {
    fn default() -> Self {
        EndedSessions {
            ended: 0,
            sessions: None,
            grants: GrantCounts::default(),
            recorded: 0,
            notifications: Vec::new(),
            more: false,
            last: None,
        }
    }
}
