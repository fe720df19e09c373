//! Concurrent attempts, and the queue of notifications behind them.

use futures_util::future::{LocalBoxFuture, select_all};

use super::attempt::{Attempted, attempt};
use super::queue::{Queue, Started};
use crate::error::{Error, Result};
use crate::notification::{Delivery, Notification};
use crate::ports::{Host, LogoutOutbox};
use crate::time::Millis;

/// After this many consecutive failures, the outbox or the client registry is considered down.
const MAX_FAILURES: u32 = 3;
const REGISTRY_DOWN: &str = "not tried: clients can't be looked up";

/// Attempts in flight and the queue of notifications behind them.
///
/// A notification is dropped when less than half of its lease is left, so that another instance
/// claims it later. An attempt that outlasts the lease would be repeated by another instance.
pub(crate) struct Deliveries<'a, H: Host> {
    host: &'a H,
    queue: Queue,
    // Boxed, so that the code that waits for several futures is compiled for one type only.
    in_flight: Vec<LocalBoxFuture<'a, Completed>>,
    running: Vec<Notification>,
    /// Dropped notifications that the caller doesn't know about yet, with the reason.
    dropped: Vec<(Notification, String)>,
    /// Consecutive lookups that failed.
    lookups_failed: u32,
    /// Consecutive attempts that the outbox failed to record.
    unsettled: u32,
    last_unsettled: Option<Error>,
    /// The first failure of the host itself. No attempt starts after it; those in flight complete.
    failed: Option<Error>,
}

/// A completed future.
enum Completed {
    Attempt(Box<(Started, Result<Attempted>)>),
    Claimed(Result<Vec<Option<Notification>>>),
    WaitEnded,
}

/// The next thing that the caller must know.
pub(crate) enum Progress {
    /// An attempt completed.
    Attempted(Delivery),
    /// No attempt was made, for this reason.
    Dropped(Notification, String),
    /// The result of [`Deliveries::claim`]. `None` is a notification that this version can't read.
    Claimed(Vec<Option<Notification>>),
    /// The time of [`Deliveries::wait`] is up.
    WaitEnded,
}

impl<'a, H: Host> Deliveries<'a, H> {
    pub fn new(host: &'a H) -> Self {
        Deliveries {
            host,
            queue: Queue::new(host.delivery()),
            in_flight: Vec::new(),
            running: Vec::new(),
            dropped: Vec::new(),
            lookups_failed: 0,
            unsettled: 0,
            last_unsettled: None,
            failed: None,
        }
    }

    /// Adds a notification. If it has a `not_before`, its lease ends then.
    pub fn add(&mut self, notification: Notification) {
        match self.lookups_failed >= MAX_FAILURES {
            true => self.dropped.push((notification, REGISTRY_DOWN.to_owned())),
            false => self.dropped.extend(self.queue.add(notification)),
        }
    }

    /// Claims notifications from the outbox, concurrently.
    pub fn claim(&mut self, limit: usize) {
        let host = self.host;
        self.in_flight.push(Box::pin(async move {
            let Some(outbox) = host.outbox() else { return Completed::Claimed(Ok(Vec::new())) };
            let claimed = async {
                let (now, lease) = (host.now()?, host.delivery().lease_for);
                let mut claimed = outbox.claim(now, limit, lease).await?;
                for notification in claimed.iter_mut().flatten() {
                    notification.not_before = Some(now.plus(lease));
                }
                Ok(claimed)
            };
            Completed::Claimed(claimed.await)
        }));
    }

    /// Starts a timer, concurrently.
    pub fn wait(&mut self, milliseconds: Millis) {
        let host = self.host;
        self.in_flight.push(Box::pin(async move {
            host.sleep(milliseconds).await;
            Completed::WaitEnded
        }));
    }

    /// Whether to add more notifications now.
    pub fn wants_more(&self) -> bool {
        let fails = self.failed.is_some() || self.lookups_failed >= MAX_FAILURES;
        !fails && self.queue.wants_more()
    }

    /// Removes and returns all queued notifications.
    pub fn drain(&mut self) -> Vec<Notification> {
        self.queue.drain()
    }

