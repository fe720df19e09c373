//! The ports: traits that a host implements. The whole core is generic over them.
//!
//! Their futures needn't be `Send`: the core runs on one thread, within one call.

#![allow(async_fn_in_trait)]

use crate::client::Client;
use crate::ending::{EndedSessions, EndingPick, EndingStep, SessionIds};
use crate::error::{ErrorKind, Result};
use crate::event::Event;
use crate::filter::Filter;
use crate::grant::{GrantCounts, GrantFilter};
use crate::logout_token::Claims;
use crate::notification::{Notification, Outcome, SettledBefore, Settlement};
use crate::session::{
    ClientSession, RemovedSession, Session, SessionChange, SessionCondition, SessionKey,
};
use crate::settings::DeliveryOptions;
use crate::time::{Millis, Timestamp};

pub use crate::order::{Order, PageStart, Position};

/// A row that a store returned. The core reads the members it needs and passes the row itself on.
/// Each getter fails with `store_failed` if the member has the wrong shape.
pub trait SessionRow: Clone {
    /// See [`Session::key`].
    fn key(&self) -> Result<SessionKey>;
    /// See [`Session::scheme`].
    fn scheme(&self) -> Result<String>;
    /// See [`Session::subject_id`].
    fn subject_id(&self) -> Result<String>;
    /// See [`Session::session_id`].
    fn session_id(&self) -> Result<String>;
    /// See [`Session::issuer`].
    fn issuer(&self) -> Result<Option<String>>;
    /// See [`Session::created`].
    fn created(&self) -> Result<Timestamp>;
    /// See [`Session::renewed`].
    fn renewed(&self) -> Result<Timestamp>;
    /// See [`Session::expires`].
    fn expires(&self) -> Result<Option<Timestamp>>;
    /// See [`Session::clients`].
    fn clients(&self) -> Result<Vec<ClientSession>>;
    /// See [`Session::ticket`].
    fn ticket(&self) -> Result<Option<String>>;
}

/// A request for one page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRequest {
    /// The sessions to list.
    pub filter: Filter,
    /// Their order.
    pub order: Order,
    /// Where the page starts.
    pub from: PageStart,
    /// The most rows; 1 or more.
    pub limit: usize,
}

/// A page of rows, each with its position.
pub trait Page {
    /// The type of its rows.
    type Row: SessionRow;
    /// The number of rows.
    fn len(&self) -> usize;
    /// Whether the page has no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The row at `index`, counted from 0. Fails with `store_failed` if there is none.
    fn row(&self, index: usize) -> Result<Self::Row>;
    /// The position of that row.
    fn position(&self, index: usize) -> Result<Position>;
    /// The id of that row: the same in every order and never reused. If the store has no ids, it is
    /// the position.
    fn id(&self, index: usize) -> Result<String>;
}

/// Stores sessions.
pub trait SessionStore {
    /// The type of its rows.
    type Row: SessionRow;
    /// The type of its pages.
    type Page: Page<Row = Self::Row>;

