//! The expiry pass: ends expired sessions in one bounded run, safe with any number of instances.

use serde::Serialize;

use crate::error::Result;
use crate::filter::{Filter, TimeRange};
use crate::grant::token_types;
use crate::notification::LogoutReason;
use crate::ports::{Host, Order, SessionStore};
use crate::pruning::{Prunable, prune};
use crate::removal::{Clients, Ending, Job, Reach, Removal};
use crate::settings::CoordinationOptions;

/// The most sessions that a pass ends, by default; as in the reference.
pub const DEFAULT_BATCH_SIZE: usize = 100;

/// The result of an expiry pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpiryPass {
    /// Sessions ended.
    pub processed: u64,
    /// Whether another pass may find more to do.
    pub more: bool,
    /// Sessions that couldn't be ended. The next pass tries again.
    pub failed: u64,
    /// Expired grants removed.
    pub grants_removed: u64,
    /// Sessions whose address and user agent were cleared.
    pub devices_forgotten: u64,
    /// Whether a store failed to remove grants or clear devices. The next pass tries again.
    pub pruning_failed: bool,
}

/// Ends expired sessions, longest expired first: revokes the tokens of coordinating clients,
/// notifies clients and removes the sessions. If the store supports the filter `created`, this
/// includes sessions past their absolute lifetime. Then removes some expired grants and, if the
/// host sets `forget_devices_after`, clears the devices of some old sessions.
///
/// If two instances run a pass at once, only the one that removes a row notifies its clients. A
/// session that can't be ended is left for the next pass and doesn't block the others. Fails with
/// `store_failed` if the store can't even list sessions, and with `aborted`.
pub async fn remove_expired_sessions<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    batch_size: Option<usize>,
) -> Result<ExpiryPass> {
    host.check_aborted()?;
    let now = host.now()?;
    let batch_size = batch_size.unwrap_or(DEFAULT_BATCH_SIZE);
    let mut pass = ExpiryPass::default();
    let expired = Filter { expired_at: Some(now), ..Filter::default() };
    host.sessions().check_filter(&expired)?;
    end_matching(host, options, expired, Order::Expiry, batch_size, &mut pass).await?;
    if let Some(lifetime) = host.absolute_lifetime()
        && host.sessions().serves("created")?
    {
        let before = Some(now.minus(lifetime).plus(1));
        let past_lifetime =
            Filter { created: TimeRange { after: None, before }, ..Filter::default() };
        end_matching(host, options, past_lifetime, Order::Oldest, batch_size, &mut pass).await?;
    }
    let grants = prune(host, Prunable::Grants(now)).await?;
    pass.grants_removed = grants.count;
    pass.more |= grants.more;
    pass.pruning_failed |= grants.failed;
    if let Some(age) = host.forget_devices_after() {
        let devices = prune(host, Prunable::Devices(now.minus(age))).await?;
        pass.devices_forgotten = devices.count;
        pass.more |= devices.more;
        pass.pruning_failed |= devices.failed;
    }
    Ok(pass)
}

/// Ends matching sessions. The whole pass ends up to `batch_size`.
async fn end_matching<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    filter: Filter,
    order: Order,
    batch_size: usize,
    pass: &mut ExpiryPass,
) -> Result<()> {
    let remaining = batch_size.saturating_sub(pass.processed as usize);
    if remaining == 0 {
        pass.more = true;
        return Ok(());
    }
    let job = expiry_job(host, options, filter, order);
    let mut removal = Removal::new(host, &job);
    let ended = match removal.run_up_to(None, remaining).await {
        Ok(reached) => {
            pass.more |= reached.is_some();
            Ok(())
        }
        // Too many consecutive failures. Before the pass reports that the store failed, it tries
        // the other end of the list: sessions that always fail must not block the others.
        Err(_) if removal.is_stuck() => {
            let remaining = remaining.saturating_sub(removal.report.sessions_removed as usize);
            let other_end = removal.run_backwards(remaining).await;
            // Don't report `more`: the next pass would hit the same failures.
            pass.more |= removal.report.sessions_removed > 0;
            if removal.is_stuck() { Ok(()) } else { other_end }
        }
        Err(error) => Err(error),
    };
    pass.processed += removal.report.sessions_removed;
    pass.failed += removal.failed.len() as u64;
    removal.finish(ended, None).await
}

fn expiry_job<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    filter: Filter,
    order: Order,
) -> Job {
    let coordinating =
        Clients::Coordinating { by_default: options.coordinate_client_lifetimes_with_user_session };
    let notified = if options.expired_sessions_trigger_backchannel_logout {
        Clients::All
    } else {
        coordinating.clone()
    };
    Job {
        notified: host.can_notify().then_some(notified),
        order,
        grant_types: host.grants().map(|_| token_types()),
        revoked: coordinating,
        ending: Ending::Expired,
        logout_reason: LogoutReason::SessionExpiration,
        ..Job::new(Reach::Each { filter: Box::new(filter) })
    }
}
