//! The grants that a step revokes.

use serde::{Deserialize, Serialize};

use super::ended_session::EndingSession;
use crate::grant::GrantFilter;
use crate::optional_members::or_default;

/// The grants to revoke: those that either member selects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndingGrants {
    /// Grants that match any of these filters, even if no session ends.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub matching: Vec<GrantFilter>,
    /// Grants of the sessions that end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_sessions: Option<SessionGrants>,
}

/// Selects grants of a session, by its subject id and session id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionGrants {
    /// The grant types; an empty list selects all types.
    pub types: Vec<String>,
    /// Only grants of these clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ids: Option<Vec<String>>,
    /// No grants of these clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub except_client_ids: Option<Vec<String>>,
    /// Only grants of clients that took part in the session.
    #[serde(default, deserialize_with = "or_default")]
    pub of_participants: bool,
}

impl SessionGrants {
    /// The filter of the grants that end with this session; `None` if there can't be any.
    pub fn filter(&self, session: &EndingSession) -> Option<GrantFilter> {
        let mut client_ids = self.client_ids.clone();
        if self.of_participants {
            let participants = session.clients.iter().map(|client| client.client_id.clone());
            client_ids = Some(participants.filter(|id| self.includes_client(id)).collect());
        }
        if client_ids.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        Some(GrantFilter {
            subject_id: Some(session.subject_id.clone()),
            session_id: Some(session.session_id.clone()),
            client_ids: client_ids.unwrap_or_default(),
            types: self.types.clone(),
        })
    }

    /// Whether the client lists allow this client.
    pub fn includes_client(&self, client_id: &str) -> bool {
        let lists = |ids: &Vec<String>| ids.iter().any(|id| id == client_id);
        self.client_ids.as_ref().is_none_or(lists)
            && !self.except_client_ids.as_ref().is_some_and(lists)
    }
}

#[cfg(test)]
mod tests;
