//! What a removal did.

use std::ops::AddAssign;

use serde::Serialize;

use crate::grant::GrantCounts;
use crate::notification::{Delivery, DeliveryState, Notification, untried};

/// How many deliveries a report lists. Its counts are complete.
pub const MAX_DELIVERIES: usize = 1_000;

/// The report of a removal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovalReport {
    /// Sessions that this call removed.
    pub sessions_removed: u64,
    /// Tokens that it revoked.
    pub tokens_revoked: u64,
    /// Consents that it revoked.
    pub consents_revoked: u64,
    /// Grants of other types that it revoked.
    pub other_grants_revoked: u64,
    /// What became of the notifications.
    pub notifications: NotificationCounts,
    /// The first [`MAX_DELIVERIES`].
    pub deliveries: Vec<Delivery>,
    /// What the caller should know: what was kept, and why.
    pub notes: Vec<String>,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Sessions that could not be ended; only a purge goes on without them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Whether sessions are left for another call; only a purge knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<bool>,
    /// The token with which that call continues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_token: Option<String>,
}

/// Numbers of notifications by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NotificationCounts {
    /// Notifications that clients took.
    pub delivered: u64,
    /// Notifications that are recorded and will be tried again.
    pub pending: u64,
    /// Notifications that were given up.
    pub failed: u64,
    /// Notifications that were never due.
    pub skipped: u64,
}

impl NotificationCounts {
    /// The number of all of them.
    pub fn total(&self) -> u64 {
        self.delivered + self.pending + self.failed + self.skipped
    }
}

impl AddAssign for NotificationCounts {
    fn add_assign(&mut self, more: Self) {
        self.delivered += more.delivered;
        self.pending += more.pending;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

impl RemovalReport {
    pub(super) fn add_grants(&mut self, revoked: GrantCounts) {
        self.tokens_revoked += revoked.tokens;
        self.consents_revoked += revoked.consents;
        self.other_grants_revoked += revoked.other;
    }

    pub(super) fn add(&mut self, delivery: Delivery) {
        match delivery.state {
            DeliveryState::Delivered => self.notifications.delivered += 1,
            DeliveryState::Pending => self.notifications.pending += 1,
            DeliveryState::Failed => self.notifications.failed += 1,
            DeliveryState::Skipped => self.notifications.skipped += 1,
        }
        if self.deliveries.len() < MAX_DELIVERIES {
            self.deliveries.push(delivery);
        }
    }

    /// Reports that a client can't be notified.
    pub(super) fn skip(&mut self, client_id: String, why: &'static str) {
        let id = ["skipped:", &client_id].concat();
        let notification = Notification { id, client_id, ..Notification::default() };
        self.add(Delivery {
            error: Some(why.to_owned()),
            ..untried(&notification, DeliveryState::Skipped)
        });
    }

    /// Reports a notification that this call won't try. Without an outbox it is lost.
    pub(super) fn drop_untried(&mut self, notification: &Notification, why: String, durable: bool) {
        let state = if durable { DeliveryState::Pending } else { DeliveryState::Failed };
        self.add(Delivery { error: Some(why), ..untried(notification, state) });
    }
}

impl AddAssign for RemovalReport {
    fn add_assign(&mut self, more: Self) {
        self.sessions_removed += more.sessions_removed;
        self.tokens_revoked += more.tokens_revoked;
        self.consents_revoked += more.consents_revoked;
        self.other_grants_revoked += more.other_grants_revoked;
        self.notifications += more.notifications;
        let room = MAX_DELIVERIES.saturating_sub(self.deliveries.len());
        self.deliveries.extend(more.deliveries.into_iter().take(room));
        for note in more.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }
}
