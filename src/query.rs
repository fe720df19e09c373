//! Querying: which sessions there are, page by page, in both directions.

use futures_util::future::{OptionFuture, join};

use crate::error::{Code, Error, Result};
use crate::filter::{Filter, Search, StateAt, TextMatch, TimeRange};
use crate::ports::{From, Host, ListRequest, Order, Page, Position, SessionStore};
use crate::results_token::{Edge, Ends, ResultsToken};
use crate::session::{Millis, fold};

/// The size of a page when the caller does not say, as in the reference.
pub const DEFAULT_PAGE_SIZE: usize = 25;
/// A larger page is cut to this.
pub const MAX_PAGE_SIZE: usize = 1_000;
/// Where a capped count stops.
pub const COUNT_CAP: u64 = 10_000;

/// A query, as the caller wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionQuery {
    /// The subject; a plain text must be equal.
    pub subject_id: Option<TextFilter>,
    /// The session's public id; a plain text must be equal.
    pub session_id: Option<TextFilter>,
    /// The name; a plain text must be contained. Without regard to case in every form.
    pub display_name: Option<TextFilter>,
    /// Any of the three, each in its plain form.
    pub search: Option<String>,
    /// A client that took part.
    pub client_id: Option<String>,
    /// The issuer.
    pub issuer: Option<String>,
    /// The address.
    pub ip_address: Option<String>,
    /// When the session began.
    pub created: TimeRange,
    /// When it was last renewed.
    pub renewed: TimeRange,
    /// When it ends.
    pub expires: TimeRange,
    /// Live, over, or both.
    pub state: State,
    /// Oldest first instead of newest first.
    pub oldest_first: bool,
    /// Whether and how to count; `None` is exact, if the store can count.
    pub count: Option<Count>,
    /// The size of the page.
    pub count_requested: Option<f64>,
    /// The token of an earlier page.
    pub results_token: Option<String>,
    /// From that page one back instead of one on.
    pub request_prior_results: bool,
}

/// A text filter, as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextFilter {
    /// In the plain form; each field says what that means.
    Plain(String),
    /// In an explicit form.
    Explicit(TextMatch),
}

/// Which sessions, by their expiry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Those that are live.
    Active,
    /// Those that are over.
    Expired,
    /// Both.
    #[default]
    Any,
}

/// How to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// All.
    Exact,
    /// Up to [`COUNT_CAP`].
    Capped,
    /// Not at all.
    None,
}

/// One page of a query.
#[derive(Clone, Debug)]
pub struct QueryResult<P> {
    /// The store's page: its rows in `rows` are the results.
    pub page: P,
    /// Which of the page's rows are the results: the store was asked for one more, to see whether
    /// there is one.
    pub rows: std::ops::Range<usize>,
    /// Both ends of this page; absent when there is no row to hold on to.
    pub results_token: Option<String>,
    /// Whether there are rows ahead.
    pub has_prev: bool,
    /// Whether there are rows behind.
    pub has_next: bool,
    /// How many match, if they were counted.
    pub total: Option<Total>,
    /// The number of this page, clamped to the ends.
    pub current_page: u32,
}

impl<P: Page> QueryResult<P> {
    /// All rows of a page, and nothing around them.
    pub fn of_rows(page: P) -> Self {
        let rows = 0..page.len();
        let current_page = 1;
        QueryResult {
            page,
            rows,
            results_token: None,
            has_prev: false,
            has_next: false,
            total: None,
            current_page,
        }
    }
}

/// How many sessions match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// The number, at most [`COUNT_CAP`] if it is capped.
    pub count: u64,
    /// Whether there are more.
    pub capped: bool,
    /// How many pages that makes, at least 1; absent if it is capped.
    pub pages: Option<u32>,
}

impl SessionQuery {
    /// The normalized filter at `now`: blank texts are no filter, plain texts get their meaning,
    /// names are folded.
    pub fn filter(&self, now: Millis) -> Filter {
        Filter {
            subject_id: text_match(&self.subject_id, TextMatch::Equals),
            session_id: text_match(&self.session_id, TextMatch::Equals),
            display_name: text_match(&self.display_name, TextMatch::Contains)
                .map(|wanted| wanted.map(fold)),
            search: not_blank(&self.search).map(|text| Search { name: fold(&text), id: text }),
            client_id: not_blank(&self.client_id),
            issuer: not_blank(&self.issuer),
            ip_address: not_blank(&self.ip_address),
            created: self.created,
            renewed: self.renewed,
            expires: self.expires,
            state: match self.state {
                State::Active => Some(StateAt::Active(now)),
                State::Expired => Some(StateAt::Expired(now)),
                State::Any => None,
            },
        }
    }

    fn order(&self) -> Order {
        if self.oldest_first { Order::Oldest } else { Order::Newest }
    }

