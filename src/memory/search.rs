//! Searches that pass over many rows. They go on in slices, so that everything else in the process
//! has its turn in between.

use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use crate::error::Result;
use crate::filter::Filter;
use crate::ports::Order;
use crate::session::Session;

use super::index::Term;
use super::place::Place;

/// The rows that a search passes over at a time: a few milliseconds of work.
pub const SLICE: usize = 5_000;

/// A search under way.
pub struct Slices<T>(Box<dyn FnMut() -> Result<Option<T>>>);

impl<T> Slices<T> {
    pub(crate) fn new(advance: impl FnMut() -> Result<Option<T>> + 'static) -> Self {
        Slices(Box::new(advance))
    }

    /// Passes over the next rows. `None`: there are more.
    pub fn advance(&mut self) -> Result<Option<T>> {
        (self.0)()
    }

    /// Goes on to the end.
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

/// A search for sessions, along a term. It follows the changes that are made between two slices, so
/// that it ends with what matches at that moment.
#[derive(Debug)]
pub(super) struct Search {
    pub filter: Rc<Filter>,
    pub except_session_ids: Vec<String>,
    pub term: Term,
    /// The order of the term's places; [`Order::Newest`] is that of [`Order::Oldest`].
    pub order: Order,
    pub ascending: bool,
    /// Where to look.
    pub span: Range<Place>,
    /// The part of the span that is still ahead.
    pub ahead: Range<Place>,
    /// It ends when it has found so many.
    pub limit: u64,
    pub count: u64,
    /// The places of those that it found, in the order of the walk; absent if they only count.
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

    pub(super) fn means(&self, session: &Session) -> bool {
        self.filter.matches(session) && !self.except_session_ids.contains(&session.session_id)
    }

    /// Takes over a change of a session that the search may have passed.
    pub(super) fn follow(&mut self, number: u32, old: Option<&Session>, new: Option<&Session>) {
        if let Some(place) = old.and_then(|session| self.passed(session, number)) {
            self.count = self.count.saturating_sub(1);
            if let Some(places) = &mut self.places {
                places.retain(|other| *other != place);
            }
        }
        if let Some(place) = new.and_then(|session| self.passed(session, number)) {
            self.find(place);
        }
    }

    /// The place of a session that the search means and has passed.
    fn passed(&self, session: &Session, number: u32) -> Option<Place> {
        let place = Place::of(session, number, self.order)?;
        let is_passed = self.span.contains(&place) && !self.ahead.contains(&place);
        (is_passed && self.means(session)).then_some(place)
    }
}
