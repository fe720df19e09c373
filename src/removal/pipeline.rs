//! The pipeline of all removals, purges, expiry passes, session limits and sign-outs. Each step
//! ends some sessions, revokes their grants and records their notifications.

use super::job::{Ending, Job, NamedSession, Reach};
use super::registrations::{Recording, Registrations};
use super::report::{MAX_DELIVERIES, RemovalReport};
use super::target::{Target, list_targets};
use crate::delivery::{Deliveries, Progress};
use crate::ending::{EndingPick, SessionIds};
use crate::error::{Code, Error, Result, StoreFailed};
use crate::event::Event;
use crate::filter::{Filter, TextMatch};
use crate::grant::GrantFilter;
use crate::notification::{DeliveryState, Notification, unattempted};
use crate::ports::{
    AtomicEnding, CoveredStore, GrantStore, Host, PageStart, Position, SessionStore,
};
use crate::session::SessionKey;
use crate::time::Timestamp;

/// The most sessions that one step ends as a set.
pub(super) const SET_SIZE: usize = 1_000;
/// The most sessions that one step reads and removes by their keys.
pub(crate) const PAGE_SIZE: usize = 200;
/// The most notifications that are kept until the removal ends. Beyond that, they are delivered
/// between steps, so that memory stays flat.
const MAX_QUEUED: usize = 1_000;

/// Receives the interim report when the call has waited long enough.
pub type Publish<'a> = &'a mut dyn FnMut(&RemovalReport);

/// A removal in progress.
pub(crate) struct Removal<'a, H: Host> {
    pub(super) host: &'a H,
    pub job: &'a Job,
    pub(super) registrations: Registrations<'a, H>,
    pub report: RemovalReport,
    /// The sessions that couldn't be ended.
    pub failed: Vec<SessionKey>,
    pub(super) failures_in_a_row: usize,
    /// The first failure of the store to end a session.
    pub(super) failure: Option<Error>,
    repetitions: usize,
    queued: Vec<Notification>,
    /// When deliveries must stop; set when they begin.
    deadline: Option<Timestamp>,
    /// Whether a dry run has counted the target's grants.
    pub(super) target_grants_counted: bool,
}

/// The result of a step.
pub(crate) struct Step {
    /// The number of sessions that it ended.
    pub ended: u64,
    /// If there may be more: the position that the next step starts after, or `None` to start over.
    pub next: Option<Option<Position>>,
}

/// How often a step is repeated if concurrent calls ended or changed all of its sessions.
const MAX_REPETITIONS: usize = 100;

/// The first store that the job changes but the host's atomic ending doesn't cover.
fn first_uncovered_store<H: Host>(host: &H, job: &Job) -> Option<&'static str> {
    let atomic = host.atomic()?;
    let stores = [
        ("sessions", CoveredStore::Sessions, true),
        ("grants", CoveredStore::Grants, job.grant_types.is_some()),
        // Notifications go to the outbox that the set covers. If the host uses another outbox or
        // none, they would never be delivered.
        ("outbox", CoveredStore::Outbox, job.notified.is_some()),
    ];
    let changed = stores.into_iter().filter(|(.., changes)| *changes);
    let mut uncovered = changed.filter(|(_, store, _)| !atomic.covers(*store));
    uncovered.next().map(|(name, ..)| name)
}

/// The notes of the job, plus one if the host's atomic ending can't be used.
fn notes<H: Host>(host: &H, job: &Job) -> Vec<String> {
    let mut notes = job.notes.clone();
    if let Some(store) = first_uncovered_store(host, job).filter(|_| job.removes) {
        notes.push(["sessions were ended in steps: `atomic` doesn't cover `", store, "`"].concat());
    }
    notes
}

impl<'a, H: Host> Removal<'a, H> {
    pub fn new(host: &'a H, job: &'a Job) -> Self {
        Removal {
            host,
            job,
            registrations: Registrations::new(host, job),
            report: RemovalReport {
                dry_run: job.dry_run,
                notes: notes(host, job),
                ..RemovalReport::default()
            },
            failed: Vec::new(),
            failures_in_a_row: 0,
            failure: None,
            repetitions: 0,
            queued: Vec::new(),
            deadline: None,
            target_grants_counted: false,
        }
    }

