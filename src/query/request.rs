//! A query as the caller wrote it, and the filter made from it.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::results_token::ResultsToken;
use crate::blank_filter::{ignore_blank, refuse_blank};
use crate::error::{ErrorKind, InvalidArgument, Result};
use crate::filter::{Filter, Search, TextMatch, TimeRange};
use crate::issuer::{IssuerFilter, listed_issuers};
use crate::optional_members::or_default;
use crate::ports::Order;
use crate::strings::{check_ids, fold, is_storable};
use crate::time::{Millis, Timestamp};

/// A query, as the caller wrote it. A blank string means no filter.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionQuery {
    /// The subject. A plain string matches exactly.
    #[serde(default)]
    pub subject_id: Option<TextFilter>,
    /// The session's public id. A plain string matches exactly.
    #[serde(default)]
    pub session_id: Option<TextFilter>,
    /// The name, ignoring case. A plain string matches any part of it.
    #[serde(default)]
    pub display_name: Option<TextFilter>,
    /// A string that is a subject id, a session id or part of a name.
    #[serde(default)]
    pub search: Option<String>,
    /// A client that took part in the session.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The issuer, exactly, or one of several.
    #[serde(default)]
    pub issuer: Option<IssuerFilter>,
    /// The address, exactly.
    #[serde(default)]
    pub ip_address: Option<String>,
    /// When the session began.
    #[serde(default, deserialize_with = "or_default")]
    pub created: TimeRange,
    /// When it was last renewed.
    #[serde(default, deserialize_with = "or_default")]
    pub renewed: TimeRange,
    /// When it expires.
    #[serde(default, deserialize_with = "or_default")]
    pub expires: TimeRange,
    /// Active sessions, expired ones, or both.
    #[serde(default, deserialize_with = "or_default")]
    pub state: State,
    /// The order of the results.
    #[serde(default, deserialize_with = "or_default")]
    pub order: QueryOrder,
    /// How to count. `None` counts exactly if the store can count.
    #[serde(default)]
    pub count: Option<Count>,
    /// The page size, a whole number; 0 means
    /// [`DEFAULT_PAGE_SIZE`](super::DEFAULT_PAGE_SIZE).
    #[serde(default)]
    pub count_requested: Option<f64>,
    /// The token of an earlier page.
    #[serde(default)]
    pub results_token: Option<String>,
    /// Whether to step back from that page instead of forward.
    #[serde(default, deserialize_with = "or_default")]
    pub request_prior_results: bool,
    /// Whether to open the tickets of the sessions on the page.
    #[serde(default, deserialize_with = "or_default")]
    pub include_ticket: bool,
}

/// A string filter, as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextFilter {
    /// A plain string. Each member has its own rule for matching it.
    Plain(String),
    /// `{ equals }`, `{ startsWith }` or `{ contains }`.
    Explicit(TextMatch),
}

/// Selects sessions by expiry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Active sessions.
    Active,
    /// Expired sessions.
    Expired,
    /// Both.
    #[default]
    Any,
}

/// The order of a query, by creation time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// How to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Counts all sessions.
    Exact,
    /// Counts up to [`COUNT_CAP`](super::COUNT_CAP).
    Capped,
    /// Doesn't count.
    None,
}

impl<'de> Deserialize<'de> for TextFilter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct PlainOrExplicit;

        impl<'de> Visitor<'de> for PlainOrExplicit {
            type Value = TextFilter;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, or one of `{ equals }`, `{ startsWith }`, `{ contains }`")
            }

            fn visit_str<E>(self, text: &str) -> std::result::Result<TextFilter, E> {
                Ok(TextFilter::Plain(text.to_owned()))
            }

            fn visit_map<A>(self, map: A) -> std::result::Result<TextFilter, A::Error>
            where
                A: MapAccess<'de>,
            {
                TextMatch::read(map, &self).map(TextFilter::Explicit)
            }
        }

        from.deserialize_any(PlainOrExplicit)
    }
}

impl AsRef<str> for TextFilter {
    fn as_ref(&self) -> &str {
        match self {
            TextFilter::Plain(text) => text,
            TextFilter::Explicit(wanted) => wanted.text(),
        }
    }
}

