//! A session: the stored row of one sign-in.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Result;
use crate::host_value::dictionary;
use crate::optional_members::{or_default, present};
use crate::strings::check_id;
use crate::time::{Timestamp, is_expired};

/// The key of a session's row, an opaque string for the store. The core computes it from the
/// [cookie value](crate::cookie_value::CookieValue). `Debug` doesn't print it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionKey(String);

impl SessionKey {
    /// The key as a string, for the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for SessionKey {
    fn from(key: String) -> Self {
        SessionKey(key)
    }
}

impl From<&str> for SessionKey {
    fn from(key: &str) -> Self {
        SessionKey(key.to_owned())
    }
}

/// A session as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct Session {
    /// The key of the row.
    pub key: SessionKey,
    /// The authentication scheme that the session belongs to.
    pub scheme: String,
    /// The subject that is signed in.
    pub subject_id: String,
    /// The session's public id, the `sid` of OpenID Connect.
    pub session_id: String,
    /// The name to show for the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The folded display name (see [`fold`](crate::strings::fold)), which stores match names with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name_folded: Option<String>,
    /// The issuer of this provider under which the session began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// When the session began.
    pub created: Timestamp,
    /// When the session was last renewed.
    pub renewed: Timestamp,
    /// When the session expires. Without it, the session never expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// The clients that took part, each once, in the order in which they joined.
    #[serde(default, deserialize_with = "or_default")]
    pub clients: Vec<ClientSession>,
    /// The client address of the sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The browser of the sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The host's custom data, in its order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Attributes>,
    /// The sealed ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// The host's custom data about a session: named strings, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub Vec<(String, String)>);

/// A client that took part in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientSession {
    /// The client.
    pub client_id: String,
    /// The client's own `sid` for this session, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
}

impl ClientSession {
    /// Fails with `invalid_argument` if an id is blank or a store can't hold it.
    pub fn check(&self) -> Result<()> {
        check_id("clientId", &self.client_id)?;
        self.session_id.as_deref().map_or(Ok(()), |sid| check_id("sessionId", sid))
    }

    /// Adds this client to a session's clients, once. A known client keeps its `sid` unless this
    /// one has another.
    pub fn join(self, clients: &mut Vec<ClientSession>) {
        match clients.iter_mut().find(|known| known.client_id == self.client_id) {
            None => clients.push(self),
            Some(known) if self.session_id.is_some() => *known = self,
            Some(_) => {}
        }
    }
}

/// A change of a stored session. The outer `None` leaves a member as it is; `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct SessionChange {
    /// See [`Session::key`]. From now on the row is found by this key only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SessionKey>,
    /// See [`Session::scheme`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// See [`Session::subject_id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// See [`Session::session_id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// See [`Session::display_name`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Option<String>>,
    /// See [`Session::display_name_folded`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub display_name_folded: Option<Option<String>>,
    /// See [`Session::issuer`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Option<String>>,
    /// See [`Session::renewed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Timestamp>,
    /// See [`Session::expires`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Option<Timestamp>>,
    /// See [`Session::ip_address`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<Option<String>>,
    /// See [`Session::user_agent`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Option<String>>,
    /// See [`Session::attributes`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Option<Attributes>>,
    /// See [`Session::ticket`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Option<String>>,
}

/// The condition for changing or removing a row. Members are ANDed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionCondition {
    /// The subject id is unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The session id is unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The expiry is unchanged; `Some(None)` means that there is still none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Option<Timestamp>>,
    /// The last renewal was at this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Timestamp>,
    /// The session has expired at this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Timestamp>,
}

impl SessionCondition {
    /// The condition that every session meets.
    pub const NONE: SessionCondition = SessionCondition {
        subject_id: None,
        session_id: None,
        expires: None,
        renewed: None,
        expired_at: None,
    };

    /// Whether a session meets the condition.
    pub fn is_met_by(&self, session: &Session) -> bool {
        fn is<T: PartialEq>(wanted: &Option<T>, actual: &T) -> bool {
            wanted.as_ref().is_none_or(|wanted| wanted == actual)
        }
        is(&self.subject_id, &session.subject_id)
            && is(&self.session_id, &session.session_id)
            && is(&self.expires, &session.expires)
            && is(&self.renewed, &session.renewed)
            && self.expired_at.is_none_or(|time| is_expired(session.expires, time))
    }
}

/// A session that a store removed, as it was at that moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct RemovedSession {
    /// See [`Session::key`].
    pub key: SessionKey,
    /// See [`Session::subject_id`].
    pub subject_id: String,
    /// See [`Session::session_id`].
    pub session_id: String,
    /// See [`Session::issuer`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// See [`Session::clients`].
    #[serde(default, deserialize_with = "or_default")]
    pub clients: Vec<ClientSession>,
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        dictionary(&self.0, to)
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plain object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Attributes, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Attributes(pairs))
            }
        }

        from.deserialize_map(InOrder)
    }
}

/// A client is read from an id, or from `{ clientId, sessionId? }`.
impl<'de> Deserialize<'de> for ClientSession {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Members {
            client_id: String,
            #[serde(default)]
            session_id: Option<String>,
        }

        struct IdOrMembers;

        impl<'de> Visitor<'de> for IdOrMembers {
            type Value = ClientSession;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a client: its id, or `{ clientId, sessionId? }`")
            }

            fn visit_str<E>(self, id: &str) -> std::result::Result<ClientSession, E> {
                Ok(ClientSession { client_id: id.to_owned(), session_id: None })
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                map: A,
            ) -> std::result::Result<ClientSession, A::Error> {
                let members = Members::deserialize(MapAccessDeserializer::new(map))?;
                Ok(ClientSession { client_id: members.client_id, session_id: members.session_id })
            }
        }

        from.deserialize_any(IdOrMembers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_of_a_session_does_not_hold_its_key() {
        let session = Session { key: "secret".into(), ..Session::default() };
        assert!(!format!("{session:?}").contains("secret"));
    }
}
