//! Removing: ends sessions, revokes what they led to, and sees to it that every client is told.
//!
//! The order of work makes any interruption repairable: read sessions with their clients, record the notifications, revoke
//! grants, delete sessions, deliver. Where the stores share a transaction the three in the middle are one step; where not,
//! each can be repeated. Deleting a row is the gate: of two removals at once only the one that deleted it tells its clients.

mod notices;
mod report;
mod request;

use crate::delivery::{FIRST_ATTEMPT_LEASE, deliver};
use crate::error::Result;
use crate::filter::{Filter, TextMatch};
use crate::grant::GrantFilter;
use crate::logout::{DeliveryState, Notification};
use crate::ports::{
    AtomicPlan, AtomicRemoval, Event, From, GrantStore, Host, ListRequest, LogoutOutbox, Order, Page, Position,
    SessionRow, SessionStore,
};
use crate::query::check_capabilities;
use crate::session::ClientSession;

use notices::{Notice, Notices};
pub use report::{MAX_DELIVERIES, RemovalReport};
pub use request::RemovalRequest;
use request::{Job, Reach};

/// How many sessions are read and removed in one step.
const PAGE: usize = 200;
/// How many notifications are held back until all sessions are gone; more are delivered on the way, so that memory stays flat.
const HELD_BACK: usize = 1_000;

/// Ends the sessions that the request names, and what goes with them.
///
/// Removing what is already gone succeeds with zeros. Fails with `invalid_argument`, `empty_target` or `not_configured` before
/// anything is read, and with `store_failed` or `aborted` on the way: what was done by then stays done, and the same call
/// again completes it. A notification that fails does not fail the call; the report has it.
pub async fn remove_sessions<H: Host>(host: &H, request: &RemovalRequest) -> Result<RemovalReport> {
    host.check_aborted()?;
    let job = request.job(host)?;
    check_capabilities(host.sessions(), &job.filter())?;
    let mut removal = Removal::new(host, &job);
    removal.run().await?;
    Ok(removal.report)
}

/// A removal under way.
struct Removal<'a, H: Host> {
    host: &'a H,
    job: &'a Job,
    notices: Notices<'a, H>,
    report: RemovalReport,
    held_back: Vec<Notification>,
}

/// A session that is to go: what of its row is needed.
#[derive(Clone)]
struct Target {
    key: String,
    session_id: String,
    subject_id: String,
    issuer: Option<String>,
    clients: Vec<ClientSession>,
    position: Position,
}

impl Target {
    fn read(page: &impl Page, index: usize) -> Result<Self> {
        let row = page.row(index)?;
        Ok(Target {
            key: row.key()?,
            session_id: row.session_id()?,
            subject_id: row.subject_id()?,
            issuer: row.issuer()?,
            clients: row.clients()?,
            position: page.position(index)?,
        })
    }
}

fn keys(targets: &[Target]) -> Vec<String> {
    targets.iter().map(|target| target.key.clone()).collect()
}

impl<'a, H: Host> Removal<'a, H> {
    fn new(host: &'a H, job: &'a Job) -> Self {
        Removal {
            host,
            job,
            notices: Notices::new(host, job),
            report: RemovalReport { dry_run: job.dry_run, notes: job.notes.clone(), ..RemovalReport::default() },
            held_back: Vec::new(),
        }
    }

    async fn run(&mut self) -> Result<()> {
        if !self.job.reads_sessions() {
            return self.step(Vec::new()).await;
        }
        let (mut page, mut more) = self.read(From::Start).await?;
        let end = if more { self.survey(&page).await? } else { None };
        loop {
            let reached = page.last().map(|target| target.position.clone());
            let last = !more || (end.is_some() && reached == end);
            self.step(page).await?;
            self.host.progress(self.report.sessions_removed, self.report.notified())?;
            let Some(reached) = reached.filter(|_| !last) else { break };
            (page, more) = self.read(From::After(reached)).await?;
        }
        if !self.job.dry_run {
            self.record_left_over().await?;
        }
        self.deliver_held_back().await
    }

