//! Who is told what when sessions end (design: OpenID Connect Back-Channel Logout 1.0, sections 2.2
//! to 2.4).
//!
//! A notification is due to each client recorded in a session that is known, enabled and has a
//! logout URI or one for security events; to one that has both, one of each kind. When a whole
//! subject ends, each client gets one that names the subject only, unless it requires `sid`: then
//! one a session. When one session ends, the notification names it by the client's own `sid` where
//! it has one.

use super::job::{Clients, Job, Reach};
use super::report::RemovalReport;
use super::target::Target;
use crate::client::{Addresses, Client, Reachable, reachable};
use crate::error::Result;
use crate::notification::{Notification, NotificationKind};
use crate::ports::{ClientLookup, Host, Position};
use crate::random::random_hex;
use crate::session::{ClientSession, SessionKey};

/// A notification that is due, and the sessions that it tells of.
pub(super) struct Notice {
    /// The keys of those sessions, as far as they are on this page.
    pub keys: Vec<SessionKey>,
    pub notification: Notification,
    /// Whether a later page has the row that it goes with.
    later: bool,
}

/// What the registration of a client means for its notices.
enum Registration {
    Skipped(&'static str),
    /// The addresses by kind; one that is not known is empty.
    Due {
        addresses: Addresses,
        session_required: bool,
    },
}

impl Registration {
    /// Where a notification of this kind goes, if one is due, and whether it must name the session.
    fn due(&self, kind: NotificationKind) -> Option<(&str, bool)> {
        let Registration::Due { addresses, session_required } = self else { return None };
        Some((addresses.get(kind as usize)?.as_deref()?, *session_required))
    }
}

/// A client that took part in a session of the target.
struct Known {
    client_id: String,
    registration: Registration,
    /// Its own setting.
    coordinates: Option<bool>,
    /// Whether the report says that it is skipped.
    reported: bool,
    shared: Vec<Shared>,
}

/// A notice that several sessions share: those with the same issuer and `sid`. There is one for
/// each kind.
struct Shared {
    kind: NotificationKind,
    issuer: Option<String>,
    sid: Option<String>,
    /// Its last row, if the target was surveyed.
    last: Option<Position>,
    /// Where it stands among the notices of the page in hand.
    index: Option<usize>,
    /// Whether the step under way has it in hand.
    in_hand: bool,
    /// Whether a step that had it in hand removed one of its sessions: it is recorded then.
    recorded: bool,
    /// A session with it that this call removed.
    owed: Option<Target>,
}

pub(super) struct Notices<'a, H: Host> {
    host: &'a H,
    job: &'a Job,
    /// In the order of their ids.
    clients: Vec<Known>,
    surveyed: bool,
}

impl<'a, H: Host> Notices<'a, H> {
    pub fn new(host: &'a H, job: &'a Job) -> Self {
        Notices { host, job, clients: Vec::new(), surveyed: false }
    }

    /// Looks up the clients of these sessions, as far as they are not known yet.
    pub async fn meet(&mut self, targets: &[Target]) -> Result<()> {
        if !self.job.looks_up_clients() {
            return Ok(());
        }
        for target in targets.iter().filter(|target| !self.job.spares(target)) {
            for ClientSession { client_id, .. } in &target.clients {
                let concerned = |clients: &Clients| match clients {
                    Clients::These(ids) => ids.contains(client_id),
                    Clients::All | Clients::Coordinating { .. } => true,
                };
                if let Err(place) = self.place(client_id)
                    && (self.job.depends_on_clients()
                        || self.job.notified.as_ref().is_some_and(concerned))
                {
                    let (registration, coordinates) = self.look_up(client_id).await?;
                    let client_id = client_id.clone();
                    let known = Known {
                        client_id,
                        registration,
                        coordinates,
                        reported: false,
                        shared: Vec::new(),
                    };
                    self.clients.insert(place, known);
                }
            }
        }
        Ok(())
    }

    /// The clients of this session that coordinate their lifetime with it, as far as their grants
    /// are to be revoked.
    pub fn coordinating(&self, target: &Target) -> Vec<String> {
        let ids = target.clients.iter().map(|client| &client.client_id);
        ids.filter(|id| {
            self.job.revoked.include(id, self.known(id).and_then(|known| known.coordinates))
        })
        .cloned()
        .collect()
    }

