//! The notifications that wait for a free place, by origin: so that an origin that is slow or dead holds up nobody else.
//!
//! An origin gets one attempt at a time until it has answered, and again after a failure. Such origins come first and share half of
//! the places: however many of them are dead, the other half is for those that live. One that fails several times in a row is left
//! alone for the rest of the call.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::options::DeliveryOptions;
use crate::logout::Notification;

/// How many failures in a row end the attempts at an origin, for this call.
const BREAKER: u32 = 3;

pub(super) struct Queue {
    concurrency: usize,
    per_origin: usize,
    origins: Vec<Origin>,
    /// Of the same type as the maps of the memory stores, so that the code of such a map is there once.
    by_name: BTreeMap<Rc<str>, u32>,
    /// Origins that have answered, and for which there is something to start; in turn.
    proven: VecDeque<usize>,
    /// The others for which there is something to start.
    unproven: VecDeque<usize>,
    under_way: usize,
    unproven_under_way: usize,
    /// How many notifications wait for proven origins.
    proven_waiting: usize,
}

struct Origin {
    name: Rc<str>,
    waiting: VecDeque<Notification>,
    under_way: usize,
    /// Whether its last answer was one.
    proven: bool,
    /// In a row.
    failures: u32,
    /// Whether it stands in one of the two lists.
    listed: bool,
}

/// What was taken.
pub(super) struct Taken {
    pub origin: usize,
    pub notification: Notification,
    /// Whether its place is one of those for origins that have not answered.
    unproven: bool,
}

impl Queue {
    pub fn new(options: &DeliveryOptions) -> Self {
        Queue {
            concurrency: options.concurrency,
            per_origin: options.per_origin,
            origins: Vec::new(),
            by_name: BTreeMap::new(),
            proven: VecDeque::new(),
            unproven: VecDeque::new(),
            under_way: 0,
            unproven_under_way: 0,
            proven_waiting: 0,
        }
    }

    /// Adds a notification; gives it back with the reason if its origin is left alone.
    pub fn add(&mut self, notification: Notification) -> Option<(Notification, String)> {
        let name: Rc<str> = origin_of(notification.logout_uri.as_deref().unwrap_or_default()).into();
        let index = match self.by_name.get(&name) {
            Some(index) => *index as usize,
            None => {
                let index = self.origins.len();
                self.by_name.insert(name.clone(), index as u32);
                self.origins.push(Origin {
                    name,
                    waiting: VecDeque::new(),
                    under_way: 0,
                    proven: false,
                    failures: 0,
                    listed: false,
                });
                index
            }
        };
        let origin = self.origins.get_mut(index)?;
        if origin.failures >= BREAKER {
            return Some((notification, origin.left_alone()));
        }
        origin.waiting.push_back(notification);
        self.proven_waiting += usize::from(origin.proven);
        self.list(index);
        None
    }

    /// The next notification, if there is a place for one.
    pub fn take(&mut self) -> Option<Taken> {
        if self.under_way >= self.concurrency {
            return None;
        }
        let new =
            if self.unproven_under_way < (self.concurrency / 2).max(1) { self.unproven.pop_front() } else { None };
        let index = new.or_else(|| self.proven.pop_front())?;
        let origin = self.origins.get_mut(index)?;
        origin.listed = false;
        let notification = origin.waiting.pop_front()?;
        origin.under_way += 1;
        let unproven = !origin.proven;
        self.under_way += 1;
        self.unproven_under_way += usize::from(unproven);
        self.proven_waiting -= usize::from(!unproven);
        self.list(index);
        Some(Taken { origin: index, notification, unproven })
    }

    /// Frees a place without an attempt.
    pub fn put_back(&mut self, taken: &Taken) {
        self.under_way -= 1;
        self.unproven_under_way -= usize::from(taken.unproven);
        if let Some(origin) = self.origins.get_mut(taken.origin) {
            origin.under_way -= 1;
        }
        self.list(taken.origin);
    }

    /// Frees a place. `answered`: whether the origin did, whatever it said. Returns what is not to be tried any more, with the
    /// reason.
    pub fn free(&mut self, taken: &Taken, answered: bool) -> (Vec<Notification>, String) {
        self.put_back(taken);
        let Some(origin) = self.origins.get_mut(taken.origin) else { return (Vec::new(), String::new()) };
        origin.failures = if answered { 0 } else { origin.failures.saturating_add(1) };
        if origin.proven != answered {
            origin.proven = answered;
            match answered {
                true => self.proven_waiting += origin.waiting.len(),
                false => self.proven_waiting -= origin.waiting.len(),
            }
            if std::mem::take(&mut origin.listed) {
                let list = if answered { &mut self.unproven } else { &mut self.proven };
                list.retain(|listed| *listed != taken.origin);
            }
        }
        if origin.failures >= BREAKER {
            let left = std::mem::take(&mut origin.waiting);
            let why = origin.left_alone();
            return (left.into(), why);
        }
        self.list(taken.origin);
        (Vec::new(), String::new())
    }

    /// Whether more would be welcome: fewer can be started than there are places.
    pub fn is_hungry(&self) -> bool {
        self.proven_waiting + self.unproven.len() < self.concurrency
    }

    /// Takes out all that waits.
    pub fn drain(&mut self) -> Vec<Notification> {
        self.proven.clear();
        self.unproven.clear();
        self.proven_waiting = 0;
        let mut left = Vec::new();
        for origin in &mut self.origins {
            origin.listed = false;
            left.extend(std::mem::take(&mut origin.waiting));
        }
        left
    }

    /// Lists an origin for which something can be started, unless it is.
    fn list(&mut self, index: usize) {
        let Some(origin) = self.origins.get_mut(index) else { return };
        let places = if origin.proven { self.per_origin } else { 1 };
        if !origin.listed && !origin.waiting.is_empty() && origin.under_way < places {
            origin.listed = true;
            if origin.proven { &mut self.proven } else { &mut self.unproven }.push_back(index);
        }
    }
}

impl Origin {
    fn left_alone(&self) -> String {
        let times = self.failures.to_string();
        ["not tried: `", &self.name, "` failed ", &times, " times in a row just before"].concat()
    }
}

/// What of a URI says whom it burdens: scheme, host and port. Only groups; the sender judges whether the URI is good.
fn origin_of(uri: &str) -> String {
    let authority = uri.find("://").map_or(0, |scheme| scheme + 3);
    let end = uri.get(authority..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(uri.len(), |at| authority + at);
    uri.get(..end).unwrap_or(uri).to_ascii_lowercase()
}
