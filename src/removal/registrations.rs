//! The registrations of the clients that took part, and what they mean: which clients are notified
//! how (OpenID Connect Back-Channel Logout 1.0, sections 2.2 to 2.4), and whose grants are revoked.

use super::job::{Clients, Job};
use crate::client::{Addresses, Client, Reachable, reachable};
use crate::ending::{ClientNotices, EndingGrants, EndingNotices, NoticeScope, SessionGrants, Way};
use crate::error::Result;
use crate::event::Event;
use crate::notification::NotificationKind;
use crate::ports::{ClientLookup, Host};
use crate::time::Timestamp;

/// The clients that a removal has looked up.
pub(super) struct Registrations<'a, H: Host> {
    host: &'a H,
    job: &'a Job,
    /// Sorted by their ids.
    known: Vec<Known>,
    /// How many clients in a row could not be looked up.
    failures: u32,
}

/// After so many clients in a row that can't be looked up, the registry isn't asked any more.
const MOST_FAILURES: u32 = 3;

/// A client that was looked up.
struct Known {
    client_id: String,
    registration: Registration,
    /// Its own setting of coordination.
    coordinates: Option<bool>,
    /// Whether that couldn't be read. The client is notified to be safe, but its grants are not
    /// revoked on a guess.
    unread: bool,
    /// Whether the report says that it is skipped.
    reported: bool,
}

/// What a registration means for the notifications of the client.
enum Registration {
    Skipped(&'static str),
    Notified { by: NoticeScope, ways: Vec<Way> },
}

/// When the notifications of a step are recorded, and until when they are this call's.
pub(super) struct Recording {
    pub created: Timestamp,
    pub not_before: Option<Timestamp>,
    /// How many of them the step must return.
    pub returned: u32,
}

impl<'a, H: Host> Registrations<'a, H> {
    pub fn new(host: &'a H, job: &'a Job) -> Self {
        Registrations { host, job, known: Vec::new(), failures: 0 }
    }

    /// Whether the registry failed so often that it isn't asked any more.
    pub fn is_down(&self) -> bool {
        self.failures >= MOST_FAILURES
    }

    /// Looks up those of these clients that are concerned and not known yet.
    pub async fn look_up(&mut self, client_ids: &[String]) -> Result<()> {
        if !self.job.looks_up_clients() {
            return Ok(());
        }
        for client_id in client_ids {
            let Err(place) = self.place(client_id) else { continue };
            if self.job.depends_on_clients() || self.may_be_notified(client_id) {
                let known = self.read(client_id).await?;
                self.known.insert(place, known);
            }
        }
        Ok(())
    }

    /// The notifications for these clients, and whether others are notified.
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
                // Unlisted is not notified either, unless others are.
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

    /// The grants that go with sessions in which these clients took part.
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
                    .filter(|known| match known.unread {
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

    /// Those of these clients that can't be notified and are not in the report yet, with the
    /// reason.
    pub fn newly_skipped(&mut self, client_ids: &[String]) -> Vec<(String, &'static str)> {
        let mut skipped = Vec::new();
        for client_id in client_ids {
            let Ok(place) = self.place(client_id) else { continue };
            if !self.known.get(place).is_some_and(|known| self.is_notified(known)) {
                continue;
            }
            let Some(known) = self.known.get_mut(place) else { continue };
            if let Registration::Skipped(why) = known.registration
                && !std::mem::replace(&mut known.reported, true)
            {
                skipped.push((known.client_id.clone(), why));
            }
        }
        skipped.sort();
        skipped
    }

    /// Where this client is among the known ones, or belongs.
    fn place(&self, client_id: &str) -> std::result::Result<usize, usize> {
        self.known.binary_search_by(|known| known.client_id.as_str().cmp(client_id))
    }

    fn get(&self, client_id: &str) -> Option<&Known> {
        self.place(client_id).ok().and_then(|place| self.known.get(place))
    }

    fn may_be_notified(&self, client_id: &str) -> bool {
        match &self.job.notified {
            None => false,
            Some(Clients::These(ids)) => ids.iter().any(|id| id == client_id),
            Some(Clients::All | Clients::Coordinating { .. }) => true,
        }
    }

    fn is_notified(&self, known: &Known) -> bool {
        match &self.job.notified {
            None => false,
            Some(Clients::Coordinating { .. }) if known.unread => true,
            Some(clients) => clients.include(&known.client_id, known.coordinates),
        }
    }

    /// What the registration of a client means. A registry that is down must not keep a session. A
    /// sign-out removes none, and fails, so that its caller can repeat it.
    async fn read(&mut self, client_id: &str) -> Result<Known> {
        let mut known = Known {
            client_id: client_id.to_owned(),
            registration: unread(),
            coordinates: None,
            unread: false,
            reported: false,
        };
        let Some(clients) = self.host.clients() else {
            known.registration = Registration::Skipped("no client lookup is injected");
            return Ok(known);
        };
        if self.is_down() {
            known.unread = true;
            return Ok(known);
        }
        let mut found = clients.client(client_id).await;
        if found.is_err() && self.job.depends_on_clients() {
            self.host.check_aborted()?;
            found = clients.client(client_id).await;
        }
        let (client, unread) = match found {
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
            && let Ok(registration) = self.registration(client)
        {
            known.registration = registration;
        }
        if let Some(error) = unread {
            self.host.check_aborted()?;
            known.unread = true;
            // Once for a registry that is down.
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

    fn registration(&self, client: Option<H::Client>) -> Result<Registration> {
        Ok(match reachable(client)? {
            Reachable::Yes(client, addresses) => {
                Registration::Notified { by: self.scope(&client)?, ways: ways(addresses) }
            }
            Reachable::No(why) => Registration::Skipped(why),
        })
    }

    /// Real relying parties answer 200 to a token with only `sub` and end nothing, so a client is
    /// notified of each session unless it asks for the other. Excluded sessions would end too.
    fn scope(&self, client: &H::Client) -> Result<NoticeScope> {
        let by_subject = self.job.ends_subject()
            && client.back_channel_logout_by_subject()?
            && !client.back_channel_logout_session_required()?;
        Ok(if by_subject { NoticeScope::Subject } else { NoticeScope::Session })
    }
}

/// A registration that can't be read must not keep a session. The attempt looks the client up
/// again; until then its notification is recorded by session, without an address.
fn unread() -> Registration {
    Registration::Notified { by: NoticeScope::Session, ways: vec![Way::default()] }
}

fn ways(addresses: Addresses) -> Vec<Way> {
    let kinds = NotificationKind::ALL.into_iter();
    kinds
        .zip(addresses)
        .filter(|(_, logout_uri)| logout_uri.is_some())
        .map(|(kind, logout_uri)| Way { kind, logout_uri })
        .collect()
}
