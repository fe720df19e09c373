//! How many active sessions a subject may have.
//!
//! The order of the store decides, the newcomer included: after any number of sign-ins at once, as
//! many sessions remain as the limit says. Under the policies that remove sessions, the newcomer is
//! stored first and the surplus ends then, whoever stored it: each call finds at least the sessions
//! that were there when its own was stored, and a session that is surplus among some is surplus
//! among more.

use crate::ending::{Surplus, SurplusOrder};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::filter::{Filter, TextMatch};
use crate::ports::{AtomicEnding, CoveredStore, Host, Order, PageStart, SessionStore};
use crate::removal::{
    Job, PAGE_SIZE, Reach, Removal, RemovalReport, RemovalRequest, Target, list_targets,
};
use crate::session::{Session, SessionCondition, SessionKey};
use crate::settings::{LimitPolicy, SessionLimit};
use crate::text::check_id;

/// Stores a new session. By `deny` it fails with `session_limit_reached`, and stores nothing, if
/// the subject has as many as it may. By the other policies the surplus ends afterwards, with
/// [`end_surplus`].
pub(crate) async fn create_within<H: Host>(
    host: &H,
    limit: Option<SessionLimit>,
    session: &Session,
) -> Result<()> {
    let deny = limit.filter(|limit| limit.policy == LimitPolicy::Deny);
    let Some(limit) = deny else { return host.sessions().create(session).await };
    if let Some(atomic) = host.atomic().filter(|atomic| atomic.covers(CoveredStore::Sessions)) {
        return match atomic.admit(session, limit.limit, host.now()?).await? {
            true => Ok(()),
            false => Err(denied(host, limit, &session.subject_id)?),
        };
    }
    check_room(host, limit, &session.subject_id).await?;
    host.sessions().create(session).await?;
    deny_surplus(host, limit, &session.subject_id, |active| active.key == session.key).await
}

/// Fails with `session_limit_reached` if a further session of this subject would not be admitted.
/// Changes nothing.
pub(crate) async fn check_room<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject_id: &str,
) -> Result<()> {
    if limit.policy == LimitPolicy::Deny && active(host, subject_id).await?.len() >= limit.limit {
        return Err(denied(host, limit, subject_id)?);
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
    subject_id: &str,
    session_id: &str,
) -> Result<RemovalReport> {
    host.check_aborted()?;
    check_id("subjectId", subject_id)?;
    check_id("sessionId", session_id)?;
    match limit.policy {
        LimitPolicy::Deny => {
            deny_surplus(host, limit, subject_id, |active| active.session_id == session_id).await?;
            Ok(RemovalReport::default())
        }
        LimitPolicy::RemoveOldest | LimitPolicy::RemoveLeastRecent => {
            end_surplus(host, limit, subject_id).await
        }
    }
}

/// Ends the sessions that are more than the limit. Their notifications are recorded, and the call
/// doesn't wait for the relying parties; without an outbox it must.
pub(crate) async fn end_surplus<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject_id: &str,
) -> Result<RemovalReport> {
    let by = match limit.policy {
        LimitPolicy::Deny => return Ok(RemovalReport::default()),
        LimitPolicy::RemoveOldest => SurplusOrder::Created,
        LimitPolicy::RemoveLeastRecent => SurplusOrder::Renewed,
    };
    let now = host.now()?;
    let filter = Filter { active_at: Some(now), ..of_subject(subject_id) };
    host.sessions().check_filter(&filter)?;
    let request = RemovalRequest {
        reason: Some("the subject has more sessions than it may".to_owned()),
        ..RemovalRequest::default()
    };
    let reach = Reach::Each { filter: Box::new(of_subject(subject_id)) };
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
    subject_id: &str,
    is_new: impl Fn(&Target) -> bool,
) -> Result<()> {
    let active = active(host, subject_id).await?;
    let surplus: Vec<SessionKey> =
        active.into_iter().skip(limit.limit).filter(is_new).map(|new| new.key).collect();
    if surplus.is_empty() {
        return Ok(());
    }
    host.sessions().remove(&surplus, &SessionCondition::NONE).await?;
    Err(denied(host, limit, subject_id)?)
}

/// The active sessions of a subject, oldest first.
async fn active<H: Host>(host: &H, subject_id: &str) -> Result<Vec<Target>> {
    let filter = Filter { active_at: Some(host.now()?), ..of_subject(subject_id) };
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

fn of_subject(subject_id: &str) -> Filter {
    let subject_id = Some(TextMatch::Equals(subject_id.to_owned()));
    Filter { subject_id, ..Filter::default() }
}

fn denied<H: Host>(host: &H, limit: SessionLimit, subject_id: &str) -> Result<Error> {
    if host.listens() {
        let subject_id = subject_id.to_owned();
        host.emit(Event::SessionDenied { at: host.now()?, subject_id });
    }
    Ok(ErrorKind::SessionLimitReached { limit: limit.limit }.into())
}
