//! Querying compared with a simple model: a filtered and sorted list of sessions. Between pages
//! there are random sign-ins, renewals, removals and clock changes.

use std::ops::Range;

use crate::common::{TestHost, cases, session};
use pollster::block_on;
use proptest::prelude::*;
use proptest::sample::Index;
use rollcall::query::{Count, QueryOrder, SessionQuery, State, TextFilter, query_sessions};
use rollcall::session::{Session, SessionChange, SessionCondition};
use rollcall::time::{Millis, is_expired};

#[derive(Clone, Debug)]
enum Step {
    /// Adds a session of this subject that was created and expires at these offsets from now.
    SignIn { subject: u8, age: Millis, lifetime: Option<Millis> },
    /// Changes the expiry of a session.
    Renew { which: Index, lifetime: Option<Millis> },
    /// Removes a session.
    Remove { which: Index },
    /// Moves the clock.
    Pass { time: Millis },
    /// Reads the next or the previous page.
    Turn { back: bool },
    /// Changes the page size.
    Resize { size: usize },
    /// Reads the first page of a new query.
    Begin { query: (usize, bool, u8, Option<u8>, bool) },
}

fn any_step() -> impl Strategy<Value = Step> {
    let lifetime = prop::option::of(1..50i64);
    let query = (1..7usize, any::<bool>(), 0..3u8, prop::option::of(0..3u8), any::<bool>());
    prop_oneof![
        4 => (0..3u8, 0..6i64, lifetime.clone())
            .prop_map(|(subject, age, lifetime)| Step::SignIn { subject, age, lifetime }),
        1 => (any::<Index>(), lifetime).prop_map(|(which, lifetime)| Step::Renew { which, lifetime }),
        2 => any::<Index>().prop_map(|which| Step::Remove { which }),
        1 => (1..20i64).prop_map(|time| Step::Pass { time }),
        7 => any::<bool>().prop_map(|back| Step::Turn { back }),
        1 => (1..7usize).prop_map(|size| Step::Resize { size }),
        1 => query.prop_map(|query| Step::Begin { query }),
    ]
}

/// The place of a session in the order of the query, even after it was removed.
type Place = (Millis, i64);

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Page { first: Place, last: Place },
    BeforeStart { first: Place },
    PastEnd { last: Place },
}

/// The expected page.
#[derive(Debug)]
struct Expected {
    rows: Range<usize>,
    has_prev: bool,
    has_next: bool,
}

struct Model {
    host: TestHost,
    /// The stored sessions, in order of insertion.
    sessions: Vec<Session>,
    arrivals: i64,
    query: SessionQuery,
    at: Option<At>,
    page: u32,
}

impl Model {
    fn new() -> Self {
        let query = SessionQuery { count_requested: Some(3.0), ..SessionQuery::default() };
        Model { host: TestHost::new(), sessions: Vec::new(), arrivals: 0, query, at: None, page: 0 }
    }

    fn place(&self, session: &Session) -> Place {
        let arrival: i64 = session.session_id.parse().unwrap();
        if self.query.order == QueryOrder::Oldest {
            (session.created.as_millis(), arrival)
        } else {
            (-session.created.as_millis(), -arrival)
        }
    }

    /// The matching sessions, in the order of the query.
    fn list(&self) -> Vec<Session> {
        let now = self.host.now.get();
        let matches = |session: &&Session| {
            let subject_fits = match &self.query.subject_id {
                Some(TextFilter::Plain(subject)) => session.subject_id == *subject,
                _ => true,
            };
            subject_fits
                && match self.query.state {
                    State::Any => true,
                    State::Active => !is_expired(session.expires, now),
                    State::Expired => is_expired(session.expires, now),
                }
        };
        let mut list: Vec<_> = self.sessions.iter().filter(matches).cloned().collect();
        list.sort_by_key(|session| self.place(session));
        list
    }

