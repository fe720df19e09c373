//! The queue of notifications, grouped by origin, so that a slow or dead origin doesn't block
//! others.
//!
//! An origin gets one attempt at a time until it has answered, and again after a failure. Half of
//! the slots are for origins that haven't answered: untried ones first, then failing ones, which
//! get at most a quarter. So there is always capacity for responsive origins, however many are
//! dead. After several consecutive failures, an origin is skipped for the rest of the call.

use std::collections::VecDeque;

use crate::notification::Notification;
use crate::settings::DeliveryOptions;

/// After this many consecutive failures, an origin is skipped for the rest of the call.
const MAX_FAILURES: u32 = 3;

pub(super) struct Queue {
    concurrency: usize,
    per_origin: usize,
    origins: Vec<Origin>,
    /// Indexes into `origins`, sorted by name. A map would add 2 KB to the module.
    by_name: Vec<usize>,
    /// Origins with an attempt to start, in turn. These haven't been tried.
    untried: VecDeque<usize>,
    /// These answered the last attempt.
    responsive: VecDeque<usize>,
    /// These failed the last attempt.
    failing: VecDeque<usize>,
    in_flight: usize,
    /// The attempts in flight at origins that hadn't answered, and at failing ones among them.
    unresponsive_in_flight: usize,
    failing_in_flight: usize,
    /// The number of notifications queued for responsive origins.
    responsive_waiting: usize,
}

struct Origin {
    name: String,
    waiting: VecDeque<Notification>,
    in_flight: usize,
    /// Whether it answered the last attempt.
    responsive: bool,
    /// Consecutive failures.
    failures: u32,
    /// Whether it is in one of the three lists.
    listed: bool,
}

/// A notification with a slot.
pub(super) struct Started {
    pub origin: usize,
    pub notification: Notification,
    /// Whether the slot counts as one for origins that haven't answered, and as one for failing
    /// origins.
    unresponsive: bool,
    failing: bool,
}

impl Queue {
    pub fn new(options: &DeliveryOptions) -> Self {
        Queue {
            concurrency: options.concurrency,
            per_origin: options.per_origin,
            origins: Vec::new(),
            by_name: Vec::new(),
            untried: VecDeque::new(),
            responsive: VecDeque::new(),
            failing: VecDeque::new(),
            in_flight: 0,
            unresponsive_in_flight: 0,
            failing_in_flight: 0,
            responsive_waiting: 0,
        }
    }