    fn page_size(&self) -> Result<usize> {
        match self.count_requested {
            None => Ok(DEFAULT_PAGE_SIZE),
            Some(size) if !size.is_finite() || size < 0.0 || size.fract() != 0.0 => {
                Err(Error::invalid(
                    "`countRequested` must be a whole number, 0 or more; 0 means the default",
                ))
            }
            Some(0.0) => Ok(DEFAULT_PAGE_SIZE),
            Some(size) => Ok((size as usize).min(MAX_PAGE_SIZE)),
        }
    }

    /// The place that the caller holds on to, checked against this query.
    fn place(&self, filter: &Filter) -> Result<Option<ResultsToken>> {
        let Some(token) = not_blank(&self.results_token) else {
            return match self.request_prior_results {
                false => Ok(None),
                true => Err(Error::invalid(
                    "`requestPriorResults` needs the `resultsToken` of the page to step back from",
                )),
            };
        };
        let token = ResultsToken::decode(&token)?;
        if token.filter != filter.fingerprint() || token.oldest_first != self.oldest_first {
            return Err(Error::new(
                Code::ResultsTokenMismatch,
                "the results token belongs to a query with another filter or order: start without one",
            ));
        }
        Ok(Some(token))
    }
}

/// Lists one page of the sessions that match.
///
/// `hasPrev` and `hasNext` are what the store says now, not what the token remembers. Fails with
/// `invalid_argument`, `invalid_results_token`, `results_token_mismatch`, `unsupported_filter`,
/// `not_configured` (an explicit count that the store cannot make), `store_failed` or `aborted`.
pub async fn query_sessions<H: Host>(
    host: &H,
    query: &SessionQuery,
) -> Result<QueryResult<<H::Sessions as SessionStore>::Page>> {
    host.check_aborted()?;
    let filter = query.filter(host.now()?);
    let size = query.page_size()?;
    let place = query.place(&filter)?;
    let store = host.sessions();
    check_capabilities(store, &filter)?;
    let count = match query.count {
        Some(Count::None) => None,
        None if !store.counts() => None,
        Some(_) if !store.counts() => {
            return Err(Error::new(
                Code::NotConfigured,
                "the session store cannot count: leave `count` out or set it to `none`",
            ));
        }
        wanted => Some(wanted == Some(Count::Capped)),
    };
    let counting = OptionFuture::from(count.map(|capped| total(store, &filter, capped, size)));
    let listing = Listing { store, filter: &filter, order: query.order(), size };
    let (step, total) =
        join(listing.step(place.as_ref(), query.request_prior_results), counting).await;
    let (step, total) = (step?, total.transpose()?);
    finish(query, &filter, place, step, total)
}

/// Fails with `unsupported_filter` if the store does not serve one of the filters in use.
pub fn check_capabilities(store: &impl SessionStore, filter: &Filter) -> Result<()> {
    for name in filter.names() {
        if !store.serves(name)? {
            let message = [
                "the session store cannot serve the filter `",
                name,
                "`: leave it out or use another store",
            ];
            return Err(Error::new(Code::UnsupportedFilter, message.concat()));
        }
    }
    Ok(())
}

async fn total(
    store: &impl SessionStore,
    filter: &Filter,
    capped: bool,
    size: usize,
) -> Result<Total> {
    let up_to = capped.then_some(COUNT_CAP + 1);
    let count = store.count(filter, up_to).await?;
    if capped && count > COUNT_CAP {
        return Ok(Total { count: COUNT_CAP, capped: true, pages: None });
    }
    let pages = count.div_ceil(size as u64).max(1);
    Ok(Total { count, capped: false, pages: Some(u32::try_from(pages).unwrap_or(u32::MAX)) })
}

/// One step through the list.
struct Listing<'a, S> {
    store: &'a S,
    filter: &'a Filter,
    order: Order,
    size: usize,
}

/// Where a step led.
struct Step<P> {
    page: P,
    rows: std::ops::Range<usize>,
    has_prev: bool,
    has_next: bool,
    /// Whether the step began again at the first row.
    from_start: bool,
}

