//! Who is told what when sessions end (design: OpenID Connect Back-Channel Logout 1.0, sections 2.2 to 2.4).
//!
//! A notification is due to each client recorded in a session that is known, enabled and has a logout URI. When a whole
//! subject ends, each client gets one that names the subject only, unless it requires `sid`: then one a session. When one
//! session ends, the notification names it by the client's own `sid` where it has one.

use hashbrown::{HashMap, HashSet};

use super::Target;
use super::request::{Job, Reach};
use crate::error::Result;
use crate::logout::{Client, Notification, why_skipped};
use crate::ports::{ClientLookup, Host, Position};
use crate::random::random_hex;
use crate::session::ClientSession;

/// A notification and the sessions that it tells of.
pub(super) struct Notice {
    /// The keys of those sessions, as far as they are on this page.
    pub keys: Vec<String>,
    pub notification: Notification,
    /// Why it is not due, if it is not.
    pub skipped: Option<&'static str>,
}

/// What the registration of a client means for its notices.
#[derive(Clone)]
enum Registration {
    Skipped(&'static str),
    Due { logout_uri: Option<String>, session_required: bool },
}

/// What sessions must share to be told of in one notification.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Shared {
    client_id: String,
    issuer: Option<String>,
    sid: Option<String>,
}

pub(super) struct Notices<'a, H: Host> {
    host: &'a H,
    job: &'a Job,
    registrations: HashMap<String, Registration>,
    skipped: HashSet<String>,
    /// The last row of each shared notice, if the target was surveyed.
    last: HashMap<Shared, Position>,
    /// Shared notices that a step had in hand.
    offered: HashSet<Shared>,
    /// Shared notices of sessions that this call removed.
    owed: HashMap<Shared, Target>,
}

impl<'a, H: Host> Notices<'a, H> {
    pub fn new(host: &'a H, job: &'a Job) -> Self {
        Notices {
            host,
            job,
            registrations: HashMap::new(),
            skipped: HashSet::new(),
            last: HashMap::new(),
            offered: HashSet::new(),
            owed: HashMap::new(),
        }
    }

    /// Notes which row is the last of each shared notice so far.
    pub async fn survey(&mut self, targets: &[Target]) -> Result<()> {
        for target in targets.iter().filter(|target| !self.job.spares(target)) {
            for (client, registration) in self.clients(target).await? {
                if let Some(shared) = self.shared(target, &client, &registration) {
                    self.last.insert(shared, target.position.clone());
                }
            }
        }
        Ok(())
    }

    /// The notices that go with this page: those of a single session, and those shared notices whose last row is here.
    pub async fn of_page(&mut self, targets: &[Target]) -> Result<Vec<Notice>> {
        let mut notices: Vec<Notice> = Vec::new();
        let mut at: HashMap<Shared, usize> = HashMap::new();
        let surveyed = !self.last.is_empty();
        for target in targets {
            for (client, registration) in self.clients(target).await? {
                let shared = self.shared(target, &client, &registration);
                match (&registration, shared) {
                    (Registration::Skipped(why), _) => {
                        if self.skipped.insert(client.client_id.clone()) {
                            notices.push(self.notice(target, &client, &registration, Some(why))?);
                        }
                    }
                    (_, None) => notices.push(self.notice(target, &client, &registration, None)?),
                    (_, Some(shared)) => {
                        let notice = self.notice(target, &client, &registration, None)?;
                        match at.get(&shared).and_then(|index| notices.get_mut(*index)) {
                            // Rows come oldest first: the id is that of the last one, as in every repetition.
                            Some(earlier) => {
                                earlier.keys.extend(notice.keys);
                                earlier.notification = notice.notification;
                            }
                            None => {
                                at.insert(shared, notices.len());
                                notices.push(notice);
                            }
                        }
                    }
                }
            }
        }
        let here: HashSet<&Position> = targets.iter().map(|target| &target.position).collect();
        let mut later = HashSet::new();
        for (shared, index) in at {
            if surveyed && !self.last.get(&shared).is_none_or(|last| here.contains(last)) {
                later.insert(index);
            } else {
                self.offered.insert(shared);
            }
        }
        let mut index = 0..;
        notices.retain(|_| index.next().is_none_or(|index| !later.contains(&index)));
        Ok(notices)
    }

    /// Notes which of these sessions this call removed: their clients are owed a notification.
    pub fn removed(&mut self, targets: Vec<Target>, removed: &[String]) {
        if !self.job.notifies || self.last.is_empty() {
            return;
        }
        for target in targets.into_iter().filter(|target| removed.contains(&target.key)) {
            for client in target.clients.clone() {
                let Some(registration) = self.registrations.get(&client.client_id) else { continue };
                if let Some(shared) =
                    self.shared(&target, &client, registration).filter(|_| self.job.concerns(&client.client_id))
                {
                    self.owed.insert(shared, target.clone());
                }
            }
        }
    }

