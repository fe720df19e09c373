//! Removing: ends sessions, revokes what they led to, and sees to it that every client is told.
//!
//! The order of work makes any interruption repairable: read sessions with their clients, record
//! the notifications, revoke grants, delete sessions, deliver. Where the stores share a transaction
//! the three in the middle are one step; where not, each can be repeated. Deleting a row is the
//! gate: of two removals at once only the one that deleted it tells its clients.

mod job;
mod notices;
mod pipeline;
mod report;
mod request;
mod target;

use crate::error::Result;
use crate::ports::{Host, SessionStore};

pub(crate) use job::{Clients, Ending, Job, Reach};
pub use pipeline::Publish;
pub(crate) use pipeline::Removal;
pub use report::{MAX_DELIVERIES, NotificationCounts, RemovalReport};
pub use request::RemovalRequest;
pub(crate) use target::{PAGE, Target, list_targets};

/// Ends the sessions that the request names, and what goes with them.
///
/// Removing what is already gone succeeds with zeros. Fails with `invalid_argument`, `empty_target`
/// or `not_configured` before anything is read, and with `store_failed` or `aborted` on the way:
/// what was done by then stays done, and the same call again completes it. A notification that
/// fails does not fail the call; the report has it.
pub async fn remove_sessions<H: Host>(host: &H, request: &RemovalRequest) -> Result<RemovalReport> {
    remove_and_publish(host, request, &mut |_| {}).await
}

/// As [`remove_sessions`]. Where an outbox remembers them, notifications get
/// [`crate::settings::DeliveryOptions::wait`]. Then no attempt begins any more, `publish` gets the
/// report as it stands, and the future goes on for the attempts that are under way.
pub async fn remove_and_publish<H: Host>(
    host: &H,
    request: &RemovalRequest,
    publish: Publish<'_>,
) -> Result<RemovalReport> {
    host.check_aborted()?;
    let job = request.job(host)?;
    host.sessions().check_filter(&job.filter())?;
    let mut removal = Removal::new(host, &job);
    removal.run(publish).await?;
    Ok(removal.report)
}