impl SessionQuery {
    /// The normalized filter at `now`: blank strings are ignored, plain strings get the rule of
    /// their member, and names are folded. A string that no store can hold matches nothing. Fails
    /// with `invalid_argument` if an instant is in seconds, or if the issuer list is empty, too
    /// long or has a blank entry.
    pub fn filter(&self, now: Timestamp) -> Result<Filter> {
        for (name, range) in
            [("created", self.created), ("renewed", self.renewed), ("expires", self.expires)]
        {
            check_range(name, range)?;
        }
        let issuers = self.issuers()?;
        if issuers.as_ref().is_some_and(Vec::is_empty)
            || !self.strings().into_iter().all(|(_, text)| text.is_none_or(is_storable))
        {
            // No session has such a string, but some stores would truncate it and match other
            // sessions. This filter matches nothing, because the subject of a session is never
            // empty.
            let subject_id = Some(TextMatch::Equals(String::new()));
            return Ok(Filter { subject_id, ..Filter::default() });
        }
        let filter = Filter {
            subject_id: text_match(&self.subject_id, TextMatch::Equals),
            session_id: text_match(&self.session_id, TextMatch::Equals),
            display_name: text_match(&self.display_name, TextMatch::Contains)
                .map(|wanted| wanted.map(fold)),
            search: ignore_blank(&self.search)
                .map(|text| Search { name: fold(text), id: text.clone() }),
            client_id: ignore_blank(&self.client_id).cloned(),
            ip_address: ignore_blank(&self.ip_address).cloned(),
            created: self.created,
            renewed: self.renewed,
            expires: self.expires,
            active_at: (self.state == State::Active).then_some(now),
            expired_at: (self.state == State::Expired).then_some(now),
            ..Filter::default()
        };
        Ok(filter.with_issuers(issuers))
    }

    /// Fails with `invalid_argument` if the query asks for a page, a count or tickets where only a
    /// filter is allowed.
    pub(crate) fn check_is_filter(&self) -> Result<()> {
        let has_more = self.results_token.is_some()
            || self.request_prior_results
            || self.count_requested.is_some()
            || self.count.is_some()
            || self.include_ticket;
        if has_more { Err(InvalidArgument::MoreThanAFilter.into()) } else { Ok(()) }
    }

    /// Fails with `invalid_argument` if a string is blank or can't be stored: see
    /// [`blank_filter`](crate::blank_filter).
    pub(crate) fn check_strings(&self) -> Result<()> {
        match &self.issuer {
            None => {}
            Some(IssuerFilter::Equals(issuer)) => refuse_blank([("issuer", Some(&**issuer))])?,
            Some(IssuerFilter::OneOf(issuers)) => check_ids("issuer", issuers)?,
        }
        refuse_blank(self.strings())
    }

    /// The issuers to match; empty if no store can hold them, and `None` if any issuer matches.
    fn issuers(&self) -> Result<Option<Vec<String>>> {
        let mut issuers = match &self.issuer {
            None => return Ok(None),
            Some(IssuerFilter::OneOf(list)) => listed_issuers("issuer", list)?,
            Some(IssuerFilter::Equals(issuer)) => match ignore_blank(&Some(issuer)) {
                Some(issuer) => vec![issuer.to_string()],
                None => return Ok(None),
            },
        };
        issuers.retain(|issuer| is_storable(issuer));
        Ok(Some(issuers))
    }

    /// The other strings to match, by member.
    fn strings(&self) -> [(&'static str, Option<&str>); 6] {
        fn text(filter: &Option<TextFilter>) -> Option<&str> {
            filter.as_ref().map(TextFilter::as_ref)
        }
        [
            ("subjectId", text(&self.subject_id)),
            ("sessionId", text(&self.session_id)),
            ("displayName", text(&self.display_name)),
            ("search", self.search.as_deref()),
            ("clientId", self.client_id.as_deref()),
            ("ipAddress", self.ip_address.as_deref()),
        ]
    }

    pub(super) fn order(&self) -> Order {
        match self.order {
            QueryOrder::Newest => Order::Newest,
            QueryOrder::Oldest => Order::Oldest,
        }
    }

    /// The token of the page to step from, checked against this query.
    pub(super) fn checked_token(&self, filter: &Filter) -> Result<Option<ResultsToken>> {
        let Some(token) = ignore_blank(&self.results_token) else {
            return match self.request_prior_results {
                false => Ok(None),
                true => Err(InvalidArgument::NothingToStepBackFrom.into()),
            };
        };
        let token = ResultsToken::decode(token)?;
        let oldest_first = self.order == QueryOrder::Oldest;
        if token.filter != filter.fingerprint() || token.oldest_first != oldest_first {
            return Err(ErrorKind::ResultsTokenMismatch.into());
        }
        Ok(Some(token))
    }
}

/// Fails if a bound seems to be in seconds: read as milliseconds it would be between 1970 and 1973,
/// and the filter would match every session or none.
fn check_range(name: &'static str, range: TimeRange) -> Result<()> {
    const SECONDS: std::ops::Range<Millis> = 1..100_000_000_000;
    for (bound, time) in [("after", range.after), ("before", range.before)] {
        if time.is_some_and(|time| SECONDS.contains(&time.as_millis())) {
            return Err(InvalidArgument::Seconds { range: name, bound }.into());
        }
    }
    Ok(())
}

fn text_match(wanted: &Option<TextFilter>, plain: fn(String) -> TextMatch) -> Option<TextMatch> {
    Some(match ignore_blank(wanted)?.clone() {
        TextFilter::Plain(text) => plain(text),
        TextFilter::Explicit(wanted) => wanted,
    })
}
