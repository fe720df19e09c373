//! The clients to notify when sessions end, or all sessions of a subject (OpenID Connect
//! Back-Channel Logout 1.0, sections 2.2 to 2.4).
//!
//! - Every client recorded in an ending session is notified if it is known, enabled and has an
//!   address. Otherwise it is skipped, with the reason. A client whose registration can't be read
//!   counts as notified, and the delivery looks it up again.
//! - A client is notified of each of its sessions, by `sub` and `sid`: its own `sid` if it has one.
//! - A client with `backChannelLogoutBy: "subject"` gets one notification by `sub` for each step
//!   and issuer if all sessions of a subject end, unless it requires `sid`. If sessions are
//!   excluded, it gets one for each session.
//! - A client is notified of a session only once, even if several calls end it.
//!
//! A caller can limit the clients: see `Clients` in `removal/job.rs`. `removal/registrations.rs`
//! looks the clients up and reports those that are skipped. `revoked_grants.rs` has the rule for
//! the grants.

use serde::{Deserialize, Serialize};

use super::ended_session::EndingSession;
use crate::client::Client;
use crate::error::{Result, SenderFailed};
use crate::notification::{LogoutReason, Notification, NotificationKind};
use crate::optional_members::or_default;
use crate::session::ClientSession;
use crate::strings::{check_storable, is_blank};
use crate::time::Timestamp;

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

/// One address for each kind of notification, in the order of
/// [`NotificationKind::ALL`](crate::notification::NotificationKind::ALL).
pub type Addresses = [Option<String>; 2];

/// Whether a client can be notified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reachable<C> {
    /// It can, at these addresses.
    Yes(C, Addresses),
    /// It can't, for this reason.
    No(&'static str),
}

/// Decides whether a client can be notified: it must be known and enabled and have an address.
pub fn reachable<C: Client>(client: Option<C>) -> Result<Reachable<C>> {
    let Some(client) = client else { return Ok(Reachable::No("the client is not known")) };
    if !client.enabled()? {
        return Ok(Reachable::No("the client is disabled"));
    }
    // Read it now. Otherwise an unknown value would fail only once all sessions of a subject end.
    client.back_channel_logout_by_subject()?;
    let mut addresses = [client.back_channel_logout_uri()?, client.security_event_uri()?];
    for (address, member) in addresses.iter_mut().zip(["backChannelLogoutUri", "securityEventUri"])
    {
        address.take_if(|uri| is_blank(uri));
        // The address is stored with the notification.
        if address.as_deref().is_some_and(|uri| check_storable(member, uri).is_err()) {
            let wanted = "a URL of at most 8,192 characters";
            return Err(SenderFailed::Registration { member, wanted, source: None }.into());
        }
    }
    match addresses.iter().any(Option::is_some) {
        true => Ok(Reachable::Yes(client, addresses)),
        false => Ok(Reachable::No("the client has no back-channel logout URI")),
    }
}

/// How a client is notified, or why it isn't.
pub(crate) enum Registration {
    /// It isn't, for this reason.
    Skipped(&'static str),
    /// It is, in these ways.
    Notified {
        /// Per session or per subject.
        by: NoticeScope,
        /// The tokens to send, one notification each.
        ways: Vec<Way>,
    },
}

impl Registration {
    /// Decides how a client is notified. `ends_subject` is whether all sessions of a subject end.
    pub fn read(client: Option<impl Client>, ends_subject: bool) -> Result<Self> {
        Ok(match reachable(client)? {
            Reachable::Yes(client, addresses) => {
                Registration::Notified { by: scope(&client, ends_subject)?, ways: ways(addresses) }
            }
            Reachable::No(why) => Registration::Skipped(why),
        })
    }

    /// The result for a registration that can't be read. The removal continues: it records a
    /// notification by session without an address, and the delivery looks the client up again.
    pub fn unreadable() -> Self {
        Registration::Notified { by: NoticeScope::Session, ways: vec![Way::default()] }
    }
}

/// Some relying parties answer 200 to a token with only `sub` and end nothing. So a client is
/// notified per session unless it chose the subject. If sessions are excluded, `sub` alone would
/// end them.
fn scope(client: &impl Client, ends_subject: bool) -> Result<NoticeScope> {
    let by_subject = ends_subject
        && client.back_channel_logout_by_subject()?
        && !client.back_channel_logout_session_required()?;
    Ok(if by_subject { NoticeScope::Subject } else { NoticeScope::Session })
}

fn ways(addresses: Addresses) -> Vec<Way> {
    let kinds = NotificationKind::ALL.into_iter();
    kinds
        .zip(addresses)
        .filter(|(_, logout_uri)| logout_uri.is_some())
        .map(|(kind, logout_uri)| Way { kind, logout_uri })
        .collect()
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

/// Whether one notification by subject covers both sessions for this client.
fn reports_both(one: &EndingSession, other: &EndingSession, client_id: &str) -> bool {
    one.subject_id == other.subject_id
        && one.issuer == other.issuer
        && one.clients.iter().any(|client| client.client_id == client_id)
}

#[cfg(test)]
mod tests;
