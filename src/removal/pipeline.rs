//! The pipeline that every removal goes through: a removal, a purge, an expiry pass, a sign-out.

use super::job::{Ending, Job};
use super::notices::{Notice, Notices};
use super::report::RemovalReport;
use super::target::{PAGE, Target, keys, list_targets};
use crate::delivery::{Deliveries, Progress};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::grant::GrantFilter;
use crate::notification::{DeliveryState, Notification, untried};
use crate::ports::{
    AtomicPlan, AtomicRemoval, GrantStore, Host, LogoutOutbox, Order, PageStart,
    PlannedNotification, Position, SessionStore,
};
use crate::session::SessionKey;
use crate::time::Timestamp;

/// How many notifications are held back until all sessions are gone; more are delivered on the way,
/// so that memory stays flat.
const HELD_BACK: usize = 1_000;

/// Receives the interim report when a call has waited long enough.
pub type Publish<'a> = &'a mut dyn FnMut(&RemovalReport);

/// A removal under way.
pub(crate) struct Removal<'a, H: Host> {
    host: &'a H,
    job: &'a Job,
    notices: Notices<'a, H>,
    pub report: RemovalReport,
    held_back: Vec<Notification>,
    /// Until when notifications are delivered, once that has begun.
    deadline: Option<Timestamp>,
    /// Whether a dry run has counted the subject's grants.
    grants_counted: bool,
}

impl<'a, H: Host> Removal<'a, H> {
    pub fn new(host: &'a H, job: &'a Job) -> Self {
        Removal {
            host,
            job,
            notices: Notices::new(host, job),
            report: RemovalReport {
                dry_run: job.dry_run,
                notes: job.notes.clone(),
                ..RemovalReport::default()
            },
            held_back: Vec::new(),
            deadline: None,
            grants_counted: false,
        }
    }

    pub async fn run(&mut self, publish: Publish<'_>) -> Result<()> {
        if !self.job.reads_sessions() {
            return self.step(Vec::new()).await.map(|_| ());
        }
        let mut from = PageStart::First;
        let (mut page, mut more) = self.read(from.clone()).await?;
        let end = if more { self.survey(&page).await? } else { None };
        loop {
            let reached = page.last().map(|target| target.position.clone());
            let last = !more || (end.is_some() && reached == end);
            self.end_page(from, page).await?;
            self.host.progress(self.report.sessions_removed, self.report.notifications.total())?;
            let Some(reached) = reached.filter(|_| !last) else { break };
            from = PageStart::After(reached);
            (page, more) = self.read(from.clone()).await?;
        }
        if !self.job.dry_run {
            self.record_left_over().await?;
        }
        self.deliver_held_back(Some(publish)).await
    }

    /// Ends the sessions from here on one by one, up to `limit` of them, without reading all of
    /// them first. Returns where it stopped, if it did. Delivering comes afterwards.
    pub async fn run_each(
        &mut self,
        mut from: PageStart,
        limit: usize,
    ) -> Result<Option<Position>> {
        let mut left = limit;
        let mut reached = None;
        loop {
            let wanted = left.min(PAGE);
            if wanted == 0 {
                return Ok(reached);
            }
            let filter = self.job.filter();
            let targets =
                list_targets(self.host, filter, Order::Oldest, from.clone(), wanted).await?;
            self.notices.meet(&targets).await?;
            self.end_page(from, targets.clone()).await?;
            self.host.progress(self.report.sessions_removed, self.report.notifications.total())?;
            left -= targets.iter().filter(|target| !self.job.spares(target)).count();
            reached = targets.last().map(|target| target.position.clone());
            // Behind one that began too late there are only such.
            let last = targets.last().is_none_or(|target| self.job.began_too_late(target));
            let Some(position) = reached.clone().filter(|_| !last && targets.len() == wanted)
            else {
                return Ok(None);
            };
            from = PageStart::After(position);
        }
    }

