//! The registrations of the clients that took part, and what they mean: which clients are notified
//! how (OpenID Connect Back-Channel Logout 1.0, sections 2.2 to 2.4), and whose grants are revoked.

use super::job::{Clients, Job};
use crate::client::{Addresses, Client, Reachable, reachable};
use crate::ending::{ClientNotices, EndingGrants, EndingNotices, NoticeScope, SessionGrants, Way};
use crate::error::Result;
use crate::notification::NotificationKind;
use crate::ports::{ClientLookup, Host};
use crate::time::Timestamp;

/// The clients that a removal has looked up.
pub(super) struct Registrations<'a, H: Host> {
    host: &'a H,
    job: &'a Job,
    /// Sorted by their ids.
    known: Vec<Known>,
}

/// A client that was looked up.
struct Known {
    client_id: String,
    registration: Registration,
    /// Its own setting of coordination.
    coordinates: Option<bool>,
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
        Registrations { host, job, known: Vec::new() }
    }

    /// Looks up those of these clients that are concerned and not known yet.
    pub async fn look_up(&mut self, client_ids: &[String]) -> Result<()> {
        if !self.job.looks_up_clients() {
            return Ok(());
        }
        for client_id in client_ids {
            let Err(place) = self.place(client_id) else { continue };
            if self.job.depends_on_clients() || self.may_be_notified(client_id) {
                let (registration, coordinates) = self.read(client_id).await?;
                let client_id = client_id.clone();
                let known = Known { client_id, registration, coordinates, reported: false };
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
                    .filter(|known| known.coordinates == Some(!by_default))
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
        let notified = self.job.notified.as_ref();
        notified.is_some_and(|clients| clients.include(&known.client_id, known.coordinates))
    }

    /// What the registration of a client means, and its own setting of coordination.
    async fn read(&self, client_id: &str) -> Result<(Registration, Option<bool>)> {
        let Some(clients) = self.host.clients() else {
            return Ok((Registration::Skipped("no client lookup is injected"), None));
        };
        let found = async {
            let client = clients.client(client_id).await?;
            let coordinates = match &client {
                Some(client) => client.coordinate_lifetime_with_user_session()?,
                None => None,
            };
            Ok((client, coordinates))
        };
        let (client, coordinates) = match found.await {
            Ok(found) => found,
            Err(error) if self.job.depends_on_clients() => return Err(error),
            Err(_) => {
                self.host.check_aborted()?;
                return Ok((unread(), None));
            }
        };
        let registration = self.registration(client).unwrap_or_else(|_| unread());
        Ok((registration, coordinates))
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