    /// The page that a step leads to.
    fn expected(&self, places: &[Place], back: bool) -> Expected {
        let (size, count) = (self.query.count_requested.unwrap() as usize, places.len());
        let first_page =
            Expected { rows: 0..size.min(count), has_prev: false, has_next: count > size };
        let count_before = |wanted: Place| places.iter().filter(|place| **place < wanted).count();
        let count_until = |wanted: Place| places.iter().filter(|place| **place <= wanted).count();
        match (self.at, back) {
            (None, _) | (Some(At::BeforeStart { .. }), false) => first_page,
            (Some(At::Page { last, .. } | At::PastEnd { last }), false) => {
                let start = count_until(last);
                let end = (start + size).min(count);
                Expected { rows: start..end, has_prev: start > 0, has_next: end < count }
            }
            (Some(at), true) => {
                let end = match at {
                    At::Page { first, .. } | At::BeforeStart { first } => count_before(first),
                    At::PastEnd { .. } => count,
                };
                let lands_short =
                    end < size && (end > 0 || self.page > 1 || matches!(at, At::PastEnd { .. }));
                if lands_short {
                    return first_page;
                }
                let start = end.saturating_sub(size);
                Expected { rows: start..end, has_prev: start > 0, has_next: end < count }
            }
        }
    }

    fn turn(&mut self, back: bool) {
        let back = back && self.at.is_some();
        self.query.request_prior_results = back;
        let list = self.list();
        let places: Vec<_> = list.iter().map(|session| self.place(session)).collect();
        let expected = self.expected(&places, back);
        let result = block_on(query_sessions(&self.host, &self.query)).unwrap();

        let wanted: Vec<_> =
            list[expected.rows.clone()].iter().map(|session| &session.session_id).collect();
        let rows = &result.page.sessions[result.rows.clone()];
        let found: Vec<_> = rows.iter().map(|session| &session.session_id).collect();
        assert_eq!(found, wanted);
        assert_eq!(result.has_prev, expected.has_prev);
        assert_eq!(result.has_next, expected.has_next);
        let size = self.query.count_requested.unwrap() as u64;
        let count = result.total.map(|total| total.count);
        assert_eq!(count, (self.query.count != Some(Count::None)).then_some(list.len() as u64));
        let pages = result.total.and_then(|total| total.pages);
        assert_eq!(pages, count.map(|count| count.div_ceil(size).max(1) as u32));
        if !wanted.is_empty() {
            assert_eq!(result.current_page == 1, !expected.has_prev || pages == Some(1));
            assert!(pages.is_none_or(|pages| result.current_page <= pages));
            assert!(
                expected.has_next
                    || pages.is_none_or(|pages| result.current_page == pages || !expected.has_prev)
            );
        }

        self.at = match (rows.first(), rows.last(), self.at) {
            (Some(first), Some(last), _) => {
                Some(At::Page { first: self.place(first), last: self.place(last) })
            }
            _ if list.is_empty() && result.results_token.is_none() => None,
            (_, _, Some(At::Page { first, .. } | At::BeforeStart { first })) if back => {
                Some(At::BeforeStart { first })
            }
            (_, _, Some(At::Page { last, .. } | At::PastEnd { last })) => {
                Some(At::PastEnd { last })
            }
            (_, _, at) => at,
        };
        assert_eq!(result.results_token.is_some(), self.at.is_some());
        self.page =
            if matches!(self.at, Some(At::BeforeStart { .. })) { 0 } else { result.current_page };
        self.query.results_token = result.results_token;
    }

