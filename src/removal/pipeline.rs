//! The pipeline that every removal goes through: a removal, a purge, an expiry pass, a session
//! limit, a sign-out. It goes step by step; each step ends some sessions and what goes with them.

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
use crate::notification::{DeliveryState, Notification, untried};
use crate::ports::{
    AtomicEnding, CoveredStore, GrantStore, Host, PageStart, Position, SessionStore,
};
use crate::session::SessionKey;
use crate::time::Timestamp;

/// How many sessions a step ends at most where the store ends them as a set.
pub(super) const SET_SIZE: usize = 1_000;
/// How many sessions a step ends at most where they are read and removed by their keys.
pub(crate) const PAGE_SIZE: usize = 200;
/// How many notifications wait for the end of the removal. If there are more, they are delivered on
/// the way, so that memory stays flat.
const HELD_BACK: usize = 1_000;

/// Receives the interim report when a call has waited long enough.
pub type Publish<'a> = &'a mut dyn FnMut(&RemovalReport);

/// A removal under way.
pub(crate) struct Removal<'a, H: Host> {
    pub(super) host: &'a H,
    pub job: &'a Job,
    pub(super) registrations: Registrations<'a, H>,
    pub report: RemovalReport,
    /// The sessions that could not be ended.
    pub failed: Vec<SessionKey>,
    pub(super) failures_in_a_row: usize,
    /// The failure of the first of them that the store failed to end.
    pub(super) failure: Option<Error>,
    repetitions: usize,
    held_back: Vec<Notification>,
    /// Until when notifications are delivered, once that has begun.
    deadline: Option<Timestamp>,
    /// Whether a dry run has counted the grants of the target.
    pub(super) target_grants_counted: bool,
}

/// The result of a step.
pub(crate) struct Step {
    /// How many sessions it ended.
    pub ended: u64,
    /// If there may be more: behind which position the next step begins, or `None` for the first.
    pub next: Option<Option<Position>>,
}

/// How often a step is asked for again because other calls ended or changed all of its sessions.
const MOST_REPETITIONS: usize = 100;

/// The first store that the job changes and that the host's atomic ending doesn't cover.
fn uncovered<H: Host>(host: &H, job: &Job) -> Option<&'static str> {
    let atomic = host.atomic()?;
    let stores = [
        ("sessions", CoveredStore::Sessions, true),
        ("grants", CoveredStore::Grants, job.grant_types.is_some()),
        // The notifications are recorded in the outbox that the set covers: if the host uses none
        // or another one, no delivery would find them.
        ("outbox", CoveredStore::Outbox, job.notified.is_some()),
    ];
    let changed = stores.into_iter().filter(|(.., changes)| *changes);
    let mut uncovered = changed.filter(|(_, store, _)| !atomic.covers(*store));
    uncovered.next().map(|(name, ..)| name)
}

