//! Looks up the registrations of the clients that took part in the ending sessions, and applies the
//! rules to them: `ending/notified_clients.rs` decides who is notified, and
//! `ending/revoked_grants.rs` which grants are revoked.

use super::job::{Clients, Job};
use crate::client::Client;
use crate::ending::notified_clients::Registration;
use crate::ending::{ClientNotices, EndingGrants, EndingNotices, NoticeScope, SessionGrants};
use crate::error::Result;
use crate::event::Event;
use crate::ports::{ClientLookup, Host};
use crate::time::Timestamp;

/// The clients that a removal has looked up.
pub(super) struct Registrations<'a, H: Host> {
    host: &'a H,
    job: &'a Job,
    /// Sorted by client id.
    known: Vec<KnownClient>,
    /// The number of consecutive lookups that failed.
    failures: u32,
}

/// After this many consecutive failures, the registry isn't asked again.
const MAX_FAILURES: u32 = 3;

/// A client that was looked up.
struct KnownClient {
    client_id: String,
    registration: Registration,
    /// Its own coordination setting.
    coordinates: Option<bool>,
    /// Whether that setting couldn't be read. The client is notified to be safe, but its grants are
    /// kept.
    has_unreadable_setting: bool,
    /// Whether the report already lists it as skipped.
    reported: bool,
}

/// When the notifications of a step are recorded, and how long they are reserved for this call.
pub(super) struct Recording {
    pub created: Timestamp,
    pub not_before: Option<Timestamp>,
    /// The number of notifications that the step must return.
    pub returned: u32,
}

impl<'a, H: Host> Registrations<'a, H> {
    pub fn new(host: &'a H, job: &'a Job) -> Self {
        Registrations { host, job, known: Vec::new(), failures: 0 }
    }

    /// Whether so many lookups failed that the registry isn't asked again.
    pub fn is_down(&self) -> bool {
        self.failures >= MAX_FAILURES
    }

    /// Looks up the clients that the job depends on and that aren't known yet.
    pub async fn look_up(&mut self, client_ids: &[String]) -> Result<()> {
        if !self.job.looks_up_clients() {
            return Ok(());
        }
        for client_id in client_ids {
            let Err(index) = self.index(client_id) else { continue };
            if self.job.depends_on_clients() || self.may_be_notified(client_id) {
                let known = self.read(client_id).await?;
                self.known.insert(index, known);
            }
        }
        Ok(())
    }

    /// How to notify these clients, and whether other clients are notified.
    pub fn notices(&self, client_ids: &[String], recording: &Recording) -> Option<EndingNotices> {
        let notified = self.job.notified.as_ref()?;
        let others = match notified {
            Clients::All => true,
            Clients::These(_) => false,
            Clients::Coordinating { by_default } => *by_default,
        };
        let clients = client_ids.iter().filter_map(|id| self.get(id));
        let clients = clients.filter_map(|known| {
            let (by, ways) = match &known.registration {
                Registration::Notified { by, ways } if self.is_notified(known) => {
                    (*by, ways.clone())
                }
                // If others aren't notified, the client doesn't have to be listed.
                _ if !others => return None,
                _ => (NoticeScope::Session, Vec::new()),
            };
            Some(ClientNotices { client_id: known.client_id.clone(), by, ways })
        });
        Some(EndingNotices {
            clients: clients.collect(),
            others,
            reason: self.job.logout_reason,
            created: recording.created,
            not_before: recording.not_before,
            returned: recording.returned,
        })
    }

    /// The grants to revoke for sessions in which these clients took part.
    pub fn grants(&self, client_ids: &[String]) -> Option<EndingGrants> {
        let types = self.job.grant_types.clone()?;
        if let Some(filter) = self.job.target_grants() {
            return Some(EndingGrants { matching: vec![filter], of_sessions: None });
        }
        let mut of_sessions = SessionGrants { types, ..SessionGrants::default() };
        match &self.job.revoked {
            Clients::All => {}
            Clients::These(ids) => of_sessions.client_ids = Some(ids.clone()),
            Clients::Coordinating { by_default } => {
                let known = client_ids.iter().filter_map(|id| self.get(id));
                let exceptions = known
                    .filter(|known| match known.has_unreadable_setting {
                        true => *by_default,
                        false => known.coordinates == Some(!by_default),
                    })
                    .map(|known| known.client_id.clone())
                    .collect();
                match by_default {
                    true => of_sessions.except_client_ids = Some(exceptions),
                    false => of_sessions.client_ids = Some(exceptions),
                }
                of_sessions.of_participants = true;
            }
        }
        let is_empty = of_sessions.client_ids.as_ref().is_some_and(Vec::is_empty);
        let of_sessions = (!is_empty).then_some(of_sessions)?;
        Some(EndingGrants { matching: Vec::new(), of_sessions: Some(of_sessions) })
    }

