//! The test host: memory stores behind ports that can fail or yield at any call, a client registry,
//! a sender that records what it sends, and a clock that tests set.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use proptest::test_runner::Config as ProptestConfig;

use rollcall::client::Client;
use rollcall::ending::{EndedSessions, EndingPick, EndingStep, SessionIds};
use rollcall::error::{CallbackError, Error, ErrorKind, Result, SenderFailed, StoreFailed};
use rollcall::event::Event;
use rollcall::filter::Filter;
use rollcall::grant::{Grant, GrantCounts, GrantFilter};
use rollcall::logout_token::{Claims, LogoutTokenClaims, SubjectIdentifier};
use rollcall::memory::{MemoryStores, SessionPage};
use rollcall::notification::{
    Notification, NotificationKind, OutboxFilter, Outcome, SettledBefore, Settlement,
};
use rollcall::order::PageStart;
use rollcall::ports::{
    Admission, AtomicEnding, ClientLookup, CoveredStore, GrantStore, Host, ListRequest,
    LogoutOutbox, LogoutSender, Message, Page, SessionRow, SessionStore,
};
use rollcall::session::{
    ClientSession, RemovedSession, Session, SessionChange, SessionCondition, SessionKey,
};
use rollcall::settings::DeliveryOptions;
use rollcall::strings::fold;
use rollcall::time::{Millis, Timestamp};

/// The time at which tests start.
pub const NOW: Timestamp = Timestamp::from_millis(1_750_000_000_000);

/// Runs this many cases of a property, and ten times as many in `cargo xtask test --long`.
pub fn cases(count: u32) -> ProptestConfig {
    let times = if std::env::var_os("ROLLCALL_LONG").is_some() { 10 } else { 1 };
    ProptestConfig { cases: times * count, ..ProptestConfig::default() }
}

/// The instant this many milliseconds after the epoch.
pub fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millis(milliseconds)
}

/// Faults and pauses that a test injects, and counts of calls.
#[derive(Default)]
pub struct Script {
    /// The number of port calls so far.
    pub calls: Cell<usize>,
    /// The call that fails, counted from 0.
    pub fail_at: Cell<Option<usize>>,
    /// Whether that call takes effect before it fails.
    pub fail_late: Cell<bool>,
    /// How often each call yields before it takes effect. Calls pop their number from the end.
    pub pauses: RefCell<Vec<u8>>,
    /// Filters that the session store doesn't support.
    pub unserved: RefCell<Vec<&'static str>>,
    /// Whether the session store can't count.
    pub cannot_count: Cell<bool>,
    /// The key of the row that `get` returns instead of the requested one.
    pub mistaken_key: RefCell<Option<SessionKey>>,
    /// Whether the caller has aborted the call.
    pub aborted: Cell<bool>,
    /// The call during which the caller aborts, counted from 0.
    pub abort_at: Cell<Option<usize>>,
    /// Whether aborts are delayed.
    pub aborts_delayed: Cell<bool>,
    /// The ids of sessions whose clients the store can't read. Ending them as a set fails.
    pub unreadable: RefCell<BTreeSet<String>>,
    /// The ids of sessions that the store fails to end.
    pub stuck: RefCell<BTreeSet<String>>,
    /// The ids of outbox entries of a kind that this version doesn't know.
    pub unknown: RefCell<BTreeSet<String>>,
    /// The settlements that fail, counted from 0.
    pub unsettled: RefCell<std::ops::Range<usize>>,
    pub settlements: Cell<usize>,
    /// The number of client lookups.
    pub lookups: Cell<usize>,
    /// The store that fails to prune.
    pub unpruned: Cell<Option<&'static str>>,
    /// The number of pruning calls, by store.
    pub prunings: RefCell<BTreeMap<&'static str, usize>>,
}