/// The notes of the job, and one if sessions can't end as a set although the host wants that.
fn notes<H: Host>(host: &H, job: &Job) -> Vec<String> {
    let mut notes = job.notes.clone();
    if let Some(store) = uncovered(host, job).filter(|_| job.removes) {
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
            held_back: Vec::new(),
            deadline: None,
            target_grants_counted: false,
        }
    }

    /// Ends everything that the job reaches, and delivers its notifications.
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
                // Such a session can only be removed by its key.
                Err(_) if self.finds_unreadable(after.clone()).await => {
                    self.go_around(after.clone(), PAGE_SIZE).await?
                }
                step => step?,
            };
            self.between_steps().await?;
            if !self.goes_on(step, &mut after)? {
                break;
            }
        }
        // Once more: a session that was still there may have led to new grants meanwhile. A host
        // that stores a token and then validates the session can't miss the end of the session.
        if !self.job.dry_run || !self.job.reads_sessions() {
            self.revoke_target().await?;
        }
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Ends sessions that are named.
    async fn end_named(&mut self, sessions: &[NamedSession]) -> Result<()> {
        for part in sessions.chunks(PAGE_SIZE) {
            let mut repetitions = 0;
            loop {
                let targets = self.read_named(part, repetitions == 0).await?;
                let mut ended = 0;
                for part in targets.chunks(PAGE_SIZE) {
                    ended += self.end_these(part).await?;
                    self.between_steps().await?;
                }
                let stays = self.job.dry_run || !self.job.removes;
                if stays || ended >= targets.len() as u64 {
                    break;
                }
                // If a cookie value was replaced since the session was read, it has another key.
                repetitions += 1;
                if repetitions > MOST_REPETITIONS {
                    return Err(StoreFailed::KeepsChanging.into());
                }
            }
        }
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Those of these sessions that are there. The first time, tokens of one that isn't are
    /// revoked: an earlier call may have been interrupted.
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
                self.revoke_these(self.job.named_grants(session)).await?;
            }
            targets.extend(found.into_iter().filter(|target| !self.job.excludes(target)));
        }
        Ok(targets)
    }

    /// Whether another step follows this one, and from which position.
    pub(super) fn goes_on(&mut self, step: Step, after: &mut Option<Position>) -> Result<bool> {
        let Some(next) = step.next else { return Ok(false) };
        let repeats = step.ended == 0 && next == *after;
        self.repetitions = if repeats { self.repetitions + 1 } else { 0 };
        if self.repetitions > MOST_REPETITIONS {
            return Err(StoreFailed::KeepsChanging.into());
        }
        *after = next;
        Ok(true)
    }

    /// Delivers the notifications of sessions that have ended, also if the removal itself was cut
    /// short: repeating the call wouldn't find these sessions again. After an abort, what an outbox
    /// has recorded is left to it.
    pub async fn finish(&mut self, ended: Result<()>, publish: Option<Publish<'_>>) -> Result<()> {
        let Err(error) = ended else { return self.deliver(publish).await };
        if error.code() != Code::Aborted || self.host.outbox().is_none() {
            // The first failure is the one to report.
            let _ = self.deliver(None).await;
        }
        Err(error)
    }

    /// Whether there are sessions to end behind a position.
    pub async fn has_more(&self, mut after: Position) -> Result<bool> {
        loop {
            let (targets, next) = self.read(Some(after), PAGE_SIZE).await?;
            match next.filter(|_| targets.is_empty()) {
                Some(next) => after = next,
                None => return Ok(!targets.is_empty()),
            }
        }
    }

    /// Ends up to `limit` sessions behind a position, and what goes with them.
    pub async fn step(&mut self, after: Option<Position>, limit: usize) -> Result<Step> {
        // Between two steps everything else has its turn. Some drivers never wait for anything:
        // without this no timer of the process would run until all is done, and what they free when
        // the event loop turns would pile up.
        if after.is_some() {
            self.host.sleep(0).await;
        }
        self.host.check_aborted()?;
        match self.atomic()? {
            Some(_) if self.job.dry_run => self.read_step(after, limit.min(SET_SIZE)).await,
            Some(atomic) => {
                let pick = self.job.pick(after, limit.min(SET_SIZE));
                self.set_step(atomic, pick).await
            }
            None => self.read_step(after, limit.min(PAGE_SIZE)).await,
        }
    }

    /// Delivers what is held back if that is too much, and tells the caller how far the call has
    /// come.
    pub(super) async fn between_steps(&mut self) -> Result<()> {
        if self.held_back.len() >= HELD_BACK {
            self.deliver(None).await?;
        }
        self.host.progress(self.report.sessions_removed, self.report.notifications.total());
        Ok(())
    }

    /// Ends these sessions of the job, and what goes with them. Returns how many it ended.
    pub async fn end_these(&mut self, targets: &[Target]) -> Result<u64> {
        let mut targets = targets.to_vec();
        let unreadable = self.end_unreadable(&mut targets).await?;
        let ended = match self.atomic()? {
            _ if targets.is_empty() => 0,
            Some(atomic) if !self.job.dry_run => {
                let keys = targets.iter().map(|target| target.key.clone()).collect();
                let pick = self.job.pick(None, targets.len());
                self.set_step(atomic, EndingPick { keys: Some(keys), ..pick }).await?.ended
            }
            _ => (targets.len() - self.end(&targets).await?.len()) as u64,
        };
        Ok(unreadable + ended)
    }

    /// What ends the sessions of this job as a set, if that covers all that the job changes and the
    /// store evaluates all of its conditions.
    fn atomic(&self) -> Result<Option<&'a H::Atomic>> {
        let job = self.job;
        let Some(atomic) = self.host.atomic().filter(|_| job.removes) else { return Ok(None) };
        let evaluates = job.began_before.is_none() || self.host.sessions().serves("created")?;
        Ok((uncovered(self.host, job).is_none() && evaluates).then_some(atomic))
    }

    /// Revokes or counts the grants of the whole target.
    async fn revoke_target(&mut self) -> Result<()> {
        self.revoke_these(self.job.target_grants()).await
    }

    /// Revokes or counts these grants.
    async fn revoke_these(&mut self, grants: Option<GrantFilter>) -> Result<()> {
        let (Some(store), Some(filter)) = (self.host.grants(), grants) else { return Ok(()) };
        self.host.check_aborted()?;
        let counts = match self.job.dry_run {
            true => store.count(&filter).await?,
            false => store.remove(&filter).await?,
        };
        self.report.add_grants(counts);
        Ok(())
    }

    /// How the notifications of a step are recorded: the first attempt is this call's, while it
    /// still makes any.
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

    /// Whether this call makes attempts at its notifications.
    fn delivers(&self) -> bool {
        let waits = self.job.waits || self.host.outbox().is_none();
        waits && self.host.sender().is_some()
    }

    /// Takes over notifications that are due.
    pub(super) fn hold_back(&mut self, notifications: impl IntoIterator<Item = Notification>) {
        self.held_back.extend(notifications);
    }

    /// Adds the clients that are met for the first time and can't be notified to the report.
    pub(super) fn report_skipped(&mut self, client_ids: &[String]) {
        for (client_id, why) in self.registrations.newly_skipped(client_ids) {
            self.report.skip(client_id, why);
        }
    }

    /// Delivers what was held back, for as long as the call may wait; the rest stays in the outbox.
    /// With `publish` this is the end of the call.
    ///
    /// A failure of the outbox doesn't end it, nor an abort without an outbox: the report has what
    /// became of each.
    pub async fn deliver(&mut self, publish: Option<Publish<'_>>) -> Result<()> {
        self.host.shield(self.host.outbox().is_none());
        let delivered = self.deliver_shielded(publish).await;
        self.host.shield(false);
        delivered
    }

    async fn deliver_shielded(&mut self, mut publish: Option<Publish<'_>>) -> Result<()> {
        let due = std::mem::take(&mut self.held_back);
        if due.is_empty() {
            return Ok(());
        }
        let host = self.host;
        let mut left = None;
        if host.outbox().is_some() {
            let (now, wait) = (host.now()?, host.delivery().wait);
            let deadline = *self.deadline.get_or_insert(now.plus(wait));
            left = Some(deadline.since(now));
        }
        // An attempt would ask the registry again.
        let is_down = self.registrations.is_down() && left.is_some();
        if !self.delivers() || is_down || left.is_some_and(|left| left <= 0) {
            for notification in due {
                self.report.add(untried(&notification, DeliveryState::Pending));
            }
            return Ok(());
        }
        let mut deliveries = Deliveries::new(host);
        for notification in due {
            deliveries.add(notification);
        }
        if let Some(left) = left {
            deliveries.wait(left);
        }
        let (mut published, mut told) = (false, Ok(()));
        loop {
            let progress = match deliveries.next(false).await {
                Ok(Some(progress)) => progress,
                Ok(None) => break,
                Err(error) if error.code() == Code::Aborted => return Err(error),
                Err(error) => {
                    let why = ["not tried: ", &error.to_string()].concat();
                    for notification in deliveries.drain() {
                        self.report.drop_untried(&notification, why.clone(), left.is_some());
                    }
                    if published {
                        told = Err(error);
                    }
                    break;
                }
            };
            match progress {
                Progress::Made(delivery) => self.report.add(delivery),
                Progress::LetGo(notification, why) => {
                    self.report.drop_untried(&notification, why, left.is_some())
                }
                Progress::Claimed(_) => {}
                Progress::Waited => {
                    for notification in deliveries.drain() {
                        self.report.add(untried(&notification, DeliveryState::Pending));
                    }
                    if let Some(publish) = publish.take() {
                        published = true;
                        let mut report = self.report.clone();
                        for notification in deliveries.running() {
                            report.add(untried(notification, DeliveryState::Pending));
                        }
                        publish(&report);
                    }
                }
            }
            if !published {
                host.progress(self.report.sessions_removed, self.report.notifications.total());
            }
        }
        // The report that the caller has doesn't say so.
        if published && let Some(error) = deliveries.take_unsettled() {
            return Err(error);
        }
        told
    }

    /// Makes the event that a session ended.
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