    /// Whether the store supports this filter, given by its name in [`Filter::names`].
    fn serves(&self, filter: &str) -> Result<bool>;
    /// Whether the store can count.
    fn counts(&self) -> bool;
    /// Fails with `unsupported_filter` if the store doesn't support one of the filters in use.
    fn check_filter(&self, filter: &Filter) -> Result<()> {
        for name in filter.names() {
            if !self.serves(name)? {
                return Err(ErrorKind::UnsupportedFilter { filter: name }.into());
            }
        }
        Ok(())
    }
    /// Adds a session. Fails if the key exists, and leaves the stored row unchanged.
    async fn create(&self, session: &Session) -> Result<()>;
    /// The session with this key, even if it has expired.
    async fn get(&self, key: &SessionKey) -> Result<Option<Self::Row>>;
    /// Changes a session if it meets the condition. Returns false if no row has this key or the row
    /// doesn't meet the condition; it never creates one. Fails without any change if the new key
    /// belongs to another session.
    async fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool>;
    /// Whether [`SessionStore::update`] can change one key into the other. A partitioned store
    /// can't if they belong to different partitions.
    async fn share_partition(&self, _key: &SessionKey, _other: &SessionKey) -> Result<bool> {
        Ok(true)
    }
    /// Adds a client to a session that is active at `now`, atomically, once per client id. Returns
    /// false and adds nothing if no row has this key or the session has expired ([`is_expired`]).
    ///
    /// [`is_expired`]: crate::time::is_expired
    async fn add_client(
        &self,
        key: &SessionKey,
        client: &ClientSession,
        now: Timestamp,
    ) -> Result<bool>;
    /// One page of the sessions that match.
    async fn list(&self, request: &ListRequest) -> Result<Self::Page>;
    /// The number of matching sessions. The store may stop counting at `up_to`.
    async fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64>;
    /// Removes the sessions with these keys that meet the condition. Returns only the sessions that
    /// this call removed.
    async fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>>;
    /// Clears `ip_address` and `user_agent` of up to `limit` sessions created before this instant,
    /// and changes nothing else. Returns the number of changed sessions. Fewer than `limit` means
    /// that no more are left or that concurrent calls changed some.
    async fn forget_devices(&self, created_before: Timestamp, limit: usize) -> Result<u64>;
}

/// Stores tokens and consents.
pub trait GrantStore {
    /// The number of matching grants, by kind.
    async fn count(&self, filter: &GrantFilter) -> Result<GrantCounts>;
    /// Removes all matching grants and returns their number by kind.
    async fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts>;
    /// Removes up to `limit` grants that have expired at `now`. Returns their number, like
    /// [`SessionStore::forget_devices`]; always 0 if the store can't do this.
    async fn remove_expired(&self, now: Timestamp, limit: usize) -> Result<u64>;
}

/// Stores notifications until they are delivered.
pub trait LogoutOutbox {
    /// Records notifications. An id that exists is left unchanged.
    async fn add(&self, entries: &[Notification]) -> Result<()>;
    /// Claims up to `limit` due notifications, longest due first. No other instance can claim them
    /// before `now + lease_for`. `None` is an entry that this version can't read, for example a
    /// kind recorded by a later version, and is left to that version.
    async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
        lease_for: Millis,
    ) -> Result<Vec<Option<Notification>>>;
    /// Records the result of an attempt made at `now` and counts the attempt.
    async fn settle(&self, id: &str, result: &Settlement, now: Timestamp) -> Result<()>;
    /// Removes up to `limit` notifications settled before these instants. Returns their number,
    /// like [`SessionStore::forget_devices`]; always 0 if the outbox can't do this.
    async fn prune(&self, settled_before: &SettledBefore, limit: usize) -> Result<u64>;
}

/// Ends sessions as a set, in one transaction over the stores that it covers.
pub trait AtomicEnding {
    /// A list of the ended sessions. The core only passes it to [`Host::emit_each`].
    type List;

    /// Whether it covers this store.
    fn covers(&self, store: CoveredStore) -> bool;
    /// The clients of the sessions that a step with this pick would end, each once.
    async fn clients_of(&self, pick: &EndingPick) -> Result<Vec<String>>;
    /// Ends sessions, revokes their grants and records their notifications, all or nothing.
    async fn end_sessions(&self, step: EndingStep) -> Result<EndedSessions<Self::List>>;
    /// Adds a session unless its subject has reached the limit. Returns whether it was added.
    async fn admit(&self, session: &Session, admission: &Admission) -> Result<bool>;
}

/// The session limit of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The most sessions, including the new one; 1 or more.
    pub limit: usize,
    /// Only sessions that are active at this time count.
    pub now: Timestamp,
    /// Only sessions of this issuer count; `None` counts all.
    pub issuer: Option<String>,
}

