//! The request of a removal. It is checked and turned into a job before anything is read.

use serde::Deserialize;

use super::job::{Clients, Ending, Job, NamedSession, Reach};
use crate::error::{EmptyTarget, InvalidArgument, NotConfigured, Result};
use crate::filter::{Filter, Fingerprint};
use crate::grant::{CONSENT_TYPE, token_types};
use crate::issuer::{IssuerFilter, checked_issuers};
use crate::optional_members::or_default;
use crate::ports::Host;
use crate::strings::{check_id, check_ids, check_storable};

/// The most sessions that one removal may name.
pub const MAX_SESSIONS: usize = 500;

/// A removal, as the caller wrote it. A flag that is `None` has its default, which is true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovalRequest {
    /// The subject whose sessions end.
    #[serde(default)]
    pub subject_id: Option<String>,
    /// The session to end.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The sessions to end, instead of the two members above; at most [`MAX_SESSIONS`].
    #[serde(default)]
    pub sessions: Option<Vec<NamedSession>>,
    /// Only sessions that began under one of these issuers. Absent means any issuer.
    #[serde(default)]
    pub issuer: Option<IssuerFilter>,
    /// Limits grants and notifications to these clients. Sessions always end completely.
    #[serde(default)]
    pub client_ids: Option<Vec<String>>,
    /// The session ids to exclude.
    #[serde(default, deserialize_with = "or_default")]
    pub except_session_ids: Vec<String>,
    /// Whether to remove the sessions themselves.
    #[serde(default)]
    pub remove_server_side_session: Option<bool>,
    /// Whether to notify clients.
    #[serde(default)]
    pub send_backchannel_logout_notification: Option<bool>,
    /// Whether to revoke tokens.
    #[serde(default)]
    pub revoke_tokens: Option<bool>,
    /// Whether to revoke consents.
    #[serde(default)]
    pub revoke_consents: Option<bool>,
    /// Whether to change nothing.
    #[serde(default, deserialize_with = "or_default")]
    pub dry_run: bool,
    /// The reason, for the event log.
    #[serde(default)]
    pub reason: Option<String>,
    /// The person or program that asked for it, for the event log.
    #[serde(default)]
    pub actor: Option<String>,
}

impl RemovalRequest {
    /// A checksum of everything that changes the effect of the removal. It leaves out `reason`,
    /// `actor` and `dry_run`.
    pub(crate) fn fingerprint(&self, filter: &Filter) -> u64 {
        let mut print = Fingerprint::default();
        print.part(0, &filter.fingerprint().to_le_bytes());
        let flags = [
            self.remove_server_side_session,
            self.send_backchannel_logout_notification,
            self.revoke_tokens,
            self.revoke_consents,
        ];
        print.part(1, &flags.map(|flag| u8::from(flag.unwrap_or(true))));
        for id in self.client_ids.iter().flatten() {
            print.part(2, id.as_bytes());
        }
        for id in &self.except_session_ids {
            print.part(3, id.as_bytes());
        }
        print.number()
    }

    /// Creates the job. Checks the request and the services that the host injected.
    pub(crate) fn job<H: Host>(&self, host: &H) -> Result<Job> {
        self.job_for(host, self.reach()?)
    }

    /// Creates a job for other sessions than the request names. Checks like
    /// [`RemovalRequest::job`].
    pub(crate) fn job_for<H: Host>(&self, host: &H, reach: Reach) -> Result<Job> {
        self.check_lists()?;
        let mut notes = Vec::new();
        let issuers = checked_issuers(host, self.issuer.as_ref())?;
        let grant_types = self.grant_types(&reach, host, &mut notes)?;
        let notifies = self.notifies(host, &mut notes)?;
        let clients = self.client_ids.clone().map_or(Clients::All, Clients::These);
        Ok(Job {
            removes: self.remove_server_side_session.unwrap_or(true),
            notified: notifies.then(|| clients.clone()),
            revoked: clients,
            grant_types,
            except_session_ids: self.except_session_ids.clone(),
            issuers,
            dry_run: self.dry_run,
            notes,
            ending: Ending::Removed { reason: self.reason.clone(), actor: self.actor.clone() },
            ..Job::new(reach)
        })
    }

