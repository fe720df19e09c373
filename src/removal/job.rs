//! Which sessions end, and what goes with them: the one form that a removal, a purge, an expiry
//! pass, a session limit and a sign-out come to.

use serde::Deserialize;

use super::target::Target;
use crate::ending::{EndingPick, Surplus};
use crate::filter::{Filter, TextMatch};
use crate::grant::GrantFilter;
use crate::notification::LogoutReason;
use crate::ports::{Order, Position};
use crate::session::{SessionCondition, SessionKey};
use crate::time::Timestamp;

/// Which sessions end, and what goes with them.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub reach: Reach,
    /// Only sessions with one of these keys.
    pub keys: Option<Vec<SessionKey>>,
    /// No sessions with one of these session ids.
    pub except_session_ids: Vec<String>,
    /// Only sessions that began under one of these issuers, sorted and each once.
    pub issuers: Option<Vec<String>>,
    /// Only sessions that began before this instant.
    pub began_before: Option<Timestamp>,
    /// Only the surplus of a session limit.
    pub surplus: Option<Surplus>,
    /// Which sessions come first.
    pub order: Order,
    /// Whether the sessions are removed.
    pub removes: bool,
    /// Which clients are notified, if any are.
    pub notified: Option<Clients>,
    /// Whether the call waits for the first attempts at its notifications. Without an outbox it
    /// always does: nothing else would make them.
    pub waits: bool,
    /// The grant types to revoke: `None` is none, an empty list is every type.
    pub grant_types: Option<Vec<String>>,
    /// Whose grants those are.
    pub revoked: Clients,
    /// Whether nothing is changed.
    pub dry_run: bool,
    pub notes: Vec<String>,
    /// What the events report.
    pub ending: Ending,
    /// Why the sessions end, as clients learn it.
    pub logout_reason: LogoutReason,
}

/// One session of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedSession {
    /// The subject.
    pub subject_id: String,
    /// The session's public id.
    pub session_id: String,
}

/// How far a job reaches.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// Everything of a subject ends.
    Subject { subject_id: String },
    /// Some sessions of a subject stay active.
    SubjectExcept { subject_id: String },
    /// One session ends.
    Session { subject_id: Option<String>, session_id: String },
    /// These sessions end, each once, of any subjects.
    Named { sessions: Vec<NamedSession> },
    /// Sessions end one by one, of any subjects. They can be too many to be read twice.
    Each { filter: Box<Filter> },
}

/// Which clients, among those that took part in a session.
#[derive(Clone, Debug)]
pub(crate) enum Clients {
    All,
    These(Vec<String>),
    /// Those that coordinate their lifetime with the session: by their own setting, or else by the
    /// host's.
    Coordinating {
        by_default: bool,
    },
}

/// Why sessions end, for the event log.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    Removed { reason: Option<String>, actor: Option<String> },
    Expired,
}

impl Clients {
    /// Whether this client is meant. `coordinates` is its own setting.
    pub fn include(&self, client_id: &str, coordinates: Option<bool>) -> bool {
        match self {
            Clients::All => true,
            Clients::These(ids) => ids.iter().any(|id| id == client_id),
            Clients::Coordinating { by_default } => coordinates.unwrap_or(*by_default),
        }
    }

    /// Their ids, as a filter of grants has them: none for all.
    fn ids(&self) -> Vec<String> {
        match self {
            Clients::These(ids) => ids.clone(),
            Clients::All | Clients::Coordinating { .. } => Vec::new(),
        }
    }
}

impl Job {
    /// Removes what it reaches, and nothing else.
    pub fn new(reach: Reach) -> Self {
        Job {
            reach,
            keys: None,
            except_session_ids: Vec::new(),
            issuers: None,
            began_before: None,
            surplus: None,
            order: Order::Oldest,
            removes: true,
            notified: None,
            waits: true,
            grant_types: None,
            revoked: Clients::All,
            dry_run: false,
            notes: Vec::new(),
            ending: Ending::Removed { reason: None, actor: None },
            logout_reason: LogoutReason::Terminated,
        }
    }

    /// Whether this session, which matches the filter, goes on.
    pub fn excludes(&self, target: &Target) -> bool {
        self.except_session_ids.contains(&target.session_id)
            || self.keys.as_ref().is_some_and(|keys| !keys.contains(&target.key))
            || self.began_too_late(target)
    }

    /// Whether this session began too late.
    pub fn began_too_late(&self, target: &Target) -> bool {
        self.began_before.is_some_and(|instant| target.created >= instant)
    }

