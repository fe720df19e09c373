//! Ending what has expired: one bounded pass, safe with any number of instances.

use serde::Serialize;

use crate::error::Result;
use crate::filter::{Filter, TimeRange};
use crate::grant::token_types;
use crate::notification::LogoutReason;
use crate::ports::{Host, Order, SessionStore};
use crate::pruning::{Prunable, prune};
use crate::removal::{Clients, Ending, Job, Reach, Removal};
use crate::settings::CoordinationOptions;

/// How many sessions a pass ends, if the caller does not say; as in the reference.
pub const DEFAULT_BATCH_SIZE: usize = 100;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpiryPass {
    /// Sessions that this call ended.
    pub processed: u64,
    /// Whether there may be more that have expired, or more to forget.
    pub more: bool,
    /// Sessions that could not be ended; the next pass tries them again.
    pub failed: u64,
    /// Expired grants that were removed.
    pub grants_removed: u64,
    /// Sessions whose address and user agent were cleared.
    pub devices_forgotten: u64,
    /// Whether a store failed at one of these two; the next pass tries again.
    pub pruning_failed: bool,
}

/// Ends sessions that have expired, the longest expired first: revokes the tokens of clients that
/// coordinate, notifies clients, and removes the session. Those past their absolute lifetime are
/// among them, if the store serves the filter `created`. Then removes some of the expired grants,
/// and forgets the devices of some older sessions if the host sets `forget_devices_after`.
///
/// Removing a row is the claim: if two instances make a pass at once, only the one that removed it
/// notifies its clients. A session that fails stays for the next pass and holds up no other. Fails
/// with `store_failed` if the store can't even list, and with `aborted`.
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
    end_each(host, options, expired, Order::Expiry, batch_size, &mut pass).await?;
    if let Some(lifetime) = host.absolute_lifetime()
        && host.sessions().serves("created")?
    {
        let before = Some(now.minus(lifetime).plus(1));
        let outlived = Filter { created: TimeRange { after: None, before }, ..Filter::default() };
        end_each(host, options, outlived, Order::Oldest, batch_size, &mut pass).await?;
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

/// Ends the sessions that match, up to `batch_size` in the whole pass.
async fn end_each<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    filter: Filter,
    order: Order,
    batch_size: usize,
    pass: &mut ExpiryPass,
) -> Result<()> {
    let left = batch_size.saturating_sub(pass.processed as usize);
    if left == 0 {
        pass.more = true;
        return Ok(());
    }
    let job = expiry_job(host, options, filter, order);
    let mut removal = Removal::new(host, &job);
    let ended = match removal.run_up_to(None, left).await {
        Ok(reached) => {
            pass.more |= reached.is_some();
            Ok(())
        }
        // Before the pass takes that for a failure of the store, it looks at the other end of the
        // list: sessions that fail again and again must not keep it from the others.
        Err(_) if removal.is_stuck() => {
            let left = left.saturating_sub(removal.report.sessions_removed as usize);
            let other_end = removal.run_backwards(left).await;
            // Another pass would begin with the same ones, so there is no reason to make one at
            // once.
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
