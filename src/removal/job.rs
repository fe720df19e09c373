//! What is to be done with which sessions: the one form that a removal, a purge, an expiry and a
//! sign-out come to.

use super::target::Target;
use crate::filter::{Filter, TextMatch};
use crate::grant::GrantFilter;
use crate::notification::LogoutReason;
use crate::session::SessionKey;
use crate::time::Timestamp;

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub reach: Reach,
    pub removes: bool,
    /// Which clients are told, if any are.
    pub notified: Option<Clients>,
    /// The grant types to revoke: `None` is none, an empty list is every type.
    pub grant_types: Option<Vec<String>>,
    /// Whose grants those are.
    pub revoked: Clients,
    pub spared: Vec<String>,
    pub only_key: Option<SessionKey>,
    /// Sessions that began at this instant or later go on.
    pub began_before: Option<Timestamp>,
    pub dry_run: bool,
    pub notes: Vec<String>,
    /// What the events say of it.
    pub ending: Ending,
    /// What clients are told of it.
    pub logout_reason: LogoutReason,
}

/// How far a job reaches.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// Everything of a subject ends.
    Subject { subject_id: String },
    /// Some sessions of a subject go on.
    SubjectExcept { subject_id: String },
    /// One session ends.
    Session { subject_id: Option<String>, session_id: String },
    /// Sessions end one by one, of any subjects. They can be too many to be read twice.
    Each { filter: Box<Filter> },
}

/// Which of the clients that took part in a session.
#[derive(Clone, Debug)]
pub(crate) enum Clients {
    All,
    These(Vec<String>),
    /// Those whose lifetime is coordinated with the session: by their own setting, or else by the
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
}

impl Job {
    /// Removes what it reaches, and nothing else.
    pub fn new(reach: Reach) -> Self {
        Job {
            reach,
            removes: true,
            notified: None,
            grant_types: None,
            revoked: Clients::All,
            spared: Vec::new(),
            only_key: None,
            began_before: None,
            dry_run: false,
            notes: Vec::new(),
            ending: Ending::Removed { reason: None, actor: None },
            logout_reason: LogoutReason::Terminated,
        }
    }

    /// Whether this session goes on.
    pub fn spares(&self, target: &Target) -> bool {
        self.spared.contains(&target.session_id)
            || self.only_key.as_ref().is_some_and(|key| *key != target.key)
            || self.began_too_late(target)
    }

    /// Whether this session began too late to be meant.
    pub fn began_too_late(&self, target: &Target) -> bool {
        self.began_before.is_some_and(|instant| target.created >= instant)
    }

    /// Whether the sessions must be read: grants of a subject or of a session go by themselves.
    pub fn reads_sessions(&self) -> bool {
        self.removes
            || self.notified.is_some()
            || (self.grant_types.is_some() && self.revokes_by_session())
    }

    /// Whether grants are revoked session by session, and not with the subject.
    pub fn revokes_by_session(&self) -> bool {
        let by_client = matches!(self.revoked, Clients::Coordinating { .. });
        by_client || matches!(self.reach, Reach::SubjectExcept { .. } | Reach::Each { .. })
    }

    /// Whether the registrations of clients decide about anything.
    pub fn looks_up_clients(&self) -> bool {
        self.notified.is_some() || (self.grant_types.is_some() && self.depends_on_clients())
    }

    /// Whether nothing can be decided while the registry is down. What is told then is told to be
    /// safe; what is revoked is not.
    pub fn depends_on_clients(&self) -> bool {
        matches!(self.revoked, Clients::Coordinating { .. })
    }

    /// The sessions that it is about, spared ones included: they are few, and skipped while
    /// reading.
    pub fn filter(&self) -> Filter {
        let (subject_id, session_id) = match &self.reach {
            Reach::Each { filter } => return *filter.clone(),
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
    }

    /// Which grants go with these sessions. Those of a whole subject go with every page: a session
    /// that is still there may have led to new ones since the page before. `coordinating` tells
    /// which clients of a session coordinate.
    pub fn grant_filters(
        &self,
        targets: &[Target],
        coordinating: impl Fn(&Target) -> Vec<String>,
    ) -> Vec<GrantFilter> {
        let Some(types) = &self.grant_types else { return Vec::new() };
        let filter = |subject_id, session_id, client_ids| GrantFilter {
            subject_id,
            session_id,
            client_ids,
            types: types.clone(),
        };
        let named = match &self.revoked {
            Clients::These(ids) => ids.clone(),
            _ => Vec::new(),
        };
        match &self.reach {
            Reach::Subject { subject_id } if !self.revokes_by_session() => {
                vec![filter(Some(subject_id.clone()), None, named)]
            }
            Reach::Session { subject_id, session_id } if !self.revokes_by_session() => {
                vec![filter(subject_id.clone(), Some(session_id.clone()), named)]
            }
            _ => targets
                .iter()
                .filter_map(|target| {
                    let clients = match self.revoked {
                        Clients::Coordinating { .. } => {
                            Some(coordinating(target)).filter(|ids| !ids.is_empty())?
                        }
                        _ => named.clone(),
                    };
                    Some(filter(
                        Some(target.subject_id.clone()),
                        Some(target.session_id.clone()),
                        clients,
                    ))
                })
                .collect(),
        }
    }
}
