//! Ending what has expired: one bounded pass, safe with any number of instances.

use serde::Serialize;

use crate::error::{Code, Result};
use crate::filter::{Filter, TimeRange};
use crate::grant::token_types;
use crate::notification::LogoutReason;
use crate::ports::{Host, Order, PageStart, SessionStore};
use crate::removal::{Clients, Ending, Job, PAGE, Reach, Removal, Target, list_targets};
use crate::session::SessionKey;
use crate::settings::CoordinationOptions;
use crate::time::{Millis, Timestamp};

/// How many sessions a pass ends, if the caller does not say; as in the reference.
pub const DEFAULT_BATCH_SIZE: usize = 100;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExpiryPass {
    /// Sessions that this call ended.
    pub processed: u64,
    /// Whether there may be more that have expired.
    pub more: bool,
    /// Sessions that could not be ended; the next pass tries them again.
    pub failed: u64,
}

/// Ends sessions that have expired, the longest expired first: revokes the tokens of clients that
/// coordinate, tells clients, and removes the session. Those past their absolute lifetime are among
/// them, if the store serves the filter `created`.
///
/// Removing a row is the claim: of two instances only the one that removed it tells its clients. A
/// session that fails stays for the next pass and holds up no other. Fails with `store_failed`
/// where the store cannot even list, and with `aborted`.
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
    if let Some(lifetime) = options.absolute_lifetime
        && host.sessions().serves("created")?
    {
        let before = Some(now.minus(lifetime).plus(1));
        let outlived = Filter { created: TimeRange { after: None, before }, ..Filter::default() };
        end_each(host, options, outlived, Order::Oldest, batch_size, &mut pass).await?;
    }
    Ok(pass)
}

/// Ends the sessions that match, up to `batch_size` in all.
async fn end_each<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    filter: Filter,
    order: Order,
    batch_size: usize,
    pass: &mut ExpiryPass,
) -> Result<()> {
    let job = expiry_job(host, options, filter);
    let mut removal = Removal::new(host, &job);
    // Where nothing of a page can be ended, the pass goes on at the other end of the list: sessions
    // that fail again and again must not keep it from the others. Where that is so there too, the
    // store is what fails.
    let (mut from, mut backwards) = (PageStart::First, false);
    let mut failed: Vec<SessionKey> = Vec::new();
    loop {
        let left = batch_size.saturating_sub(pass.processed as usize).min(PAGE);
        if left == 0 {
            pass.more = true;
            break;
        }
        let mut targets = list_targets(host, job.filter(), order, from, left).await?;
        let full = targets.len() == left;
        let end = if backwards { targets.first() } else { targets.last() };
        let reached = end.map(|target| target.position.clone());
        targets.retain(|target| !failed.contains(&target.key));
        let failing = end_page(host, &mut removal, &targets).await?;
        let barren = failing.len() == targets.len();
        failed.extend(failing);
        pass.processed += std::mem::take(&mut removal.report.sessions_removed);
        host.progress(pass.processed, removal.report.notifications.total())?;
        from = match reached.filter(|_| full) {
            Some(_) if barren && !backwards => {
                backwards = true;
                PageStart::Last
            }
            // That another pass would begin with the same ones is no reason to make one at once.
            Some(_) if barren => {
                pass.more = pass.processed > 0;
                break;
            }
            Some(position) if backwards => PageStart::Before(position),
            Some(position) => PageStart::After(position),
            None => break,
        };
    }
    pass.failed += failed.len() as u64;
    removal.deliver_held_back(None).await
}

/// Ends these sessions, together if that goes; one by one where one of them fails. Returns the keys
/// of those that failed.
async fn end_page<H: Host>(
    host: &H,
    removal: &mut Removal<'_, H>,
    targets: &[Target],
) -> Result<Vec<SessionKey>> {
    let mut failed = Vec::new();
    if removal.end(targets).await.is_err() {
        for target in targets {
            host.check_aborted()?;
            if let Err(error) = removal.end(std::slice::from_ref(target)).await {
                if error.code() == Code::Aborted {
                    return Err(error);
                }
                failed.push(target.key.clone());
                removal.emit_failure(target, &error)?;
            }
        }
    }
    Ok(failed)
}

fn expiry_job<H: Host>(host: &H, options: &CoordinationOptions, filter: Filter) -> Job {
    let coordinating =
        Clients::Coordinating { by_default: options.coordinate_client_lifetimes_with_user_session };
    let told = if options.expired_sessions_trigger_backchannel_logout {
        Clients::All
    } else {
        coordinating.clone()
    };
    Job {
        notified: host.can_notify().then_some(told),
        grant_types: host.grants().map(|_| token_types()),
        revoked: coordinating,
        ending: Ending::Expired,
        logout_reason: LogoutReason::SessionExpiration,
        ..Job::new(Reach::Each { filter: Box::new(filter) })
    }
}

/// Whether a session that began then has outlived this.
pub(super) fn is_outlived(
    created: Timestamp,
    absolute_lifetime: Option<Millis>,
    now: Timestamp,
) -> bool {
    absolute_lifetime.is_some_and(|lifetime| created.plus(lifetime) <= now)
}