/// A store that an [`AtomicEnding`] may cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoveredStore {
    /// The [`SessionStore`].
    Sessions,
    /// The [`GrantStore`].
    Grants,
    /// The [`LogoutOutbox`].
    Outbox,
}

/// Looks up registered clients.
pub trait ClientLookup {
    /// A client's registration.
    type Client: Client;
    /// The client, if it is known.
    async fn client(&self, client_id: &str) -> Result<Option<Self::Client>>;
}

/// One attempt at a notification.
#[derive(Clone, Debug)]
pub struct Message<'a, C> {
    /// The notification to send.
    pub notification: &'a Notification,
    /// The client's current registration.
    pub client: &'a C,
    /// The claims of the token, made for this attempt.
    pub claims: Claims,
}

/// Sends notifications to clients.
pub trait LogoutSender<C> {
    /// Makes one attempt.
    async fn send(&self, message: &Message<'_, C>) -> Result<Outcome>;
}

/// Everything that a host injects.
pub trait Host {
    /// See [`SessionStore`].
    type Sessions: SessionStore;
    /// See [`GrantStore`].
    type Grants: GrantStore;
    /// See [`LogoutOutbox`].
    type Outbox: LogoutOutbox;
    /// See [`AtomicEnding`].
    type Atomic: AtomicEnding;
    /// See [`ClientLookup`].
    type Clients: ClientLookup<Client = Self::Client>;
    /// See [`Client`].
    type Client: Client;
    /// See [`LogoutSender`].
    type Sender: LogoutSender<Self::Client>;

    /// The session store.
    fn sessions(&self) -> &Self::Sessions;
    /// The grant store.
    fn grants(&self) -> Option<&Self::Grants>;
    /// The outbox, which stores notifications until they are delivered.
    fn outbox(&self) -> Option<&Self::Outbox>;
    /// The port that ends sessions as a set, if the stores share a transaction.
    fn atomic(&self) -> Option<&Self::Atomic>;
    /// The registered clients.
    fn clients(&self) -> Option<&Self::Clients>;
    /// The sender of notifications.
    fn sender(&self) -> Option<&Self::Sender>;
    /// Whether clients can be notified, now or later.
    fn can_notify(&self) -> bool {
        self.clients().is_some() && (self.sender().is_some() || self.outbox().is_some())
    }
    /// The subject id that this client knows: the host's own, unless the client is pairwise.
    async fn subject_for(&self, subject_id: &str, client_id: &str) -> Result<String>;
    /// The issuers that the host declares for this provider.
    fn issuers(&self) -> &[String];
    /// How long after its creation a session expires, even if it is renewed.
    fn absolute_lifetime(&self) -> Option<Millis>;
    /// How long after its creation the address and user agent of a session are cleared.
    fn forget_devices_after(&self) -> Option<Millis>;
    /// How notifications are delivered.
    fn delivery(&self) -> &DeliveryOptions;
    /// The clock.
    fn now(&self) -> Result<Timestamp>;
    /// Waits for this many milliseconds and yields to other tasks at least once. Dropping the
    /// future cancels the wait.
    async fn sleep(&self, milliseconds: Millis);
    /// Whether the host listens to events. If not, the core needn't create any.
    fn listens(&self) -> bool;
    /// Passes an event to the host. Can't fail.
    fn emit(&self, event: Event);
    /// Passes an event for each of these sessions to the host. Can't fail.
    fn emit_each(
        &self,
        sessions: <Self::Atomic as AtomicEnding>::List,
        event: impl Fn(SessionIds) -> Event,
    );
    /// Reports the progress of the call to the caller. Can't fail.
    fn progress(&self, sessions: u64, notifications: u64);
    /// Fails with `aborted` if the caller has aborted the call.
    fn check_aborted(&self) -> Result<()>;
    /// Whether aborts are delayed. An abort that is delayed interrupts no port call, and
    /// [`Host::check_aborted`] succeeds.
    fn delay_aborts(&self, delayed: bool);
}
