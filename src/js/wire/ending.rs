//! A step that ends sessions, and its result. In JavaScript the members of the pick are next to
//! those of the step, and the grant counts are next to the lists.

use serde::{Deserialize, Serialize};

use crate::ending::{EndedSessions, EndingGrants, EndingNotices, EndingPick, EndingStep, Surplus};
use crate::filter::Filter;
use crate::grant::GrantCounts;
use crate::notification::Notification;
use crate::optional_members::or_default;
use crate::ports::{Order, Position};
use crate::session::SessionKey;

/// The members of `EndingStep`. A pick has only the first seven.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndingStepMembers {
    #[serde(default, deserialize_with = "or_default")]
    filter: Filter,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<Vec<SessionKey>>,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    except_session_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    surplus: Option<Surplus>,
    order: Order,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Position>,
    limit: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoke: Option<EndingGrants>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notify: Option<EndingNotices>,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "std::ops::Not::not")]
    details: bool,
}

impl From<EndingStep> for EndingStepMembers {
    fn from(step: EndingStep) -> Self {
        let EndingStep { pick, revoke, notify, details } = step;
        let EndingPick { filter, keys, except_session_ids, surplus, order, after, limit } = pick;
        EndingStepMembers {
            filter,
            keys,
            except_session_ids,
            surplus,
            order,
            after,
            limit,
            revoke,
            notify,
            details,
        }
    }
}

impl From<EndingStepMembers> for EndingStep {
    fn from(members: EndingStepMembers) -> Self {
        let EndingStepMembers { filter, keys, except_session_ids, surplus, .. } = members;
        let EndingStepMembers { order, after, limit, revoke, notify, details, .. } = members;
        let pick = EndingPick { filter, keys, except_session_ids, surplus, order, after, limit };
        EndingStep { pick, revoke, notify, details }
    }
}

/// `{ ended, sessions?, recorded, notifications, more, last?, tokens, consents, other }`.
#[derive(Serialize, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct EndedSessionsMembers<List> {
    ended: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sessions: Option<List>,
    recorded: u64,
    notifications: Vec<Notification>,
    more: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Position>,
    tokens: u64,
    consents: u64,
    other: u64,
}

impl<List> From<EndedSessionsMembers<List>> for EndedSessions<List> {
    fn from(members: EndedSessionsMembers<List>) -> Self {
        let EndedSessionsMembers { ended, sessions, recorded, notifications, more, last, .. } =
            members;
        let EndedSessionsMembers { tokens, consents, other, .. } = members;
        let grants = GrantCounts { tokens, consents, other };
        EndedSessions { ended, sessions, grants, recorded, notifications, more, last }
    }
}

impl<List> From<EndedSessions<List>> for EndedSessionsMembers<List> {
    fn from(done: EndedSessions<List>) -> Self {
        let EndedSessions { ended, sessions, grants, recorded, notifications, more, last } = done;
        let GrantCounts { tokens, consents, other } = grants;
        EndedSessionsMembers {
            ended,
            sessions,
            recorded,
            notifications,
            more,
            last,
            tokens,
            consents,
            other,
        }
    }
}
