//! The fields of an ended session that notifications, grants and events need.

use serde::{Deserialize, Serialize};

use crate::session::ClientSession;

/// The public ids and the issuer of a session that ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct SessionIds {
    /// The subject.
    pub subject_id: String,
    /// The session.
    pub session_id: String,
    /// The issuer that it began under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

/// The fields of an ending session that notifications and grants depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndingSession {
    /// The id of its row: the same in every order and never reused.
    pub row_id: String,
    /// The subject.
    pub subject_id: String,
    /// The session.
    pub session_id: String,
    /// The issuer that it began under.
    pub issuer: Option<String>,
    /// The clients that took part.
    pub clients: Vec<ClientSession>,
}