    /// Ends all sessions of the job and delivers their notifications.
    pub async fn run(&mut self, publish: Publish<'_>) -> Result<()> {
        let ended = match &self.job.reach {
            Reach::Named { sessions } => self.end_named(sessions).await,
            _ => self.end_all().await,
        };
        self.finish(ended, Some(publish)).await
    }

    async fn end_all(&mut self) -> Result<()> {
        let mut after = None;
        while self.job.reads_sessions() {
            let step = match self.step(after.clone(), SET_SIZE).await {
                // A session with an unreadable field can only be removed by its key.
                Err(_) if self.has_unreadable(after.clone()).await => {
                    self.step_in_parts(after.clone(), PAGE_SIZE).await?
                }
                step => step?,
            };
            self.between_steps().await?;
            if !self.has_next_step(step, &mut after)? {
                break;
            }
        }
        // Revoke again: a session may have issued grants while it was still stored. So if the host
        // stores a token before it validates the session, the token is always revoked or refused.
        if !self.job.dry_run || !self.job.reads_sessions() {
            self.revoke_target().await?;
        }
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Ends named sessions.
    async fn end_named(&mut self, sessions: &[NamedSession]) -> Result<()> {
        for part in sessions.chunks(PAGE_SIZE) {
            let mut repetitions = 0;
            loop {
                let targets = self.read_named(part, repetitions == 0).await?;
                let mut ended = 0;
                for part in targets.chunks(PAGE_SIZE) {
                    ended += self.end_targets(part).await?;
                    self.between_steps().await?;
                }
                let stays = self.job.dry_run || !self.job.removes;
                if stays || ended >= targets.len() as u64 {
                    break;
                }
                // If its cookie value was rotated since the session was read, it has another key.
                repetitions += 1;
                if repetitions > MAX_REPETITIONS {
                    return Err(StoreFailed::KeepsChanging.into());
                }
            }
        }
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Reads the named sessions that exist. On the first read, revokes the tokens of missing ones,
    /// because an earlier call may have been interrupted.
    async fn read_named(&mut self, named: &[NamedSession], is_first: bool) -> Result<Vec<Target>> {
        let mut targets = Vec::new();
        for session in named {
            self.host.check_aborted()?;
            let filter = Filter {
                subject_id: Some(TextMatch::Equals(session.subject_id.clone())),
                session_id: Some(TextMatch::Equals(session.session_id.clone())),
                ..self.job.filter()
            };
            let (order, from) = (self.job.order, PageStart::First);
            let found = list_targets(self.host, filter, order, from, PAGE_SIZE).await?;
            if found.is_empty() && is_first {
                self.revoke_grants(self.job.named_grants(session)).await?;
            }
            targets.extend(found.into_iter().filter(|target| !self.job.excludes(target)));
        }
        Ok(targets)
    }

    /// Whether another step follows this one. Sets the position that it starts after.
    pub(super) fn has_next_step(
        &mut self,
        step: Step,
        after: &mut Option<Position>,
    ) -> Result<bool> {
        let Some(next) = step.next else { return Ok(false) };
        let repeats = step.ended == 0 && next == *after;
        self.repetitions = if repeats { self.repetitions + 1 } else { 0 };
        if self.repetitions > MAX_REPETITIONS {
            return Err(StoreFailed::KeepsChanging.into());
        }
        *after = next;
        Ok(true)
    }

    /// Delivers the notifications of ended sessions, even if the removal itself failed: a repeated
    /// call wouldn't find these sessions again. After an abort, recorded notifications are left to
    /// the outbox.
    pub async fn finish(&mut self, ended: Result<()>, publish: Option<Publish<'_>>) -> Result<()> {
        let Err(error) = ended else { return self.deliver(publish).await };
        if error.code() != Code::Aborted || self.host.outbox().is_none() {
            // Report the first failure.
            let _ = self.deliver(None).await;
        }
        Err(error)
    }

    /// Whether there are sessions to end after a position.
    pub async fn has_more(&self, mut after: Position) -> Result<bool> {
        loop {
            let (targets, next) = self.read(Some(after), PAGE_SIZE).await?;
            match next.filter(|_| targets.is_empty()) {
                Some(next) => after = next,
                None => return Ok(!targets.is_empty()),
            }
        }
    }

    /// Ends up to `limit` sessions after a position, with their grants and notifications.
    pub async fn step(&mut self, after: Option<Position>, limit: usize) -> Result<Step> {
        // Yield to other tasks between steps. Some drivers never wait: without this, no timer of
        // the process would run until the end, and memory that they free on the event loop would
        // pile up.
        if after.is_some() {
            self.host.sleep(0).await;
        }
        self.host.check_aborted()?;
        match self.atomic()? {
            Some(_) if self.job.dry_run => self.row_step(after, limit.min(SET_SIZE)).await,
            Some(atomic) => {
                let pick = self.job.pick(after, limit.min(SET_SIZE));
                self.atomic_step(atomic, pick).await
            }
            None => self.row_step(after, limit.min(PAGE_SIZE)).await,
        }
    }

    /// Delivers queued notifications if there are many, and reports progress to the caller.
    pub(super) async fn between_steps(&mut self) -> Result<()> {
        if self.queued.len() >= MAX_QUEUED {
            self.deliver(None).await?;
        }
        self.host.progress(self.report.sessions_removed, self.report.notifications.total());
        Ok(())
    }

    /// Ends these sessions, with their grants and notifications. Returns the number of ended
    /// sessions.
    pub async fn end_targets(&mut self, targets: &[Target]) -> Result<u64> {
        let mut targets = targets.to_vec();
        let unreadable = self.end_unreadable(&mut targets).await?;
        let ended = match self.atomic()? {
            _ if targets.is_empty() => 0,
            Some(atomic) if !self.job.dry_run => {
                let keys = targets.iter().map(|target| target.key.clone()).collect();
                let pick = self.job.pick(None, targets.len());
                self.atomic_step(atomic, EndingPick { keys: Some(keys), ..pick }).await?.ended
            }
            _ => (targets.len() - self.end(&targets).await?.len()) as u64,
        };
        Ok(unreadable + ended)
    }

    /// The port that ends the job's sessions as a set, if it covers all stores that the job changes
    /// and the store evaluates all conditions.
    fn atomic(&self) -> Result<Option<&'a H::Atomic>> {
        let job = self.job;
        let Some(atomic) = self.host.atomic().filter(|_| job.removes) else { return Ok(None) };
        let evaluates = job.began_before.is_none() || self.host.sessions().serves("created")?;
        Ok((first_uncovered_store(self.host, job).is_none() && evaluates).then_some(atomic))
    }

    /// Revokes or counts the grants of the whole target.
    async fn revoke_target(&mut self) -> Result<()> {
        self.revoke_grants(self.job.target_grants()).await
    }

    /// Revokes or counts grants.
    async fn revoke_grants(&mut self, grants: Option<GrantFilter>) -> Result<()> {
        let (Some(store), Some(filter)) = (self.host.grants(), grants) else { return Ok(()) };
        self.host.check_aborted()?;
        let counts = match self.job.dry_run {
            true => store.count(&filter).await?,
            false => store.remove(&filter).await?,
        };
        self.report.add_grants(counts);
        Ok(())
    }

    /// How to record the notifications of a step. They are reserved for this call as long as it
    /// makes attempts.
    pub(super) fn recording(&self) -> Result<Recording> {
        let created = self.host.now()?;
        let options = self.host.delivery();
        let in_time = self.deadline.is_none_or(|deadline| created < deadline);
        let delivers = self.delivers() && options.wait > 0 && in_time;
        let leased = delivers && self.host.outbox().is_some();
        let room = MAX_DELIVERIES.saturating_sub(self.report.deliveries.len());
        Ok(Recording {
            created,
            not_before: leased.then(|| created.plus(options.lease_for)),
            returned: if delivers { u32::MAX } else { room as u32 },
        })
    }

    /// Whether this call attempts deliveries.
    fn delivers(&self) -> bool {
        let waits = self.job.waits || self.host.outbox().is_none();
        waits && self.host.sender().is_some()
    }

    /// Queues notifications for delivery by this call.
    pub(super) fn queue_notifications(
        &mut self,
        notifications: impl IntoIterator<Item = Notification>,
    ) {
        self.queued.extend(notifications);
    }

    /// Adds clients that can't be notified to the report, each once.
    pub(super) fn report_skipped(&mut self, client_ids: &[String]) {
        for (client_id, why) in self.registrations.newly_skipped(client_ids) {
            self.report.skip(client_id, why);
        }
    }

    /// Delivers queued notifications for as long as the call may wait; the rest stays in the
    /// outbox. Pass `publish` at the end of the call.
    ///
    /// The report has the state of each notification, so neither a failure of the outbox nor an
    /// abort without an outbox stops it.
    pub async fn deliver(&mut self, publish: Option<Publish<'_>>) -> Result<()> {
        self.host.delay_aborts(self.host.outbox().is_none());
        let delivered = self.deliver_with_aborts_delayed(publish).await;
        self.host.delay_aborts(false);
        delivered
    }

    async fn deliver_with_aborts_delayed(
        &mut self,
        mut publish: Option<Publish<'_>>,
    ) -> Result<()> {
        let due = std::mem::take(&mut self.queued);
        if due.is_empty() {
            return Ok(());
        }
        let host = self.host;
        let mut remaining = None;
        if host.outbox().is_some() {
            let (now, wait) = (host.now()?, host.delivery().wait);
            let deadline = *self.deadline.get_or_insert(now.plus(wait));
            remaining = Some(deadline.since(now));
        }
        // Don't attempt anything: each attempt would ask the registry again.
        let is_down = self.registrations.is_down() && remaining.is_some();
        if !self.delivers() || is_down || remaining.is_some_and(|remaining| remaining <= 0) {
            for notification in due {
                self.report.add(unattempted(&notification, DeliveryState::Pending));
            }
            return Ok(());
        }
        let mut deliveries = Deliveries::new(host);
        for notification in due {
            deliveries.add(notification);
        }
        if let Some(remaining) = remaining {
            deliveries.wait(remaining);
        }
        let (mut published, mut result) = (false, Ok(()));
        loop {
            let progress = match deliveries.next(false).await {
                Ok(Some(progress)) => progress,
                Ok(None) => break,
                Err(error) if error.code() == Code::Aborted => return Err(error),
                Err(error) => {
                    let why = ["not tried: ", &error.to_string()].concat();
                    for notification in deliveries.drain() {
                        self.report.add_unattempted(
                            &notification,
                            why.clone(),
                            remaining.is_some(),
                        );
                    }
                    if published {
                        result = Err(error);
                    }
                    break;
                }
            };
            match progress {
                Progress::Attempted(delivery) => self.report.add(delivery),
                Progress::Dropped(notification, why) => {
                    self.report.add_unattempted(&notification, why, remaining.is_some())
                }
                Progress::Claimed(_) => {}
                Progress::WaitEnded => {
                    for notification in deliveries.drain() {
                        self.report.add(unattempted(&notification, DeliveryState::Pending));
                    }
                    if let Some(publish) = publish.take() {
                        published = true;
                        let mut report = self.report.clone();
                        for notification in deliveries.running() {
                            report.add(unattempted(notification, DeliveryState::Pending));
                        }
                        publish(&report);
                    }
                }
            }
            if !published {
                host.progress(self.report.sessions_removed, self.report.notifications.total());
            }
        }
        // The published report doesn't have this error.
        if published && let Some(error) = deliveries.take_unsettled() {
            return Err(error);
        }
        result
    }

    /// Returns a function that creates the event for an ended session.
    pub(super) fn ended_event(&self) -> Result<impl Fn(SessionIds) -> Event + '_> {
        let at = self.host.now()?;
        Ok(move |SessionIds { subject_id, session_id, issuer }| match &self.job.ending {
            Ending::Expired => Event::SessionExpired { at, subject_id, session_id, issuer },
            Ending::Removed { reason, actor } => Event::SessionRemoved {
                at,
                subject_id,
                session_id,
                issuer,
                logout_reason: self.job.logout_reason,
                reason: reason.clone(),
                actor: actor.clone(),
            },
        })
    }
}
