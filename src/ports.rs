//! The ports: what a host injects. Everything of the core is generic over these.
//!
//! No future here need be `Send`: the core runs on one thread, inside one call.

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

/// A row that a store returned. The core reads the few members it needs and passes the row itself
/// on. Each getter fails with `store_failed` where a row has the wrong shape.
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
    /// Which sessions.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// Where the page begins.
    pub from: PageStart,
    /// At most how many; 1 or more.
    pub limit: usize,
}

/// A page of rows, each with its position.
pub trait Page {
    /// The rows.
    type Row: SessionRow;
    /// How many rows there are.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The row at `index`, from 0. Fails with `store_failed` where there is none.
    fn row(&self, index: usize) -> Result<Self::Row>;
    /// The position of that row.
    fn position(&self, index: usize) -> Result<Position>;
    /// The id of that row: the same in every order, and never used again. Where the store has none,
    /// the position.
    fn id(&self, index: usize) -> Result<String>;
}

/// Where sessions are kept.
pub trait SessionStore {
    /// The rows that it returns.
    type Row: SessionRow;
    /// The pages that it returns.
    type Page: Page<Row = Self::Row>;

    /// Whether it serves this filter, by its name in [`Filter::names`].
    fn serves(&self, filter: &str) -> Result<bool>;
    /// Whether it can count.
    fn counts(&self) -> bool;
    /// Fails with `unsupported_filter` if the store doesn't serve one of the filters in use.
    fn check_filter(&self, filter: &Filter) -> Result<()> {
        for name in filter.names() {
            if !self.serves(name)? {
                return Err(ErrorKind::UnsupportedFilter { filter: name }.into());
            }
        }
        Ok(())
    }
    /// Adds a session. A key that is there already is an error, and the stored row stays.
    async fn create(&self, session: &Session) -> Result<()>;
    /// The session with this key, expired or not.
    async fn get(&self, key: &SessionKey) -> Result<Option<Self::Row>>;
    /// Changes a session, if it meets the condition. False: none has this key, or it doesn't meet
    /// the condition; never creates one. A changed key that another session has is an error, and
    /// nothing changes then.
    async fn update(
        &self,
        key: &SessionKey,
        change: &SessionChange,
        condition: &SessionCondition,
    ) -> Result<bool>;
    /// Whether [`SessionStore::update`] can change the one key into the other. A store that keeps
    /// its rows in several partitions can where both keys belong to the same one.
    async fn share_partition(&self, _key: &SessionKey, _other: &SessionKey) -> Result<bool> {
        Ok(true)
    }
    /// Adds a client to a session that is active at `now`, atomically, once for each client id.
    /// False, and nothing added, if no session has this key or it has expired ([`is_expired`]).
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
    /// How many sessions match; may stop at `up_to`.
    async fn count(&self, filter: &Filter, up_to: Option<u64>) -> Result<u64>;
    /// Removes those of these sessions that meet the condition, and returns those that this very
    /// call removed.
    async fn remove(
        &self,
        keys: &[SessionKey],
        condition: &SessionCondition,
    ) -> Result<Vec<RemovedSession>>;
    /// Clears `ip_address` and `user_agent` of up to `limit` sessions that were created before this
    /// instant and have one of them. Nothing else of them changes. Returns how many: fewer than
    /// `limit` only if there are no more, or if other calls change them at the same moment.
    async fn forget_devices(&self, created_before: Timestamp, limit: usize) -> Result<u64>;
}

/// Where tokens and consents are kept, as far as the core needs it.
pub trait GrantStore {
    /// How many grants match, by kind.
    async fn count(&self, filter: &GrantFilter) -> Result<GrantCounts>;
    /// Removes all that match and says how many, by kind.
    async fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts>;
    /// Removes up to `limit` grants that have expired at `now`. Returns how many, as
    /// [`SessionStore::forget_devices`] does; always 0 if the store can't do this.
    async fn remove_expired(&self, now: Timestamp, limit: usize) -> Result<u64>;
}

