//! Removing: ends sessions, revokes their grants and notifies their clients.
//!
//! A removal runs in steps (`pipeline`). If the stores share a transaction, a step ends its
//! sessions as a set (`atomic_step`): one transaction removes them, records their notifications and
//! revokes grants. Otherwise a step reads sessions, records notifications, revokes grants and
//! removes the rows (`row_step`), in an order that lets a repeated call complete an interrupted
//! one. If two removals run at once, only the one that deletes a row notifies its clients.
//! `registrations` looks the clients up; the rule for who is notified is in
//! `ending/notified_clients.rs`.

mod atomic_step;
mod failures;
mod job;
mod pipeline;
mod registrations;
mod report;
mod request;
mod row_step;
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

/// Ends the sessions that the request names, revokes their grants and notifies their clients.
///
/// Removing sessions that no longer exist succeeds with zeros. A failed notification doesn't fail
/// the call; it is in the report. `invalid_argument`, `empty_target` and `not_configured` change
/// nothing. After `store_failed` or `aborted`, completed work is kept; repeat the call to complete
/// the rest.
pub async fn remove_sessions<H: Host>(host: &H, request: &RemovalRequest) -> Result<RemovalReport> {
    remove_and_publish(host, request, &mut |_| {}).await
}

/// Like [`remove_sessions`], but with an outbox it waits for deliveries only as long as
/// [`crate::settings::DeliveryOptions::wait`]. Then it starts no further attempts and passes the
/// interim report to `publish`. The future completes after the attempts in flight.
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
