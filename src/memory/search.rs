//! Searches over many rows. They run in slices, so that other tasks of the process can run in
//! between.

use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use crate::error::Result;
use crate::filter::Filter;
use crate::ports::Order;
use crate::session::Session;

use super::index::Term;
use super::place::Place;

/// The rows per slice: a few milliseconds of work.
pub const SLICE: usize = 5_000;

/// A search in progress.
pub struct Slices<T>(Box<dyn FnMut() -> Result<Option<T>>>);

impl<T> Slices<T> {
    pub(crate) fn new(advance: impl FnMut() -> Result<Option<T>> + 'static) -> Self {
        Slices(Box::new(advance))
    }

    /// Searches the next slice. `None` if there are more.
    pub fn advance(&mut self) -> Result<Option<T>> {
        (self.0)()
    }

    /// Runs the remaining slices.
    pub fn finish(mut self) -> Result<T> {
        loop {
            if let Some(found) = self.advance()? {
                return Ok(found);
            }
        }
    }
}

impl<T> fmt::Debug for Slices<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Slices").finish_non_exhaustive()
    }
}

/// A search for sessions along a term. It tracks changes between slices, so that its result is up
/// to date when it ends.
#[derive(Debug)]
pub(super) struct Search {
    pub filter: Rc<Filter>,
    pub except_session_ids: Vec<String>,
    pub term: Term,
    /// The order of the term's places. [`Order::Newest`] is the same as [`Order::Oldest`] here.
    pub order: Order,
    pub ascending: bool,
    /// The places to search.
    pub span: Range<Place>,
    /// The part of the span that hasn't been searched.
    pub remaining: Range<Place>,
    /// The search ends when it has found this many.
    pub limit: u64,
    pub count: u64,
    /// The places that it found, in the order of the scan; absent if they are only counted.
    pub places: Option<Vec<Place>>,
}

impl Search {
    pub(super) fn find(&mut self, place: Place) {
        self.count += 1;
        if let Some(places) = &mut self.places {
            let ascending = self.ascending;
            let at = places.partition_point(|other| (*other < place) == ascending);
            places.insert(at, place);
        }
    }

    pub(super) fn matches(&self, session: &Session) -> bool {
        self.filter.matches(session) && !self.except_session_ids.contains(&session.session_id)
    }

    /// Tracks a change of a session that the search may have passed.
    pub(super) fn track(&mut self, number: u32, old: Option<&Session>, new: Option<&Session>) {
        if let Some(place) = old.and_then(|session| self.passed_place(session, number)) {
            self.count = self.count.saturating_sub(1);
            if let Some(places) = &mut self.places {
                places.retain(|other| *other != place);
            }
        }
        if let Some(place) = new.and_then(|session| self.passed_place(session, number)) {
            self.find(place);
        }
    }

    /// The place of a session that matches and that the search has passed.
    fn passed_place(&self, session: &Session, number: u32) -> Option<Place> {
        let place = Place::of(session, number, self.order)?;
        let is_passed = self.span.contains(&place) && !self.remaining.contains(&place);
        (is_passed && self.matches(session)).then_some(place)
    }
}
