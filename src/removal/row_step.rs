//! A step over stores that don't share a transaction. It reads sessions, records notifications,
//! revokes grants and removes the rows by their keys. Then it records and revokes what was added in
//! between. If it is interrupted before the removal, a repeated call starts over with the same
//! notification ids.
//!
//! A dry run goes through the same code and changes nothing.

use super::pipeline::{PAGE_SIZE, Removal, Step};
use super::registrations::Recording;
use super::target::{Target, list_targets};
use crate::ending::{EndingSession, SessionIds, SurplusOrder};
use crate::error::Result;
use crate::filter::{Filter, TextMatch};
use crate::grant::GrantFilter;
use crate::notification::{DeliveryState, Notification, unattempted};
use crate::ports::{GrantStore, Host, LogoutOutbox, PageStart, Position, SessionStore};
use crate::session::{RemovedSession, SessionKey};

impl<H: Host> Removal<'_, H> {
    pub(super) async fn row_step(&mut self, after: Option<Position>, limit: usize) -> Result<Step> {
        let (mut targets, next) = self.read(after.clone(), limit).await?;
        let mut ended = self.end_unreadable(&mut targets).await?;
        loop {
            let missed = self.end(&targets).await?;
            ended += (targets.len() - missed.len()) as u64;
            if missed.is_empty() {
                break;
            }
            // If a cookie value was rotated since the page was read, its session has another key at
            // the same position. It must end too.
            (targets, _) = self.read(after.clone(), limit).await?;
            targets.retain(|target| {
                let is_same = |former: &Target| former.position == target.position;
                missed.iter().any(|former| is_same(former) && former.key != target.key)
            });
        }
        Ok(Step { ended, next: next.map(Some) })
    }

    /// The sessions of one step, and the position that the next step starts after.
    pub(super) async fn read(
        &self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<(Vec<Target>, Option<Position>)> {
        if self.job.surplus.is_some() {
            return Ok((self.surplus().await?, None));
        }
        let (filter, order) = (self.job.filter(), self.job.order);
        let mut targets = list_targets(self.host, filter, order, start_after(after), limit).await?;
        // The list is oldest first, so every later session is too new as well.
        let last = targets.last().filter(|last| !self.job.began_too_late(last));
        let next = last.filter(|_| targets.len() >= limit).map(|last| last.position.clone());
        targets.retain(|target| !self.job.excludes(target));
        Ok((targets, next))
    }

    /// The sessions over a session limit.
    async fn surplus(&self) -> Result<Vec<Target>> {
        let Some(surplus) = self.job.surplus else { return Ok(Vec::new()) };
        let mut filter = self.job.filter();
        filter.active_at = Some(surplus.active_at);
        let (mut active, mut after) = (Vec::new(), None);
        loop {
            let (filter, from) = (filter.clone(), start_after(after));
            let page = list_targets(self.host, filter, self.job.order, from, PAGE_SIZE).await?;
            after = page.last().map(|last| last.position.clone());
            let is_full = page.len() >= PAGE_SIZE;
            active.extend(page);
            if !is_full {
                break;
            }
        }
        if surplus.by == SurplusOrder::Renewed {
            active.sort_by_key(|target: &Target| target.renewed);
        }
        active.truncate(active.len().saturating_sub(surplus.keep as usize));
        Ok(active)
    }

    /// Ends these sessions, with their grants and notifications. Returns those that it couldn't
    /// remove because no row had the key any more.
    pub(crate) async fn end(&mut self, targets: &[Target]) -> Result<Vec<Target>> {
        let removes = self.job.removes;
        let sessions: Vec<EndingSession> =
            targets.iter().map(|target| target.ending(removes)).collect::<Result<_>>()?;
        let client_ids = clients_of(&sessions);
        self.registrations.look_up(&client_ids).await?;
        let recording = self.recording()?;
        let due = self.due(&client_ids, &sessions, &recording);
        let grants = self.grants(&client_ids, &sessions);
        if !targets.is_empty() {
            self.report_skipped(&client_ids);
        }
        if self.job.dry_run {
            self.count(targets, due, &grants).await?;
            return Ok(Vec::new());
        }
        self.host.check_aborted()?;
        self.record(&due).await?;
        self.revoke(&grants).await?;
        if !removes {
            self.queue_notifications(due);
            return Ok(Vec::new());
        }
        // Without an outbox only this call knows the notifications. Delay an abort until they are
        // queued.
        self.host.delay_aborts(self.host.outbox().is_none());
        let missed = self.remove_and_queue(targets, due, &recording).await;
        self.host.delay_aborts(false);
        missed
    }

    /// Removes these sessions and queues the notifications of those that this call removed.
    async fn remove_and_queue(
        &mut self,
        targets: &[Target],
        mut due: Vec<Notification>,
        recording: &Recording,
    ) -> Result<Vec<Target>> {
        let (removed, failure) = match self.remove(targets).await {
            Ok(removed) => (removed, None),
            Err(error) => {
                let removed = self.find_removed(targets).await;
                self.report.sessions_removed += removed.len() as u64;
                if removed.is_empty() {
                    return Err(error);
                }
                let failure = (removed.len() < targets.len()).then_some(error);
                (removed, failure)
            }
        };
        // The store may have found the clients in the meantime.
        self.note_missing_clients(targets.iter().filter(|target| {
            removed.iter().any(|row| row.key == target.key && row.clients.is_empty())
        }));
        let sessions = removed_sessions(targets, &removed);
        let client_ids = clients_of(&sessions);
        let looked_up = self.registrations.look_up(&client_ids).await;
        let following = self.due(&client_ids, &sessions, recording);
        let (recorded_before, new) = split_recorded(&mut due, following);
        let recorded = self.record(&new).await;
        self.queue_notifications(recorded_before.into_iter().chain(new));
        looked_up.and(recorded)?;
        // Until it was removed, a session may have issued new grants. The grants of the whole
        // target are revoked at the end of the removal.
        if self.job.revokes_by_session() {
            let grants = self.grants(&client_ids, &sessions);
            self.revoke(&grants).await?;
        }
        if self.host.listens() {
            let event = self.ended_event()?;
            for EndingSession { subject_id, session_id, issuer, .. } in sessions {
                self.host.emit(event(SessionIds { subject_id, session_id, issuer }));
            }
        }
        if let Some(error) = failure {
            return Err(error);
        }
        let is_missed = |target: &&Target| !removed.iter().any(|row| row.key == target.key);
        Ok(targets.iter().filter(is_missed).cloned().collect())
    }

    /// Derives the notifications of these sessions, which must be sorted oldest first.
    fn due(
        &self,
        client_ids: &[String],
        sessions: &[EndingSession],
        recording: &Recording,
    ) -> Vec<Notification> {
        let notices = self.registrations.notices(client_ids, recording);
        notices.map(|notices| notices.notifications(sessions)).unwrap_or_default()
    }

    /// The grants of these sessions. The filter of the whole target comes first.
    fn grants(&self, client_ids: &[String], sessions: &[EndingSession]) -> Vec<GrantFilter> {
        let grants = self.registrations.grants(client_ids).unwrap_or_default();
        let mut filters = grants.matching;
        if let Some(of_sessions) = grants.of_sessions {
            filters.extend(sessions.iter().filter_map(|session| of_sessions.filter(session)));
        }
        filters
    }

    /// Adds the changes that a dry run would make to the report.
    async fn count(
        &mut self,
        targets: &[Target],
        due: Vec<Notification>,
        grants: &[GrantFilter],
    ) -> Result<()> {
        if self.job.removes {
            self.report.sessions_removed += targets.len() as u64;
        }
        self.note_missing_clients(targets);
        if let Some(store) = self.host.grants() {
            for (index, filter) in grants.iter().enumerate() {
                let is_duplicate =
                    grants.get(..index).is_some_and(|before| before.contains(filter));
                if !is_duplicate && !self.is_counted(filter, targets).await? {
                    self.report.add_grants(store.count(filter).await?);
                }
            }
            self.target_grants_counted = true;
        }
        for notification in due {
            self.report.add(unattempted(&notification, DeliveryState::Pending));
        }
        Ok(())
    }

    /// Whether an earlier page of a dry run counted these grants: those of the whole target, or
    /// those of another session with the same session id.
    async fn is_counted(&self, grants: &GrantFilter, targets: &[Target]) -> Result<bool> {
        if !self.target_grants_counted || !self.job.revokes_by_session() {
            return Ok(self.target_grants_counted);
        }
        let filter = Filter {
            subject_id: grants.subject_id.clone().map(TextMatch::Equals),
            session_id: grants.session_id.clone().map(TextMatch::Equals),
            ..self.job.filter()
        };
        let first = list_targets(self.host, filter, self.job.order, PageStart::First, 1).await?;
        Ok(!first.iter().any(|first| targets.iter().any(|target| target.id == first.id)))
    }

    /// Records notifications if there is an outbox.
    async fn record(&self, notifications: &[Notification]) -> Result<()> {
        match self.host.outbox() {
            Some(outbox) if !notifications.is_empty() => outbox.add(notifications).await,
            _ => Ok(()),
        }
    }

    async fn revoke(&mut self, grants: &[GrantFilter]) -> Result<()> {
        if let Some(store) = self.host.grants() {
            for filter in grants {
                self.report.add_grants(store.remove(filter).await?);
            }
        }
        Ok(())
    }

    /// Finds the sessions that were removed although the store reported a failure. A repeated call
    /// wouldn't find them. With an outbox their notifications are recorded; without one, only this
    /// call knows the clients.
    async fn find_removed(&self, targets: &[Target]) -> Vec<RemovedSession> {
        let mut removed = Vec::new();
        if self.host.outbox().is_none() {
            for Target { key, subject_id, session_id, issuer, clients, .. } in
                targets.iter().cloned()
            {
                match self.host.sessions().get(&key).await {
                    Ok(None) => {
                        let session =
                            RemovedSession { key, subject_id, session_id, issuer, clients };
                        removed.push(session);
                    }
                    Ok(Some(_)) => {}
                    // The store is down. Don't ask again for the other sessions.
                    Err(_) => break,
                }
            }
        }
        removed
    }

    async fn remove(&mut self, targets: &[Target]) -> Result<Vec<RemovedSession>> {
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<SessionKey> = targets.iter().map(|target| target.key.clone()).collect();
        let removed = self.host.sessions().remove(&keys, &self.job.condition()).await?;
        self.report.sessions_removed += removed.len() as u64;
        Ok(removed)
    }
}

