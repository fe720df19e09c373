//! The outbox: notifications until they are delivered, and what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::rc::Rc;

use crate::logout::{Delivery, DeliveryState, Notification, OutboxFilter, Settlement};
use crate::session::Millis;

/// All notifications of a store, settled ones too.
#[derive(Debug, Default)]
pub(super) struct OutboxTable {
    entries: BTreeMap<Rc<str>, Entry>,
    /// What is pending, by when it is due.
    due: BTreeSet<(Millis, Rc<str>)>,
}

#[derive(Debug)]
struct Entry {
    notification: Notification,
    status: Option<u16>,
    error: Option<String>,
    state: State,
}

/// How far an entry got. Whoever claims one moves its next attempt behind the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pending { next_attempt: Millis },
    Delivered,
    Failed,
}

impl OutboxTable {
    /// Records a notification. False: its id is there already.
    pub(super) fn add(&mut self, notification: &Notification) -> bool {
        if self.entries.contains_key(notification.id.as_str()) {
            return false;
        }
        let id: Rc<str> = notification.id.as_str().into();
        let next_attempt = notification.not_before.unwrap_or(notification.created);
        let state = State::Pending { next_attempt };
        self.due.insert((next_attempt, id.clone()));
        self.entries.insert(id, Entry { notification: notification.clone(), status: None, error: None, state });
        true
    }

    pub(super) fn claim(&mut self, now: Millis, limit: usize, lease_for: Millis) -> Vec<Notification> {
        let leased_until = now.saturating_add(lease_for);
        let due = self.due.iter().take_while(|(next_attempt, _)| *next_attempt <= now).take(limit);
        let ids: Vec<Rc<str>> = due.map(|(_, id)| id.clone()).collect();
        ids.iter()
            .filter_map(|id| {
                self.set_state(id, State::Pending { next_attempt: leased_until });
                self.entries.get(id).map(|entry| entry.notification.clone())
            })
            .collect()
    }

    pub(super) fn settle(&mut self, id: &str, result: &Settlement) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.notification.attempt = entry.notification.attempt.saturating_add(1);
        let (state, status, error) = match result {
            Settlement::Delivered { status } => (State::Delivered, status, None),
            Settlement::Failed { error, status } => (State::Failed, status, Some(error)),
            Settlement::Retry { next_attempt, error, status } => {
                (State::Pending { next_attempt: *next_attempt }, status, Some(error))
            }
        };
        entry.status = *status;
        entry.error = error.cloned();
        self.set_state(id, state);
    }

    pub(super) fn list(&self, filter: &OutboxFilter, after: Option<&str>, limit: Option<usize>) -> Vec<Delivery> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.entries.range::<str, _>((start, Bound::Unbounded)).map(|(_, entry)| entry.delivery());
        behind.filter(|delivery| matches(filter, delivery)).take(limit.unwrap_or(usize::MAX)).collect()
    }

    pub(super) fn retry(&mut self, id: &str, now: Millis) -> bool {
        let failed = self.entries.get(id).is_some_and(|entry| entry.state == State::Failed);
        if failed {
            self.set_state(id, State::Pending { next_attempt: now });
        }
        failed
    }

    fn set_state(&mut self, id: &str, state: State) {
        let Some((id, _)) = self.entries.get_key_value(id) else { return };
        let id = id.clone();
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let old = std::mem::replace(&mut entry.state, state);
        if let State::Pending { next_attempt } = old {
            self.due.remove(&(next_attempt, id.clone()));
        }
        if let State::Pending { next_attempt } = state {
            self.due.insert((next_attempt, id));
        }
    }
}

impl Entry {
    fn delivery(&self) -> Delivery {
        let Notification { id, client_id, subject_id, session_id, attempt, .. } = &self.notification;
        let (state, next_attempt) = match self.state {
            State::Pending { next_attempt } => (DeliveryState::Pending, Some(next_attempt)),
            State::Delivered => (DeliveryState::Delivered, None),
            State::Failed => (DeliveryState::Failed, None),
        };
        Delivery {
            id: id.clone(),
            client_id: client_id.clone(),
            subject_id: subject_id.clone(),
            session_id: session_id.clone(),
            state,
            attempts: *attempt,
            status: self.status,
            error: self.error.clone(),
            next_attempt,
        }
    }
}

fn matches(filter: &OutboxFilter, delivery: &Delivery) -> bool {
    let equal = |wanted: &Option<String>, text: &Option<String>| wanted.is_none() || wanted == text;
    filter.state.is_none_or(|state| state == delivery.state)
        && equal(&filter.subject_id, &delivery.subject_id)
        && equal(&filter.session_id, &delivery.session_id)
        && filter.client_id.as_ref().is_none_or(|client| *client == delivery.client_id)
}
