//! Ends sessions as a set in memory.

use super::search::Slices;
use super::session_store::MemorySessions;
use super::sessions::{Picked, row_id};
use super::tables::{SharedTables, Tables};
use crate::ending::{EndedSessions, EndingPick, EndingSession, EndingStep, SessionIds};
use crate::error::Result;
use crate::filter::{Filter, TextMatch};
use crate::grant::{Grant, GrantFilter};
use crate::ports::{Admission, AtomicEnding, CoveredStore};
use crate::session::{Session, SessionCondition, SessionKey};

/// Ends sessions as a set, together with their grants and notifications.
#[derive(Clone, Debug, Default)]
pub struct MemoryAtomic(pub(super) SharedTables);

impl MemoryAtomic {
    /// The clients of the sessions that a step with this pick would end, each once.
    pub fn clients_of(&self, pick: &EndingPick) -> Result<Vec<String>> {
        self.clients_in_slices(pick.clone())?.finish()
    }

    /// The same in slices.
    pub fn clients_in_slices(&self, pick: EndingPick) -> Result<Slices<Vec<String>>> {
        self.0.pick(pick, |_, picked| {
            let clients = picked.into_iter().flat_map(|(_, _, session)| session.clients);
            let mut ids: Vec<String> = clients.map(|client| client.client_id).collect();
            ids.sort_unstable();
            ids.dedup();
            Ok(ids)
        })
    }

    /// Runs the whole step, or none of it. Fails with `invalid_argument` if the limit is 0 or a
    /// grant filter is empty, and with `invalid_results_token` if the position isn't one of this
    /// store.
    pub fn end_sessions(&self, step: &EndingStep) -> Result<EndedSessions> {
        self.end_in_slices(step.clone())?.finish()
    }

    /// The same, with the search for the sessions in slices. The last slice runs the step on the
    /// sessions that match then.
    pub fn end_in_slices(&self, step: EndingStep) -> Result<Slices<EndedSessions>> {
        // Check before the first change: nothing fails after it.
        let matching = step.revoke.iter().flat_map(|revoke| &revoke.matching);
        matching.into_iter().try_for_each(GrantFilter::check)?;
        self.0.pick(step.pick.clone(), move |tables, picked| end(tables, &step, picked))
    }

    /// Adds a session unless its subject has reached the limit. Returns whether it was added. Fails
    /// with `store_failed` if its key exists.
    pub fn admit(&self, session: &Session, admission: &Admission) -> Result<bool> {
        let filter = Filter {
            subject_id: Some(TextMatch::Equals(session.subject_id.clone())),
            issuer: admission.issuer.clone(),
            active_at: Some(admission.now),
            ..Filter::default()
        };
        let (sessions, limit) = (MemorySessions(self.0.clone()), admission.limit as u64);
        if sessions.count(&filter, Some(limit))? >= limit {
            return Ok(false);
        }
        sessions.create(session).map(|()| true)
    }
}

/// Ends these sessions, revokes their grants and records their notifications.
fn end(tables: &mut Tables, step: &EndingStep, picked: Vec<Picked>) -> Result<EndedSessions> {
    let keys: Vec<SessionKey> = picked.iter().map(|(_, _, session)| session.key.clone()).collect();
    tables.sessions.remove(&keys, &SessionCondition::NONE)?;
    let mut done = EndedSessions {
        ended: picked.len() as u64,
        more: picked.len() == step.pick.limit as usize,
        last: picked.last().map(|(place, ..)| place.position()),
        ..EndedSessions::default()
    };
    let sessions = ending_sessions(picked);
    for filter in step.revoke.iter().flat_map(|revoke| &revoke.matching) {
        done.grants += tables.grants.remove(filter)?;
    }
    if let Some(of_sessions) = step.revoke.as_ref().and_then(|revoke| revoke.of_sessions.as_ref()) {
        for filter in sessions.iter().filter_map(|session| of_sessions.filter(session)) {
            let is_meant = |grant: &Grant| of_sessions.includes_client(&grant.client_id);
            done.grants += tables.grants.remove_if(&filter, is_meant)?;
        }
    }
    if let Some(notify) = &step.notify {
        for notification in notify.notifications(&sessions) {
            if tables.outbox.add(&notification) {
                done.recorded += 1;
                if done.recorded <= u64::from(notify.returned) {
                    done.notifications.push(notification);
                }
            }
        }
    }
    if step.details {
        let ids = sessions.into_iter().map(|session| SessionIds {
            subject_id: session.subject_id,
            session_id: session.session_id,
            issuer: session.issuer,
        });
        done.sessions = Some(ids.collect());
    }
    Ok(done)
}

/// The sessions, sorted oldest first for their notifications.
fn ending_sessions(mut picked: Vec<Picked>) -> Vec<EndingSession> {
    picked.sort_by_key(|(_, number, session)| (session.created, *number));
    let sessions = picked.into_iter().map(|(_, number, session)| EndingSession {
        row_id: row_id(&session, number),
        subject_id: session.subject_id,
        session_id: session.session_id,
        issuer: session.issuer,
        clients: session.clients,
    });
    sessions.collect()
}

impl AtomicEnding for MemoryAtomic {
    type List = Vec<SessionIds>;

    fn covers(&self, _store: CoveredStore) -> bool {
        true
    }

    async fn clients_of(&self, pick: &EndingPick) -> Result<Vec<String>> {
        self.clients_of(pick)
    }

    async fn end_sessions(&self, step: EndingStep) -> Result<EndedSessions> {
        self.end_sessions(&step)
    }

    async fn admit(&self, session: &Session, admission: &Admission) -> Result<bool> {
        self.admit(session, admission)
    }
}
