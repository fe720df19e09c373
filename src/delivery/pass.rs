//! One bounded pass over the outbox, for a timer, a cron trigger, an alarm or a queue.

use serde::Serialize;

use super::deliveries::{Deliveries, Progress};
use crate::error::{NotConfigured, Result};
use crate::notification::{DeliveryState, SettledBefore};
use crate::ports::Host;
use crate::pruning::{Prunable, prune};

/// The most notifications that a pass claims, by default.
pub const DEFAULT_LIMIT: usize = 1_000;
/// The smallest claim. Each claim is a round trip to the store.
const MIN_CLAIM: usize = 64;

/// The result of a delivery pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPass {
    /// Notifications that clients accepted.
    pub delivered: u64,
    /// Notifications that were given up. They are kept in the outbox and can be retried.
    pub failed: u64,
    /// Notifications that will be tried again.
    pub rescheduled: u64,
    /// Whether more notifications may be due now.
    pub more: bool,
    /// Settled notifications removed because their retention ended.
    pub pruned: u64,
    /// Whether the outbox failed to remove them. The next pass tries again.
    pub pruning_failed: bool,
}

/// Claims up to `limit` due notifications and makes one attempt at each. Any number of instances
/// may run a pass at once: each notification is leased to one of them. Then removes some of the
/// settled notifications whose retention has ended.
///
/// A failed delivery is not an error; it is recorded in the outbox. Fails with `not_configured` (no
/// outbox, client lookup or sender), `store_failed` (the outbox can't be read or records no
/// attempts) or `aborted`. Claimed notifications that weren't settled are due again when their
/// lease ends.
pub async fn deliver_due<H: Host>(host: &H, limit: Option<usize>) -> Result<DeliveryPass> {
    host.check_aborted()?;
    if host.outbox().is_none() || host.clients().is_none() || host.sender().is_none() {
        return Err(NotConfigured::Delivery.into());
    }
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let claim_size = host.delivery().concurrency.saturating_mul(2).max(MIN_CLAIM);
    let mut pass = DeliveryPass::default();
    let mut deliveries = Deliveries::new(host);
    let (mut requested, mut claiming, mut exhausted) = (0, 0, false);
    loop {
        if claiming == 0 && !exhausted && requested < limit && deliveries.wants_more() {
            claiming = claim_size.min(limit - requested);
            requested += claiming;
            deliveries.claim(claiming);
        }
        let Some(progress) = deliveries.next(claiming > 0).await? else { break };
        match progress {
            Progress::Claimed(claimed) => {
                exhausted = claimed.len() < std::mem::take(&mut claiming);
                for entry in claimed {
                    match entry {
                        Some(notification) => deliveries.add(notification),
                        // It doesn't count towards the limit.
                        None => {
                            requested -= 1;
                            pass.rescheduled += 1;
                        }
                    }
                }
            }
            Progress::Attempted(delivery) => match delivery.state {
                DeliveryState::Delivered => pass.delivered += 1,
                DeliveryState::Failed => pass.failed += 1,
                _ => pass.rescheduled += 1,
            },
            Progress::Dropped(..) => pass.rescheduled += 1,
            Progress::WaitEnded => {}
        }
        host.progress(0, pass.delivered + pass.failed + pass.rescheduled);
    }
    pass.more = !exhausted;
    let (now, options) = (host.now()?, host.delivery());
    let settled_before = SettledBefore {
        delivered: now.minus(options.keep_delivered),
        failed: now.minus(options.keep_failed),
    };
    let pruned = prune(host, Prunable::Notifications(settled_before)).await?;
    (pass.pruned, pass.pruning_failed) = (pruned.count, pruned.failed);
    Ok(pass)
}