    /// Records what another call, which removed the last row of a notice, did not: it may have ended that session alone.
    async fn record_left_over(&mut self) -> Result<()> {
        let mut left_over = self.notices.left_over()?;
        let host = self.host;
        match host.atomic().filter(|_| !left_over.is_empty() && host.outbox().is_some()) {
            // The other call may have ended the whole subject too, and recorded the same: one of the two is told that it did.
            Some(atomic) => {
                let notifications = left_over.iter().map(|notice| (Vec::new(), self.leased(notice))).collect();
                let done = atomic.run(&AtomicPlan { notifications, ..AtomicPlan::default() }).await?;
                left_over.retain(|notice| done.recorded.contains(&notice.notification.id));
            }
            None => self.record(&left_over).await?,
        }
        self.held_back.extend(left_over.into_iter().map(|notice| notice.notification));
        Ok(())
    }

    /// Reads the whole target once, before anything is removed, to learn which row is the last of each notice: a notice is
    /// recorded in the very step that removes that row, so that an interruption before it leaves it to the repetition and one
    /// after it cannot lead to a second. Returns the end of the target; sign-ins from here on are not part of it.
    async fn survey(&mut self, first: &[Target]) -> Result<Option<Position>> {
        self.notices.survey(first);
        let mut end = first.last().map(|target| target.position.clone());
        while let Some(position) = end.clone() {
            let (page, more) = self.read(From::After(position)).await?;
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
    async fn read(&mut self, from: From) -> Result<(Vec<Target>, bool)> {
        self.host.check_aborted()?;
        let request = ListRequest { filter: self.job.filter(), order: Order::Oldest, from, limit: PAGE };
        let page = self.host.sessions().list(&request).await?;
        let mut targets = Vec::new();
        for index in 0..page.len() {
            targets.push(Target::read(&page, index)?);
        }
        self.notices.meet(&targets).await?;
        Ok((targets, page.len() >= PAGE))
    }

    /// Everything for one page.
    async fn step(&mut self, mut targets: Vec<Target>) -> Result<()> {
        targets.retain(|target| !self.job.spares(target));
        let due = self.notices.of_page(&targets, &mut self.report)?;
        let grants = self.grant_filters(&targets);
        if self.job.dry_run {
            return self.pretend(&targets, &due, &grants).await;
        }
        self.host.check_aborted()?;
        let host = self.host;
        let removed = match host.atomic() {
            // The transaction records in the outbox of its own stores: without one injected nobody would empty it.
            Some(atomic) if self.job.removes && (due.is_empty() || host.outbox().is_some()) => {
                self.remove_at_once(atomic, &targets, due, grants).await?
            }
            _ => self.remove_in_turn(&targets, due, &grants).await?,
        };
        self.tell(&targets, &removed)?;
        self.notices.removed(&targets, &removed);
        if self.held_back.len() >= HELD_BACK {
            self.deliver_held_back().await?;
        }
        Ok(())
    }

    /// Which grants go with these sessions. Those of a whole subject go with every page: a session that is still there may
    /// have led to new ones since the page before.
    fn grant_filters(&self, targets: &[Target]) -> Vec<GrantFilter> {
        let Some(types) = &self.job.grant_types else { return Vec::new() };
        let filter = |subject_id, session_id| GrantFilter {
            subject_id,
            session_id,
            client_ids: self.job.client_ids.clone().unwrap_or_default(),
            types: types.clone(),
        };
        match &self.job.reach {
            Reach::Subject { subject_id } => vec![filter(Some(subject_id.clone()), None)],
            Reach::Session { subject_id, session_id } => vec![filter(subject_id.clone(), Some(session_id.clone()))],
            Reach::SubjectExcept { subject_id } => {
                targets.iter().map(|target| filter(Some(subject_id.clone()), Some(target.session_id.clone()))).collect()
            }
        }
    }

    async fn pretend(&mut self, targets: &[Target], due: &[Notice], grants: &[GrantFilter]) -> Result<()> {
        if self.job.removes {
            self.report.sessions_removed += targets.len() as u64;
        }
        if let Some(store) = self.host.grants() {
            // Grants that go with every page are counted with the first: nothing was removed in between.
            let counted = !matches!(self.job.reach, Reach::SubjectExcept { .. }) && self.report.grants_counted;
            for filter in grants.iter().filter(|_| !counted) {
                self.report.grants += store.count(filter).await?;
            }
            self.report.grants_counted = true;
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
    ) -> Result<Vec<String>> {
        let plan = AtomicPlan {
            session_keys: keys(targets),
            grants,
            notifications: due.iter().map(|notice| (notice.keys.clone(), self.leased(notice))).collect(),
        };
        let done = atomic.run(&plan).await?;
        self.report.sessions_removed += done.removed.len() as u64;
        self.report.grants += done.grants;
        for notice in due {
            if done.recorded.contains(&notice.notification.id) {
                self.held_back.push(notice.notification);
            }
        }
        Ok(done.removed)
    }

    async fn remove_in_turn(
        &mut self,
        targets: &[Target],
        due: Vec<Notice>,
        grants: &[GrantFilter],
    ) -> Result<Vec<String>> {
        self.record(&due).await?;
        if let Some(store) = self.host.grants() {
            for filter in grants {
                self.report.grants += store.remove(filter).await?;
            }
        }
        let mut removed = Vec::new();
        if self.job.removes && !targets.is_empty() {
            removed = self.host.sessions().remove(&keys(targets)).await?;
        }
        self.report.sessions_removed += removed.len() as u64;
        for notice in due {
            if !self.job.removes || notice.keys.iter().any(|key| removed.contains(key)) {
                self.held_back.push(notice.notification);
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

    /// The notification as it is recorded: the first attempt is this call's.
    fn leased(&self, notice: &Notice) -> Notification {
        let created = notice.notification.created;
        Notification { not_before: Some(created + FIRST_ATTEMPT_LEASE), ..notice.notification.clone() }
    }

    async fn deliver_held_back(&mut self) -> Result<()> {
        let due = std::mem::take(&mut self.held_back);
        if self.host.sender().is_none() {
            for notification in due {
                self.report.add(crate::delivery::untried(&notification, DeliveryState::Pending));
            }
            return Ok(());
        }
        let (host, report) = (self.host, &mut self.report);
        deliver(host, due, |delivery| {
            report.add(delivery);
            host.progress(report.sessions_removed, report.notified())
        })
        .await
    }

    fn tell(&self, targets: &[Target], removed: &[String]) -> Result<()> {
        if !self.host.listens() {
            return Ok(());
        }
        for target in targets.iter().filter(|target| removed.contains(&target.key)) {
            let mut details = vec![("subjectId", target.subject_id.clone()), ("sessionId", target.session_id.clone())];
            let optional = [("reason", &self.job.reason), ("actor", &self.job.actor)];
            details.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
            self.host.emit(Event { name: "session_removed", at: self.host.now()?, details });
        }
        Ok(())
    }
}

impl Job {
    /// The sessions that it is about, spared ones included: they are few, and skipped while reading.
    fn filter(&self) -> Filter {
        let (subject_id, session_id) = match &self.reach {
            Reach::Subject { subject_id } | Reach::SubjectExcept { subject_id } => (Some(subject_id), None),
            Reach::Session { subject_id, session_id } => (subject_id.as_ref(), Some(session_id)),
        };
        Filter {
            subject_id: subject_id.cloned().map(TextMatch::Equals),
            session_id: session_id.cloned().map(TextMatch::Equals),
            ..Filter::default()
        }
    }
}
