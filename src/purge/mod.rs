//! Purging: ends every session that a filter matches, after a look at what that would be.
//!
//! The first call is a preview: how many, some of them, and a token. The second gives the token
//! back, and so shows that somebody has seen the preview. The token guards against mistakes and not
//! against attackers: it is no right to purge.

mod confirm_token;

use crate::error::{EmptyTarget, InvalidArgument, NotConfigured, Result};
use crate::filter::{Filter, TextMatch};
use crate::ports::{Host, ListRequest, Order, Page, PageStart, SessionRow, SessionStore};
use crate::query::{MAX_PAGE_SIZE, SessionQuery};
use crate::removal::{Job, Publish, Reach, Removal, RemovalReport, RemovalRequest};
use crate::time::Timestamp;

pub use confirm_token::CONFIRM_WITHIN;
use confirm_token::ConfirmToken;

/// How many sessions a preview shows.
pub const SAMPLE_SIZE: usize = 100;
/// How many sessions one call ends, if the caller does not say.
pub const DEFAULT_LIMIT: usize = 10_000;
/// A purge, as the caller wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PurgeRequest {
    /// Which sessions: only the filter of a query.
    pub query: SessionQuery,
    /// Whether all sessions are meant: an empty filter alone is not enough to say so.
    pub everything: bool,
    /// The token of the preview, or of the call before.
    pub confirm_token: Option<String>,
    /// How many sessions this call ends at the most.
    pub limit: Option<usize>,
    /// What goes with the sessions.
    pub removal: RemovalRequest,
}

/// What a purge came to.
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
        /// Confirms this very purge.
        confirm_token: String,
    },
    /// Sessions were ended. The report says whether there are more, and by what token the next call
    /// goes on.
    Done(RemovalReport),
}

/// Previews a purge, or carries it out if it is confirmed: of the sessions that began before the
/// preview, oldest first, up to the limit. The token goes on where a call stopped.
///
/// A client is notified of each session by its `sid`, and consents stay. Fails with
/// `invalid_argument` (a blank string in the filter, too), `empty_target` (no filter, and not
/// `everything`), `confirm_token_stale` (another filter or other
/// flags, older than [`CONFIRM_WITHIN`], or ten
/// times as many sessions as in the preview), `not_configured` or `unsupported_filter` before
/// anything is changed, and with `store_failed` or `aborted` on the way: the same call again goes
/// on. A session that can't be ended stops no other; the report counts it, and an event has the
/// reason.
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
    // Checked now: a preview of what cannot be done would be none.
    let reach = Reach::Each { filter: Box::new(filter.clone()) };
    let checked = request.removal.job_for(host, reach)?;
    let except = &checked.except_session_ids;
    let purge = request.removal.fingerprint(&filter);
    let Some(token) = &request.confirm_token else {
        let list = ListRequest {
            filter: filter.clone(),
            order: Order::Newest,
            from: PageStart::First,
            // Those that are excluded are not shown.
            limit: SAMPLE_SIZE.saturating_add(except.len()).min(MAX_PAGE_SIZE),
        };
        let sample = store.list(&list).await?;
        let (mut shown, mut newest) = (Vec::new(), None);
        for index in 0..sample.len() {
            let row = sample.row(index)?;
            // A damaged row stops no preview.
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
            token.go_on(reached, job.dry_run, now);
            token.encode()
        });
    });
    removal.finish(ended, Some(publish)).await?;
    Ok(Purge::Done(removal.report))
}

/// How many sessions match and are not excluded; may stop at `up_to`.
async fn count_matching<H: Host>(
    host: &H,
    filter: &Filter,
    except_session_ids: &[String],
    up_to: Option<u64>,
) -> Result<u64> {
    let store = host.sessions();
    let mut excluded = 0;
    for (index, id) in except_session_ids.iter().enumerate() {
        let is_again = except_session_ids.get(..index).is_some_and(|before| before.contains(id));
        if is_again || filter.session_id.as_ref().is_some_and(|wanted| !wanted.matches(id)) {
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
        query.check_texts()?;
        let filter = query.filter(now)?;
        match (filter == Filter::default(), self.everything) {
            (true, false) => Err(EmptyTarget::Purge.into()),
            (false, true) => Err(InvalidArgument::EverythingAndFilter.into()),
            _ => Ok(filter),
        }
    }
}
