//! The claims of the tokens that notify clients: logout tokens and Security Event Tokens.

use serde::Serialize;

use crate::error::Result;
use crate::notification::{LogoutReason, Notification, NotificationKind};
use crate::random::random_hex;
use crate::time::{Millis, Timestamp};

/// The lifetime of a logout token in seconds: the longest that OpenID Connect Back-Channel Logout
/// 1.0, section 4, recommends.
pub const LOGOUT_TOKEN_LIFETIME: i64 = 120;

/// The claims of one token, before signing. Each attempt gets new ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Claims {
    /// The claims for [`NotificationKind::Logout`].
    Logout(LogoutTokenClaims),
    /// The claims for [`NotificationKind::SessionRevoked`].
    SessionRevoked(SecurityEventClaims),
}

/// The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4). It must not
/// have a `nonce`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogoutTokenClaims {
    /// The issuer of the session. If the session has none, the sender adds its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The client.
    pub aud: String,
    /// The time of this attempt, backdated by
    /// [`DeliveryOptions::backdate`](crate::settings::DeliveryOptions::backdate), in seconds.
    pub iat: i64,
    /// When the token expires, in seconds.
    pub exp: i64,
    /// 16 random bytes in hex.
    pub jti: String,
    /// The event that the token reports.
    pub events: LogoutEvents,
    /// The client's subject id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The client's session id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Why the session ended, as in the reference.
    pub logout_reason: LogoutReason,
}

/// The claim `events` of a logout token: one event without members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LogoutEvents {
    /// The logout.
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    pub backchannel_logout: EmptyEvent,
}

/// An event without members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EmptyEvent {}

/// The claims of a Security Event Token (RFC 8417, section 2) with the event `session-revoked`.
/// The Shared Signals Framework 1.0, section 4.1, rules out `sub` and `exp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecurityEventClaims {
    /// The same as in a logout token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The client.
    pub aud: String,
    /// The time of this attempt, in seconds.
    pub iat: i64,
    /// 16 random bytes in hex.
    pub jti: String,
    /// The event that the token reports.
    pub events: SecurityEvents,
    /// The user's session, or only the user if all sessions of the user ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_id: Option<SubjectIdentifier>,
}

/// The claim `events` of a Security Event Token: one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SecurityEvents {
    /// The session was revoked.
    #[serde(rename = "https://schemas.openid.net/secevent/caep/event-type/session-revoked")]
    pub session_revoked: SessionRevoked,
}

/// The event `session-revoked` (OpenID CAEP 1.0, sections 2 and 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SessionRevoked {
    /// When the notification was recorded, in seconds.
    pub event_timestamp: i64,
    /// The entity that ended the session.
    pub initiating_entity: InitiatingEntity,
    /// The reason for administrators (CAEP Interoperability Profile 1.0, section 3.1).
    pub reason_admin: ReasonAdmin,
}

/// The entity that ended a session, in CAEP's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InitiatingEntity {
    /// An administrator.
    Admin,
    /// The user.
    User,
    /// The provider itself, because the session expired.
    System,
}

/// A reason, by language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonAdmin {
    /// In English.
    pub en: LogoutReason,
}

/// A subject identifier (RFC 9493).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum SubjectIdentifier {
    /// A user (section 3.2.3).
    IssSub {
        /// The issuer. If the session has none, the sender adds its own.
        #[serde(skip_serializing_if = "Option::is_none")]
        iss: Option<String>,
        /// The client's subject id.
        sub: String,
    },
    /// A session (section 3.2.5).
    Opaque {
        /// The `sid` of the client.
        id: String,
    },
    /// A session of a user (Shared Signals Framework 1.0, section 3.2).
    Complex {
        /// The session.
        session: Box<SubjectIdentifier>,
        /// The user.
        user: Box<SubjectIdentifier>,
    },
}