fn start_after(position: Option<Position>) -> PageStart {
    position.map_or(PageStart::First, PageStart::After)
}

/// The client ids of these sessions, sorted and unique.
fn clients_of(sessions: &[EndingSession]) -> Vec<String> {
    let clients = sessions.iter().flat_map(|session| &session.clients);
    let mut ids: Vec<String> = clients.map(|client| client.client_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The removed sessions, in the order in which they were read, with the clients that they had when
/// they were removed.
fn removed_sessions(targets: &[Target], removed: &[RemovedSession]) -> Vec<EndingSession> {
    let of_target = |target: &Target| removed.iter().find(|row| row.key == target.key);
    let pairs = targets.iter().filter_map(|target| Some((target, of_target(target)?)));
    pairs
        .map(|(target, row)| EndingSession {
            row_id: target.id.clone(),
            subject_id: row.subject_id.clone(),
            session_id: row.session_id.clone(),
            issuer: row.issuer.clone(),
            clients: row.clients.clone(),
        })
        .collect()
}

/// Splits the notifications of removed sessions into those that this call recorded before and new
/// ones, from clients that joined in between.
fn split_recorded(
    recorded: &mut Vec<Notification>,
    following: Vec<Notification>,
) -> (Vec<Notification>, Vec<Notification>) {
    let (mut recorded_before, mut new) = (Vec::new(), Vec::new());
    for notification in following {
        match recorded.iter().position(|recorded| reports_same(recorded, &notification)) {
            Some(index) => recorded_before.push(recorded.swap_remove(index)),
            None => new.push(notification),
        }
    }
    (recorded_before, new)
}

/// Whether both notifications report the same end. By subject, the ids may differ: another call may
/// have removed the session that the id was made from.
fn reports_same(one: &Notification, other: &Notification) -> bool {
    one.id == other.id
        || (one.session_id.is_none()
            && other.session_id.is_none()
            && one.client_id == other.client_id
            && one.kind == other.kind
            && one.subject_id == other.subject_id
            && one.issuer == other.issuer)
}