    /// The notifications of attempts in flight.
    pub fn running(&self) -> &[Notification] {
        &self.running
    }

    /// Starts queued attempts and waits for progress. `None` once no attempt and no claim is in
    /// flight. Fails with `aborted`, or with `store_failed` if the outbox keeps failing, after all
    /// attempts in flight have completed.
    pub async fn next(&mut self, claiming: bool) -> Result<Option<Progress>> {
        loop {
            if let Err(error) = self.begin() {
                self.fail(error);
            }
            if let Some((notification, why)) = self.dropped.pop() {
                return Ok(Some(Progress::Dropped(notification, why)));
            }
            if self.running.is_empty() && !claiming {
                return self.failed.take().map_or(Ok(None), Err);
            }
            let ended;
            (ended, _, self.in_flight) = select_all(std::mem::take(&mut self.in_flight)).await;
            match ended {
                Completed::WaitEnded => return Ok(Some(Progress::WaitEnded)),
                Completed::Claimed(Ok(claimed)) => return Ok(Some(Progress::Claimed(claimed))),
                Completed::Claimed(Err(error)) => {
                    self.fail(error);
                    return Ok(Some(Progress::Claimed(Vec::new())));
                }
                Completed::Attempt(ended) => {
                    let (started, attempted) = *ended;
                    self.running.retain(|running| running.id != started.notification.id);
                    let answered = attempted.as_ref().is_ok_and(|attempted| attempted.answered);
                    let (left, why) = self.queue.finish(&started, answered);
                    self.dropped
                        .extend(left.into_iter().map(|notification| (notification, why.clone())));
                    match attempted {
                        Ok(attempted) => {
                            self.count_lookup(attempted.registry_failed);
                            self.count_unsettled(attempted.unsettled);
                            return Ok(Some(Progress::Attempted(attempted.delivery)));
                        }
                        Err(error) => {
                            self.dropped.push((started.notification, error.to_string()));
                            self.fail(error);
                        }
                    }
                }
            }
        }
    }

    fn begin(&mut self) -> Result<()> {
        if self.failed.is_none()
            && let Err(error) = self.host.check_aborted()
        {
            self.fail(error);
        }
        if self.failed.is_some() {
            return Ok(());
        }
        let host = self.host;
        let now = host.now()?;
        while let Some(started) = self.queue.take() {
            let lease = host.delivery().lease_for;
            if started.notification.not_before.is_some_and(|end| end.since(now) < lease / 2) {
                self.queue.release(&started);
                self.dropped
                    .push((started.notification, "not tried: it waited too long".to_owned()));
                continue;
            }
            self.running.push(started.notification.clone());
            self.in_flight.push(Box::pin(async move {
                let attempted = attempt(host, started.notification.clone()).await;
                Completed::Attempt(Box::new((started, attempted)))
            }));
        }
        Ok(())
    }

    /// Counts consecutive failed lookups. If the registry is down, drops the queue.
    fn count_lookup(&mut self, failed: bool) {
        self.lookups_failed = if failed { self.lookups_failed + 1 } else { 0 };
        if self.lookups_failed >= MAX_FAILURES {
            let left = self.queue.drain().into_iter();
            self.dropped.extend(left.map(|notification| (notification, REGISTRY_DOWN.to_owned())));
        }
    }

    /// Counts attempts that the outbox failed to record. A single failure doesn't stop the others.
    fn count_unsettled(&mut self, unsettled: Option<Error>) {
        match unsettled {
            None => self.unsettled = 0,
            Some(error) => {
                self.unsettled += 1;
                match self.unsettled >= MAX_FAILURES {
                    true => self.fail(error),
                    false => self.last_unsettled = Some(error),
                }
            }
        }
    }

    /// The last failure of the outbox to record an attempt.
    pub fn take_unsettled(&mut self) -> Option<Error> {
        self.last_unsettled.take()
    }

    /// Makes [`Deliveries::next`] fail once the attempts in flight have completed. Only the first
    /// error counts.
    fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(error);
    }
}