    /// Notes which row is the last of each shared notice so far. [`Notices::meet`] comes first,
    /// here and below.
    pub fn survey(&mut self, targets: &[Target]) {
        for target in targets.iter().filter(|target| !self.job.spares(target)) {
            for client in &target.clients {
                for kind in NotificationKind::ALL {
                    if let Some(shared) = self.shared(target, client, kind) {
                        shared.last = Some(target.position.clone());
                        self.surveyed = true;
                    }
                }
            }
        }
    }

    /// The notices that go with this page: those of a single session, and those shared notices
    /// whose last row is here. Clients that are skipped go into the report.
    pub fn of_page(
        &mut self,
        targets: &[Target],
        report: &mut RemovalReport,
    ) -> Result<Vec<Notice>> {
        let mut notices: Vec<Notice> = Vec::new();
        for target in targets {
            for client in &target.clients {
                for kind in NotificationKind::ALL {
                    let Ok(place) = self.place(&client.client_id) else { continue };
                    let Some(known) = self.clients.get_mut(place) else { continue };
                    let notified = self.job.notified.as_ref();
                    if !notified.is_some_and(|notified| {
                        notified.include(&client.client_id, known.coordinates)
                    }) {
                        continue;
                    }
                    if let Registration::Skipped(why) = known.registration {
                        if !std::mem::replace(&mut known.reported, true) {
                            report.skip(&self.notification(target, client, kind)?, why);
                        }
                        continue;
                    }
                    if known.registration.due(kind).is_none() {
                        continue;
                    }
                    let notification = self.notification(target, client, kind)?;
                    let mut notice =
                        Notice { keys: vec![target.key.clone()], notification, later: false };
                    if let Some(shared) = self.shared(target, client, kind) {
                        // The step before removed other sessions of it: this one was missed there.
                        if shared.recorded {
                            continue;
                        }
                        if let Some(earlier) = shared.index.and_then(|index| notices.get_mut(index))
                        {
                            // Rows come oldest first: the id is that of the last one, as in every
                            // repetition.
                            earlier.keys.append(&mut notice.keys);
                            earlier.notification = notice.notification;
                            continue;
                        }
                        shared.index = Some(notices.len());
                    }
                    notices.push(notice);
                }
            }
        }
        let surveyed = self.surveyed;
        for shared in self.clients.iter_mut().flat_map(|known| &mut known.shared) {
            let Some(notice) = shared.index.take().and_then(|index| notices.get_mut(index)) else {
                continue;
            };
            let ends_here = shared
                .last
                .as_ref()
                .is_none_or(|last| targets.iter().any(|target| target.position == *last));
            notice.later = surveyed && !ends_here;
            shared.in_hand = !notice.later;
        }
        notices.retain(|notice| !notice.later);
        Ok(notices)
    }

    /// Notes which of these sessions this call removed: their clients are owed a notification.
    pub fn removed(&mut self, targets: &[Target], removed: &[SessionKey]) {
        for target in targets.iter().filter(|target| removed.contains(&target.key)) {
            for client in &target.clients {
                for kind in NotificationKind::ALL {
                    if let Some(shared) = self.shared(target, client, kind) {
                        shared.owed = Some(target.clone());
                        shared.recorded |= shared.in_hand;
                    }
                }
            }
        }
        for shared in self.clients.iter_mut().flat_map(|known| &mut known.shared) {
            shared.in_hand = false;
        }
    }

    /// The notices that are owed and that no step recorded, because another call removed their last
    /// row.
    pub fn left_over(&mut self) -> Result<Vec<Notice>> {
        let mut owed = Vec::new();
        for known in &mut self.clients {
            for shared in known.shared.iter_mut().filter(|shared| !shared.recorded) {
                if let Some(mut target) = shared.owed.take() {
                    if let Some(last) = &shared.last {
                        target.position.clone_from(last);
                    }
                    let client = ClientSession {
                        client_id: known.client_id.clone(),
                        session_id: shared.sid.clone(),
                    };
                    owed.push((target, client, shared.kind));
                }
            }
        }
        let mut notices = Vec::new();
        for (target, client, kind) in owed {
            let notification = self.notification(&target, &client, kind)?;
            notices.push(Notice { keys: vec![target.key], notification, later: false });
        }
        Ok(notices)
    }

