//! Removing: ends sessions, revokes their grants, and notifies their clients.
//!
//! A removal goes step by step (`pipeline`). If the stores share a transaction, a step ends its
//! sessions as a set (`set`): one transaction removes them, records the notifications that follow
//! from their clients and revokes grants. If not, a step reads sessions, records, revokes and
//! removes (`steps`), in an order in which a repetition completes what an interruption left.
//! Removing a row is the gate: if two removals run at once, only the one that removed it notifies
//! its clients. `registrations` decides which clients are notified how.

mod failures;
mod job;
mod pipeline;
mod registrations;
mod report;
mod request;
mod set;
mod steps;
mod target;

use crate::error::Result;
use crate::ports::{Host, SessionStore};

pub use job::NamedSession;
pub(crate) use job::{Clients, Ending, Job, Reach};
pub use pipeline::Publish;
pub(crate) use pipeline::{PAGE_SIZE, Removal};
pub use report::{MAX_DELIVERIES, NotificationCounts, RemovalReport};
pub use request::{MAX_SESSIONS, RemovalRequest};
pub(crate) use target::{Target, list_targets};

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