/// Durable notifications, as far as the core needs it.
pub trait LogoutOutbox {
    /// Records notifications; one whose id is there already changes nothing.
    async fn add(&self, entries: &[Notification]) -> Result<()>;
    /// Takes up to `limit` notifications that are due, the longest due first. Nobody else gets them
    /// before `now + lease_for`. `None` is an entry that this version can't read, such as one of a
    /// kind that a later version recorded: it is left to that one.
    async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
        lease_for: Millis,
    ) -> Result<Vec<Option<Notification>>>;
    /// Records how an attempt went at `now`, and counts it.
    async fn settle(&self, id: &str, result: &Settlement, now: Timestamp) -> Result<()>;
    /// Removes up to `limit` notifications that were settled before these instants. Returns how
    /// many, as [`SessionStore::forget_devices`] does; always 0 if the outbox can't do this.
    async fn prune(&self, settled_before: &SettledBefore, limit: usize) -> Result<u64>;
}

/// Ends sessions as a set, in one transaction over the stores that it covers.
pub trait AtomicEnding {
    /// A list of the sessions that ended. The core only passes it on to [`Host::emit_each`].
    type List;

    /// Whether it covers this store.
    fn covers(&self, store: CoveredStore) -> bool;
    /// The clients of the sessions that a step with this pick would end, each once.
    async fn clients_of(&self, pick: &EndingPick) -> Result<Vec<String>>;
    /// Ends sessions and what goes with them: all of it, or nothing.
    async fn end_sessions(&self, step: EndingStep) -> Result<EndedSessions<Self::List>>;
    /// Adds a session, unless its subject already has as many as it may. False: not added.
    async fn admit(&self, session: &Session, admission: &Admission) -> Result<bool>;
}

/// How many sessions a subject may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Before this many a further one may begin; 1 or more.
    pub limit: usize,
    /// Those count that are active at this time,
    pub now: Timestamp,
    /// and have this issuer; `None` if all count.
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

/// One attempt at one notification.
#[derive(Clone, Debug)]
pub struct Message<'a, C> {
    /// What is due.
    pub notification: &'a Notification,
    /// The client as it is registered now.
    pub client: &'a C,
    /// The claims of the token, fresh for this attempt.
    pub claims: Claims,
}

/// Tells clients.
pub trait LogoutSender<C> {
    /// Makes one attempt.
    async fn send(&self, message: &Message<'_, C>) -> Result<Outcome>;
}

/// All that a host injects.
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

    /// Where sessions are kept.
    fn sessions(&self) -> &Self::Sessions;
    /// Where grants are kept.
    fn grants(&self) -> Option<&Self::Grants>;
    /// Where notifications are kept until they are delivered.
    fn outbox(&self) -> Option<&Self::Outbox>;
    /// What ends sessions as a set, if the stores share a transaction.
    fn atomic(&self) -> Option<&Self::Atomic>;
    /// The registered clients.
    fn clients(&self) -> Option<&Self::Clients>;
    /// Who tells clients.
    fn sender(&self) -> Option<&Self::Sender>;
    /// Whether clients can be notified, now or later.
    fn can_notify(&self) -> bool {
        self.clients().is_some() && (self.sender().is_some() || self.outbox().is_some())
    }
    /// The subject as this client knows it: the same, unless it is pairwise.
    async fn subject_for(&self, subject_id: &str, client_id: &str) -> Result<String>;
    /// The issuers of this provider, if the host declares them.
    fn issuers(&self) -> &[String];
    /// How long after its beginning a session expires, however often it is renewed.
    fn absolute_lifetime(&self) -> Option<Millis>;
    /// How long after its beginning the address and the user agent of a session are forgotten.
    fn forget_devices_after(&self) -> Option<Millis>;
    /// How notifications are delivered.
    fn delivery(&self) -> &DeliveryOptions;
    /// The clock.
    fn now(&self) -> Result<Timestamp>;
    /// Waits for this many milliseconds, and at least until everything else has had its turn.
    /// Dropped, it waits no longer.
    async fn sleep(&self, milliseconds: Millis);
    /// Whether the host listens to events. If not, none need be made.
    fn listens(&self) -> bool;
    /// Gives the host an event. Cannot fail.
    fn emit(&self, event: Event);
    /// Gives the host an event for each of these sessions. Cannot fail.
    fn emit_each(
        &self,
        sessions: <Self::Atomic as AtomicEnding>::List,
        event: impl Fn(SessionIds) -> Event,
    );
    /// Tells the caller how far the call has come. Cannot fail.
    fn progress(&self, sessions: u64, notifications: u64);
    /// Fails with `aborted` once the caller has ended the call.
    fn check_aborted(&self) -> Result<()>;
    /// Whether an abort has to wait: while shielded, it ends no call of a port, and
    /// [`Host::check_aborted`] succeeds.
    fn shield(&self, shielded: bool);
}
