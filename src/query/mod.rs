//! Querying: lists sessions page by page, in both directions.

mod paging;
mod request;
mod results_token;

use futures_util::future::{OptionFuture, join};
use serde::Serialize;

use crate::error::{NotConfigured, Result};
use crate::filter::Filter;
use crate::ports::{Host, Page, Position, SessionStore};

pub use crate::issuer::IssuerFilter;
pub use paging::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};
use paging::{Listing, Step, page_size};
pub use request::{Count, QueryOrder, SessionQuery, State, TextFilter};
pub use results_token::{Edge, Ends, ResultsToken};

/// The count at which a capped count stops.
pub const COUNT_CAP: u64 = 10_000;

/// One page of a query.
#[derive(Clone, Debug)]
pub struct QueryResult<P> {
    /// The store's page. Only its rows in `rows` are results.
    pub page: P,
    /// The rows of the page that are results. The page has more rows, to find out whether there are
    /// other pages.
    pub rows: std::ops::Range<usize>,
    /// The token for steps from this page; absent if the list is empty.
    pub results_token: Option<String>,
    /// Whether there is a previous page.
    pub has_prev: bool,
    /// Whether there is a next page.
    pub has_next: bool,
    /// The number of matching sessions, if they were counted.
    pub total: Option<Total>,
    /// The number of this page, counted from 1 and clamped.
    pub current_page: u32,
}

impl<P: Page> QueryResult<P> {
    /// All rows of a page, as the only page.
    pub fn of_rows(page: P) -> Self {
        QueryResult {
            rows: 0..page.len(),
            page,
            results_token: None,
            has_prev: false,
            has_next: false,
            total: None,
            current_page: 1,
        }
    }
}

/// The number of matching sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// The number, at most [`COUNT_CAP`] if it is capped.
    pub count: u64,
    /// Whether there are more than `count`.
    pub capped: bool,
    /// The number of pages, at least 1; absent if the count is capped.
    pub pages: Option<u32>,
}

/// Lists one page of the matching sessions.
///
/// `has_prev` and `has_next` are exact at the time of the call, even if the token is old. Fails
/// with `invalid_argument`, `invalid_results_token`, `results_token_mismatch`,
/// `unsupported_filter`, `not_configured` (the caller asked for a count and the store can't count),
/// `store_failed` or `aborted`.
pub async fn query_sessions<H: Host>(
    host: &H,
    query: &SessionQuery,
) -> Result<QueryResult<<H::Sessions as SessionStore>::Page>> {
    host.check_aborted()?;
    let filter = query.filter(host.now()?)?;
    let size = page_size(query.count_requested)?;
    let start_token = query.checked_token(&filter)?;
    let store = host.sessions();
    store.check_filter(&filter)?;
    let count = match query.count {
        Some(Count::None) => None,
        None if !store.counts() => None,
        Some(_) if !store.counts() => {
            return Err(NotConfigured::Count.into());
        }
        wanted => Some(wanted == Some(Count::Capped)),
    };
    let counting = OptionFuture::from(count.map(|capped| total(store, &filter, capped, size)));
    let listing = Listing { store, filter: &filter, order: query.order(), size };
    let stepping = listing.step(start_token.as_ref(), query.request_prior_results);
    let (step, total) = join(stepping, counting).await;
    let (step, total) = (step?, total.transpose()?);
    finish(query, &filter, start_token, step, total)
}

async fn total(
    store: &impl SessionStore,
    filter: &Filter,
    capped: bool,
    size: usize,
) -> Result<Total> {
    let SessionCount { count, capped } =
        count_up_to(store, filter, capped.then_some(COUNT_CAP)).await?;
    let pages = u32::try_from(count.div_ceil(size as u64).max(1)).unwrap_or(u32::MAX);
    Ok(Total { count, capped, pages: (!capped).then_some(pages) })
}

/// The number of matching sessions, from [`count_sessions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SessionCount {
    /// The number, capped where counting stopped.
    pub count: u64,
    /// Whether there are more than `count`. Left out if false.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub capped: bool,
}

/// Counts the matching sessions, exactly or up to a number.
///
/// Fails with `invalid_argument` (also for a query that is more than a filter),
/// `unsupported_filter`, `not_configured` (the store can't count), `store_failed` or `aborted`.
pub async fn count_sessions<H: Host>(
    host: &H,
    query: &SessionQuery,
    up_to: Option<u64>,
) -> Result<SessionCount> {
    host.check_aborted()?;
    query.check_is_filter()?;
    let filter = query.filter(host.now()?)?;
    let store = host.sessions();
    store.check_filter(&filter)?;
    if !store.counts() {
        return Err(NotConfigured::Function { function: "sessions.count" }.into());
    }
    count_up_to(store, &filter, up_to).await
}

async fn count_up_to(
    store: &impl SessionStore,
    filter: &Filter,
    up_to: Option<u64>,
) -> Result<SessionCount> {
    // Ask for one more, to see whether there are more.
    let count = store.count(filter, up_to.map(|up_to| up_to.saturating_add(1))).await?;
    let max = up_to.unwrap_or(u64::MAX);
    Ok(SessionCount { count: count.min(max), capped: count > max })
}

/// Makes the result: the page number and the token for the next step.
fn finish<P: Page>(
    query: &SessionQuery,
    filter: &Filter,
    start_token: Option<ResultsToken>,
    step: Step<P>,
    total: Option<Total>,
) -> Result<QueryResult<P>> {
    let back = query.request_prior_results;
    let Step { page, rows, has_prev, has_next, from_start } = step;
    let last_page = total.and_then(|total| total.pages);
    let token = |edge, page, ends| {
        let token = ResultsToken {
            oldest_first: query.order == QueryOrder::Oldest,
            edge,
            page,
            filter: filter.fingerprint(),
            ends,
        };
        Some(token.encode())
    };
    let (current_page, results_token) = if rows.is_empty() {
        match start_token {
            Some(start_token) if !from_start && back => {
                (1, token(Edge::BeforeStart, 0, start_token.ends))
            }
            Some(start_token) if !from_start => {
                let reached = if start_token.edge == Edge::PastEnd {
                    start_token.page
                } else {
                    start_token.page.saturating_add(1)
                };
                let last = last_page.unwrap_or(reached.saturating_sub(1)).max(1);
                (last, token(Edge::PastEnd, last.saturating_add(1), start_token.ends))
            }
            _ => (1, None),
        }
    } else {
        let number = match &start_token {
            Some(start_token) if !from_start && back => start_token.page.saturating_sub(1),
            Some(start_token) if !from_start && start_token.edge == Edge::PastEnd => {
                start_token.page
            }
            Some(start_token) if !from_start => start_token.page.saturating_add(1),
            _ => 1,
        };
        let number = match (has_prev, has_next, last_page) {
            (false, _, _) => 1,
            (true, false, Some(last)) => last,
            (true, true, Some(last)) => number.clamp(2, last.max(2)).min(last),
            (true, _, None) => number.max(2),
        };
        // The neighbour may be a row that was read beyond the page.
        let neighbour = |index: Option<usize>| match index.filter(|index| *index < page.len()) {
            Some(index) => page.position(index),
            None => Ok(Position::new()),
        };
        let ends = Ends {
            first: page.position(rows.start)?,
            after_first: neighbour(Some(rows.start + 1))?,
            before_last: neighbour(rows.end.checked_sub(2))?,
            last: page.position(rows.end - 1)?,
        };
        (number, token(Edge::Within, number, ends))
    };
    Ok(QueryResult { page, rows, results_token, has_prev, has_next, total, current_page })
}
