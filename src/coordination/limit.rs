//! The session limit of a subject.
//!
//! The store's order decides and includes the new session, so after any number of concurrent
//! sign-ins exactly `limit` sessions remain. Under the policies that remove sessions, the new
//! session is stored first, and then the surplus is ended. Each call sees at least the sessions
//! that were stored before its own, and a surplus session stays surplus if more are added.

use serde::Deserialize;

use crate::ending::{Surplus, SurplusOrder};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::filter::{Filter, TextMatch};
use crate::issuer::{has_several_issuers, issuer_of_session};
use crate::ports::{Admission, AtomicEnding, CoveredStore, Host, Order, PageStart, SessionStore};
use crate::removal::{
    Job, PAGE_SIZE, Reach, Removal, RemovalReport, RemovalRequest, Target, list_targets,
};
use crate::session::{Session, SessionCondition, SessionKey};
use crate::settings::{LimitPolicy, SessionLimit};
use crate::strings::check_id;

/// The subject whose sessions count. If a host has several issuers, the same subject id means a
/// different person at each.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub id: &'a str,
    pub issuer: Option<&'a str>,
}

/// A session that the host has stored itself. The caller's object may have more members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct StartedSession {
    /// See [`Session::subject_id`].
    pub subject_id: String,
    /// See [`Session::session_id`].
    pub session_id: String,
    /// See [`Session::issuer`].
    #[serde(default)]
    pub issuer: Option<String>,
}

/// Stores a new session. Under `deny`, it stores nothing and fails with `session_limit_reached` if
/// the subject has reached its limit. Under the other policies, call [`end_surplus`] afterwards.
pub(crate) async fn create_within_limit<H: Host>(
    host: &H,
    limit: Option<SessionLimit>,
    session: &Session,
) -> Result<()> {
    let subject = Subject { id: &session.subject_id, issuer: session.issuer.as_deref() };
    let deny = limit.filter(|limit| limit.policy == LimitPolicy::Deny);
    let Some(limit) = deny else { return host.sessions().create(session).await };
    let atomic = host.atomic().filter(|atomic| atomic.covers(CoveredStore::Sessions));
    if let Some(atomic) = atomic {
        let admission = Admission {
            limit: limit.limit,
            now: host.now()?,
            issuer: subject.counted_issuer(host).map(str::to_owned),
        };
        return match atomic.admit(session, &admission).await? {
            true => Ok(()),
            false => Err(denial(host, limit, subject)?),
        };
    }
    check_limit(host, limit, subject).await?;
    host.sessions().create(session).await?;
    remove_denied(host, limit, subject, |active| active.key == session.key).await
}

/// Fails with `session_limit_reached` if the policy is `deny` and the subject has reached its
/// limit. Changes nothing.
pub(crate) async fn check_limit<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject: Subject<'_>,
) -> Result<()> {
    if limit.policy == LimitPolicy::Deny
        && active_sessions(host, subject).await?.len() >= limit.limit
    {
        return Err(denial(host, limit, subject)?);
    }
    Ok(())
}

/// Enforces the limit for a session that the host has stored itself.
///
/// Sessions end through the removal pipeline. After concurrent sign-ins this can be the new
/// session. Under `deny`, the new session is removed if the subject is over its limit, and the call
/// fails with `session_limit_reached`. Also fails with `invalid_argument` (a blank id),
/// `store_failed` or `aborted`.
pub async fn admit_session<H: Host>(
    host: &H,
    limit: SessionLimit,
    started: &StartedSession,
) -> Result<RemovalReport> {
    host.check_aborted()?;
    let StartedSession { subject_id, session_id, issuer } = started;
    check_id("subjectId", subject_id)?;
    check_id("sessionId", session_id)?;
    let issuer = issuer_of_session(host, issuer.clone())?;
    let subject = Subject { id: subject_id, issuer: issuer.as_deref() };
    match limit.policy {
        LimitPolicy::Deny => {
            remove_denied(host, limit, subject, |active| active.session_id == *session_id).await?;
            Ok(RemovalReport::default())
        }
        LimitPolicy::RemoveOldest | LimitPolicy::RemoveLeastRecent => {
            end_surplus(host, limit, subject).await
        }
    }
}