impl<S: SessionStore> Listing<'_, S> {
    /// One request, or up to four if rows went away since. In one function: each further `async fn`
    /// costs more than what it would say.
    async fn step(&self, place: Option<&ResultsToken>, back: bool) -> Result<Step<S::Page>> {
        let place = place.filter(|place| back || place.edge != Edge::BeforeStart);
        let past_end = back && place.is_some_and(|place| place.edge == Edge::PastEnd);
        // From beside the end that the step starts at: if that comes again, there is a row on its
        // side, and no need to ask.
        if let Some(ResultsToken { ends, page: number, .. }) = place.filter(|_| !past_end) {
            let (beside, end) = if back {
                (&ends.after_first, &ends.first)
            } else {
                (&ends.before_last, &ends.last)
            };
            if !beside.is_empty() {
                let from =
                    if back { From::Before(beside.clone()) } else { From::After(beside.clone()) };
                let page = self.store.list(&self.request(from, self.size + 2)).await?;
                let count = page.len();
                if count > 0 && page.position(if back { count - 1 } else { 0 })? == *end {
                    let (others, more) = (count - 1, count - 1 > self.size);
                    if !back {
                        let rows = 1..count.min(self.size + 1);
                        return Ok(Step {
                            page,
                            rows,
                            has_prev: true,
                            has_next: more,
                            from_start: false,
                        });
                    }
                    if others >= self.size || (others == 0 && *number <= 1) {
                        let rows = others.saturating_sub(self.size)..others;
                        return Ok(Step {
                            page,
                            rows,
                            has_prev: more,
                            has_next: true,
                            from_start: false,
                        });
                    }
                }
            }
        }
        let from = match place {
            None => From::Start,
            Some(place) if !back => From::After(place.ends.last.clone()),
            Some(_) if past_end => From::End,
            Some(place) => From::Before(place.ends.first.clone()),
        };
        let mut page = self.store.list(&self.request(from, self.size + 1)).await?;
        let mut count = page.len();
        let mut from_start = place.is_none();
        // Rows ahead of the place went away since: what is left is less than a page, so the first
        // page is the one to show.
        if back && count < self.size && place.is_some_and(|place| count > 0 || place.page > 1) {
            page = self.store.list(&self.request(From::Start, self.size + 1)).await?;
            count = page.len();
            from_start = true;
        }
        let more = count > self.size;
        // Whether there is a row on the side that the page itself tells nothing of.
        let other_side = match (from_start, back, count) {
            (true, ..) => None,
            // Nothing is behind the place, so whatever there is lies ahead of this page.
            (_, false, 0) => Some(From::End),
            (_, false, _) => Some(From::Before(page.position(0)?)),
            (_, true, 0) => Some(From::Start),
            (_, true, _) if past_end => None,
            (_, true, _) => Some(From::After(page.position(count - 1)?)),
        };
        let beyond = match other_side {
            None => false,
            Some(from) => !self.store.list(&self.request(from, 1)).await?.is_empty(),
        };
        let backwards = back && !from_start;
        let rows = if backwards {
            count.saturating_sub(self.size)..count
        } else {
            0..count.min(self.size)
        };
        let (has_prev, has_next) = if backwards { (more, beyond) } else { (beyond, more) };
        Ok(Step { page, rows, has_prev, has_next, from_start })
    }

    fn request(&self, from: From, limit: usize) -> ListRequest {
        ListRequest { filter: self.filter.clone(), order: self.order, from, limit }
    }
}

/// Makes the result: the number of the page, and the token for the steps from here.
fn finish<P: Page>(
    query: &SessionQuery,
    filter: &Filter,
    place: Option<ResultsToken>,
    step: Step<P>,
    total: Option<Total>,
) -> Result<QueryResult<P>> {
    let back = query.request_prior_results;
    let Step { page, rows, has_prev, has_next, from_start } = step;
    let last_page = total.and_then(|total| total.pages);
    let token = |edge, page, ends| {
        let token = ResultsToken {
            oldest_first: query.oldest_first,
            edge,
            page,
            filter: filter.fingerprint(),
            ends,
        };
        Some(token.encode())
    };
    let (current_page, results_token) = if rows.is_empty() {
        match place {
            Some(place) if !from_start && back => (1, token(Edge::BeforeStart, 0, place.ends)),
            Some(place) if !from_start => {
                let reached = if place.edge == Edge::PastEnd {
                    place.page
                } else {
                    place.page.saturating_add(1)
                };
                let last = last_page.unwrap_or(reached.saturating_sub(1)).max(1);
                (last, token(Edge::PastEnd, last.saturating_add(1), place.ends))
            }
            _ => (1, None),
        }
    } else {
        let number = match &place {
            Some(place) if !from_start && back => place.page.saturating_sub(1),
            Some(place) if !from_start && place.edge == Edge::PastEnd => place.page,
            Some(place) if !from_start => place.page.saturating_add(1),
            _ => 1,
        };
        let number = match (has_prev, has_next, last_page) {
            (false, _, _) => 1,
            (true, false, Some(last)) => last,
            (true, true, Some(last)) => number.clamp(2, last.max(2)).min(last),
            (true, _, None) => number.max(2),
        };
        // Also a row that was read beyond the page.
        let beside = |index: Option<usize>| match index.filter(|index| *index < page.len()) {
            Some(index) => page.position(index),
            None => Ok(Position::new()),
        };
        let ends = Ends {
            first: page.position(rows.start)?,
            after_first: beside(Some(rows.start + 1))?,
            before_last: beside(rows.end.checked_sub(2))?,
            last: page.position(rows.end - 1)?,
        };
        (number, token(Edge::Within, number, ends))
    };
    Ok(QueryResult { page, rows, results_token, has_prev, has_next, total, current_page })
}

fn text_match(wanted: &Option<TextFilter>, plain: fn(String) -> TextMatch) -> Option<TextMatch> {
    let wanted = match wanted.clone()? {
        TextFilter::Plain(text) => plain(text),
        TextFilter::Explicit(wanted) => wanted,
    };
    (!is_blank(wanted.text())).then_some(wanted)
}

fn not_blank(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !is_blank(text))
}

/// Whether a text says nothing: empty, or white space only.
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
