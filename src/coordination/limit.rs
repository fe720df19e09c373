//! How many live sessions a subject may have.

use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::filter::{Filter, TextMatch};
use crate::notification::LogoutReason;
use crate::ports::{Host, ListRequest, Order, Page, PageStart, SessionRow, SessionStore};
use crate::removal::{PAGE, RemovalReport, RemovalRequest, remove_sessions};
use crate::session::SessionKey;
use crate::settings::{LimitPolicy, SessionLimit};
use crate::time::Timestamp;

/// A live session of the subject. They are listed oldest first.
struct Live {
    key: SessionKey,
    session_id: String,
    renewed: Timestamp,
}

/// Fails with `session_limit_reached` if a further session of this subject would not be admitted.
/// Changes nothing.
pub(crate) async fn check_room<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject_id: &str,
) -> Result<()> {
    if limit.policy == LimitPolicy::Deny && live(host, subject_id).await?.len() >= limit.limit {
        return Err(denied(host, limit, subject_id)?);
    }
    Ok(())
}

/// Enforces the limit after a session was stored. Deciding afterwards, by the order of the store,
/// is what keeps two sign-ins at once from both finding the last place.
///
/// Other sessions end through the removal pipeline. By `deny` the new one is removed and the call
/// fails with `session_limit_reached`. Fails with `store_failed` or `aborted` on the way.
pub async fn admit_session<H: Host>(
    host: &H,
    limit: SessionLimit,
    subject_id: &str,
    is_new: &dyn Fn(&SessionKey, &str) -> bool,
) -> Result<RemovalReport> {
    host.check_aborted()?;
    let mut report = RemovalReport::default();
    let mut missed: Vec<SessionKey> = Vec::new();
    loop {
        let mut live = live(host, subject_id).await?;
        let surplus = live.len().saturating_sub(limit.limit);
        // A session that is still listed by a missed key would be missed again.
        if surplus == 0 || live.iter().any(|live| missed.contains(&live.key)) {
            return Ok(report);
        }
        let place = live.iter().position(|live| is_new(&live.key, &live.session_id));
        match limit.policy {
            LimitPolicy::Deny => {
                let Some(new) = place
                    .filter(|place| *place >= limit.limit)
                    .map(|place| live.swap_remove(place))
                else {
                    return Ok(report);
                };
                host.sessions().remove(&[new.key]).await?;
                return Err(denied(host, limit, subject_id)?);
            }
            LimitPolicy::RemoveOldest => {}
            LimitPolicy::RemoveLeastRecent => live.sort_by_key(|live| live.renewed),
        }
        missed.clear();
        let others = live.into_iter().filter(|live| !is_new(&live.key, &live.session_id));
        for other in others.take(surplus) {
            let request = RemovalRequest {
                subject_id: Some(subject_id.to_owned()),
                session_id: Some(other.session_id),
                only_key: Some(other.key.clone()),
                reason: Some("the subject has more sessions than it may".to_owned()),
                logout_reason: LogoutReason::Terminated,
                ..RemovalRequest::default()
            };
            let removal = remove_sessions(host, &request).await?;
            if removal.sessions_removed == 0 {
                missed.push(other.key);
            }
            report += removal;
        }
        // Another call ended it, or its cookie value was replaced since it was listed: it has
        // another key then, and counts as before.
        if missed.is_empty() {
            return Ok(report);
        }
    }
}

async fn live<H: Host>(host: &H, subject_id: &str) -> Result<Vec<Live>> {
    let filter = Filter {
        subject_id: Some(TextMatch::Equals(subject_id.to_owned())),
        active_at: Some(host.now()?),
        ..Filter::default()
    };
    host.sessions().check_filter(&filter)?;
    let (mut from, mut live) = (PageStart::First, Vec::new());
    loop {
        let list = ListRequest { filter: filter.clone(), order: Order::Oldest, from, limit: PAGE };
        let page = host.sessions().list(&list).await?;
        for index in 0..page.len() {
            let row = page.row(index)?;
            live.push(Live {
                key: row.key()?,
                session_id: row.session_id()?,
                renewed: row.renewed()?,
            });
        }
        match page.len() {
            count if count >= PAGE => from = PageStart::After(page.position(count - 1)?),
            _ => return Ok(live),
        }
    }
}

fn denied<H: Host>(host: &H, limit: SessionLimit, subject_id: &str) -> Result<Error> {
    if host.listens() {
        let subject_id = subject_id.to_owned();
        host.emit(Event::SessionDenied { at: host.now()?, subject_id });
    }
    Ok(ErrorKind::SessionLimitReached { limit: limit.limit }.into())
}
