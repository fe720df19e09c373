//! The notifications that wait for a free place, by origin: so that an origin that is slow or dead
//! holds up nobody else.
//!
//! An origin gets one attempt at a time until it has answered, and again after a failure. Origins
//! that have not been tried come first and share half of the places, together with those that
//! failed, which come last and share a quarter: however many are dead, there is room for those that
//! live. One that fails several times in a row is left alone for the rest of the call.

use std::collections::VecDeque;

use crate::notification::Notification;
use crate::settings::DeliveryOptions;

/// How many failures in a row end the attempts at an origin, for this call.
const BREAKER: u32 = 3;

pub(super) struct Queue {
    concurrency: usize,
    per_origin: usize,
    origins: Vec<Origin>,
    /// Indexes into `origins`, sorted by name. A map would add 2 KB to the module, where nothing
    /// else needs one.
    by_name: Vec<usize>,
    /// Origins for which there is something to start, in turn: those that have not been tried,
    fresh: VecDeque<usize>,
    /// those that have answered,
    proven: VecDeque<usize>,
    /// and those that have failed.
    suspect: VecDeque<usize>,
    under_way: usize,
    /// How many of them at origins that had not answered, and how many of these at suspects.
    unproven_under_way: usize,
    suspects_under_way: usize,
    /// How many notifications wait for proven origins.
    proven_waiting: usize,
}

struct Origin {
    name: String,
    waiting: VecDeque<Notification>,
    under_way: usize,
    /// Whether its last answer was one.
    proven: bool,
    /// In a row.
    failures: u32,
    /// Whether it stands in one of the lists.
    listed: bool,
}

/// What was taken.
pub(super) struct Taken {
    pub origin: usize,
    pub notification: Notification,
    /// Whether its place is one of those for origins that have not answered, and of those for
    /// origins that have failed.
    unproven: bool,
    suspect: bool,
}

impl Queue {
    pub fn new(options: &DeliveryOptions) -> Self {
        Queue {
            concurrency: options.concurrency,
            per_origin: options.per_origin,
            origins: Vec::new(),
            by_name: Vec::new(),
            fresh: VecDeque::new(),
            proven: VecDeque::new(),
            suspect: VecDeque::new(),
            under_way: 0,
            unproven_under_way: 0,
            suspects_under_way: 0,
            proven_waiting: 0,
        }
    }

    /// Adds a notification; gives it back with the reason if its origin is left alone.
    pub fn add(&mut self, notification: Notification) -> Option<(Notification, String)> {
        // Without an address each client is an origin of its own: one that is dead must not hold up
        // others whose registrations could not be read either.
        let name = match &notification.logout_uri {
            Some(uri) => origin_of(uri),
            None => notification.client_id.clone(),
        };
        let place = self.by_name.binary_search_by(|index| {
            self.origins.get(*index).map_or("", |origin| &origin.name).cmp(&name)
        });
        let index = match place {
            Ok(place) => self.by_name.get(place).copied()?,
            Err(place) => {
                let index = self.origins.len();
                self.by_name.insert(place, index);
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
        let fresh = if self.free_for_unproven() > 0 { self.fresh.pop_front() } else { None };
        let mut index = fresh.or_else(|| self.proven.pop_front());
        if index.is_none() && self.free_for_suspects() > 0 {
            index = self.suspect.pop_front();
        }
        let index = index?;
        let origin = self.origins.get_mut(index)?;
        origin.listed = false;
        let notification = origin.waiting.pop_front()?;
        origin.under_way += 1;
        let (unproven, suspect) = (!origin.proven, origin.failures > 0);
        self.under_way += 1;
        self.unproven_under_way += usize::from(unproven);
        self.suspects_under_way += usize::from(suspect);
        self.proven_waiting -= usize::from(!unproven);
        self.list(index);
        Some(Taken { origin: index, notification, unproven, suspect })
    }

    /// Frees a place without an attempt.
    pub fn put_back(&mut self, taken: &Taken) {
        self.under_way -= 1;
        self.unproven_under_way -= usize::from(taken.unproven);
        self.suspects_under_way -= usize::from(taken.suspect);
        if let Some(origin) = self.origins.get_mut(taken.origin) {
            origin.under_way -= 1;
        }
        self.list(taken.origin);
    }

    /// Frees a place. `answered`: whether the origin did, whatever it said. Returns what is not to
    /// be tried any more, with the reason.
    pub fn free(&mut self, taken: &Taken, answered: bool) -> (Vec<Notification>, String) {
        self.put_back(taken);
        let Some(origin) = self.origins.get_mut(taken.origin) else {
            return (Vec::new(), String::new());
        };
        origin.failures = if answered { 0 } else { origin.failures.saturating_add(1) };
        if origin.proven != answered {
            origin.proven = answered;
            match answered {
                true => self.proven_waiting += origin.waiting.len(),
                false => self.proven_waiting -= origin.waiting.len(),
            }
        }
        if std::mem::take(&mut origin.listed) {
            for list in [&mut self.fresh, &mut self.proven, &mut self.suspect] {
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

    /// Whether more would be welcome: fewer can be started soon than there are places. What comes
    /// too early wastes its lease.
    pub fn is_hungry(&self) -> bool {
        let suspects = self.suspect.len().min(self.free_for_suspects());
        self.proven_waiting + self.fresh.len() + suspects < self.concurrency
    }

    fn free_for_unproven(&self) -> usize {
        (self.concurrency / 2).max(1).saturating_sub(self.unproven_under_way)
    }

    fn free_for_suspects(&self) -> usize {
        let quarter = (self.concurrency / 4).max(1).saturating_sub(self.suspects_under_way);
        quarter.min(self.free_for_unproven())
    }

    /// Takes out all that waits.
    pub fn drain(&mut self) -> Vec<Notification> {
        for list in [&mut self.fresh, &mut self.proven, &mut self.suspect] {
            list.clear();
        }
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
            let list = match (origin.proven, origin.failures) {
                (true, _) => &mut self.proven,
                (false, 0) => &mut self.fresh,
                (false, _) => &mut self.suspect,
            };
            list.push_back(index);
        }
    }
}

impl Origin {
    fn left_alone(&self) -> String {
        let times = self.failures.to_string();
        ["not tried: `", &self.name, "` failed ", &times, " times in a row just before"].concat()
    }
}

/// What of a URI says whom it burdens: scheme, host and port. Only groups; the sender judges
/// whether the URI is good.
fn origin_of(uri: &str) -> String {
    // Not `://`: the services search for no other string, and such a search is 1.6 KB of code.
    let authority = uri.find(':').map_or(0, |colon| colon + "://".len());
    let end = uri
        .get(authority..)
        .and_then(|rest| rest.find(['/', '?', '#']))
        .map_or(uri.len(), |at| authority + at);
    uri.get(..end).unwrap_or(uri).to_ascii_lowercase()
}