    /// Adds a notification. Returns it with the reason if its origin is skipped.
    pub fn add(&mut self, notification: Notification) -> Option<(Notification, String)> {
        // Without an address, treat each client as an origin of its own, so that a dead one doesn't
        // block others whose registrations couldn't be read either.
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
                    in_flight: 0,
                    responsive: false,
                    failures: 0,
                    listed: false,
                });
                index
            }
        };
        let origin = self.origins.get_mut(index)?;
        if origin.failures >= MAX_FAILURES {
            return Some((notification, origin.skip_reason()));
        }
        origin.waiting.push_back(notification);
        self.responsive_waiting += usize::from(origin.responsive);
        self.list(index);
        None
    }

    /// The next notification to attempt, if a slot is free.
    pub fn take(&mut self) -> Option<Started> {
        if self.in_flight >= self.concurrency {
            return None;
        }
        let untried =
            if self.free_for_unresponsive() > 0 { self.untried.pop_front() } else { None };
        let mut index = untried.or_else(|| self.responsive.pop_front());
        if index.is_none() && self.free_for_failing() > 0 {
            index = self.failing.pop_front();
        }
        let index = index?;
        let origin = self.origins.get_mut(index)?;
        origin.listed = false;
        let notification = origin.waiting.pop_front()?;
        origin.in_flight += 1;
        let (unresponsive, failing) = (!origin.responsive, origin.failures > 0);
        self.in_flight += 1;
        self.unresponsive_in_flight += usize::from(unresponsive);
        self.failing_in_flight += usize::from(failing);
        self.responsive_waiting -= usize::from(!unresponsive);
        self.list(index);
        Some(Started { origin: index, notification, unresponsive, failing })
    }

    /// Frees the slot without counting an attempt.
    pub fn release(&mut self, started: &Started) {
        self.in_flight -= 1;
        self.unresponsive_in_flight -= usize::from(started.unresponsive);
        self.failing_in_flight -= usize::from(started.failing);
        if let Some(origin) = self.origins.get_mut(started.origin) {
            origin.in_flight -= 1;
        }
        self.list(started.origin);
    }

    /// Frees the slot after an attempt. `answered`: whether the origin answered at all. Returns the
    /// notifications that will be skipped, with the reason.
    pub fn finish(&mut self, started: &Started, answered: bool) -> (Vec<Notification>, String) {
        self.release(started);
        let Some(origin) = self.origins.get_mut(started.origin) else {
            return (Vec::new(), String::new());
        };
        origin.failures = if answered { 0 } else { origin.failures.saturating_add(1) };
        if origin.responsive != answered {
            origin.responsive = answered;
            match answered {
                true => self.responsive_waiting += origin.waiting.len(),
                false => self.responsive_waiting -= origin.waiting.len(),
            }
        }
        if std::mem::take(&mut origin.listed) {
            for list in [&mut self.untried, &mut self.responsive, &mut self.failing] {
                list.retain(|listed| *listed != started.origin);
            }
        }
        if origin.failures >= MAX_FAILURES {
            let left = std::mem::take(&mut origin.waiting);
            let why = origin.skip_reason();
            return (left.into(), why);
        }
        self.list(started.origin);
        (Vec::new(), String::new())
    }

    /// Whether to add more: less can be started soon than there are slots. Notifications that are
    /// added too early waste their lease.
    pub fn wants_more(&self) -> bool {
        let failing = self.failing.len().min(self.free_for_failing());
        self.responsive_waiting + self.untried.len() + failing < self.concurrency
    }

    fn free_for_unresponsive(&self) -> usize {
        (self.concurrency / 2).max(1).saturating_sub(self.unresponsive_in_flight)
    }

    fn free_for_failing(&self) -> usize {
        let quarter = (self.concurrency / 4).max(1).saturating_sub(self.failing_in_flight);
        quarter.min(self.free_for_unresponsive())
    }

    /// Removes and returns all queued notifications.
    pub fn drain(&mut self) -> Vec<Notification> {
        for list in [&mut self.untried, &mut self.responsive, &mut self.failing] {
            list.clear();
        }
        self.responsive_waiting = 0;
        let mut left = Vec::new();
        for origin in &mut self.origins {
            origin.listed = false;
            left.extend(std::mem::take(&mut origin.waiting));
        }
        left
    }

    /// Adds an origin to its list if an attempt can be started and it isn't listed.
    fn list(&mut self, index: usize) {
        let Some(origin) = self.origins.get_mut(index) else { return };
        let slots = if origin.responsive { self.per_origin } else { 1 };
        if !origin.listed && !origin.waiting.is_empty() && origin.in_flight < slots {
            origin.listed = true;
            let list = match (origin.responsive, origin.failures) {
                (true, _) => &mut self.responsive,
                (false, 0) => &mut self.untried,
                (false, _) => &mut self.failing,
            };
            list.push_back(index);
        }
    }
}

impl Origin {
    fn skip_reason(&self) -> String {
        let times = self.failures.to_string();
        ["not tried: `", &self.name, "` failed ", &times, " times in a row"].concat()
    }
}

/// The scheme, host and port of a URI, for grouping only. The sender validates the URI.
fn origin_of(uri: &str) -> String {
    // Search for a character: searching for `://` would add 1.6 KB of code that nothing else uses.
    let authority = uri.find(':').map_or(0, |colon| colon + "://".len());
    let end = uri
        .get(authority..)
        .and_then(|rest| rest.find(['/', '?', '#']))
        .map_or(uri.len(), |at| authority + at);
    uri.get(..end).unwrap_or(uri).to_ascii_lowercase()
}
