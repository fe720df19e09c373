//! How many active sessions a subject may have.
//!
//! The order of the store decides, the newcomer included: after any number of sign-ins at once, as
//! many sessions remain as the limit says. Under the policies that remove sessions, the newcomer is
//! stored first and the surplus ends then, also if another call stored it: each call finds at least
//! the sessions that were there when its own was stored, and a session that is surplus among some
//! is surplus among more.

use serde::Deserialize;

use crate::ending::{Surplus, SurplusOrder};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::filter::{Filter, TextMatch};
use crate::issuer::{issuer_of_session, tells_issuers_apart};
use crate::ports::{Admission, AtomicEnding, CoveredStore, Host, Order, PageStart, SessionStore};
use crate::removal::{
    Job, PAGE_SIZE, Reach, Removal, RemovalReport, RemovalRequest, Target, list_targets,
};
use crate::session::{Session, SessionCondition, SessionKey};
use crate::settings::{LimitPolicy, SessionLimit};
use crate::text::check_id;

/// Whose sessions are counted. If a host has several issuers, a subject id means another person at
/// each of them.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub id: &'a str,
    pub issuer: Option<&'a str>,
}

/// A session that has begun. A caller's object may have more members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct Newcomer {
    /// See [`Session::subject_id`].
    pub subject_id: String,
    /// See [`Session::session_id`].
    pub session_id: String,
    /// See [`Session::issuer`].
    #[serde(default)]
    pub issuer: Option<String>,
}

/// Stores a new session. By `deny` it fails with `session_limit_reached`, and stores nothing, if
/// the subject has as many as it may. By the other policies the surplus ends afterwards, with
/// [`end_surplus`].
pub(crate) async fn create_within<H: Host>(
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
            issuer: subject.issuer_that_counts(host).map(str::to_owned),
        };
        return match atomic.admit(session, &admission).await? {
            true => Ok(()),
            false => Err(denied(host, limit, subject)?),
        };
    }
    check_room(host, limit, subject).await?;
    host.sessions().create(session).await?;
    deny_surplus(host, limit, subject, |active| active.key == session.key).await
}

/// Fails with `session_limit_reached` if a further session of this subject would not be admitted.
/// Changes nothing.
pub(crate) async fn check_room<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject: Subject<'_>,
) -> Result<()> {
    if limit.policy == LimitPolicy::Deny && active(host, subject).await?.len() >= limit.limit {
        return Err(denied(host, limit, subject)?);
    }
    Ok(())
}

/// Enforces the limit after a host has stored a session itself.
///
/// Sessions end through the removal pipeline, which can be the new one too if others began at the
/// same moment. By `deny` the new one is removed if the subject has as many as it may, and the call
/// fails with `session_limit_reached`. Fails with `invalid_argument` if an id is blank, and with
/// `store_failed` or `aborted` on the way.
pub async fn admit_session<H: Host>(
    host: &H,
    limit: SessionLimit,
    newcomer: &Newcomer,
) -> Result<RemovalReport> {
    host.check_aborted()?;
    let Newcomer { subject_id, session_id, issuer } = newcomer;
    check_id("subjectId", subject_id)?;
    check_id("sessionId", session_id)?;
    let issuer = issuer_of_session(host, issuer.clone())?;
    let subject = Subject { id: subject_id, issuer: issuer.as_deref() };
    match limit.policy {
        LimitPolicy::Deny => {
            deny_surplus(host, limit, subject, |active| active.session_id == *session_id).await?;
            Ok(RemovalReport::default())
        }
        LimitPolicy::RemoveOldest | LimitPolicy::RemoveLeastRecent => {
            end_surplus(host, limit, subject).await
        }
    }
}

/// Ends the sessions that are more than the limit. Their notifications are recorded, and the call
/// doesn't wait for the relying parties; without an outbox it must.
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
        reason: Some("the subject has more sessions than it may".to_owned()),
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
        // Without what a removal would note.
        0 => Ok(RemovalReport::default()),
        _ => Ok(removal.report),
    }
}

/// Removes the new session, and fails with `session_limit_reached`, if others before it in the
/// order of the store take all places.
async fn deny_surplus<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject: Subject<'_>,
    is_new: impl Fn(&Target) -> bool,
) -> Result<()> {
    let active = active(host, subject).await?;
    let surplus: Vec<SessionKey> =
        active.into_iter().skip(limit.limit).filter(is_new).map(|new| new.key).collect();
    if surplus.is_empty() {
        return Ok(());
    }
    host.sessions().remove(&surplus, &SessionCondition::NONE).await?;
    Err(denied(host, limit, subject)?)
}

/// The active sessions of a subject, oldest first.
async fn active<H: Host>(host: &H, subject: Subject<'_>) -> Result<Vec<Target>> {
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
    /// The issuer that sessions must have to count.
    fn issuer_that_counts<H: Host>(&self, host: &H) -> Option<&str> {
        self.issuer.filter(|_| tells_issuers_apart(host))
    }

    /// The sessions that count.
    fn filter<H: Host>(&self, host: &H) -> Filter {
        Filter {
            subject_id: Some(TextMatch::Equals(self.id.to_owned())),
            issuer: self.issuer_that_counts(host).map(str::to_owned),
            ..Filter::default()
        }
    }
}

fn denied<H: Host>(host: &H, limit: SessionLimit, subject: Subject<'_>) -> Result<Error> {
    if host.listens() {
        let (subject_id, issuer) = (subject.id.to_owned(), subject.issuer.map(str::to_owned));
        host.emit(Event::SessionDenied { at: host.now()?, subject_id, issuer });
    }
    Ok(ErrorKind::SessionLimitReached { limit: limit.limit }.into())
}
