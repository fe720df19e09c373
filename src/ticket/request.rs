//! Sign-ins and renewals, as the caller wrote them.

use serde::Deserialize;

use crate::error::Result;
use crate::optional_members::{or_default, present};
use crate::session::{Attributes, ClientSession};
use crate::strings::{check_id, check_storable};
use crate::time::Timestamp;

/// A sign-in to store.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "T: Deserialize<'de>")]
pub struct NewSession<T> {
    /// See [`Session::subject_id`](crate::session::Session::subject_id).
    pub subject_id: String,
    /// See [`Session::session_id`](crate::session::Session::session_id); random if absent.
    #[serde(default)]
    pub session_id: Option<String>,
    /// See [`Session::display_name`](crate::session::Session::display_name).
    #[serde(default)]
    pub display_name: Option<String>,
    /// See [`Session::issuer`](crate::session::Session::issuer).
    #[serde(default)]
    pub issuer: Option<String>,
    /// See [`Session::scheme`](crate::session::Session::scheme).
    #[serde(default)]
    pub scheme: Option<String>,
    /// See [`Session::expires`](crate::session::Session::expires).
    #[serde(default)]
    pub expires: Option<Timestamp>,
    /// See [`Session::clients`](crate::session::Session::clients).
    #[serde(default, deserialize_with = "or_default")]
    pub clients: Vec<ClientSession>,
    /// See [`Session::ip_address`](crate::session::Session::ip_address).
    #[serde(default)]
    pub ip_address: Option<String>,
    /// See [`Session::user_agent`](crate::session::Session::user_agent).
    #[serde(default)]
    pub user_agent: Option<String>,
    /// See [`Session::attributes`](crate::session::Session::attributes).
    #[serde(default)]
    pub attributes: Option<Attributes>,
    /// The ticket, unsealed.
    #[serde(default, deserialize_with = "present")]
    pub ticket: Option<T>,
}

/// The changes of a renewal. The outer `None` keeps a member, and `Some(None)` clears it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "T: Deserialize<'de>")]
pub struct Renewal<T> {
    /// See [`Session::subject_id`](crate::session::Session::subject_id).
    #[serde(default)]
    pub subject_id: Option<String>,
    /// See [`Session::session_id`](crate::session::Session::session_id).
    #[serde(default)]
    pub session_id: Option<String>,
    /// See [`Session::display_name`](crate::session::Session::display_name).
    #[serde(default, deserialize_with = "present")]
    pub display_name: Option<Option<String>>,
    /// See [`Session::issuer`](crate::session::Session::issuer).
    #[serde(default, deserialize_with = "present")]
    pub issuer: Option<Option<String>>,
    /// See [`Session::scheme`](crate::session::Session::scheme).
    #[serde(default)]
    pub scheme: Option<String>,
    /// See [`Session::expires`](crate::session::Session::expires).
    #[serde(default, deserialize_with = "present")]
    pub expires: Option<Option<Timestamp>>,
    /// See [`Session::ip_address`](crate::session::Session::ip_address).
    #[serde(default, deserialize_with = "present")]
    pub ip_address: Option<Option<String>>,
    /// See [`Session::user_agent`](crate::session::Session::user_agent).
    #[serde(default, deserialize_with = "present")]
    pub user_agent: Option<Option<String>>,
    /// See [`Session::attributes`](crate::session::Session::attributes).
    #[serde(default, deserialize_with = "present")]
    pub attributes: Option<Option<Attributes>>,
    /// The ticket, unsealed. It can be replaced but not cleared, because any value is valid, even
    /// `null`.
    #[serde(default, deserialize_with = "present")]
    pub ticket: Option<T>,
}

impl<T> NewSession<T> {
    /// Fails with `invalid_argument` if an id is blank or a store can't hold a string.
    pub(super) fn check(&self) -> Result<()> {
        check_id("subjectId", &self.subject_id)?;
        self.session_id.as_deref().map_or(Ok(()), |id| check_id("sessionId", id))?;
        self.clients.iter().try_for_each(ClientSession::check)?;
        check_strings([
            ("scheme", self.scheme.as_deref()),
            ("displayName", self.display_name.as_deref()),
            ("issuer", self.issuer.as_deref()),
            ("ipAddress", self.ip_address.as_deref()),
            ("userAgent", self.user_agent.as_deref()),
        ])?;
        check_attributes(self.attributes.as_ref())
    }
}

impl<T> Renewal<T> {
    /// Like [`NewSession::check`]. Ids that don't change aren't checked.
    pub(super) fn check(&self) -> Result<()> {
        fn text(changed: &Option<Option<String>>) -> Option<&str> {
            changed.as_ref()?.as_deref()
        }

        check_strings([
            ("scheme", self.scheme.as_deref()),
            ("displayName", text(&self.display_name)),
            ("issuer", text(&self.issuer)),
            ("ipAddress", text(&self.ip_address)),
            ("userAgent", text(&self.user_agent)),
        ])?;
        check_attributes(self.attributes.as_ref().and_then(Option::as_ref))
    }
}

fn check_strings(texts: [(&'static str, Option<&str>); 5]) -> Result<()> {
    texts
        .into_iter()
        .try_for_each(|(name, text)| text.map_or(Ok(()), |text| check_storable(name, text)))
}

fn check_attributes(attributes: Option<&Attributes>) -> Result<()> {
    let texts = attributes.into_iter().flat_map(|Attributes(pairs)| pairs);
    texts
        .flat_map(|(name, value)| [name, value])
        .try_for_each(|text| check_storable("attributes", text))
}
