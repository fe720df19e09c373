//! Pruning. At its end, a pass removes entries that are no longer needed, in batches.

use crate::error::Result;
use crate::event::Event;
use crate::notification::SettledBefore;
use crate::ports::{GrantStore, Host, LogoutOutbox, SessionStore};
use crate::time::Timestamp;

/// The most entries that a store removes in one step.
pub const BATCH_SIZE: usize = 1_000;
/// The most steps of one pass. The next passes continue a long backlog.
pub const MAX_BATCHES: usize = 10;

/// The entries that a pass prunes.
#[derive(Clone, Copy)]
pub(crate) enum Prunable {
    /// Notifications that were settled before these instants.
    Notifications(SettledBefore),
    /// Grants that have expired at this instant.
    Grants(Timestamp),
    /// The addresses and user agents of sessions that were created before this instant.
    Devices(Timestamp),
}

impl Prunable {
    /// The name of its store in the host's options.
    fn store(self) -> &'static str {
        match self {
            Prunable::Notifications(_) => "outbox",
            Prunable::Grants(_) => "grants",
            Prunable::Devices(_) => "sessions",
        }
    }

    /// Prunes one batch and returns the number of entries.
    async fn prune<H: Host>(self, host: &H) -> Result<u64> {
        match self {
            Prunable::Notifications(settled_before) => match host.outbox() {
                Some(outbox) => outbox.prune(&settled_before, BATCH_SIZE).await,
                None => Ok(0),
            },
            Prunable::Grants(now) => match host.grants() {
                Some(grants) => grants.remove_expired(now, BATCH_SIZE).await,
                None => Ok(0),
            },
            Prunable::Devices(created_before) => {
                host.sessions().forget_devices(created_before, BATCH_SIZE).await
            }
        }
    }
}

/// The result of pruning.
#[derive(Default)]
pub(crate) struct Pruned {
    pub count: u64,
    /// Whether another pass may find more.
    pub more: bool,
    /// Whether the store failed.
    pub failed: bool,
}

/// Prunes batch by batch, up to [`MAX_BATCHES`]. If the store fails, the event `pruning_failed`
/// says why, and the next pass tries again. Fails with `aborted`.
pub(crate) async fn prune<H: Host>(host: &H, prunable: Prunable) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    for _ in 0..MAX_BATCHES {
        host.check_aborted()?;
        let count = prunable.prune(host).await;
        host.check_aborted()?;
        match count {
            Ok(count) => {
                pruned.count += count;
                pruned.more = count >= BATCH_SIZE as u64;
            }
            Err(error) => {
                pruned.failed = true;
                pruned.more = false;
                host.emit(Event::PruningFailed {
                    at: host.now()?,
                    store: prunable.store(),
                    code: error.code(),
                    error: error.to_string(),
                });
            }
        }
        if !pruned.more {
            break;
        }
    }
    Ok(pruned)
}
