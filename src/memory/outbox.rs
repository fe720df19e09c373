//! The outbox table: pending and settled notifications.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;

use crate::error::{Result, StoreFailed};
use crate::notification::{
    Delivery, DeliveryState, Notification, OutboxFilter, SettledBefore, Settlement, unattempted,
};
use crate::time::{Millis, Timestamp};

use super::exported_rows::{Contents, NotificationRow, Number, Progress};
use super::index::{self, Index, Term};
use super::numbered_rows::Rows;
use super::place::Place;

/// All notifications of a store, including settled ones.
#[derive(Debug, Default)]
pub(super) struct OutboxTable {
    pub(super) rows: Rows<Entry>,
    /// The same type as in the interner, so that the code of the map is compiled only once.
    by_id: BTreeMap<Rc<str>, u32>,
    /// Pending entries by due time, and settled ones by the time they were settled.
    index: Index,
}

#[derive(Debug)]
pub(super) struct Entry {
    notification: Notification,
    status: Option<u16>,
    error: Option<String>,
    state: State,
}

/// The state of an entry. A claim moves the next attempt to the end of the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pending { next_attempt: Timestamp },
    Delivered { at: Timestamp },
    Failed { at: Timestamp },
}

/// A search for entries in progress.
#[derive(Debug)]
pub(super) struct OutboxSearch {
    filter: OutboxFilter,
    /// Continue after this id.
    after: Option<String>,
    limit: usize,
    /// The entries as they were when the search reached them.
    pub(super) found: Vec<Delivery>,
}

impl OutboxSearch {
    pub(super) fn new(filter: &OutboxFilter, after: Option<&str>, limit: Option<usize>) -> Self {
        let (after, limit) = (after.map(str::to_owned), limit.unwrap_or(usize::MAX));
        OutboxSearch { filter: filter.clone(), after, limit, found: Vec::new() }
    }
}

impl OutboxTable {
    /// Records a notification. Returns false if its id exists.
    pub(super) fn add(&mut self, notification: &Notification) -> bool {
        if self.by_id.contains_key(notification.id.as_str()) {
            return false;
        }
        let number = self.rows.free_number();
        let state = State::Pending {
            next_attempt: notification.not_before.unwrap_or(notification.created),
        };
        let notification = notification.clone();
        self.insert(number, Entry { notification, status: None, error: None, state });
        true
    }

    fn insert(&mut self, number: u32, entry: Entry) {
        self.by_id.insert(entry.notification.id.as_str().into(), number);
        self.index.change(Vec::new(), vec![entry.state.entry(number)]);
        self.rows.put(number, entry);
    }

    pub(super) fn claim(
        &mut self,
        now: Timestamp,
        limit: usize,
        lease_for: Millis,
    ) -> Vec<Notification> {
        let until_now = Place::FIRST..Place::new(now, u32::MAX);
        let due: Vec<Place> = self.index.scan(Term::EXPIRES, until_now, true).take(limit).collect();
        let mut claimed = Vec::new();
        for place in due {
            self.set_state(place.number(), State::Pending { next_attempt: now.plus(lease_for) });
            claimed.extend(self.rows.get(place.number()).map(|entry| entry.notification.clone()));
        }
        claimed
    }

    pub(super) fn settle(&mut self, id: &str, result: &Settlement, now: Timestamp) {
        let Some(number) = self.by_id.get(id).copied() else { return };
        let Some(entry) = self.rows.get_mut(number) else { return };
        // Ignore the late result of an attempt that has outlasted its lease.
        if matches!(entry.state, State::Delivered { .. }) {
            return;
        }
        entry.notification.attempt = entry.notification.attempt.saturating_add(1);
        let (state, status, error) = match result {
            Settlement::Delivered { status } => (State::Delivered { at: now }, status, None),
            Settlement::Failed { error, status } => {
                (State::Failed { at: now }, status, Some(error))
            }
            Settlement::Pending { next_attempt, error, status } => {
                (State::Pending { next_attempt: *next_attempt }, status, Some(error))
            }
        };
        entry.status = *status;
        entry.error = error.cloned();
        self.set_state(number, state);
    }

    /// Scans the next `rows` entries of a search. Returns true if none are left.
    pub(super) fn advance(&self, search: &mut OutboxSearch, rows: usize) -> bool {
        let wanted = search.filter.id.as_deref();
        let start = match (search.after.as_deref(), wanted) {
            (after, Some(id)) if after < Some(id) => Bound::Included(id),
            (after, _) => after.map_or(Bound::Unbounded, Bound::Excluded),
        };
        let behind = self.by_id.range::<str, _>((start, Bound::Unbounded));
        let mut behind = behind.take_while(|(id, _)| wanted.is_none_or(|wanted| ***id == *wanted));
        let mut last = None;
        for (id, number) in behind.by_ref().take(rows) {
            if search.found.len() >= search.limit {
                return true;
            }
            let entry = self.rows.get(*number).filter(|entry| entry.matches(&search.filter));
            search.found.extend(entry.map(Entry::delivery));
            last = Some(id);
        }
        let is_over = behind.next().is_none();
        search.after = last.map(|id| (**id).to_owned());
        is_over
    }

