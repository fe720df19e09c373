//! What a removal did.

use crate::grant::GrantCounts;
use crate::notification::{Delivery, DeliveryState, Notification, untried};

/// How many deliveries a report lists; its counts are complete.
pub const MAX_DELIVERIES: usize = 1_000;

/// The report of a removal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemovalReport {
    /// Sessions that this call removed.
    pub sessions_removed: u64,
    /// Grants that it revoked.
    pub grants: GrantCounts,
    /// Notifications that clients took.
    pub delivered: u64,
    /// Notifications that are recorded and will be tried again.
    pub pending: u64,
    /// Notifications that were given up.
    pub failed: u64,
    /// Notifications that were not due.
    pub skipped: u64,
    /// The first [`MAX_DELIVERIES`].
    pub deliveries: Vec<Delivery>,
    /// What the caller should know: what was left, and why.
    pub notes: Vec<String>,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Whether sessions are left that the next call goes on with; known of a purge only.
    pub more: Option<bool>,
    /// What that call goes on by.
    pub confirm_token: Option<String>,
    /// Whether a dry run has counted the subject's grants.
    pub(super) grants_counted: bool,
}

impl RemovalReport {
    /// How many notifications were dealt with so far.
    pub fn notified(&self) -> u64 {
        self.delivered + self.pending + self.failed + self.skipped
    }

    pub(super) fn add(&mut self, delivery: Delivery) {
        match delivery.state {
            DeliveryState::Delivered => self.delivered += 1,
            DeliveryState::Pending => self.pending += 1,
            DeliveryState::Failed => self.failed += 1,
            DeliveryState::Skipped => self.skipped += 1,
        }
        if self.deliveries.len() < MAX_DELIVERIES {
            self.deliveries.push(delivery);
        }
    }

    pub(super) fn skip(&mut self, notification: &Notification, why: &'static str) {
        self.add(Delivery {
            error: Some(why.to_owned()),
            ..untried(notification, DeliveryState::Skipped)
        });
    }

    /// A notification that is left to the outbox, or else lost.
    pub(super) fn let_go(&mut self, notification: &Notification, why: String, durable: bool) {
        let state = if durable { DeliveryState::Pending } else { DeliveryState::Failed };
        self.add(Delivery { error: Some(why), ..untried(notification, state) });
    }

    pub(super) fn would_notify(&mut self, notification: &Notification) {
        self.add(untried(notification, DeliveryState::Pending));
    }
}

impl std::ops::AddAssign for RemovalReport {
    fn add_assign(&mut self, more: Self) {
        self.sessions_removed += more.sessions_removed;
        self.grants += more.grants;
        self.delivered += more.delivered;
        self.pending += more.pending;
        self.failed += more.failed;
        self.skipped += more.skipped;
        let room = MAX_DELIVERIES.saturating_sub(self.deliveries.len());
        self.deliveries.extend(more.deliveries.into_iter().take(room));
        for note in more.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }
}