/// Ends the sessions over the limit and records their notifications. With an outbox, the call
/// doesn't wait for relying parties.
pub(crate) async fn end_surplus<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject: Subject<'_>,
) -> Result<RemovalReport> {
    let by = match limit.policy {
        LimitPolicy::Deny => return Ok(RemovalReport::default()),
        LimitPolicy::RemoveOldest => SurplusOrder::Created,
        LimitPolicy::RemoveLeastRecent => SurplusOrder::Renewed,
    };
    let now = host.now()?;
    let filter = Filter { active_at: Some(now), ..subject.filter(host) };
    host.sessions().check_filter(&filter)?;
    let request = RemovalRequest {
        reason: Some("the subject has more sessions than allowed".to_owned()),
        ..RemovalRequest::default()
    };
    let reach = Reach::Each { filter: Box::new(subject.filter(host)) };
    let keep = u32::try_from(limit.limit).unwrap_or(u32::MAX);
    let job = Job {
        surplus: Some(Surplus { keep, by, active_at: now }),
        waits: false,
        ..request.job_for(host, reach)?
    };
    let mut removal = Removal::new(host, &job);
    removal.run(&mut |_| {}).await?;
    match removal.report.sessions_removed {
        // Drop the notes of a removal that ended nothing.
        0 => Ok(RemovalReport::default()),
        _ => Ok(removal.report),
    }
}

/// Removes the new session and fails with `session_limit_reached` if older sessions fill the limit.
async fn remove_denied<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject: Subject<'_>,
    is_new: impl Fn(&Target) -> bool,
) -> Result<()> {
    let active = active_sessions(host, subject).await?;
    let surplus: Vec<SessionKey> =
        active.into_iter().skip(limit.limit).filter(is_new).map(|new| new.key).collect();
    if surplus.is_empty() {
        return Ok(());
    }
    host.sessions().remove(&surplus, &SessionCondition::NONE).await?;
    Err(denial(host, limit, subject)?)
}

/// The active sessions of a subject, oldest first.
async fn active_sessions<H: Host>(host: &H, subject: Subject<'_>) -> Result<Vec<Target>> {
    let filter = Filter { active_at: Some(host.now()?), ..subject.filter(host) };
    host.sessions().check_filter(&filter)?;
    let (mut from, mut active) = (PageStart::First, Vec::new());
    loop {
        let page = list_targets(host, filter.clone(), Order::Oldest, from, PAGE_SIZE).await?;
        let last = page.last().filter(|_| page.len() >= PAGE_SIZE);
        let next = last.map(|last| last.position.clone());
        active.extend(page);
        match next {
            Some(position) => from = PageStart::After(position),
            None => return Ok(active),
        }
    }
}

impl Subject<'_> {
    /// The issuer that sessions must have to count; `None` if all count.
    fn counted_issuer<H: Host>(&self, host: &H) -> Option<&str> {
        self.issuer.filter(|_| has_several_issuers(host))
    }

    /// The sessions that count.
    fn filter<H: Host>(&self, host: &H) -> Filter {
        Filter {
            subject_id: Some(TextMatch::Equals(self.id.to_owned())),
            issuer: self.counted_issuer(host).map(str::to_owned),
            ..Filter::default()
        }
    }
}

fn denial<H: Host>(host: &H, limit: SessionLimit, subject: Subject<'_>) -> Result<Error> {
    if host.listens() {
        let (subject_id, issuer) = (subject.id.to_owned(), subject.issuer.map(str::to_owned));
        host.emit(Event::SessionDenied { at: host.now()?, subject_id, issuer });
    }
    Ok(ErrorKind::SessionLimitReached { limit: limit.limit }.into())
}