    pub(super) fn retry(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(number) = self.by_id.get(id).copied() else { return false };
        let entry = self.rows.get(number);
        let failed = entry.is_some_and(|entry| matches!(entry.state, State::Failed { .. }));
        if failed {
            self.set_state(number, State::Pending { next_attempt: now });
        }
        failed
    }

    /// Removes up to `limit` entries settled before these instants, and returns their number.
    pub(super) fn prune(&mut self, settled_before: &SettledBefore, limit: usize) -> usize {
        let SettledBefore { delivered, failed } = *settled_before;
        let settled = [(Term::DELIVERED, delivered), (Term::FAILED, failed)];
        let until = |before| Place::FIRST..Place::new(before, 0);
        let places = settled
            .into_iter()
            .flat_map(|(term, before)| self.index.scan(term, until(before), true));
        let numbers: Vec<u32> = places.take(limit).map(Place::number).collect();
        for number in &numbers {
            if let Some(entry) = self.rows.remove(*number) {
                self.by_id.remove(entry.notification.id.as_str());
                self.index.change(vec![entry.state.entry(*number)], Vec::new());
            }
        }
        numbers.len()
    }

    fn set_state(&mut self, number: u32, state: State) {
        if let Some(entry) = self.rows.get_mut(number) {
            self.index.change(vec![entry.state.entry(number)], vec![state.entry(number)]);
            entry.state = state;
        }
    }
}

impl Contents for OutboxTable {
    type Row = NotificationRow;

    fn numbers(&self) -> Vec<u32> {
        self.rows.numbers()
    }

    fn numbered(&self, number: u32) -> Result<NotificationRow> {
        let entry = self.rows.get(number).ok_or(StoreFailed::DanglingIndex)?;
        let (state, at) = match entry.state {
            State::Pending { next_attempt } => (Progress::Pending, next_attempt),
            State::Delivered { at } => (Progress::Delivered, at),
            State::Failed { at } => (Progress::Failed, at),
        };
        Ok(NotificationRow {
            number: Number(number),
            notification: entry.notification.clone(),
            state,
            at,
            status: entry.status,
            error: entry.error.clone(),
        })
    }

    fn put(&mut self, row: NotificationRow) -> Result<bool> {
        let NotificationRow { number: Number(number), notification, state, at, status, error } =
            row;
        let state = match state {
            Progress::Pending => State::Pending { next_attempt: at },
            Progress::Delivered => State::Delivered { at },
            Progress::Failed => State::Failed { at },
        };
        let is_new =
            self.rows.get(number).is_none() && !self.by_id.contains_key(notification.id.as_str());
        if is_new {
            self.insert(number, Entry { notification, status, error, state });
        }
        Ok(is_new)
    }
}

impl State {
    /// The entry's place in the index.
    fn entry(self, number: u32) -> index::Entry {
        let (term, time) = match self {
            State::Pending { next_attempt } => (Term::EXPIRES, next_attempt),
            State::Delivered { at } => (Term::DELIVERED, at),
            State::Failed { at } => (Term::FAILED, at),
        };
        (term, Place::new(time, number))
    }

    fn word(self) -> DeliveryState {
        match self {
            State::Pending { .. } => DeliveryState::Pending,
            State::Delivered { .. } => DeliveryState::Delivered,
            State::Failed { .. } => DeliveryState::Failed,
        }
    }
}

impl Entry {
    fn matches(&self, filter: &OutboxFilter) -> bool {
        let equal =
            |wanted: &Option<String>, text: &Option<String>| wanted.is_none() || wanted == text;
        filter.state.is_none_or(|state| state == self.state.word())
            && equal(&filter.subject_id, &self.notification.subject_id)
            && equal(&filter.session_id, &self.notification.session_id)
            && filter.client_id.as_ref().is_none_or(|client| *client == self.notification.client_id)
            && filter.issuers.as_ref().is_none_or(|wanted| {
                self.notification.issuer.as_ref().is_some_and(|issuer| wanted.contains(issuer))
            })
    }

    fn delivery(&self) -> Delivery {
        let next_attempt = match self.state {
            State::Pending { next_attempt } => Some(next_attempt),
            State::Delivered { .. } | State::Failed { .. } => None,
        };
        Delivery {
            status: self.status,
            error: self.error.clone(),
            next_attempt,
            ..unattempted(&self.notification, self.state.word())
        }
    }
}

#[cfg(test)]
mod tests;