    /// The notices that are owed and were in no step's hand, because another call removed their last row.
    pub fn left_over(&mut self) -> Result<Vec<Notice>> {
        let owed = std::mem::take(&mut self.owed);
        let owed = owed.into_iter().filter(|(shared, _)| !self.offered.contains(shared));
        owed.map(|(shared, target)| {
            let position = self.last.get(&shared).cloned().unwrap_or_else(|| target.position.clone());
            let registration = self.registrations.get(&shared.client_id).cloned();
            let registration = registration.unwrap_or(Registration::Due { logout_uri: None, session_required: true });
            let client = ClientSession { client_id: shared.client_id, session_id: shared.sid };
            self.notice(&Target { position, ..target }, &client, &registration, None)
        })
        .collect()
    }

    /// The clients of a session that this call concerns, with what their registrations mean.
    async fn clients(&mut self, target: &Target) -> Result<Vec<(ClientSession, Registration)>> {
        let mut clients = Vec::new();
        if !self.job.notifies {
            return Ok(clients);
        }
        for client in target.clients.iter().filter(|client| self.job.concerns(&client.client_id)) {
            let registration = match self.registrations.get(&client.client_id) {
                Some(registration) => registration.clone(),
                None => {
                    let registration = self.look_up(&client.client_id).await?;
                    self.registrations.insert(client.client_id.clone(), registration.clone());
                    registration
                }
            };
            clients.push((client.clone(), registration));
        }
        Ok(clients)
    }

    async fn look_up(&self, client_id: &str) -> Result<Registration> {
        let Some(clients) = self.host.clients() else {
            return Ok(Registration::Skipped("no client lookup is injected"));
        };
        let found = async {
            let client = clients.client(client_id).await?;
            if let Some(why) = why_skipped(client.as_ref())? {
                return Ok(Registration::Skipped(why));
            }
            let Some(client) = client else { return Ok(Registration::Skipped("the client is not known")) };
            Ok(Registration::Due {
                logout_uri: client.back_channel_logout_uri()?,
                session_required: client.back_channel_logout_session_required()?,
            })
        };
        match found.await {
            // A registry that is down must not keep a session alive. The attempt looks the client up again and reports what it
            // finds; until then the client is taken to want the most exact notification.
            Err(_) => {
                self.host.check_aborted()?;
                Ok(Registration::Due { logout_uri: None, session_required: true })
            }
            found => found,
        }
    }

    /// What this session's notice to this client can be shared by, if it can.
    fn shared(&self, target: &Target, client: &ClientSession, registration: &Registration) -> Option<Shared> {
        let Registration::Due { session_required, .. } = registration else { return None };
        let sid = match &self.job.reach {
            Reach::Subject { .. } if !session_required => None,
            Reach::Session { .. } => Some(sid(target, client)),
            _ => return None,
        };
        Some(Shared { client_id: client.client_id.clone(), issuer: target.issuer.clone(), sid })
    }

    fn notice(
        &self,
        target: &Target,
        client: &ClientSession,
        registration: &Registration,
        skipped: Option<&'static str>,
    ) -> Result<Notice> {
        let (logout_uri, names_session) = match registration {
            Registration::Due { logout_uri, session_required } => {
                (logout_uri.clone(), *session_required || !matches!(self.job.reach, Reach::Subject { .. }))
            }
            Registration::Skipped(_) => (None, !matches!(self.job.reach, Reach::Subject { .. })),
        };
        // A removal ends a row once, so its position makes an id that a repetition makes again. Without a removal the same
        // session can be told of any number of times.
        let id = if self.job.removes {
            [if names_session { "session:" } else { "subject:" }, &target.position, ":", &client.client_id].concat()
        } else {
            random_hex::<16>()?
        };
        Ok(Notice {
            keys: vec![target.key.clone()],
            notification: Notification {
                id,
                client_id: client.client_id.clone(),
                logout_uri,
                subject_id: Some(target.subject_id.clone()),
                session_id: names_session.then(|| sid(target, client)),
                issuer: target.issuer.clone(),
                reason: self.job.logout_reason,
                attempt: 0,
                created: self.host.now()?,
                not_before: None,
            },
            skipped,
        })
    }
}

/// The `sid` that a client knows a session by.
fn sid(target: &Target, client: &ClientSession) -> String {
    client.session_id.clone().unwrap_or_else(|| target.session_id.clone())
}
