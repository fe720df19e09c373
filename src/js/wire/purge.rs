//! A purge. In JavaScript the members of its removal are next to its filter.

use serde::Deserialize;

use super::options::Count;
use crate::optional_members::or_default;
use crate::purge::PurgeRequest;
use crate::query::SessionQuery;
use crate::removal::RemovalRequest;

/// `PurgeRequest`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PurgeMembers {
    #[serde(default, deserialize_with = "or_default")]
    filter: SessionQuery,
    #[serde(default, deserialize_with = "or_default")]
    everything: bool,
    #[serde(default)]
    confirm_token: Option<String>,
    #[serde(default)]
    limit: Option<Count>,
    #[serde(default)]
    client_ids: Option<Vec<String>>,
    #[serde(default, deserialize_with = "or_default")]
    except_session_ids: Vec<String>,
    #[serde(default)]
    remove_server_side_session: Option<bool>,
    #[serde(default)]
    send_backchannel_logout_notification: Option<bool>,
    #[serde(default)]
    revoke_tokens: Option<bool>,
    #[serde(default)]
    revoke_consents: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    dry_run: bool,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    actor: Option<String>,
}

impl From<PurgeMembers> for PurgeRequest {
    fn from(own: PurgeMembers) -> Self {
        PurgeRequest {
            query: own.filter,
            everything: own.everything,
            confirm_token: own.confirm_token,
            limit: own.limit.map(|Count(limit)| limit),
            removal: RemovalRequest {
                client_ids: own.client_ids,
                except_session_ids: own.except_session_ids,
                remove_server_side_session: own.remove_server_side_session,
                send_backchannel_logout_notification: own.send_backchannel_logout_notification,
                revoke_tokens: own.revoke_tokens,
                revoke_consents: own.revoke_consents,
                dry_run: own.dry_run,
                reason: own.reason,
                actor: own.actor,
                ..RemovalRequest::default()
            },
        }
    }
}