    /// The clients that can't be notified and aren't in the report yet, with the reason.
    pub fn newly_skipped(&mut self, client_ids: &[String]) -> Vec<(String, &'static str)> {
        let mut skipped = Vec::new();
        for client_id in client_ids {
            let Ok(index) = self.index(client_id) else { continue };
            if !self.known.get(index).is_some_and(|known| self.is_notified(known)) {
                continue;
            }
            let Some(known) = self.known.get_mut(index) else { continue };
            if let Registration::Skipped(why) = known.registration
                && !std::mem::replace(&mut known.reported, true)
            {
                skipped.push((known.client_id.clone(), why));
            }
        }
        skipped.sort();
        skipped
    }

    /// The index of this client, or where to insert it.
    fn index(&self, client_id: &str) -> std::result::Result<usize, usize> {
        self.known.binary_search_by(|known| known.client_id.as_str().cmp(client_id))
    }

    fn get(&self, client_id: &str) -> Option<&KnownClient> {
        self.index(client_id).ok().and_then(|index| self.known.get(index))
    }

    fn may_be_notified(&self, client_id: &str) -> bool {
        match &self.job.notified {
            None => false,
            Some(Clients::These(ids)) => ids.iter().any(|id| id == client_id),
            Some(Clients::All | Clients::Coordinating { .. }) => true,
        }
    }

    fn is_notified(&self, known: &KnownClient) -> bool {
        match &self.job.notified {
            None => false,
            Some(Clients::Coordinating { .. }) if known.has_unreadable_setting => true,
            Some(clients) => clients.include(&known.client_id, known.coordinates),
        }
    }

    /// Reads the registration of a client. A removal continues if the registry is down. A sign-out
    /// removes no session, so it fails, and its caller can repeat it.
    async fn read(&mut self, client_id: &str) -> Result<KnownClient> {
        let mut known = KnownClient {
            client_id: client_id.to_owned(),
            registration: Registration::unreadable(),
            coordinates: None,
            has_unreadable_setting: false,
            reported: false,
        };
        let Some(clients) = self.host.clients() else {
            known.registration = Registration::Skipped("no client lookup is injected");
            return Ok(known);
        };
        if self.is_down() {
            known.has_unreadable_setting = true;
            return Ok(known);
        }
        let mut found = clients.client(client_id).await;
        if found.is_err() && self.job.depends_on_clients() {
            self.host.check_aborted()?;
            found = clients.client(client_id).await;
        }
        let (client, unreadable) = match found {
            Ok(client) => {
                self.failures = 0;
                let coordinates =
                    client.as_ref().map(Client::coordinate_lifetime_with_user_session);
                match coordinates.unwrap_or(Ok(None)) {
                    Ok(coordinates) => {
                        known.coordinates = coordinates;
                        (Some(client), None)
                    }
                    Err(error) => (Some(client), Some(error)),
                }
            }
            Err(error) => {
                self.failures += 1;
                (None, Some(error))
            }
        };
        if let Some(client) = client
            && let Ok(registration) = Registration::read(client, self.job.ends_subject())
        {
            known.registration = registration;
        }
        if let Some(error) = unreadable {
            self.host.check_aborted()?;
            known.has_unreadable_setting = true;
            // If the registry is down, emit this only once.
            if self.failures <= 1 && self.host.listens() {
                self.host.emit(Event::ClientUnreadable {
                    at: self.host.now()?,
                    client_id: known.client_id.clone(),
                    code: error.code(),
                    error: error.to_string(),
                });
            }
            if self.job.depends_on_clients() && !self.job.removes {
                return Err(error);
            }
        }
        Ok(known)
    }
}