impl Claims {
    /// The claims for one attempt at a notification. `sub` is the client's subject id. Only logout
    /// tokens are backdated: the event of a Security Event Token must not be later than the token.
    pub fn new(
        notification: &Notification,
        sub: Option<String>,
        now: Timestamp,
        backdate: Millis,
    ) -> Result<Self> {
        let iss = notification.issuer.clone();
        let aud = notification.client_id.clone();
        let (iat, jti) = (now.as_seconds(), random_hex::<16>()?);
        let sid = notification.session_id.clone();
        Ok(match notification.kind {
            NotificationKind::Logout => {
                let iat = now.minus(backdate).as_seconds();
                Claims::Logout(LogoutTokenClaims {
                    iss,
                    aud,
                    iat,
                    exp: iat + LOGOUT_TOKEN_LIFETIME,
                    jti,
                    events: LogoutEvents::default(),
                    sub,
                    sid,
                    logout_reason: notification.reason,
                })
            }
            NotificationKind::SessionRevoked => {
                let session_revoked = SessionRevoked {
                    event_timestamp: notification.created.as_seconds(),
                    initiating_entity: initiating_entity(notification.reason),
                    reason_admin: ReasonAdmin { en: notification.reason },
                };
                let events = SecurityEvents { session_revoked };
                let sub_id = subject_identifier(iss.clone(), sub, sid);
                Claims::SessionRevoked(SecurityEventClaims { iss, aud, iat, jti, events, sub_id })
            }
        })
    }
}

fn initiating_entity(reason: LogoutReason) -> InitiatingEntity {
    match reason {
        LogoutReason::Terminated => InitiatingEntity::Admin,
        LogoutReason::UserLogout => InitiatingEntity::User,
        LogoutReason::SessionExpiration => InitiatingEntity::System,
    }
}

