//! Ending sessions as a set: the input and result of one step of the port [`AtomicEnding`], and the
//! rules that derive notifications and grants from the sessions that end.
//!
//! [`AtomicEnding`]: crate::ports::AtomicEnding

use serde::{Deserialize, Serialize};

use crate::filter::Filter;
use crate::grant::{GrantCounts, GrantFilter};
use crate::notification::{LogoutReason, Notification, NotificationKind};
use crate::optional_members::or_default;
use crate::order::{Order, Position};
use crate::session::{ClientSession, SessionKey};
use crate::time::Timestamp;

/// Selects the sessions that a step ends. All members are ANDed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndingPick {
    /// The filter that they match.
    pub filter: Filter,
    /// Only sessions with one of these keys.
    pub keys: Option<Vec<SessionKey>>,
    /// Excludes sessions with one of these session ids.
    pub except_session_ids: Vec<String>,
    /// Only the sessions over a limit.
    pub surplus: Option<Surplus>,
    /// Their order: [`Order::Oldest`] or [`Order::Expiry`].
    pub order: Order,
    /// Only sessions after this position.
    pub after: Option<Position>,
    /// The most sessions; 1 or more.
    pub limit: u32,
}

/// Selects the sessions over a limit: the active matching sessions except the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Surplus {
    /// The number of sessions to keep, from the end of the order.
    pub keep: u32,
    /// The order that decides which are last.
    pub by: SurplusOrder,
    /// The time at which a session must be active to count.
    pub active_at: Timestamp,
}

/// The time that orders sessions against a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurplusOrder {
    /// The creation time.
    Created,
    /// The time of the last renewal.
    Renewed,
}

/// One step: the sessions to end, the grants to revoke and the notifications to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndingStep {
    /// The sessions to end.
    pub pick: EndingPick,
    /// The grants to revoke.
    pub revoke: Option<EndingGrants>,
    /// The notifications to record.
    pub notify: Option<EndingNotices>,
    /// Whether the result lists the ended sessions.
    pub details: bool,
}

/// A step that only ends sessions.
impl From<EndingPick> for EndingStep {
    fn from(pick: EndingPick) -> Self {
        EndingStep { pick, revoke: None, notify: None, details: false }
    }
}

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

/// Derives notifications from the clients of the sessions that end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndingNotices {
    /// How these clients are notified. A client without ways isn't.
    pub clients: Vec<ClientNotices>,
    /// Whether unlisted clients are notified too: by session, with a logout token, and at an
    /// address that is looked up at delivery.
    pub others: bool,
    /// Why the sessions end.
    pub reason: LogoutReason,
    /// When the notifications are recorded.
    pub created: Timestamp,
    /// See [`Notification::not_before`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The most notifications that the result lists.
    pub returned: u32,
}

/// How one client is notified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientNotices {
    /// The client.
    pub client_id: String,
    /// Per session or per subject.
    pub by: NoticeScope,
    /// The tokens to send, one notification each.
    pub ways: Vec<Way>,
}

/// The scope of a notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeScope {
    /// All sessions of a subject that end in one step.
    Subject,
    /// A single session.
    #[default]
    Session,
}

/// A kind of token and its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Way {
    /// The kind of token.
    #[serde(default, deserialize_with = "or_default")]
    pub kind: NotificationKind,
    /// The address; absent if it must be looked up at delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout_uri: Option<String>,
}

/// The result of a step. `List` is the store's list of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSessions<List = Vec<SessionIds>> {
    /// The number of sessions removed.
    pub ended: u64,
    /// The removed sessions, if the step asked for them.
    pub sessions: Option<List>,
    /// The number of grants revoked.
    pub grants: GrantCounts,
    /// The number of notifications recorded.
    pub recorded: u64,
    /// Recorded notifications, as many as the step asked for.
    pub notifications: Vec<Notification>,
    /// Whether more sessions may match. False if none was removed.
    pub more: bool,
    /// The position of the last removed session.
    pub last: Option<Position>,
}

