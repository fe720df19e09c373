//! Sign-ins and renewals, as the caller wrote them.

use crate::session::ClientSession;
use crate::time::Millis;

/// A sign-in to be stored.
#[derive(Clone, Debug, Default)]
pub struct NewSession<T> {
    /// See [`Session::subject_id`].
    pub subject_id: String,
    /// See [`Session::session_id`]; made if absent.
    pub session_id: Option<String>,
    /// See [`Session::display_name`].
    pub display_name: Option<String>,
    /// See [`Session::issuer`].
    pub issuer: Option<String>,
    /// See [`Session::scheme`].
    pub scheme: Option<String>,
    /// See [`Session::expires`].
    pub expires: Option<Millis>,
    /// See [`Session::clients`].
    pub clients: Vec<ClientSession>,
    /// See [`Session::ip_address`].
    pub ip_address: Option<String>,
    /// See [`Session::user_agent`].
    pub user_agent: Option<String>,
    /// See [`Session::attributes`].
    pub attributes: Option<Vec<(String, String)>>,
    /// The ticket, open.
    pub ticket: Option<T>,
}

/// What changes at a renewal: the outer `None` leaves a member as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub struct Renewal<T> {
    /// See [`Session::subject_id`].
    pub subject_id: Option<String>,
    /// See [`Session::session_id`].
    pub session_id: Option<String>,
    /// See [`Session::display_name`].
    pub display_name: Option<Option<String>>,
    /// See [`Session::issuer`].
    pub issuer: Option<Option<String>>,
    /// See [`Session::scheme`].
    pub scheme: Option<String>,
    /// See [`Session::expires`].
    pub expires: Option<Option<Millis>>,
    /// See [`Session::ip_address`].
    pub ip_address: Option<Option<String>>,
    /// See [`Session::user_agent`].
    pub user_agent: Option<Option<String>>,
    /// See [`Session::attributes`].
    pub attributes: Option<Option<Vec<(String, String)>>>,
    /// The ticket, open.
    pub ticket: Option<Option<T>>,
}
