//! Purging ends all sessions that match a filter, after a preview.
//!
//! The first call is a preview: a count, a sample and a token. The second call returns the token to
//! confirm the purge. The token prevents mistakes, not attacks: it doesn't permit anything.

mod confirm_token;

use crate::error::{EmptyTarget, InvalidArgument, NotConfigured, Result};
use crate::filter::{Filter, TextMatch};
use crate::ports::{Host, ListRequest, Order, Page, PageStart, SessionRow, SessionStore};
use crate::query::{MAX_PAGE_SIZE, SessionQuery};
use crate::removal::{Job, Publish, Reach, Removal, RemovalReport, RemovalRequest};
use crate::time::Timestamp;

pub use confirm_token::CONFIRM_TOKEN_MAX_AGE;
use confirm_token::ConfirmToken;

/// The most sessions that a preview shows.
pub const SAMPLE_SIZE: usize = 100;
/// The most sessions that one call ends, by default.
pub const DEFAULT_LIMIT: usize = 10_000;

/// A purge, as the caller wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PurgeRequest {
    /// The filter of this query selects the sessions.
    pub query: SessionQuery,
    /// Ends all sessions. An empty filter alone is rejected.
    pub everything: bool,
    /// The token of the preview or of the last call.
    pub confirm_token: Option<String>,
    /// The most sessions that this call ends.
    pub limit: Option<usize>,
    /// The grants to revoke and the clients to notify.
    pub removal: RemovalRequest,
}

/// The result of a purge call.
#[derive(Debug)]
pub enum Purge<P> {
    /// Nothing was changed.
    Preview {
        /// How many sessions match.
        count: u64,
        /// A page with the newest of them.
        sample: P,
        /// The rows of the page to show, at most [`SAMPLE_SIZE`].
        shown: Vec<usize>,
        /// Confirms this purge only.
        confirm_token: String,
    },
    /// Sessions were ended. The report says whether there are more, and has the token for the next
    /// call.
    Done(RemovalReport),
}

/// Previews a purge, or continues it if it is confirmed. It ends sessions that began before the
/// preview, oldest first, up to the limit.
///
/// A client is notified of each session by its `sid`. Consents are kept. A session that can't be
/// ended doesn't stop the others: the report counts it, and an event has the reason.
///
/// These errors change nothing: `invalid_argument` (also for a blank string in the filter),
/// `empty_target` (no filter and not `everything`), `confirm_token_stale` (another filter or other
/// flags, older than [`CONFIRM_TOKEN_MAX_AGE`], or ten times as many sessions as in the preview),
/// `not_configured` and `unsupported_filter`. After `store_failed` or `aborted`, repeat the call to
/// continue.
pub async fn purge_sessions<H: Host>(
    host: &H,
    request: &PurgeRequest,
    publish: Publish<'_>,
) -> Result<Purge<<H::Sessions as SessionStore>::Page>> {
    host.check_aborted()?;
    let now = host.now()?;
    let filter = request.filter(now)?;
    let store = host.sessions();
    store.check_filter(&filter)?;
    if !store.counts() {
        return Err(NotConfigured::PurgeCount.into());
    }
    // Check now: don't preview a purge that can't be run.
    let reach = Reach::Each { filter: Box::new(filter.clone()) };
    let checked = request.removal.job_for(host, reach)?;
    let except = &checked.except_session_ids;
    let purge = request.removal.fingerprint(&filter);
    let Some(token) = &request.confirm_token else {
        let list = ListRequest {
            filter: filter.clone(),
            order: Order::Newest,
            from: PageStart::First,
            // Leave room for excluded sessions, which are not shown.
            limit: SAMPLE_SIZE.saturating_add(except.len()).min(MAX_PAGE_SIZE),
        };
        let sample = store.list(&list).await?;
        let (mut shown, mut newest) = (Vec::new(), None);
        for index in 0..sample.len() {
            let row = sample.row(index)?;
            // A damaged row doesn't stop a preview.
            newest = newest.max(row.created().ok());
            let is_excluded = row.session_id().is_ok_and(|id| except.contains(&id));
            if shown.len() < SAMPLE_SIZE && !is_excluded {
                shown.push(index);
            }
        }
        let count = count_matching(host, &filter, except, None).await?;
        let token = ConfirmToken::new(purge, count, newest, now);
        return Ok(Purge::Preview { count, sample, shown, confirm_token: token.encode() });
    };
    let mut token = ConfirmToken::decode(token)?;
    token.check(purge, checked.dry_run, now)?;
    if let Some(most) = token.most() {
        token.check_count(count_matching(host, &filter, except, Some(most)).await?)?;
    }
    let job = Job { began_before: Some(token.began_before), ..checked };
    let mut removal = Removal::new(host, &job);
    let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
    let mut reached = removal.run_up_to(token.reached(), limit).await;
    if let Ok(Some(position)) = &reached {
        reached = match removal.has_more(position.clone()).await {
            Ok(true) => reached,
            Ok(false) => Ok(None),
            Err(error) => Err(error),
        };
    }
    removal.report.failed = Some(removal.failed.len() as u64);
    let ended = reached.map(|reached| {
        removal.report.more = Some(reached.is_some());
        removal.report.confirm_token = reached.map(|reached| {
            token.advance(reached, job.dry_run, now);
            token.encode()
        });
    });
    removal.finish(ended, Some(publish)).await?;
    Ok(Purge::Done(removal.report))
}

/// The number of matching sessions without the excluded ones. May stop at `up_to`.
async fn count_matching<H: Host>(
    host: &H,
    filter: &Filter,
    except_session_ids: &[String],
    up_to: Option<u64>,
) -> Result<u64> {
    let store = host.sessions();
    let mut excluded = 0;
    for (index, id) in except_session_ids.iter().enumerate() {
        let is_duplicate =
            except_session_ids.get(..index).is_some_and(|before| before.contains(id));
        if is_duplicate || filter.session_id.as_ref().is_some_and(|wanted| !wanted.matches(id)) {
            continue;
        }
        let session_id = Some(TextMatch::Equals(id.clone()));
        let filter = Filter { session_id, ..filter.clone() };
        store.check_filter(&filter)?;
        excluded += store.count(&filter, None).await?;
    }
    let up_to = up_to.map(|up_to| up_to.saturating_add(excluded));
    Ok(store.count(filter, up_to).await?.saturating_sub(excluded))
}

impl PurgeRequest {
    fn filter(&self, now: Timestamp) -> Result<Filter> {
        let query = &self.query;
        query.check_is_filter()?;
        // A blank string would widen the purge.
        query.check_strings()?;
        let filter = query.filter(now)?;
        match (filter == Filter::default(), self.everything) {
            (true, false) => Err(EmptyTarget::Purge.into()),
            (false, true) => Err(InvalidArgument::EverythingAndFilter.into()),
            _ => Ok(filter),
        }
    }
}