impl<List> Default for EndedSessions<List> {
    fn default() -> Self {
        EndedSessions {
            ended: 0,
            sessions: None,
            grants: GrantCounts::default(),
            recorded: 0,
            notifications: Vec::new(),
            more: false,
            last: None,
        }
    }
}

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

impl EndingNotices {
    /// Derives the notifications of these sessions, which must be sorted oldest first.
    ///
    /// The id of a notification contains the row's id. So a client is notified of a session only
    /// once, even if several calls end it or repeat its removal.
    pub fn notifications(&self, sessions: &[EndingSession]) -> Vec<Notification> {
        let mut notifications = Vec::new();
        for (index, session) in sessions.iter().enumerate() {
            for client in &session.clients {
                let unlisted = [Way::default()];
                let (by, ways) = match self.of_client(&client.client_id) {
                    Some(notices) => (notices.by, notices.ways.as_slice()),
                    None if self.others => (NoticeScope::Session, unlisted.as_slice()),
                    None => continue,
                };
                let later = sessions.get(index + 1..).unwrap_or_default();
                if by == NoticeScope::Subject
                    && later.iter().any(|later| reports_both(later, session, &client.client_id))
                {
                    continue;
                }
                for way in ways {
                    notifications.push(self.notification(session, client, by, way));
                }
            }
        }
        notifications
    }

    fn of_client(&self, client_id: &str) -> Option<&ClientNotices> {
        self.clients.iter().find(|notices| notices.client_id == client_id)
    }

    fn notification(
        &self,
        session: &EndingSession,
        client: &ClientSession,
        by: NoticeScope,
        way: &Way,
    ) -> Notification {
        let prefix = if way.kind.is_logout() { "" } else { "event:" };
        let (scope, sid) = match by {
            NoticeScope::Subject => ("subject:", None),
            NoticeScope::Session => {
                let own = client.session_id.as_ref();
                ("session:", Some(own.unwrap_or(&session.session_id).clone()))
            }
        };
        Notification {
            id: [prefix, scope, &session.row_id, ":", &client.client_id].concat(),
            kind: way.kind,
            client_id: client.client_id.clone(),
            logout_uri: way.logout_uri.clone(),
            subject_id: Some(session.subject_id.clone()),
            session_id: sid,
            issuer: session.issuer.clone(),
            reason: self.reason,
            attempt: 0,
            created: self.created,
            not_before: self.not_before,
        }
    }
}

