//! Ending what has expired: one bounded pass, safe with any number of instances.

use serde::Serialize;

use crate::error::{Code, Result};
use crate::filter::{Filter, TimeRange};
use crate::grant::token_types;
use crate::notification::LogoutReason;
use crate::ports::{Host, Order, PageStart, SessionStore};
use crate::removal::{Clients, Ending, Job, PAGE_SIZE, Reach, Removal, Target, list_targets};
use crate::session::SessionKey;
use crate::settings::CoordinationOptions;

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
/// coordinate, notifies clients, and removes the session. Those past their absolute lifetime are
/// among them, if the store serves the filter `created`.
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
    let job = expiry_job(host, options, filter, order);
    let mut removal = Removal::new(host, &job);
    let mut after = None;
    loop {
        let left = batch_size.saturating_sub(pass.processed as usize);
        if left == 0 {
            pass.more = true;
            break;
        }
        let before = removal.report.sessions_removed;
        let step = removal.step(after, left).await;
        // A step that failed may have ended sessions too.
        pass.processed += removal.report.sessions_removed - before;
        match step {
            Ok(step) if step.next.is_some() => after = step.next,
            Ok(_) => break,
            Err(error) if error.code() == Code::Aborted => return Err(error),
            Err(_) => {
                end_around_failures(host, &mut removal, batch_size, pass).await?;
                break;
            }
        }
    }
    removal.deliver(None).await
}

/// Goes on where a step failed: ends the sessions in smaller and smaller parts, down to those that
/// fail.
///
/// If no session of a page can be ended, it goes on at the other end of the list: sessions that
/// fail again and again must not keep it from the others. If that is so there too, the store is
/// what fails.
async fn end_around_failures<H: Host>(
    host: &H,
    removal: &mut Removal<'_, H>,
    batch_size: usize,
    pass: &mut ExpiryPass,
) -> Result<()> {
    let (filter, order) = (removal.job.filter(), removal.job.order);
    let (mut from, mut backwards) = (PageStart::First, false);
    let mut failed: Vec<SessionKey> = Vec::new();
    loop {
        let left = batch_size.saturating_sub(pass.processed as usize).min(PAGE_SIZE);
        if left == 0 {
            pass.more = true;
            break;
        }
        let mut targets = list_targets(host, filter.clone(), order, from, left).await?;
        let full = targets.len() == left;
        let end = if backwards { targets.first() } else { targets.last() };
        let reached = end.map(|target| target.position.clone());
        targets.retain(|target| !failed.contains(&target.key));
        let before = removal.report.sessions_removed;
        let failing = end_in_parts(host, removal, &targets).await?;
        let barren = failing.len() == targets.len();
        failed.extend(failing);
        pass.processed += removal.report.sessions_removed - before;
        from = match reached.filter(|_| full) {
            Some(_) if barren && !backwards => {
                backwards = true;
                PageStart::Last
            }
            // Another pass would begin with the same ones, so there is no reason to make one at
            // once.
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
    Ok(())
}

/// Ends these sessions together; if that fails, each half by itself. Returns the keys of those that
/// fail alone.
async fn end_in_parts<H: Host>(
    host: &H,
    removal: &mut Removal<'_, H>,
    targets: &[Target],
) -> Result<Vec<SessionKey>> {
    let mut failed = Vec::new();
    let mut parts = vec![targets];
    while let Some(part) = parts.pop() {
        host.check_aborted()?;
        let Err(error) = removal.end_these(part).await else { continue };
        if error.code() == Code::Aborted {
            return Err(error);
        }
        match part {
            [] => {}
            [target] => {
                failed.push(target.key.clone());
                removal.emit_failure(target, &error)?;
            }
            _ => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
        }
    }
    Ok(failed)
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