    /// Records what another call, which removed the last row of a notice, did not: it may have
    /// ended that session alone.
    async fn record_left_over(&mut self) -> Result<()> {
        let mut left_over = self.notices.left_over()?;
        let host = self.host;
        match host.atomic().filter(|_| !left_over.is_empty() && host.outbox().is_some()) {
            // The other call may have ended the whole subject too, and recorded the same: one of
            // the two is told that it did.
            Some(atomic) => {
                let notifications = left_over
                    .iter()
                    .map(|notice| PlannedNotification {
                        session_keys: Vec::new(),
                        entry: self.leased(notice),
                    })
                    .collect();
                let done =
                    atomic.run(&AtomicPlan { notifications, ..AtomicPlan::default() }).await?;
                left_over.retain(|notice| done.recorded.contains(&notice.notification.id));
            }
            None => self.record(&left_over).await?,
        }
        let left_over: Vec<_> = left_over.iter().map(|notice| self.leased(notice)).collect();
        self.held_back.extend(left_over);
        Ok(())
    }

    /// Reads the whole target once, before anything is removed, to learn which row is the last of
    /// each notice: a notice is recorded in the very step that removes that row, so that an
    /// interruption before it leaves it to the repetition and one after it cannot lead to a second.
    /// Returns the end of the target; sign-ins from here on are not part of it.
    async fn survey(&mut self, first: &[Target]) -> Result<Option<Position>> {
        self.notices.survey(first);
        let mut end = first.last().map(|target| target.position.clone());
        while let Some(position) = end.clone() {
            let (page, more) = self.read(PageStart::After(position)).await?;
            self.notices.survey(&page);
            if let Some(target) = page.last() {
                end = Some(target.position.clone());
            }
            if !more {
                break;
            }
        }
        Ok(end)
    }

    /// A page of the target, oldest first, with its clients looked up, and whether there are more.
    async fn read(&mut self, from: PageStart) -> Result<(Vec<Target>, bool)> {
        let targets = list_targets(self.host, self.job.filter(), Order::Oldest, from, PAGE).await?;
        self.notices.meet(&targets).await?;
        let more = targets.len() >= PAGE;
        Ok((targets, more))
    }

    /// Everything for sessions whose clients have not been looked up.
    pub async fn end(&mut self, targets: &[Target]) -> Result<()> {
        self.notices.meet(targets).await?;
        self.step(targets.to_vec()).await.map(|_| ())
    }

    /// Everything for the page that begins here. If a cookie value was replaced since the page was
    /// read, its session has another key and the same position: it must not escape, so it is read
    /// again.
    async fn end_page(&mut self, from: PageStart, mut page: Vec<Target>) -> Result<()> {
        loop {
            let missed = self.step(page).await?;
            if missed.is_empty() {
                return Ok(());
            }
            (page, _) = self.read(from.clone()).await?;
            page.retain(|target| {
                let is_same = |former: &Target| former.position == target.position;
                missed.iter().any(|former| is_same(former) && former.key != target.key)
            });
            if page.is_empty() {
                return Ok(());
            }
        }
    }

    /// Everything for these sessions. Returns those whose key no longer had a row to be removed.
    async fn step(&mut self, mut targets: Vec<Target>) -> Result<Vec<Target>> {
        targets.retain(|target| !self.job.spares(target));
        let due = self.notices.of_page(&targets, &mut self.report)?;
        let grants = self.job.grant_filters(&targets, |target| self.notices.coordinating(target));
        if self.job.dry_run {
            self.pretend(&targets, &due, &grants).await?;
            return Ok(Vec::new());
        }
        self.host.check_aborted()?;
        let host = self.host;
        let removed = match host.atomic() {
            // The transaction records in the outbox of its own stores: without one injected nobody
            // would empty it.
            Some(atomic) if self.job.removes && (due.is_empty() || host.outbox().is_some()) => {
                self.remove_at_once(atomic, &targets, due, grants).await?
            }
            _ => self.remove_in_turn(&targets, due, &grants).await?,
        };
        self.emit_ended(&targets, &removed)?;
        self.notices.removed(&targets, &removed);
        if self.held_back.len() >= HELD_BACK {
            self.deliver_held_back(None).await?;
        }
        targets.retain(|target| self.job.removes && !removed.contains(&target.key));
        Ok(targets)
    }

    async fn pretend(
        &mut self,
        targets: &[Target],
        due: &[Notice],
        grants: &[GrantFilter],
    ) -> Result<()> {
        if self.job.removes {
            self.report.sessions_removed += targets.len() as u64;
        }
        if let Some(store) = self.host.grants() {
            // Grants that go with every page are counted with the first: nothing was removed in
            // between.
            let counted = !self.job.revokes_by_session() && self.grants_counted;
            for filter in grants.iter().filter(|_| !counted) {
                self.report.add_grants(store.count(filter).await?);
            }
            self.grants_counted = true;
        }
        for notice in due {
            self.report.would_notify(&notice.notification);
        }
        Ok(())
    }