/// Whether one notification by subject tells this client about both sessions.
fn reports_both(one: &EndingSession, other: &EndingSession, client_id: &str) -> bool {
    one.subject_id == other.subject_id
        && one.issuer == other.issuer
        && one.clients.iter().any(|client| client.client_id == client_id)
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
mod tests {
    use super::*;

    fn session(row_id: &str, subject_id: &str, clients: &[&str]) -> EndingSession {
        EndingSession {
            row_id: row_id.into(),
            subject_id: subject_id.into(),
            session_id: format!("sid of {row_id}"),
            issuer: None,
            clients: clients.iter().map(|id| client(id, None)).collect(),
        }
    }

    fn client(id: &str, sid: Option<&str>) -> ClientSession {
        ClientSession { client_id: id.into(), session_id: sid.map(str::to_owned) }
    }

    fn listed(client_id: &str, by: NoticeScope, kinds: &[NotificationKind]) -> ClientNotices {
        let ways = kinds.iter().map(|kind| Way { kind: *kind, logout_uri: Some("uri".into()) });
        ClientNotices { client_id: client_id.into(), by, ways: ways.collect() }
    }

    /// The id and `sid` of each notification, in order.
    fn notification_ids(
        notices: &EndingNotices,
        sessions: &[EndingSession],
    ) -> Vec<(String, Option<String>)> {
        let notifications = notices.notifications(sessions).into_iter();
        notifications.map(|notification| (notification.id, notification.session_id)).collect()
    }

    fn expected(pairs: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
        pairs.iter().map(|(id, sid)| ((*id).to_owned(), sid.map(str::to_owned))).collect()
    }

    #[test]
    fn by_session_each_client_is_notified_of_each_session_by_its_own_sid() {
        let mut second = session("2", "alice", &["web"]);
        second.clients.push(client("app", Some("own")));
        let kinds = NotificationKind::ALL;
        let notices = EndingNotices {
            clients: vec![
                listed("web", NoticeScope::Session, &kinds),
                listed("app", NoticeScope::Session, &kinds[..1]),
            ],
            ..EndingNotices::default()
        };
        assert_eq!(
            notification_ids(&notices, &[session("1", "alice", &["web", "other"]), second]),
            expected(&[
                ("session:1:web", Some("sid of 1")),
                ("event:session:1:web", Some("sid of 1")),
                ("session:2:web", Some("sid of 2")),
                ("event:session:2:web", Some("sid of 2")),
                ("session:2:app", Some("own")),
            ])
        );
    }

    #[test]
    fn by_subject_there_is_one_for_each_subject_and_issuer_with_the_last_row_of_the_client() {
        let by_subject = listed("web", NoticeScope::Subject, &NotificationKind::ALL[..1]);
        let notices = EndingNotices { clients: vec![by_subject], ..EndingNotices::default() };
        let other_issuer =
            EndingSession { issuer: Some("other".into()), ..session("4", "alice", &["web"]) };
        let sessions = [
            session("1", "alice", &["web"]),
            session("2", "bob", &["web"]),
            session("3", "alice", &["web"]),
            other_issuer,
            session("5", "alice", &["app"]),
        ];
        assert_eq!(
            notification_ids(&notices, &sessions),
            expected(&[("subject:2:web", None), ("subject:3:web", None), ("subject:4:web", None)])
        );
    }

    #[test]
    fn unlisted_clients_are_notified_if_others_are_and_one_without_ways_is_not() {
        let silent = ClientNotices {
            client_id: "silent".into(),
            by: NoticeScope::Session,
            ways: Vec::new(),
        };
        let notices =
            EndingNotices { clients: vec![silent], others: true, ..EndingNotices::default() };
        let sessions = [session("1", "alice", &["silent", "new"])];
        let notifications = notices.notifications(&sessions);
        assert_eq!(
            notification_ids(&notices, &sessions),
            expected(&[("session:1:new", Some("sid of 1"))])
        );
        assert_eq!(
            (notifications[0].kind, &notifications[0].logout_uri),
            (NotificationKind::Logout, &None)
        );
        let notices = EndingNotices { others: false, ..notices };
        assert!(notices.notifications(&sessions).is_empty());
    }

    #[test]
    fn the_grants_of_a_session_are_limited_to_its_participants_and_by_both_lists() {
        let ids = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        let clients = |grants: SessionGrants| {
            let session = session("1", "alice", &["web", "app"]);
            grants.filter(&session).map(|filter| filter.client_ids)
        };
        let all = SessionGrants::default();
        assert_eq!(clients(all.clone()), Some(Vec::new()), "every client");
        let listed = SessionGrants { client_ids: ids(&["web", "tv"]), ..all.clone() };
        assert_eq!(clients(listed.clone()), ids(&["web", "tv"]));
        let none = SessionGrants { client_ids: ids(&[]), ..all.clone() };
        assert_eq!(clients(none), None);
        let participants = SessionGrants { of_participants: true, ..listed };
        assert_eq!(clients(participants.clone()), ids(&["web"]));
        let except = SessionGrants { except_client_ids: ids(&["web"]), ..participants };
        assert_eq!(clients(except), None);
        let except =
            SessionGrants { except_client_ids: ids(&["web"]), of_participants: true, ..all };
        assert_eq!(clients(except), ids(&["app"]));
    }
}