fn subject_identifier(
    iss: Option<String>,
    sub: Option<String>,
    sid: Option<String>,
) -> Option<SubjectIdentifier> {
    let user = sub.map(|sub| SubjectIdentifier::IssSub { iss, sub });
    let session = sid.map(|id| SubjectIdentifier::Opaque { id });
    match (session, user) {
        (Some(session), Some(user)) => {
            Some(SubjectIdentifier::Complex { session: Box::new(session), user: Box::new(user) })
        }
        (session, user) => session.or(user),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The time of recording and the time of the attempt.
    const RECORDED: Timestamp = Timestamp::from_millis(1_749_999_990_999);
    const NOW: Timestamp = Timestamp::from_millis(1_750_000_000_999);

    fn notification(kind: NotificationKind) -> Notification {
        Notification {
            kind,
            client_id: "web".into(),
            issuer: Some("https://op.example".into()),
            session_id: Some("s1".into()),
            reason: LogoutReason::Terminated,
            created: RECORDED,
            ..Notification::default()
        }
    }

    /// A notification that all sessions of the subject ended.
    fn of_all_sessions(kind: NotificationKind) -> Notification {
        Notification { session_id: None, ..notification(kind) }
    }

    /// The claims as JSON. Checks the random `jti` and replaces it with `random`.
    #[track_caller]
    fn claims(notification: &Notification, sub: Option<&str>) -> Value {
        let claims = Claims::new(notification, sub.map(str::to_owned), NOW, 0).unwrap();
        let mut json = serde_json::to_value(&claims).unwrap();
        let jti = std::mem::replace(&mut json["jti"], "random".into());
        let jti = jti.as_str().unwrap();
        assert!(jti.len() == 32 && jti.bytes().all(|byte| byte.is_ascii_hexdigit()), "{jti}");
        json
    }

    #[test]
    fn a_logout_token_names_the_subject_and_the_session() {
        let expected = json!({
            "iss": "https://op.example",
            "aud": "web",
            "iat": 1_750_000_000,
            "exp": 1_750_000_120,
            "jti": "random",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            "sub": "alice",
            "sid": "s1",
            "logout_reason": "terminated",
        });
        assert_eq!(claims(&notification(NotificationKind::Logout), Some("alice")), expected);
    }

    #[test]
    fn a_logout_token_for_all_sessions_has_no_sid() {
        let expected = json!({
            "iss": "https://op.example",
            "aud": "web",
            "iat": 1_750_000_000,
            "exp": 1_750_000_120,
            "jti": "random",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            "sub": "alice",
            "logout_reason": "terminated",
        });
        assert_eq!(claims(&of_all_sessions(NotificationKind::Logout), Some("alice")), expected);
    }

    /// The claims of a security event with this subject.
    fn security_event(sub_id: Value) -> Value {
        json!({
            "iss": "https://op.example",
            "aud": "web",
            "iat": 1_750_000_000,
            "jti": "random",
            "events": {
                "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {
                    "event_timestamp": 1_749_999_990,
                    "initiating_entity": "admin",
                    "reason_admin": { "en": "terminated" },
                },
            },
            "sub_id": sub_id,
        })
    }

    #[test]
    fn a_security_event_names_the_session_of_the_user() {
        let expected = security_event(json!({
            "format": "complex",
            "session": { "format": "opaque", "id": "s1" },
            "user": { "format": "iss_sub", "iss": "https://op.example", "sub": "alice" },
        }));
        let notification = notification(NotificationKind::SessionRevoked);
        assert_eq!(claims(&notification, Some("alice")), expected);
    }

    #[test]
    fn a_security_event_without_a_subject_names_the_session() {
        let expected = security_event(json!({ "format": "opaque", "id": "s1" }));
        assert_eq!(claims(&notification(NotificationKind::SessionRevoked), None), expected);
    }

    #[test]
    fn a_security_event_for_all_sessions_names_the_user() {
        let expected = security_event(json!({
            "format": "iss_sub",
            "iss": "https://op.example",
            "sub": "alice",
        }));
        let notification = of_all_sessions(NotificationKind::SessionRevoked);
        assert_eq!(claims(&notification, Some("alice")), expected);
    }

    #[test]
    fn both_kinds_leave_an_unknown_issuer_to_the_sender() {
        let expected = json!({
            "aud": "web",
            "iat": 1_750_000_000,
            "exp": 1_750_000_120,
            "jti": "random",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            "sub": "alice",
            "logout_reason": "terminated",
        });
        let logout = Notification { issuer: None, ..of_all_sessions(NotificationKind::Logout) };
        assert_eq!(claims(&logout, Some("alice")), expected);

        let mut expected = security_event(json!({ "format": "iss_sub", "sub": "alice" }));
        expected.as_object_mut().unwrap().remove("iss");
        let event =
            Notification { issuer: None, ..of_all_sessions(NotificationKind::SessionRevoked) };
        assert_eq!(claims(&event, Some("alice")), expected);
    }

    #[test]
    fn both_kinds_say_why_the_session_ended() {
        for (reason, word, initiating_entity) in [
            (LogoutReason::Terminated, "terminated", "admin"),
            (LogoutReason::UserLogout, "user_logout", "user"),
            (LogoutReason::SessionExpiration, "session_expiration", "system"),
        ] {
            let logout = Notification { reason, ..notification(NotificationKind::Logout) };
            assert_eq!(claims(&logout, Some("alice"))["logout_reason"], word);

            let event = Notification { reason, ..notification(NotificationKind::SessionRevoked) };
            let expected = json!({
                "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {
                    "event_timestamp": 1_749_999_990,
                    "initiating_entity": initiating_entity,
                    "reason_admin": { "en": word },
                },
            });
            assert_eq!(claims(&event, Some("alice"))["events"], expected);
        }
    }

    #[test]
    fn each_attempt_has_its_own_jti() {
        let jti = || {
            let notification = notification(NotificationKind::SessionRevoked);
            match Claims::new(&notification, None, NOW, 0).unwrap() {
                Claims::Logout(claims) => claims.jti,
                Claims::SessionRevoked(claims) => claims.jti,
            }
        };
        assert_ne!(jti(), jti());
    }
}
