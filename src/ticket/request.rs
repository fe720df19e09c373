//! Sign-ins and renewals, as the caller wrote them.

use serde::Deserialize;

use crate::presence::{or_default, present};
use crate::session::{Attributes, ClientSession};
use crate::time::Timestamp;

/// A sign-in to be stored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "T: Deserialize<'de>")]
pub struct NewSession<T> {
    /// See [`Session::subject_id`](crate::session::Session::subject_id).
    pub subject_id: String,
    /// See [`Session::session_id`](crate::session::Session::session_id); made if absent.
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
    /// The ticket, open.
    #[serde(default, deserialize_with = "present")]
    pub ticket: Option<T>,
}

/// What changes at a renewal: the outer `None` leaves a member as it is, `Some(None)` clears it.
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
    /// The ticket, open. It can be replaced and not cleared: it may be any value, even `null`.
    #[serde(default, deserialize_with = "present")]
    pub ticket: Option<T>,
}
