//! What a removal is asked for, and the job that makes: checked once, before anything is read.

use serde::Deserialize;

use super::job::{Clients, Ending, Job, NamedSession, Reach};
use crate::error::{EmptyTarget, InvalidArgument, NotConfigured, Result};
use crate::filter::{Filter, Fingerprint};
use crate::grant::{CONSENT_TYPE, token_types};
use crate::issuer::{IssuerFilter, checked_issuers};
use crate::ports::Host;
use crate::presence::or_default;
use crate::text::{check_id, check_ids, check_storable};

/// How many sessions one removal names at most.
pub const MAX_SESSIONS: usize = 500;

/// A removal, as the caller wrote it. A flag that is `None` was left to its default, which is true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovalRequest {
    /// The subject whose sessions are meant.
    #[serde(default)]
    pub subject_id: Option<String>,
    /// The session that is meant.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The sessions that are meant, instead of the two members above; at most [`MAX_SESSIONS`].
    #[serde(default)]
    pub sessions: Option<Vec<NamedSession>>,
    /// The issuers under which the sessions that are meant began; absent: any.
    #[serde(default)]
    pub issuer: Option<IssuerFilter>,
    /// Limits grants and notifications to these clients, never the sessions.
    #[serde(default)]
    pub client_ids: Option<Vec<String>>,
    /// Session ids of sessions that stay active.
    #[serde(default, deserialize_with = "or_default")]
    pub except_session_ids: Vec<String>,
    /// Whether the sessions themselves are removed.
    #[serde(default)]
    pub remove_server_side_session: Option<bool>,
    /// Whether clients are notified.
    #[serde(default)]
    pub send_backchannel_logout_notification: Option<bool>,
    /// Whether tokens are revoked.
    #[serde(default)]
    pub revoke_tokens: Option<bool>,
    /// Whether consents are revoked.
    #[serde(default)]
    pub revoke_consents: Option<bool>,
    /// Whether nothing is changed.
    #[serde(default, deserialize_with = "or_default")]
    pub dry_run: bool,
    /// Why, for the event log.
    #[serde(default)]
    pub reason: Option<String>,
    /// Who asked for it, for the event log.
    #[serde(default)]
    pub actor: Option<String>,
}

impl RemovalRequest {
    /// A number that tells apart removals that don't do the same. The words for the event log don't
    /// count, and a dry run does the same.
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

    /// The job of a removal. Checks the request against itself and against what the host injected.
    pub(crate) fn job<H: Host>(&self, host: &H) -> Result<Job> {
        self.job_for(host, self.reach()?)
    }

    /// The job that ends other sessions than the request names. Checks as [`RemovalRequest::job`].
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
        // Both are in the event of each session that ends.
        for (member, text) in [("reason", &self.reason), ("actor", &self.actor)] {
            text.as_deref().map_or(Ok(()), |text| check_storable(member, text))?;
        }
        check_ids("clientIds", self.client_ids.as_deref().unwrap_or_default())?;
        check_ids("exceptSessionIds", &self.except_session_ids)
    }

    /// Tokens are [`crate::grant::TOKEN_TYPES`], consents are [`CONSENT_TYPE`]; both flags together
    /// mean every type. A consent belongs to a subject and not to a session, so a call that names a
    /// session leaves it.
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
            notes.push("no token or consent was revoked: no grant store is injected".to_owned());
            return Ok(None);
        }
        // A grant has no issuer.
        let has_issuer = self.issuer.is_some();
        let whole_subject = matches!(reach, Reach::Subject { .. }) && !has_issuer;
        if consents && !whole_subject {
            notes.push(
                "consents were left: they belong to the subject and not to a session".to_owned(),
            );
        }
        let is_session = matches!(reach, Reach::Session { .. } | Reach::Named { .. });
        if tokens && !whole_subject && !is_session {
            notes
                .push("tokens that belong to no session were left: other sessions of the subject may be active".to_owned());
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
                    "notifications were recorded and not sent: no `sendLogout` is injected"
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
