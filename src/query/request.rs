//! A query as the caller wrote it, and the filter, size and place that it means.

use super::results_token::ResultsToken;
use crate::error::{Code, Error, Result};
use crate::filter::{Filter, Search, StateAt, TextMatch, TimeRange, not_blank};
use crate::ports::Order;
use crate::text::{fold, is_blank};
use crate::time::Millis;

/// The size of a page when the caller doesn't set it, as in the reference.
pub const DEFAULT_PAGE_SIZE: usize = 25;
/// The largest page; a larger request is cut to this.
pub const MAX_PAGE_SIZE: usize = 1_000;

/// A query, as the caller wrote it. A blank string means no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionQuery {
    /// The subject. A plain string must be equal.
    pub subject_id: Option<TextFilter>,
    /// The session's public id. A plain string must be equal.
    pub session_id: Option<TextFilter>,
    /// The name, ignoring case in every form. A plain string must be contained.
    pub display_name: Option<TextFilter>,
    /// A string that must be the whole subject id, the whole session id or part of the name.
    pub search: Option<String>,
    /// A client that took part in the session.
    pub client_id: Option<String>,
    /// The issuer, exactly.
    pub issuer: Option<String>,
    /// The address, exactly.
    pub ip_address: Option<String>,
    /// When the session began.
    pub created: TimeRange,
    /// When it was last renewed.
    pub renewed: TimeRange,
    /// When it expires.
    pub expires: TimeRange,
    /// Active sessions, expired ones, or both.
    pub state: State,
    /// The order of the list.
    pub order: QueryOrder,
    /// Whether and how to count. `None` counts exactly if the store can count.
    pub count: Option<Count>,
    /// The size of the page: a whole number; 0 means [`DEFAULT_PAGE_SIZE`].
    pub count_requested: Option<f64>,
    /// The token of an earlier page.
    pub results_token: Option<String>,
    /// Steps back from that page instead of on.
    pub request_prior_results: bool,
}

/// A text filter, as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextFilter {
    /// A plain string; each field says how it matches.
    Plain(String),
    /// `{ equals }`, `{ startsWith }` or `{ contains }`.
    Explicit(TextMatch),
}

/// Which sessions, by their expiry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Sessions that have not expired.
    Active,
    /// Sessions that have expired.
    Expired,
    /// Both.
    #[default]
    Any,
}

/// The order of a query, by creation time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueryOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// How to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Counts all.
    Exact,
    /// Counts up to [`COUNT_CAP`](super::COUNT_CAP).
    Capped,
    /// Doesn't count.
    None,
}

impl SessionQuery {
    /// The normalized filter at `now`: blank strings are no filter, plain strings get their
    /// meaning, names are folded.
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

    pub(super) fn order(&self) -> Order {
        match self.order {
            QueryOrder::Newest => Order::Newest,
            QueryOrder::Oldest => Order::Oldest,
        }
    }

    pub(super) fn page_size(&self) -> Result<usize> {
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

    /// The page that the caller steps from, checked against this query.
    pub(super) fn place(&self, filter: &Filter) -> Result<Option<ResultsToken>> {
        let Some(token) = not_blank(&self.results_token) else {
            return match self.request_prior_results {
                false => Ok(None),
                true => Err(Error::invalid(
                    "`requestPriorResults` needs the `resultsToken` of the page to step back from",
                )),
            };
        };
        let token = ResultsToken::decode(&token)?;
        let oldest_first = self.order == QueryOrder::Oldest;
        if token.filter != filter.fingerprint() || token.oldest_first != oldest_first {
            return Err(Error::new(
                Code::ResultsTokenMismatch,
                "the results token belongs to a query with another filter or order: start without \
                 one",
            ));
        }
        Ok(Some(token))
    }
}

fn text_match(wanted: &Option<TextFilter>, plain: fn(String) -> TextMatch) -> Option<TextMatch> {
    let wanted = match wanted.clone()? {
        TextFilter::Plain(text) => plain(text),
        TextFilter::Explicit(wanted) => wanted,
    };
    (!is_blank(wanted.text())).then_some(wanted)
}