    /// Whether the sessions must be read. The grants of a subject or a session are found without.
    pub fn reads_sessions(&self) -> bool {
        self.removes
            || self.notified.is_some()
            || (self.grant_types.is_some() && self.revokes_by_session())
    }

    /// Whether grants are revoked session by session, and not for the whole target.
    pub fn revokes_by_session(&self) -> bool {
        let by_client = matches!(self.revoked, Clients::Coordinating { .. });
        // A grant has no issuer: only those of sessions that began under it are meant.
        self.issuers.is_some()
            || by_client
            || matches!(
                self.reach,
                Reach::SubjectExcept { .. } | Reach::Named { .. } | Reach::Each { .. }
            )
    }

    /// Whether all sessions of a subject end.
    pub fn ends_subject(&self) -> bool {
        matches!(self.reach, Reach::Subject { .. })
    }

    /// Whether the registrations of clients decide about anything.
    pub fn looks_up_clients(&self) -> bool {
        self.notified.is_some() || (self.grant_types.is_some() && self.depends_on_clients())
    }

    /// Whether the registrations of clients decide whose grants are revoked.
    pub fn depends_on_clients(&self) -> bool {
        matches!(self.revoked, Clients::Coordinating { .. })
    }

    /// The sessions that it reaches, those that go on included.
    pub fn filter(&self) -> Filter {
        let (subject_id, session_id) = match &self.reach {
            Reach::Each { filter } => return *filter.clone(),
            // Each is found by its own filter, and ended by its key.
            Reach::Named { .. } => (None, None),
            Reach::Subject { subject_id } | Reach::SubjectExcept { subject_id } => {
                (Some(subject_id), None)
            }
            Reach::Session { subject_id, session_id } => (subject_id.as_ref(), Some(session_id)),
        };
        Filter {
            subject_id: subject_id.cloned().map(TextMatch::Equals),
            session_id: session_id.cloned().map(TextMatch::Equals),
            ..Filter::default()
        }
        .of_issuers(self.issuers.clone())
    }

    /// The sessions of one step, for a store that evaluates every condition itself.
    pub fn pick(&self, after: Option<Position>, limit: usize) -> EndingPick {
        let mut filter = self.filter();
        if let Some(instant) = self.began_before {
            filter.created.before = Some(filter.created.before.map_or(instant, |b| b.min(instant)));
        }
        EndingPick {
            filter,
            keys: self.keys.clone(),
            except_session_ids: self.except_session_ids.clone(),
            surplus: self.surplus,
            order: self.order,
            after,
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
        }
    }

    /// The condition that a session must still meet when it is removed by its key.
    pub fn condition(&self) -> SessionCondition {
        let filter = self.filter();
        let exact = |wanted: Option<TextMatch>| match wanted {
            Some(TextMatch::Equals(text)) => Some(text),
            _ => None,
        };
        SessionCondition {
            subject_id: exact(filter.subject_id),
            session_id: exact(filter.session_id),
            expired_at: filter.expired_at,
            ..SessionCondition::default()
        }
    }

    /// The grants of the whole target, if they are revoked as such.
    pub fn target_grants(&self) -> Option<GrantFilter> {
        let types = self.grant_types.clone().filter(|_| !self.revokes_by_session())?;
        let (subject_id, session_id) = match &self.reach {
            Reach::Subject { subject_id } => (Some(subject_id.clone()), None),
            // An excluded session keeps its tokens.
            Reach::Session { session_id, .. } if self.except_session_ids.contains(session_id) => {
                return None;
            }
            Reach::Session { subject_id, session_id } => {
                (subject_id.clone(), Some(session_id.clone()))
            }
            Reach::SubjectExcept { .. } | Reach::Named { .. } | Reach::Each { .. } => return None,
        };
        Some(GrantFilter { subject_id, session_id, client_ids: self.revoked.ids(), types })
    }

    /// The grants of one of the sessions that the job names, if it is meant whatever its issuer is.
    pub fn named_grants(&self, session: &NamedSession) -> Option<GrantFilter> {
        let NamedSession { subject_id, session_id } = session.clone();
        let is_meant = self.issuers.is_none() && !self.except_session_ids.contains(&session_id);
        let types = self.grant_types.clone().filter(|_| is_meant)?;
        Some(GrantFilter {
            subject_id: Some(subject_id),
            session_id: Some(session_id),
            client_ids: self.revoked.ids(),
            types,
        })
    }
}
