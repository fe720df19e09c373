//! The report of a removal.

use std::ops::AddAssign;

use serde::Serialize;

use crate::grant::GrantCounts;
use crate::notification::{Delivery, DeliveryState, Notification, unattempted};

/// The most deliveries that a report lists. Its counts are complete.
pub const MAX_DELIVERIES: usize = 1_000;

/// The report of a removal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovalReport {
    /// Sessions removed by this call.
    pub sessions_removed: u64,
    /// Tokens revoked.
    pub tokens_revoked: u64,
    /// Consents revoked.
    pub consents_revoked: u64,
    /// Grants of other types revoked.
    pub other_grants_revoked: u64,
    /// The number of notifications by state.
    pub notifications: NotificationCounts,
    /// The first [`MAX_DELIVERIES`] deliveries.
    pub deliveries: Vec<Delivery>,
    /// Notes about sessions, grants and clients that were skipped, and why.
    pub notes: Vec<String>,
    /// Whether this was a dry run, which changes nothing.
    pub dry_run: bool,
    /// Sessions that couldn't be ended. Only set by purges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Whether sessions are left for another call. Only set by purges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<bool>,
    /// The token for the next call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_token: Option<String>,
}

/// Notifications by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NotificationCounts {
    /// Accepted by the client.
    pub delivered: u64,
    /// Recorded, with another attempt to come.
    pub pending: u64,
    /// Given up.
    pub failed: u64,
    /// Not sent, because the client can't be notified.
    pub skipped: u64,
}

impl NotificationCounts {
    /// The sum of all states.
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

    /// Adds a client that can't be notified.
    pub(super) fn skip(&mut self, client_id: String, why: &'static str) {
        let id = ["skipped:", &client_id].concat();
        let notification = Notification { id, client_id, ..Notification::default() };
        self.add(Delivery {
            error: Some(why.to_owned()),
            ..unattempted(&notification, DeliveryState::Skipped)
        });
    }

    /// Adds a notification that this call won't attempt. Without an outbox it has failed.
    pub(super) fn add_unattempted(
        &mut self,
        notification: &Notification,
        why: String,
        durable: bool,
    ) {
        let state = if durable { DeliveryState::Pending } else { DeliveryState::Failed };
        self.add(Delivery { error: Some(why), ..unattempted(notification, state) });
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
