//! A step that ends sessions as a set. One transaction of the store removes the sessions that meet
//! the condition, records their notifications and revokes grants.

use super::pipeline::{Removal, Step};
use crate::ending::{EndingPick, EndingStep};
use crate::error::Result;
use crate::ports::{AtomicEnding, Host};

impl<'a, H: Host> Removal<'a, H> {
    pub(super) async fn atomic_step(
        &mut self,
        atomic: &H::Atomic,
        pick: EndingPick,
    ) -> Result<Step> {
        let (host, after) = (self.host, pick.after.clone());
        let mut client_ids = Vec::new();
        if self.job.looks_up_clients() {
            client_ids = atomic.clients_of(&pick).await?;
            self.registrations.look_up(&client_ids).await?;
        }
        let step = EndingStep {
            pick,
            revoke: self.registrations.grants(&client_ids),
            notify: self.registrations.notices(&client_ids, &self.recording()?),
            details: host.listens(),
        };
        host.check_aborted()?;
        let done = atomic.end_sessions(step).await?;
        self.report.sessions_removed += done.ended;
        self.report.add_grants(done.grants);
        if done.ended > 0 {
            self.report_skipped(&client_ids);
        }
        self.report.notifications.pending +=
            done.recorded.saturating_sub(done.notifications.len() as u64);
        self.queue_notifications(done.notifications);
        if let Some(sessions) = done.sessions {
            host.emit_each(sessions, self.ended_event()?);
        }
        // If concurrent calls ended all of its sessions, or for a session limit, the sessions are
        // selected again.
        let next = if self.job.surplus.is_some() { None } else { done.last.or(after) };
        Ok(Step { ended: done.ended, next: done.more.then_some(next) })
    }
}