impl Script {
    /// Runs one port call: yields, then fails if the test says so, or else does `work`.
    async fn call<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let call = self.calls.replace(self.calls.get() + 1);
        let pauses = self.pauses.borrow_mut().pop().unwrap_or(0);
        Pauses(pauses).await;
        let fails = self.fail_at.get() == Some(call);
        let failure = || store_failure("made to fail");
        if fails && !self.fail_late.get() {
            return Err(failure());
        }
        let done = work()?;
        if self.abort_at.get() == Some(call) {
            self.aborted.set(true);
        }
        // Like at the boundary, an abort interrupts every wait.
        self.check_aborted()?;
        if fails { Err(failure()) } else { Ok(done) }
    }

    fn check_aborted(&self) -> Result<()> {
        match self.aborted.get() && !self.aborts_delayed.get() {
            true => Err(ErrorKind::Aborted { source: None }.into()),
            false => Ok(()),
        }
    }
}

/// Yields this often.
pub async fn pause(times: u8) {
    Pauses(times).await;
}

struct Pauses(u8);

impl Future for Pauses {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.0 {
            0 => Poll::Ready(()),
            _ => {
                self.0 -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

/// The clock steps of a slow sender, in milliseconds.
const STEP: Millis = 100;

/// A registered client.
#[derive(Clone, Default)]
pub struct TestClient {
    pub uri: Option<String>,
    pub event_uri: Option<String>,
    pub session_required: bool,
    /// Whether it wants a single token by subject.
    pub by_subject: bool,
    pub disabled: bool,
    pub coordinates: Option<bool>,
    /// Whether its registration can't be read.
    pub broken: bool,
}

impl Client for TestClient {
    fn enabled(&self) -> Result<bool> {
        Ok(!self.disabled)
    }

    fn back_channel_logout_uri(&self) -> Result<Option<String>> {
        Ok(self.uri.clone())
    }

    fn back_channel_logout_session_required(&self) -> Result<bool> {
        Ok(self.session_required)
    }

    fn back_channel_logout_by_subject(&self) -> Result<bool> {
        Ok(self.by_subject)
    }

    fn coordinate_lifetime_with_user_session(&self) -> Result<Option<bool>> {
        if self.broken {
            return Err(sender_failure("the registration has the wrong form"));
        }
        Ok(self.coordinates)
    }

    fn security_event_uri(&self) -> Result<Option<String>> {
        Ok(self.event_uri.clone())
    }
}

/// A message that the sender received.
#[derive(Clone, Debug)]
pub struct Sent {
    pub notification: Notification,
    pub claims: Claims,
}

impl Sent {
    /// Client, `sub` and `sid`. An event has `: event` after the client.
    pub fn notified(&self) -> (String, Option<String>, Option<String>) {
        match (self.notification.kind, &self.claims) {
            (kind @ NotificationKind::Logout, Claims::Logout(claims)) => {
                (addressee(&claims.aud, kind), claims.sub.clone(), claims.sid.clone())
            }
            (kind @ NotificationKind::SessionRevoked, Claims::SessionRevoked(claims)) => {
                let (sub, sid) = claims.sub_id.as_ref().map(sub_and_sid).unwrap_or_default();
                (addressee(&claims.aud, kind), sub, sid)
            }
            (kind, claims) => panic!("{claims:?} don't belong to a notification {kind:?}"),
        }
    }

    /// The claims of a logout token. Panics for other tokens.
    pub fn logout_claims(&self) -> &LogoutTokenClaims {
        match &self.claims {
            Claims::Logout(claims) => claims,
            claims => panic!("not a logout token: {claims:?}"),
        }
    }
}

/// The user and the session in a subject identifier.
fn sub_and_sid(subject: &SubjectIdentifier) -> (Option<String>, Option<String>) {
    match subject {
        SubjectIdentifier::IssSub { sub, .. } => (Some(sub.clone()), None),
        SubjectIdentifier::Opaque { id } => (None, Some(id.clone())),
        SubjectIdentifier::Complex { session, user } => {
            (sub_and_sid(user).0, sub_and_sid(session).1)
        }
    }
}

/// A client, with `: event` if it is sent a Security Event Token.
pub fn addressee(client_id: &str, kind: NotificationKind) -> String {
    match kind {
        NotificationKind::Logout => client_id.to_owned(),
        NotificationKind::SessionRevoked => format!("{client_id}: event"),
    }
}

/// A row whose clients may be unreadable.
#[derive(Clone, Debug)]
pub struct TestRow {
    session: Rc<Session>,
    is_unreadable: bool,
}

impl std::ops::Deref for TestRow {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl SessionRow for TestRow {
    fn key(&self) -> Result<SessionKey> {
        self.session.key()
    }

    fn scheme(&self) -> Result<String> {
        self.session.scheme()
    }

    fn subject_id(&self) -> Result<String> {
        self.session.subject_id()
    }

    fn session_id(&self) -> Result<String> {
        self.session.session_id()
    }

    fn issuer(&self) -> Result<Option<String>> {
        self.session.issuer()
    }

    fn created(&self) -> Result<Timestamp> {
        self.session.created()
    }

    fn renewed(&self) -> Result<Timestamp> {
        self.session.renewed()
    }

    fn expires(&self) -> Result<Option<Timestamp>> {
        self.session.expires()
    }

    fn clients(&self) -> Result<Vec<ClientSession>> {
        if self.is_unreadable {
            let (member, wanted) = ("clients", "a list");
            return Err(StoreFailed::Row { member, wanted, source: None }.into());
        }
        self.session.clients()
    }

    fn ticket(&self) -> Result<Option<String>> {
        self.session.ticket()
    }
}

/// A page of test rows.
#[derive(Debug)]
pub struct TestPage {
    page: SessionPage,
    unreadable: BTreeSet<String>,
}

impl std::ops::Deref for TestPage {
    type Target = SessionPage;

    fn deref(&self) -> &SessionPage {
        &self.page
    }
}

impl Page for TestPage {
    type Row = TestRow;

    fn len(&self) -> usize {
        self.page.len()
    }

    fn row(&self, index: usize) -> Result<TestRow> {
        let session = self.page.row(index)?;
        let is_unreadable = self.unreadable.contains(&session.session_id);
        Ok(TestRow { session, is_unreadable })
    }

    fn position(&self, index: usize) -> Result<String> {
        self.page.position(index)
    }

    fn id(&self, index: usize) -> Result<String> {
        self.page.id(index)
    }
}

/// The test host.
pub struct TestHost {
    pub stores: MemoryStores,
    pub script: Rc<Script>,
    pub now: Cell<Timestamp>,
    pub clients: RefCell<BTreeMap<String, TestClient>>,
    /// The sender's outcomes, by client. The default is delivered.
    pub outcomes: RefCell<BTreeMap<String, Outcome>>,
    /// How long the sender takes, by client, in milliseconds. It yields and moves the clock
    /// meanwhile.
    pub slow: RefCell<BTreeMap<String, Millis>>,
    pub sent: RefCell<Vec<Sent>>,
    pub in_flight: Cell<usize>,
    pub max_in_flight: Cell<usize>,
    pub events: RefCell<Vec<Event>>,
    pub progress: RefCell<Vec<(u64, u64)>>,
    pub with_grants: bool,
    pub with_outbox: bool,
    pub with_atomic: bool,
    /// The stores that `atomic` doesn't cover.
    pub uncovered: Vec<CoveredStore>,
    pub with_clients: bool,
    pub with_sender: bool,
    /// Whether client lookups fail.
    pub registry_down: Cell<bool>,
    /// Whether each client has its own subject ids.
    pub pairwise: bool,
    pub created: Cell<Timestamp>,
    pub absolute_lifetime: Option<Millis>,
    pub forget_devices_after: Option<Millis>,
    pub delivery: DeliveryOptions,
    pub issuers: Vec<String>,
    /// The number of partitions of the session store, if it is partitioned. With more than
    /// [`MAX_PARTITIONS`], no two keys are in the same partition.
    pub partitions: Cell<Option<u32>>,
}

/// See [`TestHost::partitions`].
pub const MAX_PARTITIONS: u32 = 64;

impl TestHost {
    /// A host with all services and no sessions.
    pub fn new() -> Self {
        TestHost {
            stores: MemoryStores::new(),
            script: Rc::default(),
            now: Cell::new(NOW),
            clients: RefCell::default(),
            outcomes: RefCell::default(),
            slow: RefCell::default(),
            sent: RefCell::default(),
            in_flight: Cell::new(0),
            max_in_flight: Cell::new(0),
            events: RefCell::default(),
            progress: RefCell::default(),
            with_grants: true,
            with_outbox: true,
            with_atomic: true,
            uncovered: Vec::new(),
            with_clients: true,
            with_sender: true,
            registry_down: Cell::new(false),
            pairwise: false,
            created: Cell::new(NOW.minus(1_000_000)),
            absolute_lifetime: None,
            forget_devices_after: None,
            delivery: DeliveryOptions::default(),
            issuers: Vec::new(),
            partitions: Cell::new(None),
        }
    }

    /// Registers a client with a logout URI.
    pub fn client(&self, id: &str) -> &Self {
        self.register(
            id,
            TestClient {
                uri: Some(format!("https://{id}.example/logout")),
                ..TestClient::default()
            },
        )
    }

    /// Registers a client that accepts events, and logout tokens too if `both`.
    pub fn event_client(&self, id: &str, both: bool) -> &Self {
        let uri = both.then(|| format!("https://{id}.example/logout"));
        let event_uri = Some(format!("https://{id}.example/events"));
        self.register(id, TestClient { uri, event_uri, ..TestClient::default() })
    }

    /// Registers a client.
    pub fn register(&self, id: &str, client: TestClient) -> &Self {
        self.clients.borrow_mut().insert(id.to_owned(), client);
        self
    }

    /// Adds a session that is newer than all before. Its key contains its session id.
    pub fn session(&self, subject_id: &str, session_id: &str, clients: &[&str]) -> Session {
        self.created.set(self.created.get().plus(1));
        let session = Session {
            clients: clients.iter().map(|id| client_session(id)).collect(),
            created: self.created.get(),
            renewed: self.created.get(),
            ..session(subject_id, session_id)
        };
        self.add(&session);
        session
    }

    /// Adds this session.
    pub fn add(&self, session: &Session) {
        self.stores.sessions().create(session).unwrap();
    }

    /// Adds a grant. Its key contains its members.
    pub fn grant(
        &self,
        grant_type: &str,
        subject_id: &str,
        session_id: Option<&str>,
        client_id: &str,
    ) -> &Self {
        let key = format!("{grant_type}/{subject_id}/{session_id:?}/{client_id}");
        let grant = Grant {
            key,
            grant_type: grant_type.to_owned(),
            subject_id: Some(subject_id.to_owned()),
            session_id: session_id.map(str::to_owned),
            client_id: client_id.to_owned(),
            ..Grant::default()
        };
        self.stores.grants().store(&grant).unwrap();
        self
    }

    /// The session ids of a subject, sorted.
    pub fn sessions_of(&self, subject_id: &str) -> Vec<String> {
        let filter = Filter {
            subject_id: Some(rollcall::filter::TextMatch::Equals(subject_id.to_owned())),
            ..Filter::default()
        };
        let page = self.stores.sessions().list(&ListRequest {
            filter,
            limit: usize::MAX,
            ..ListRequest::default()
        });
        let mut ids: Vec<_> =
            page.unwrap().sessions.iter().map(|session| session.session_id.clone()).collect();
        ids.sort();
        ids
    }

    /// Runs one pruning call of a store.
    async fn prune(&self, store: &'static str, work: impl FnOnce() -> Result<u64>) -> Result<u64> {
        *self.script.prunings.borrow_mut().entry(store).or_default() += 1;
        match self.script.unpruned.get() == Some(store) {
            true => self.script.call(|| Err(store_failure("it can't prune"))).await,
            false => self.script.call(work).await,
        }
    }

    fn is_stuck(&self, keys: &[SessionKey]) -> bool {
        let stuck = self.script.stuck.borrow();
        let mut ids = keys.iter().map(|key| key.as_str().trim_start_matches("key of "));
        ids.any(|id| stuck.contains(id))
    }

    /// Fails if a session of this pick can't be ended.
    fn check_stuck(&self, pick: &EndingPick) -> Result<()> {
        let EndingPick { filter, order, after, limit, .. } = pick.clone();
        let (from, limit) = (after.map_or(PageStart::First, PageStart::After), limit as usize);
        let listed = || self.stores.sessions().list(&ListRequest { filter, order, from, limit });
        let keys = match &pick.keys {
            Some(keys) => keys.clone(),
            None => listed()?.sessions.iter().map(|session| session.key.clone()).collect(),
        };
        let unreadable = self.script.unreadable.borrow();
        let mut ids = keys.iter().map(|key| key.as_str().trim_start_matches("key of "));
        match self.is_stuck(&keys) || ids.any(|id| unreadable.contains(id)) {
            true => Err(store_failure("a session is stuck")),
            false => Ok(()),
        }
    }

    /// The grants of a subject as type, session id and client id, sorted.
    pub fn grants_of(&self, subject_id: &str) -> Vec<(String, Option<String>, String)> {
        let filter =
            GrantFilter { subject_id: Some(subject_id.to_owned()), ..GrantFilter::default() };
        let grants = self.stores.grants().list(&filter).unwrap();
        let mut left: Vec<_> = grants
            .into_iter()
            .map(|grant| (grant.grant_type, grant.session_id, grant.client_id))
            .collect();
        left.sort();
        left
    }

    /// The notifications that were sent, sorted; see [`Sent::notified`].
    pub fn notified(&self) -> Vec<(String, Option<String>, Option<String>)> {
        let mut notified: Vec<_> = self.sent.borrow().iter().map(Sent::notified).collect();
        notified.sort();
        notified
    }

    /// All entries of the outbox.
    pub fn outbox_entries(&self) -> Vec<rollcall::notification::Delivery> {
        self.stores.outbox().list(&OutboxFilter::default(), None, None)
    }
}

/// A session with this subject and session id, created at [`NOW`].
pub fn session(subject_id: &str, session_id: &str) -> Session {
    Session {
        key: format!("key of {session_id}").into(),
        scheme: "default".to_owned(),
        subject_id: subject_id.to_owned(),
        session_id: session_id.to_owned(),
        created: NOW,
        renewed: NOW,
        ..Session::default()
    }
}

/// Gives a session a display name.
pub fn named(session: Session, name: &str) -> Session {
    Session {
        display_name: Some(name.to_owned()),
        display_name_folded: Some(fold(name)),
        ..session
    }
}

/// A client, with its own `sid` if written as `client=sid`.
pub fn client_session(id: &str) -> ClientSession {
    match id.split_once('=') {
        Some((id, sid)) => {
            ClientSession { client_id: id.to_owned(), session_id: Some(sid.to_owned()) }
        }
        None => ClientSession { client_id: id.to_owned(), session_id: None },
    }
}

/// An entry of [`TestHost::notified`].
pub fn notified(
    client: &str,
    sub: Option<&str>,
    sid: Option<&str>,
) -> (String, Option<String>, Option<String>) {
    (client.to_owned(), sub.map(str::to_owned), sid.map(str::to_owned))
}

impl Host for TestHost {
    type Sessions = Self;
    type Grants = Self;
    type Outbox = Self;
    type Atomic = Self;
    type Clients = Self;
    type Client = TestClient;
    type Sender = Self;

    fn sessions(&self) -> &Self {
        self
    }

    fn grants(&self) -> Option<&Self> {
        self.with_grants.then_some(self)
    }

    fn outbox(&self) -> Option<&Self> {
        self.with_outbox.then_some(self)
    }

    fn atomic(&self) -> Option<&Self> {
        self.with_atomic.then_some(self)
    }

    fn clients(&self) -> Option<&Self> {
        self.with_clients.then_some(self)
    }

    fn sender(&self) -> Option<&Self> {
        self.with_sender.then_some(self)
    }

    async fn subject_for(&self, subject_id: &str, client_id: &str) -> Result<String> {
        Ok(if self.pairwise {
            format!("{subject_id} of {client_id}")
        } else {
            subject_id.to_owned()
        })
    }

    fn issuers(&self) -> &[String] {
        &self.issuers
    }

    fn absolute_lifetime(&self) -> Option<Millis> {
        self.absolute_lifetime
    }

    fn forget_devices_after(&self) -> Option<Millis> {
        self.forget_devices_after
    }

    fn delivery(&self) -> &DeliveryOptions {
        &self.delivery
    }

    fn now(&self) -> Result<Timestamp> {
        Ok(self.now.get())
    }

    async fn sleep(&self, milliseconds: Millis) {
        let end = self.now.get().plus(milliseconds);
        while self.now.get() < end {
            Pauses(1).await;
        }
    }

    fn listens(&self) -> bool {
        true
    }

    fn emit(&self, event: Event) {
        self.events.borrow_mut().push(event);
    }

    fn emit_each(&self, sessions: Vec<SessionIds>, event: impl Fn(SessionIds) -> Event) {
        self.events.borrow_mut().extend(sessions.into_iter().map(event));
    }

    fn progress(&self, sessions: u64, notifications: u64) {
        self.progress.borrow_mut().push((sessions, notifications));
    }

    fn check_aborted(&self) -> Result<()> {
        self.script.check_aborted()
    }

    fn delay_aborts(&self, delayed: bool) {
        self.script.aborts_delayed.set(delayed);
    }
}

impl SessionStore for TestHost {
    type Row = TestRow;
    type Page = TestPage;

    async fn forget_devices(&self, created_before: Timestamp, limit: usize) -> Result<u64> {
        let work = || Ok(self.stores.sessions().forget_devices(created_before, limit)? as u64);
        self.prune("sessions", work).await
    }

    fn serves(&self, filter: &str) -> Result<bool> {
        Ok(!self.script.unserved.borrow().contains(&filter))
    }

    fn counts(&self) -> bool {
        !self.script.cannot_count.get()
    }

    async fn create(&self, session: &Session) -> Result<()> {
        self.script.call(|| self.stores.sessions().create(session)).await
    }

    async fn get(&self, key: &SessionKey) -> Result<Option<TestRow>> {
        let mistaken = self.script.mistaken_key.borrow().clone();
        let key = mistaken.as_ref().unwrap_or(key);
        let work = || {
            let session = self.stores.sessions().get(key)?.map(Rc::new);
            Ok(session.map(|session| TestRow { session, is_unreadable: false }))
        };
        self.script.call(work).await
    }

    async fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool> {
        self.script.call(|| self.stores.sessions().update(key, change, condition)).await
    }

    async fn share_partition(&self, key: &SessionKey, other: &SessionKey) -> Result<bool> {
        let Some(partitions) = self.partitions.get() else { return Ok(true) };
        let of = |key: &SessionKey| key.as_str().bytes().map(u32::from).sum::<u32>() % partitions;
        Ok(partitions <= MAX_PARTITIONS && of(key) == of(other))
    }

    async fn add_client(
        &self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool> {
        self.script.call(|| self.stores.sessions().add_client(key, client, now)).await
    }

    async fn list(&self, request: &ListRequest) -> Result<TestPage> {
        let unreadable = self.script.unreadable.borrow().clone();
        let work = || Ok(TestPage { page: self.stores.sessions().list(request)?, unreadable });
        self.script.call(work).await
    }

    async fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64> {
        self.script.call(|| self.stores.sessions().count(filter, up_to)).await
    }

    async fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>> {
        let work = || match self.is_stuck(keys) {
            true => Err(store_failure("a session is stuck")),
            false => {
                let mut removed = self.stores.sessions().remove(keys, condition)?;
                let unreadable = self.script.unreadable.borrow();
                for session in &mut removed {
                    if unreadable.contains(&session.session_id) {
                        session.clients.clear();
                    }
                }
                Ok(removed)
            }
        };
        self.script.call(work).await
    }
}

impl GrantStore for TestHost {
    async fn remove_expired(&self, now: Timestamp, limit: usize) -> Result<u64> {
        let work = || Ok(self.stores.grants().remove_expired(now, limit) as u64);
        self.prune("grants", work).await
    }

    async fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.script.call(|| self.stores.grants().count(filter)).await
    }

    async fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        self.script.call(|| self.stores.grants().remove(filter)).await
    }
}

impl LogoutOutbox for TestHost {
    async fn add(&self, entries: &[Notification]) -> Result<()> {
        let work = || {
            self.stores.outbox().add(entries);
            Ok(())
        };
        self.script.call(work).await
    }

    async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
        lease_for: Millis,
    ) -> Result<Vec<Option<Notification>>> {
        let unknown = self.script.unknown.borrow().clone();
        let known = |entry: Notification| (!unknown.contains(&entry.id)).then_some(entry);
        let claim = || self.stores.outbox().claim(now, limit, lease_for).into_iter();
        self.script.call(|| Ok(claim().map(known).collect())).await
    }

    async fn prune(&self, settled_before: &SettledBefore, limit: usize) -> Result<u64> {
        let work = || Ok(self.stores.outbox().prune(settled_before, limit) as u64);
        self.prune("outbox", work).await
    }

    async fn settle(&self, id: &str, result: &Settlement, now: Timestamp) -> Result<()> {
        let work = || {
            let number = self.script.settlements.replace(self.script.settlements.get() + 1);
            if self.script.unsettled.borrow().contains(&number) {
                return Err(store_failure("the outbox is down"));
            }
            self.stores.outbox().settle(id, result, now);
            Ok(())
        };
        self.script.call(work).await
    }
}

impl AtomicEnding for TestHost {
    type List = Vec<SessionIds>;

