//! Several attempts at once, and the notifications that wait for their turn.

use futures_util::future::{LocalBoxFuture, select_all};

use super::attempt::{Attempted, attempt};
use super::queue::{Queue, Taken};
use crate::error::{Error, Result};
use crate::notification::{Delivery, Notification};
use crate::ports::{Host, LogoutOutbox};
use crate::time::Millis;

/// After so many failures in a row, the outbox counts as failing, and the registry of clients too.
const MOST_FAILURES: u32 = 3;
const REGISTRY_DOWN: &str = "not tried: clients can't be looked up";

/// Attempts under way, and the notifications that wait for a place among them.
///
/// A notification is let go, and left to whoever claims it next, when less than half of its lease
/// is left: an attempt that goes on when the lease ends would be made a second time by somebody
/// else.
pub(crate) struct Deliveries<'a, H: Host> {
    host: &'a H,
    queue: Queue,
    // Boxed, so that the code that waits for several at once is there for one type, and small.
    under_way: Vec<LocalBoxFuture<'a, Ended>>,
    running: Vec<Notification>,
    /// What was let go and is still to be told.
    let_go: Vec<(Notification, String)>,
    /// How many clients in a row could not be looked up.
    lookups_failed: u32,
    /// How many attempts in a row the outbox failed to record.
    unsettled: u32,
    last_unsettled: Option<Error>,
    /// The first failure of the host itself. Nothing begins after it; what is under way comes to
    /// its end.
    failed: Option<Error>,
}

/// What has come to its end.
enum Ended {
    Attempt(Box<(Taken, Result<Attempted>)>),
    Claimed(Result<Vec<Option<Notification>>>),
    Waited,
}

/// What there is to tell.
pub(crate) enum Progress {
    /// An attempt was made.
    Made(Delivery),
    /// No attempt was made, for this reason.
    LetGo(Notification, String),
    /// [`Deliveries::claim`] got these; `None` is one that this version can't read.
    Claimed(Vec<Option<Notification>>),
    /// [`Deliveries::wait`] is over.
    Waited,
}

impl<'a, H: Host> Deliveries<'a, H> {
    pub fn new(host: &'a H) -> Self {
        Deliveries {
            host,
            queue: Queue::new(host.delivery()),
            under_way: Vec::new(),
            running: Vec::new(),
            let_go: Vec::new(),
            lookups_failed: 0,
            unsettled: 0,
            last_unsettled: None,
            failed: None,
        }
    }

    /// Adds a notification, leased until its `not_before` if it has one.
    pub fn add(&mut self, notification: Notification) {
        match self.lookups_failed >= MOST_FAILURES {
            true => self.let_go.push((notification, REGISTRY_DOWN.to_owned())),
            false => self.let_go.extend(self.queue.add(notification)),
        }
    }

    /// Claims notifications from the outbox meanwhile.
    pub fn claim(&mut self, limit: usize) {
        let host = self.host;
        self.under_way.push(Box::pin(async move {
            let Some(outbox) = host.outbox() else { return Ended::Claimed(Ok(Vec::new())) };
            let claimed = async {
                let (now, lease) = (host.now()?, host.delivery().lease_for);
                let mut claimed = outbox.claim(now, limit, lease).await?;
                for notification in claimed.iter_mut().flatten() {
                    notification.not_before = Some(now.plus(lease));
                }
                Ok(claimed)
            };
            Ended::Claimed(claimed.await)
        }));
    }

    /// Waits meanwhile.
    pub fn wait(&mut self, milliseconds: Millis) {
        let host = self.host;
        self.under_way.push(Box::pin(async move {
            host.sleep(milliseconds).await;
            Ended::Waited
        }));
    }

    /// Whether more notifications would be welcome.
    pub fn is_hungry(&self) -> bool {
        let fails = self.failed.is_some() || self.lookups_failed >= MOST_FAILURES;
        !fails && self.queue.is_hungry()
    }

    /// Takes out all that waits for a place.
    pub fn drain(&mut self) -> Vec<Notification> {
        self.queue.drain()
    }

    /// The notifications that an attempt is under way at.
    pub fn running(&self) -> &[Notification] {
        &self.running
    }

    /// Begins what there is a place for, and waits for the next thing to tell; `None` once no
    /// attempt and no claim is under way. Fails with `store_failed` if the outbox keeps failing,
    /// and with `aborted`, once all attempts under way have ended.
    pub async fn next(&mut self, claiming: bool) -> Result<Option<Progress>> {
        loop {
            if let Err(error) = self.begin() {
                self.fail(error);
            }
            if let Some((notification, why)) = self.let_go.pop() {
                return Ok(Some(Progress::LetGo(notification, why)));
            }
            if self.running.is_empty() && !claiming {
                return self.failed.take().map_or(Ok(None), Err);
            }
            let ended;
            (ended, _, self.under_way) = select_all(std::mem::take(&mut self.under_way)).await;
            match ended {
                Ended::Waited => return Ok(Some(Progress::Waited)),
                Ended::Claimed(Ok(claimed)) => return Ok(Some(Progress::Claimed(claimed))),
                Ended::Claimed(Err(error)) => {
                    self.fail(error);
                    return Ok(Some(Progress::Claimed(Vec::new())));
                }
                Ended::Attempt(ended) => {
                    let (taken, attempted) = *ended;
                    self.running.retain(|running| running.id != taken.notification.id);
                    let answered = attempted.as_ref().is_ok_and(|attempted| attempted.answered);
                    let (left, why) = self.queue.free(&taken, answered);
                    self.let_go
                        .extend(left.into_iter().map(|notification| (notification, why.clone())));
                    match attempted {
                        Ok(attempted) => {
                            self.count_lookup(attempted.registry_failed);
                            self.count_unsettled(attempted.unsettled);
                            return Ok(Some(Progress::Made(attempted.delivery)));
                        }
                        Err(error) => {
                            self.let_go.push((taken.notification, error.to_string()));
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
        while let Some(taken) = self.queue.take() {
            let lease = host.delivery().lease_for;
            if taken.notification.not_before.is_some_and(|end| end.since(now) < lease / 2) {
                self.queue.put_back(&taken);
                self.let_go.push((
                    taken.notification,
                    "not tried: its turn did not come in time".to_owned(),
                ));
                continue;
            }
            self.running.push(taken.notification.clone());
            self.under_way.push(Box::pin(async move {
                let attempted = attempt(host, taken.notification.clone()).await;
                Ended::Attempt(Box::new((taken, attempted)))
            }));
        }
        Ok(())
    }

    /// A registry that is down is not asked again and again.
    fn count_lookup(&mut self, failed: bool) {
        self.lookups_failed = if failed { self.lookups_failed + 1 } else { 0 };
        if self.lookups_failed >= MOST_FAILURES {
            let left = self.queue.drain().into_iter();
            self.let_go.extend(left.map(|notification| (notification, REGISTRY_DOWN.to_owned())));
        }
    }

    /// One entry that can't be settled holds up no other. An outbox that settles none fails.
    fn count_unsettled(&mut self, unsettled: Option<Error>) {
        match unsettled {
            None => self.unsettled = 0,
            Some(error) => {
                self.unsettled += 1;
                match self.unsettled >= MOST_FAILURES {
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

    /// Ends with this error when what is under way has come to its end. Only the first one counts.
    fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(error);
    }
}
