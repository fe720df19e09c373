//! The job: which sessions end, which grants are revoked and which clients are notified. Removals,
//! purges, expiry passes, session limits and sign-outs all become a job.

use serde::Deserialize;

use super::target::Target;
use crate::ending::{EndingPick, Surplus};
use crate::filter::{Filter, TextMatch};
use crate::grant::GrantFilter;
use crate::notification::LogoutReason;
use crate::ports::{Order, Position};
use crate::session::{SessionCondition, SessionKey};
use crate::time::Timestamp;

/// A job of the pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub reach: Reach,
    /// Only sessions with one of these keys.
    pub keys: Option<Vec<SessionKey>>,
    /// Excludes sessions with one of these session ids.
    pub except_session_ids: Vec<String>,
    /// Only sessions that began under one of these issuers, sorted and unique.
    pub issuers: Option<Vec<String>>,
    /// Only sessions that began before this instant.
    pub began_before: Option<Timestamp>,
    /// Only the sessions over a session limit.
    pub surplus: Option<Surplus>,
    /// The order in which sessions end.
    pub order: Order,
    /// Whether the sessions are removed.
    pub removes: bool,
    /// The clients to notify, if any.
    pub notified: Option<Clients>,
    /// Whether the call waits for the first delivery attempts. Without an outbox it always waits,
    /// because no other call would make them.
    pub waits: bool,
    /// The grant types to revoke. `None` revokes nothing, and an empty list every type.
    pub grant_types: Option<Vec<String>>,
    /// The clients whose grants are revoked.
    pub revoked: Clients,
    /// Whether the job changes nothing.
    pub dry_run: bool,
    pub notes: Vec<String>,
    /// The reason for the events.
    pub ending: Ending,
    /// The reason that clients are given.
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

/// The sessions that a job covers.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// All sessions of a subject.
    Subject { subject_id: String },
    /// All sessions of a subject except the excluded ones.
    SubjectExcept { subject_id: String },
    /// One session.
    Session { subject_id: Option<String>, session_id: String },
    /// These sessions, each once, of any subjects.
    Named { sessions: Vec<NamedSession> },
    /// The sessions that match a filter, of any subjects. They may be too many to be read twice.
    Each { filter: Box<Filter> },
}

/// Selects clients among those that took part in a session.
#[derive(Clone, Debug)]
pub(crate) enum Clients {
    All,
    These(Vec<String>),
    /// The clients that coordinate their lifetime with the session, by their own setting or the
    /// host's default.
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
    /// Whether this client is selected. `coordinates` is its own setting.
    pub fn include(&self, client_id: &str, coordinates: Option<bool>) -> bool {
        match self {
            Clients::All => true,
            Clients::These(ids) => ids.iter().any(|id| id == client_id),
            Clients::Coordinating { by_default } => coordinates.unwrap_or(*by_default),
        }
    }

    /// The ids for a grant filter; empty for all clients.
    fn ids(&self) -> Vec<String> {
        match self {
            Clients::These(ids) => ids.clone(),
            Clients::All | Clients::Coordinating { .. } => Vec::new(),
        }
    }
}

impl Job {
    /// A job that only removes sessions.
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

    /// Whether this session, which matches the filter, is excluded.
    pub fn excludes(&self, target: &Target) -> bool {
        self.except_session_ids.contains(&target.session_id)
            || self.keys.as_ref().is_some_and(|keys| !keys.contains(&target.key))
            || self.began_too_late(target)
    }

    /// Whether this session began too late to be ended.
    pub fn began_too_late(&self, target: &Target) -> bool {
        self.began_before.is_some_and(|instant| target.created >= instant)
    }

    /// Whether sessions must be read. The grants of a subject or session can be found without
    /// reading.
    pub fn reads_sessions(&self) -> bool {
        self.removes
            || self.notified.is_some()
            || (self.grant_types.is_some() && self.revokes_by_session())
    }

    /// Whether grants are revoked session by session instead of for the whole target.
    pub fn revokes_by_session(&self) -> bool {
        let by_client = matches!(self.revoked, Clients::Coordinating { .. });
        // Grants have no issuer, so only those of sessions that began under it are revoked.
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

    /// Whether the job depends on the registrations of clients.
    pub fn looks_up_clients(&self) -> bool {
        self.notified.is_some() || (self.grant_types.is_some() && self.depends_on_clients())
    }

    /// Whether the registrations of clients decide whose grants are revoked.
    pub fn depends_on_clients(&self) -> bool {
        matches!(self.revoked, Clients::Coordinating { .. })
    }

    /// The filter of the job's sessions. It includes excluded ones.
    pub fn filter(&self) -> Filter {
        let (subject_id, session_id) = match &self.reach {
            Reach::Each { filter } => return *filter.clone(),
            // Each session is found by its own filter and ended by its key.
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
        .with_issuers(self.issuers.clone())
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

    /// The condition that a session must still meet when its key is removed.
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

    /// The filter of the target's grants, if they are revoked as a whole.
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

    /// The grants of a named session that can be revoked without reading it, whatever its issuer.
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