    fn covers(&self, store: CoveredStore) -> bool {
        // Like at the boundary: a store that the host doesn't use isn't covered.
        let is_used = match store {
            CoveredStore::Sessions => true,
            CoveredStore::Grants => self.with_grants,
            CoveredStore::Outbox => self.with_outbox,
        };
        is_used && !self.uncovered.contains(&store)
    }

    async fn clients_of(&self, pick: &EndingPick) -> Result<Vec<String>> {
        let work = || {
            self.check_stuck(pick)?;
            self.stores.atomic().clients_of(pick)
        };
        self.script.call(work).await
    }

    async fn end_sessions(&self, step: EndingStep) -> Result<EndedSessions> {
        let work = || {
            self.check_stuck(&step.pick)?;
            self.stores.atomic().end_sessions(&step)
        };
        self.script.call(work).await
    }

    async fn admit(&self, session: &Session, admission: &Admission) -> Result<bool> {
        self.script.call(|| self.stores.atomic().admit(session, admission)).await
    }
}

impl ClientLookup for TestHost {
    type Client = TestClient;

    async fn client(&self, client_id: &str) -> Result<Option<TestClient>> {
        self.script.lookups.set(self.script.lookups.get() + 1);
        let work = || match self.registry_down.get() {
            true => Err(sender_failure("the registry is down")),
            false => Ok(self.clients.borrow().get(client_id).cloned()),
        };
        self.script.call(work).await
    }
}

impl LogoutSender<TestClient> for TestHost {
    async fn send(&self, message: &Message<'_, TestClient>) -> Result<Outcome> {
        self.in_flight.set(self.in_flight.get() + 1);
        self.max_in_flight.set(self.max_in_flight.get().max(self.in_flight.get()));
        let work = || {
            let sent =
                Sent { notification: message.notification.clone(), claims: message.claims.clone() };
            self.sent.borrow_mut().push(sent);
            let outcomes = self.outcomes.borrow();
            Ok(outcomes
                .get(&message.notification.client_id)
                .cloned()
                .unwrap_or(Outcome::Delivered { status: Some(200) }))
        };
        let takes = self.slow.borrow().get(&message.notification.client_id).copied().unwrap_or(0);
        for _ in 0..takes / STEP {
            Pauses(1).await;
            self.now.set(self.now.get().plus(STEP));
        }
        let outcome = self.script.call(work).await;
        self.in_flight.set(self.in_flight.get() - 1);
        outcome
    }
}

fn store_failure(message: &'static str) -> Error {
    StoreFailed::from(CallbackError::Threw { function: "store", source: message.into() }).into()
}

fn sender_failure(message: &'static str) -> Error {
    SenderFailed::from(CallbackError::Threw { function: "sender", source: message.into() }).into()
}
