//! Grants: the tokens, codes and consents that a sign-in led to.

use serde::{Deserialize, Serialize};

use crate::blank_filter::ignore_blank;
use crate::error::{InvalidArgument, Result};
use crate::host_value::{date, optional_date};
use crate::optional_members::or_default;
use crate::strings::check_storable;
use crate::time::Timestamp;

/// The grant types that `revokeTokens` covers, as in the reference.
pub const TOKEN_TYPES: [&str; 4] =
    ["refresh_token", "reference_token", "authorization_code", "ciba"];

/// [`TOKEN_TYPES`] for a [`GrantFilter`].
pub(crate) fn token_types() -> Vec<String> {
    TOKEN_TYPES.map(str::to_owned).to_vec()
}

/// The grant type that `revokeConsents` covers. A consent belongs to a subject and a client and has
/// no session id.
pub const CONSENT_TYPE: &str = "user_consent";

/// A token, code or consent, in the shape of the reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct Grant {
    /// The key that it is stored under.
    pub key: String,
    /// One of [`TOKEN_TYPES`], [`CONSENT_TYPE`] or a type of the host.
    #[serde(rename = "type")]
    pub grant_type: String,
    /// The subject that it was issued for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The session that it was issued in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The client that it was issued to.
    pub client_id: String,
    /// When it was issued.
    #[serde(serialize_with = "date")]
    pub created: Timestamp,
    /// When it expires.
    #[serde(default, serialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When it was consumed.
    #[serde(default, serialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    pub consumed: Option<Timestamp>,
    /// The description that the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The host's payload.
    pub data: String,
}

/// Selects grants. Members are ANDed; the entries of a list are ORed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantFilter {
    /// The subject, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The session, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Any of these clients.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub client_ids: Vec<String>,
    /// Any of these types.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

/// Counts of grants by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename(deserialize = "open"))]
pub struct GrantCounts {
    /// The grants of [`TOKEN_TYPES`].
    pub tokens: u64,
    /// The grants of [`CONSENT_TYPE`].
    pub consents: u64,
    /// The grants of all other types.
    pub other: u64,
}

impl Grant {
    /// Fails with `invalid_argument` if some store can't hold it.
    pub fn check(&self) -> Result<()> {
        let texts = [
            ("key", Some(&self.key)),
            ("type", Some(&self.grant_type)),
            ("subjectId", self.subject_id.as_ref()),
            ("sessionId", self.session_id.as_ref()),
            ("clientId", Some(&self.client_id)),
            ("description", self.description.as_ref()),
            ("data", Some(&self.data)),
        ];
        let mut texts = texts.into_iter().filter_map(|(member, text)| Some((member, text?)));
        texts.try_for_each(|(member, text)| check_storable(member, text))
    }
}

impl GrantFilter {
    /// Fails with `invalid_argument` if the filter would match every grant.
    pub fn check(&self) -> Result<()> {
        if ignore_blank(&self.subject_id).is_none()
            && ignore_blank(&self.session_id).is_none()
            && self.client_ids.is_empty()
            && self.types.is_empty()
        {
            return Err(InvalidArgument::EmptyGrantFilter.into());
        }
        Ok(())
    }

    /// Whether this grant matches.
    pub fn matches(&self, grant: &Grant) -> bool {
        let equal =
            |wanted: &Option<String>, text: &Option<String>| wanted.is_none() || wanted == text;
        equal(&self.subject_id, &grant.subject_id)
            && equal(&self.session_id, &grant.session_id)
            && (self.client_ids.is_empty() || self.client_ids.contains(&grant.client_id))
            && (self.types.is_empty() || self.types.contains(&grant.grant_type))
    }
}

impl GrantCounts {
    /// Counts one grant of this type.
    pub fn add(&mut self, grant_type: &str) {
        if TOKEN_TYPES.contains(&grant_type) {
            self.tokens += 1;
        } else if grant_type == CONSENT_TYPE {
            self.consents += 1;
        } else {
            self.other += 1;
        }
    }
}

impl std::ops::AddAssign for GrantCounts {
    fn add_assign(&mut self, more: Self) {
        self.tokens += more.tokens;
        self.consents += more.consents;
        self.other += more.other;
    }
}