    /// Where this client is among the known ones, or belongs.
    fn place(&self, client_id: &str) -> std::result::Result<usize, usize> {
        self.clients.binary_search_by(|known| known.client_id.as_str().cmp(client_id))
    }

    fn known(&self, client_id: &str) -> Option<&Known> {
        self.place(client_id).ok().and_then(|place| self.clients.get(place))
    }

    /// What the registration of a client means, and its own setting of coordination.
    async fn look_up(&self, client_id: &str) -> Result<(Registration, Option<bool>)> {
        let Some(clients) = self.host.clients() else {
            return Ok((Registration::Skipped("no client lookup is injected"), None));
        };
        let found = async {
            let client = clients.client(client_id).await?;
            let coordinates = match &client {
                Some(client) => client.coordinate_lifetime_with_user_session()?,
                None => None,
            };
            let registration = match reachable(client)? {
                Reachable::Yes(client, addresses) => Registration::Due {
                    addresses,
                    session_required: client.back_channel_logout_session_required()?,
                },
                Reachable::No(why) => Registration::Skipped(why),
            };
            Ok((registration, coordinates))
        };
        match found.await {
            // A registry that is down must not keep a session alive. The attempt looks the client
            // up again and reports what it finds; until then the client is taken to want the most
            // exact notification, in whichever way.
            Err(_) if !self.job.depends_on_clients() => {
                self.host.check_aborted()?;
                let addresses = [Some(String::new()), None];
                Ok((Registration::Due { addresses, session_required: true }, None))
            }
            found => found,
        }
    }

    /// What this session's notice to this client is shared by, if it is.
    fn shared(
        &mut self,
        target: &Target,
        client: &ClientSession,
        kind: NotificationKind,
    ) -> Option<&mut Shared> {
        let place = self.place(&client.client_id).ok()?;
        let known = self.clients.get_mut(place)?;
        let session_required = known.registration.due(kind)?.1;
        let sid = match &self.job.reach {
            Reach::Subject { .. } if !session_required => None,
            Reach::Session { .. } => Some(sid(target, client)),
            _ => return None,
        };
        let like = |shared: &Shared| {
            shared.kind == kind && shared.issuer == target.issuer && shared.sid == sid
        };
        let index = known.shared.iter().position(like).unwrap_or_else(|| {
            let issuer = target.issuer.clone();
            known.shared.push(Shared {
                kind,
                issuer,
                sid,
                last: None,
                index: None,
                in_hand: false,
                recorded: false,
                owed: None,
            });
            known.shared.len() - 1
        });
        known.shared.get_mut(index)
    }

    fn notification(
        &self,
        target: &Target,
        client: &ClientSession,
        kind: NotificationKind,
    ) -> Result<Notification> {
        let known = self.known(&client.client_id);
        let (logout_uri, session_required) =
            known.and_then(|known| known.registration.due(kind)).unwrap_or_default();
        let names_session = session_required || !matches!(self.job.reach, Reach::Subject { .. });
        // A removal ends a row once, so its position makes an id that a repetition makes again.
        // Without a removal the same session can be told of any number of times.
        let id = if self.job.removes {
            let prefix = match kind {
                NotificationKind::Logout => "",
                NotificationKind::SessionRevoked => "event:",
            };
            let names = if names_session { "session:" } else { "subject:" };
            [prefix, names, &target.position, ":", &client.client_id].concat()
        } else {
            random_hex::<16>()?
        };
        Ok(Notification {
            id,
            kind,
            client_id: client.client_id.clone(),
            logout_uri: (!logout_uri.is_empty()).then(|| logout_uri.to_owned()),
            subject_id: Some(target.subject_id.clone()),
            session_id: names_session.then(|| sid(target, client)),
            issuer: target.issuer.clone(),
            reason: self.job.logout_reason,
            attempt: 0,
            created: self.host.now()?,
            not_before: None,
        })
    }
}

/// The `sid` that a client knows a session by.
fn sid(target: &Target, client: &ClientSession) -> String {
    client.session_id.clone().unwrap_or_else(|| target.session_id.clone())
}