    async fn remove_at_once(
        &mut self,
        atomic: &H::Atomic,
        targets: &[Target],
        due: Vec<Notice>,
        grants: Vec<GrantFilter>,
    ) -> Result<Vec<SessionKey>> {
        let plan = AtomicPlan {
            session_keys: keys(targets),
            grants,
            notifications: due
                .iter()
                .map(|notice| PlannedNotification {
                    session_keys: notice.keys.clone(),
                    entry: self.leased(notice),
                })
                .collect(),
        };
        let done = atomic.run(&plan).await?;
        self.report.sessions_removed += done.removed.len() as u64;
        self.report.add_grants(done.grants);
        for notice in due {
            if done.recorded.contains(&notice.notification.id) {
                self.held_back.push(self.leased(&notice));
            }
        }
        Ok(done.removed)
    }

    async fn remove_in_turn(
        &mut self,
        targets: &[Target],
        due: Vec<Notice>,
        grants: &[GrantFilter],
    ) -> Result<Vec<SessionKey>> {
        self.record(&due).await?;
        if let Some(store) = self.host.grants() {
            for filter in grants {
                self.report.add_grants(store.remove(filter).await?);
            }
        }
        let mut removed = Vec::new();
        if self.job.removes && !targets.is_empty() {
            removed = self.host.sessions().remove(&keys(targets)).await?;
        }
        self.report.sessions_removed += removed.len() as u64;
        for notice in due {
            if !self.job.removes || notice.keys.iter().any(|key| removed.contains(key)) {
                self.held_back.push(self.leased(&notice));
            }
        }
        Ok(removed)
    }

    /// Records notices in the outbox, if there is one.
    async fn record(&self, notices: &[Notice]) -> Result<()> {
        match self.host.outbox() {
            Some(outbox) if !notices.is_empty() => {
                let entries: Vec<_> = notices.iter().map(|notice| self.leased(notice)).collect();
                outbox.add(&entries).await
            }
            _ => Ok(()),
        }
    }

    /// The notification as it is recorded: the first attempt is this call's, while it still makes
    /// any.
    fn leased(&self, notice: &Notice) -> Notification {
        let created = notice.notification.created;
        let options = self.host.delivery();
        let delivers = options.wait > 0 && self.deadline.is_none_or(|deadline| created < deadline);
        let leased = delivers && self.host.outbox().is_some() && self.host.sender().is_some();
        let not_before = leased.then(|| created.plus(options.lease_for));
        Notification { not_before, ..notice.notification.clone() }
    }

    /// Delivers what was held back, for as long as the call may wait; the rest is the outbox's.
    /// With `publish` this is the end of the call.
    pub async fn deliver_held_back(&mut self, mut publish: Option<Publish<'_>>) -> Result<()> {
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
        if host.sender().is_none() || left.is_some_and(|left| left <= 0) {
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
        let mut published = false;
        while let Some(progress) = deliveries.next(false).await? {
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
            if !published
                && let Err(error) =
                    host.progress(self.report.sessions_removed, self.report.notifications.total())
            {
                deliveries.fail(error);
            }
        }
        Ok(())
    }

    /// Emits that a session could not be ended.
    pub fn emit_failure(&self, target: &Target, error: &Error) -> Result<()> {
        if self.host.listens() {
            self.host.emit(Event::SessionRemovalFailed {
                at: self.host.now()?,
                subject_id: target.subject_id.clone(),
                session_id: target.session_id.clone(),
                code: error.code(),
                error: error.to_string(),
            });
        }
        Ok(())
    }

    fn emit_ended(&self, targets: &[Target], removed: &[SessionKey]) -> Result<()> {
        if !self.host.listens() {
            return Ok(());
        }
        let at = self.host.now()?;
        for target in targets.iter().filter(|target| removed.contains(&target.key)) {
            let (subject_id, session_id) = (target.subject_id.clone(), target.session_id.clone());
            self.host.emit(match &self.job.ending {
                Ending::Expired => Event::SessionExpired { at, subject_id, session_id },
                Ending::Removed { reason, actor } => Event::SessionRemoved {
                    at,
                    subject_id,
                    session_id,
                    logout_reason: self.job.logout_reason,
                    reason: reason.clone(),
                    actor: actor.clone(),
                },
            });
        }
        Ok(())
    }
}
