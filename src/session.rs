//! The session: what a store keeps of one sign-in.

use crate::time::Millis;

/// A session as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// 32 random bytes, hex. A secret: whoever has it is signed in.
    pub key: String,
    /// The authentication scheme that the session belongs to.
    pub scheme: String,
    /// The subject that is signed in.
    pub subject_id: String,
    /// The session's public id, the `sid` of OpenID Connect.
    pub session_id: String,
    /// The name to show for the subject.
    pub display_name: Option<String>,
    /// `display_name` made by [`fold`](crate::text::fold); stores match names against it.
    pub display_name_folded: Option<String>,
    /// The issuer that signed the subject in.
    pub issuer: Option<String>,
    /// When the session began.
    pub created: Millis,
    /// When the session was last renewed.
    pub renewed: Millis,
    /// When the session ends; without it, never.
    pub expires: Option<Millis>,
    /// The clients that took part, in the order in which they came, each once.
    pub clients: Vec<ClientSession>,
    /// The address that the sign-in came from.
    pub ip_address: Option<String>,
    /// The browser that the sign-in came from.
    pub user_agent: Option<String>,
    /// The host's own, in the host's order.
    pub attributes: Option<Vec<(String, String)>>,
    /// The sealed ticket.
    pub ticket: Option<String>,
}

/// A client that took part in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSession {
    /// The client.
    pub client_id: String,
    /// The `sid` that this client knows the session by, where it has its own.
    pub session_id: Option<String>,
}

/// A change of a stored session: the outer `None` leaves a member as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionChange {
    /// See [`Session::scheme`].
    pub scheme: Option<String>,
    /// See [`Session::subject_id`].
    pub subject_id: Option<String>,
    /// See [`Session::session_id`].
    pub session_id: Option<String>,
    /// See [`Session::display_name`].
    pub display_name: Option<Option<String>>,
    /// See [`Session::display_name_folded`].
    pub display_name_folded: Option<Option<String>>,
    /// See [`Session::issuer`].
    pub issuer: Option<Option<String>>,
    /// See [`Session::renewed`].
    pub renewed: Option<Millis>,
    /// See [`Session::expires`].
    pub expires: Option<Option<Millis>>,
    /// See [`Session::ip_address`].
    pub ip_address: Option<Option<String>>,
    /// See [`Session::user_agent`].
    pub user_agent: Option<Option<String>>,
    /// See [`Session::attributes`].
    pub attributes: Option<Option<Vec<(String, String)>>>,
    /// See [`Session::ticket`].
    pub ticket: Option<Option<String>>,
}
