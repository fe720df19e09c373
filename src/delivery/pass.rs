//! One bounded pass over the outbox: for a timer, a cron trigger, an alarm or a queue.

use serde::Serialize;

use super::deliveries::{Deliveries, Progress};
use crate::error::{NotConfigured, Result};
use crate::notification::{DeliveryState, SettledBefore};
use crate::ports::Host;
use crate::pruning::{Prunable, prune};

/// How many notifications a pass takes on, if the caller does not say.
pub const DEFAULT_LIMIT: usize = 1_000;
/// The fewest that are claimed at once: a claim is a round trip to the store.
const SMALLEST_CLAIM: usize = 64;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPass {
    /// Notifications that clients took.
    pub delivered: u64,
    /// Notifications that were given up. They stay in the outbox and can be retried.
    pub failed: u64,
    /// Notifications that are to be tried again later.
    pub rescheduled: u64,
    /// Whether there may be more that are due now.
    pub more: bool,
    /// Settled notifications that were removed, because they had been kept for long enough.
    pub pruned: u64,
    /// Whether the outbox failed to remove them; the next pass tries again.
    pub pruning_failed: bool,
}

/// Claims notifications that are due, up to `limit`, and makes one attempt at each. Any number of
/// instances may do so at once: each notification is leased to one of them. Then removes some of
/// those that were settled long ago.
///
/// A failed notification is not an error; the outbox has it. Fails with `not_configured` where the
/// host has no outbox, client lookup or sender, with `store_failed` if the outbox can't be read or
/// records no attempt, or with `aborted`. What was claimed and not settled is due again when its
/// lease ends.
pub async fn deliver_due<H: Host>(host: &H, limit: Option<usize>) -> Result<DeliveryPass> {
    host.check_aborted()?;
    if host.outbox().is_none() || host.clients().is_none() || host.sender().is_none() {
        return Err(NotConfigured::Delivery.into());
    }
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let at_once = host.delivery().concurrency.saturating_mul(2).max(SMALLEST_CLAIM);
    let mut pass = DeliveryPass::default();
    let mut deliveries = Deliveries::new(host);
    let (mut asked, mut claiming, mut dry) = (0, 0, false);
    loop {
        if claiming == 0 && !dry && asked < limit && deliveries.is_hungry() {
            claiming = at_once.min(limit - asked);
            asked += claiming;
            deliveries.claim(claiming);
        }
        let Some(progress) = deliveries.next(claiming > 0).await? else { break };
        match progress {
            Progress::Claimed(claimed) => {
                dry = claimed.len() < std::mem::take(&mut claiming);
                for entry in claimed {
                    match entry {
                        Some(notification) => deliveries.add(notification),
                        // It takes the place of no other.
                        None => {
                            asked -= 1;
                            pass.rescheduled += 1;
                        }
                    }
                }
            }
            Progress::Made(delivery) => match delivery.state {
                DeliveryState::Delivered => pass.delivered += 1,
                DeliveryState::Failed => pass.failed += 1,
                _ => pass.rescheduled += 1,
            },
            Progress::LetGo(..) => pass.rescheduled += 1,
            Progress::Waited => {}
        }
        host.progress(0, pass.delivered + pass.failed + pass.rescheduled);
    }
    pass.more = !dry;
    let (now, options) = (host.now()?, host.delivery());
    let settled_before = SettledBefore {
        delivered: now.minus(options.keep_delivered),
        failed: now.minus(options.keep_failed),
    };
    let pruned = prune(host, Prunable::Notifications(settled_before)).await?;
    (pass.pruned, pass.pruning_failed) = (pruned.count, pruned.failed);
    Ok(pass)
}
