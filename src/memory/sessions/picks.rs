//! The sessions that a step ends.

use std::ops::Range;

use super::{Matcher, Picked, SessionTable};
use crate::ending::{EndingPick, Surplus, SurplusOrder};
use crate::error::{InvalidArgument, Result};
use crate::filter::Filter;
use crate::memory::place::Place;
use crate::memory::search::Search;
use crate::ports::Order;
use crate::session::Session;
use crate::time::is_expired;

impl SessionTable {
    /// The search for the sessions that a step ends. `None` if they are selected by keys or a
    /// surplus, which [`Self::pick`] does at once.
    pub(in crate::memory) fn search_pick(&self, pick: &EndingPick) -> Result<Option<Search>> {
        let EndingPick { filter, order, limit, .. } = pick;
        if *limit == 0 {
            return Err(InvalidArgument::NoPageLimit.into());
        }
        let span = self.pick_span(pick)?;
        if pick.keys.is_some() || pick.surplus.is_some() {
            return Ok(None);
        }
        let (term, _) = self.scan_range(filter, *order);
        Ok(Some(Search {
            filter: filter.clone().into(),
            except_session_ids: pick.except_session_ids.clone(),
            term,
            order: *order,
            ascending: true,
            remaining: span.clone(),
            span,
            limit: (*limit).into(),
            count: 0,
            places: Some(Vec::new()),
        }))
    }

    /// The sessions that a step ends, selected by keys or a surplus, in its order.
    pub(in crate::memory) fn pick(&self, pick: &EndingPick) -> Result<Vec<Picked>> {
        let EndingPick { filter, keys, except_session_ids, surplus, order, limit, .. } = pick;
        let surplus = surplus.map(|surplus| self.surplus(filter, surplus)).transpose()?;
        let mut places = Vec::new();
        let mut place =
            |number, session: &Session| places.extend(Place::of(session, number, *order));
        match (keys, &surplus) {
            (Some(keys), _) => {
                for key in keys {
                    if let Some((number, session)) = self.read(key)? {
                        place(number, &session);
                    }
                }
            }
            (None, numbers) => {
                for number in numbers.iter().flatten() {
                    place(*number, &self.row(*number)?.session(&self.interner)?);
                }
            }
        }
        let span = self.pick_span(pick)?;
        places.retain(|place| span.contains(place));
        places.sort_unstable();
        places.dedup();
        let mut picked = Vec::new();
        for place in places {
            let number = place.number();
            let session = self.row(number)?.session(&self.interner)?;
            if picked.len() < *limit as usize
                && filter.matches(&session)
                && surplus.as_ref().is_none_or(|numbers| numbers.contains(&number))
                && !except_session_ids.contains(&session.session_id)
            {
                picked.push((place, number, session));
            }
        }
        Ok(picked)
    }

    fn pick_span(&self, pick: &EndingPick) -> Result<Range<Place>> {
        let (_, mut span) = self.scan_range(&pick.filter, pick.order);
        if let Some(position) = &pick.after {
            span.start = span.start.max(Place::parse(position)?.next());
        }
        Ok(span)
    }

    /// The numbers of the active matching sessions except the last ones.
    fn surplus(&self, filter: &Filter, surplus: Surplus) -> Result<Vec<u32>> {
        let (term, span) = self.scan_range(filter, Order::Oldest);
        let mut active = Vec::new();
        let mut matcher = Matcher::new(filter, &self.interner);
        for place in self.index.scan(term, span, true) {
            let row = self.row(place.number())?;
            if matcher.matches(row)? {
                let session = row.session(&self.interner)?;
                if !is_expired(session.expires, surplus.active_at) {
                    active.push((session.renewed, place.number()));
                }
            }
        }
        if surplus.by == SurplusOrder::Renewed {
            active.sort_by_key(|(renewed, _)| *renewed);
        }
        active.truncate(active.len().saturating_sub(surplus.keep as usize));
        Ok(active.into_iter().map(|(_, number)| number).collect())
    }
}
