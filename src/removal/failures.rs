//! A session that can't be ended must not stop the others. If a step fails, its sessions are ended
//! in smaller and smaller parts, until only those that fail on their own are left.

use super::job::Reach;
use super::pipeline::{PAGE_SIZE, Removal, SET_SIZE, Step};
use super::target::{Target, list_targets};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::ports::{Host, PageStart, Position};

/// After this many consecutive failures, the store itself is considered down.
const MAX_FAILURES: usize = 2 * PAGE_SIZE;

impl<H: Host> Removal<'_, H> {
    /// Ends up to `limit` sessions after a position and skips those that fail. Returns where it
    /// stopped, if there may be more. The caller delivers the notifications.
    pub async fn run_up_to(
        &mut self,
        mut after: Option<Position>,
        limit: usize,
    ) -> Result<Option<Position>> {
        let mut remaining = limit;
        while remaining > 0 {
            let before = self.report.sessions_removed;
            let step = match self.step(after.clone(), remaining).await {
                Err(error) if error.code() != Code::Aborted => {
                    // A failed step may have ended sessions too.
                    remaining =
                        remaining.saturating_sub((self.report.sessions_removed - before) as usize);
                    self.step_in_parts(after.clone(), remaining).await?
                }
                step => step?,
            };
            self.between_steps().await?;
            remaining = remaining.saturating_sub(step.ended as usize);
            if !self.has_next_step(step, &mut after)? {
                return Ok(None);
            }
        }
        Ok(after)
    }

    /// Like [`Removal::run_up_to`], but from the end of the list, for a pass whose first sessions
    /// all fail. It doesn't retry sessions that failed before.
    pub async fn run_backwards(&mut self, limit: usize) -> Result<()> {
        let (mut remaining, mut from) = (limit, PageStart::Last);
        self.failures_in_a_row = 0;
        while remaining > 0 {
            let (filter, order) = (self.job.filter(), self.job.order);
            let limit = remaining.min(PAGE_SIZE);
            let mut targets = list_targets(self.host, filter, order, from, limit).await?;
            let Some(first) = targets.first().filter(|_| targets.len() == limit) else { break };
            from = PageStart::Before(first.position.clone());
            targets.retain(|target| !self.failed.contains(&target.key));
            remaining = remaining.saturating_sub(self.end_in_parts(&targets).await? as usize);
            if targets.len() < limit {
                break;
            }
        }
        Ok(())
    }

    /// Whether the removal stopped after too many consecutive failures.
    pub fn is_stuck(&self) -> bool {
        self.failures_in_a_row >= MAX_FAILURES
    }

    /// Repeats a failed step in smaller parts.
    pub(super) async fn step_in_parts(
        &mut self,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Step> {
        let (targets, next) = self.read(after, limit.clamp(1, PAGE_SIZE)).await?;
        let ended = self.end_in_parts(&targets).await?;
        Ok(Step { ended, next: next.map(Some) })
    }

    /// Whether one of the sessions of a step after a position has an unreadable field.
    pub(super) async fn has_unreadable(&self, mut after: Option<Position>) -> bool {
        for _ in 0..SET_SIZE / PAGE_SIZE {
            let Ok((targets, next)) = self.read(after, PAGE_SIZE).await else { return false };
            if targets.iter().any(|target| target.unreadable.is_some()) {
                return true;
            }
            if next.is_none() {
                return false;
            }
            after = next;
        }
        false
    }

    /// Removes the sessions with an unreadable field from `targets`. A pass reports them and leaves
    /// them alone. A removal names its sessions, so it removes them by their keys and notifies the
    /// clients that the store returns. Returns the number of ended sessions.
    pub(super) async fn end_unreadable(&mut self, targets: &mut Vec<Target>) -> Result<u64> {
        let unreadable: Vec<Target> =
            targets.extract_if(.., |target| target.unreadable.is_some()).collect();
        if unreadable.is_empty() {
            return Ok(0);
        }
        if matches!(self.job.reach, Reach::Each { .. }) {
            for target in unreadable {
                if let Some(error) = &target.unreadable {
                    self.emit_failure(&target, error)?;
                }
                self.failed.push(target.key);
            }
            return Ok(0);
        }
        let missed = self.end(&unreadable).await?;
        Ok((unreadable.len() - missed.len()) as u64)
    }

    /// Ends these sessions together; if that fails, each half on its own. Returns the number of
    /// ended sessions.
    async fn end_in_parts(&mut self, targets: &[Target]) -> Result<u64> {
        let (mut ended, mut parts) = (0, vec![targets]);
        while let Some(part) = parts.pop() {
            self.host.check_aborted()?;
            let error = match self.end_targets(part).await {
                Ok(done) => {
                    ended += done;
                    self.failures_in_a_row = if done > 0 { 0 } else { self.failures_in_a_row };
                    continue;
                }
                Err(error) if error.code() == Code::Aborted => return Err(error),
                Err(error) => error,
            };
            match part {
                [] => {}
                [target] => {
                    self.emit_failure(target, &error)?;
                    self.failed.push(target.key.clone());
                    self.failures_in_a_row += 1;
                    if self.is_stuck() {
                        return Err(error);
                    }
                    self.failure.get_or_insert(error);
                }
                _ => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
            }
        }
        Ok(ended)
    }

    /// Adds a note to the report if the clients of these sessions can't be read.
    pub(super) fn note_missing_clients<'t>(
        &mut self,
        targets: impl IntoIterator<Item = &'t Target>,
    ) {
        let note = "clients were not notified of some sessions, which the store could not read";
        let has_unreadable_clients =
            targets.into_iter().any(|target| target.has_unreadable_clients);
        if has_unreadable_clients && !self.report.notes.iter().any(|known| known == note) {
            self.report.notes.push(note.to_owned());
        }
    }

    /// Emits the event that a session couldn't be ended.
    fn emit_failure(&self, target: &Target, error: &Error) -> Result<()> {
        if self.host.listens() {
            self.host.emit(Event::SessionRemovalFailed {
                at: self.host.now()?,
                subject_id: target.subject_id.clone(),
                session_id: target.session_id.clone(),
                issuer: target.issuer.clone(),
                code: error.code(),
                error: error.to_string(),
            });
        }
        Ok(())
    }
}