    fn step(&mut self, step: Step) {
        let now = self.host.now.get();
        let pick = |sessions: &[Session], which: Index| {
            (!sessions.is_empty()).then(|| which.index(sessions.len()))
        };
        match step {
            Step::SignIn { subject, age, lifetime } => {
                self.arrivals += 1;
                let session = Session {
                    created: now.minus(age),
                    expires: lifetime.map(|lifetime| now.plus(lifetime)),
                    ..session(&format!("subject {subject}"), &self.arrivals.to_string())
                };
                self.host.add(&session);
                self.sessions.push(session);
            }
            Step::Renew { which, lifetime } => {
                let Some(index) = pick(&self.sessions, which) else { return };
                let session = &mut self.sessions[index];
                session.expires = lifetime.map(|lifetime| now.plus(lifetime));
                let change =
                    SessionChange { expires: Some(session.expires), ..SessionChange::default() };
                assert!(
                    self.host
                        .stores
                        .sessions()
                        .update(&session.key, &change, &SessionCondition::NONE)
                        .unwrap()
                );
            }
            Step::Remove { which } => {
                let Some(index) = pick(&self.sessions, which) else { return };
                let session = self.sessions.remove(index);
                let keys = [session.key];
                let removed = self.host.stores.sessions().remove(&keys, &SessionCondition::NONE);
                assert_eq!(removed.unwrap().len(), 1);
            }
            Step::Pass { time } => self.host.now.set(now.plus(time)),
            Step::Turn { back } => self.turn(back),
            Step::Resize { size } => self.query.count_requested = Some(size as f64),
            Step::Begin { query: (size, oldest_first, state, subject, counted) } => {
                self.at = None;
                self.query = SessionQuery {
                    count_requested: Some(size as f64),
                    order: order(oldest_first),
                    state: [State::Any, State::Active, State::Expired][usize::from(state)],
                    subject_id: subject
                        .map(|subject| TextFilter::Plain(format!("subject {subject}"))),
                    count: (!counted).then_some(Count::None),
                    ..SessionQuery::default()
                };
                self.turn(false);
            }
        }
    }
}

fn order(oldest_first: bool) -> QueryOrder {
    if oldest_first { QueryOrder::Oldest } else { QueryOrder::Newest }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn every_page_matches_the_model(
        sign_ins in 0..25usize,
        steps in prop::collection::vec(any_step(), 1..60),
    ) {
        let mut model = Model::new();
        for number in 0..sign_ins {
            model.step(Step::SignIn { subject: (number % 3) as u8, age: (number / 4) as i64, lifetime: None });
        }
        for step in steps {
            model.step(step);
        }
    }

    #[test]
    fn all_pages_have_every_session_once_and_are_numbered(
        count in 0..40usize,
        same_instant in 1..10usize,
        size in 1..12usize,
        oldest_first in any::<bool>(),
    ) {
        let mut model = Model::new();
        for number in 0..count {
            model.step(Step::SignIn { subject: 0, age: (number / same_instant) as i64, lifetime: None });
        }
        let mut query = SessionQuery { count_requested: Some(size as f64), order: order(oldest_first), ..SessionQuery::default() };
        let (mut seen, mut pages) = (Vec::new(), Vec::new());
        loop {
            let result = block_on(query_sessions(&model.host, &query)).unwrap();
            let rows = &result.page.sessions[result.rows.clone()];
            seen.extend(rows.iter().map(|session| session.session_id.clone()));
            pages.push((result.current_page, rows.to_vec()));
            query.results_token = result.results_token;
            if !result.has_next {
                break;
            }
        }
        let numbers: Vec<_> = pages.iter().map(|(number, _)| *number).collect();
        prop_assert_eq!(numbers, (1..=pages.len() as u32).collect::<Vec<_>>());
        model.query.order = order(oldest_first);
        let wanted: Vec<_> = model.list().iter().map(|session| session.session_id.clone()).collect();
        prop_assert_eq!(seen, wanted);
        // Then back, page by page.
        query.request_prior_results = true;
        for (number, rows) in pages.iter().rev().skip(1) {
            let result = block_on(query_sessions(&model.host, &query)).unwrap();
            prop_assert_eq!(result.current_page, *number);
            prop_assert_eq!(&result.page.sessions[result.rows.clone()], rows);
            query.results_token = result.results_token;
        }
    }
}