    fn reach(&self) -> Result<Reach> {
        for (member, id) in [("subjectId", &self.subject_id), ("sessionId", &self.session_id)] {
            id.as_deref().map_or(Ok(()), |id| check_id(member, id))?;
        }
        match (self.subject_id.clone(), self.session_id.clone()) {
            (None, None) => self.named(),
            _ if self.sessions.is_some() => Err(InvalidArgument::SessionsAndTarget.into()),
            (subject_id, Some(session_id)) => Ok(Reach::Session { subject_id, session_id }),
            (Some(subject_id), None) if self.except_session_ids.is_empty() => {
                Ok(Reach::Subject { subject_id })
            }
            (Some(subject_id), None) => Ok(Reach::SubjectExcept { subject_id }),
        }
    }

    fn named(&self) -> Result<Reach> {
        let Some(sessions) = &self.sessions else { return Err(EmptyTarget::Removal.into()) };
        match sessions.len() {
            0 => return Err(InvalidArgument::NoSessions.into()),
            1..=MAX_SESSIONS => {}
            _ => {
                let most = MAX_SESSIONS;
                return Err(InvalidArgument::TooManyIds { member: "sessions", most }.into());
            }
        }
        let mut named: Vec<NamedSession> = Vec::new();
        for session in sessions {
            check_id("subjectId", &session.subject_id)?;
            check_id("sessionId", &session.session_id)?;
            if !named.contains(session) {
                named.push(session.clone());
            }
        }
        Ok(Reach::Named { sessions: named })
    }

    fn check_lists(&self) -> Result<()> {
        if self.client_ids.as_ref().is_some_and(|ids| ids.is_empty()) {
            return Err(InvalidArgument::NoClients.into());
        }
        // Both are part of each session's event.
        for (member, text) in [("reason", &self.reason), ("actor", &self.actor)] {
            text.as_deref().map_or(Ok(()), |text| check_storable(member, text))?;
        }
        check_ids("clientIds", self.client_ids.as_deref().unwrap_or_default())?;
        check_ids("exceptSessionIds", &self.except_session_ids)
    }

    /// The grant types to revoke. Tokens are [`crate::grant::TOKEN_TYPES`] and consents are
    /// [`CONSENT_TYPE`]; both flags together select every type. Consents belong to a subject, so a
    /// call that names a session keeps them.
    fn grant_types<H: Host>(
        &self,
        reach: &Reach,
        host: &H,
        notes: &mut Vec<String>,
    ) -> Result<Option<Vec<String>>> {
        let (tokens, consents) =
            (self.revoke_tokens.unwrap_or(true), self.revoke_consents.unwrap_or(true));
        if !tokens && !consents {
            return Ok(None);
        }
        if host.grants().is_none() {
            if self.revoke_tokens == Some(true) || self.revoke_consents == Some(true) {
                return Err(NotConfigured::Grants.into());
            }
            notes.push("no tokens or consents were revoked: no grant store is injected".to_owned());
            return Ok(None);
        }
        // Grants have no issuer.
        let has_issuer = self.issuer.is_some();
        let whole_subject = matches!(reach, Reach::Subject { .. }) && !has_issuer;
        if consents && !whole_subject {
            notes.push(
                "consents were kept: they belong to the subject and not to a session".to_owned(),
            );
        }
        let is_session = matches!(reach, Reach::Session { .. } | Reach::Named { .. });
        if tokens && !whole_subject && !is_session {
            notes.push(
                "tokens without a session were kept: other sessions of the subject may be active"
                    .to_owned(),
            );
        }
        Ok(match (tokens, consents) {
            (true, true) => Some(Vec::new()),
            (true, false) => Some(token_types()),
            (false, _) if whole_subject => Some(vec![CONSENT_TYPE.to_owned()]),
            (false, _) => None,
        })
    }

    fn notifies<H: Host>(&self, host: &H, notes: &mut Vec<String>) -> Result<bool> {
        let wanted = self.send_backchannel_logout_notification;
        if wanted == Some(false) {
            return Ok(false);
        }
        if host.can_notify() {
            if host.sender().is_none() {
                notes.push(
                    "notifications were recorded but not sent: no `sendLogout` is injected"
                        .to_owned(),
                );
            }
            return Ok(true);
        }
        if wanted == Some(true) {
            return Err(NotConfigured::Notifications.into());
        }
        notes.push(
            "no client was notified: `clients` and `sendLogout` are not both injected".to_owned(),
        );
        Ok(false)
    }
}
