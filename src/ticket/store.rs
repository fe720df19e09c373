//! The calls of the sign-in path.

use super::request::{NewSession, Renewal};
use super::sealing::{Opened, RowOf, TicketCipher, is_stale, open_ticket, seal};
use crate::cookie_value::CookieValue;
use crate::coordination::{Subject, check_limit, create_within_limit, end_surplus};
use crate::error::{InvalidArgument, Result, StoreFailed};
use crate::event::Event;
use crate::issuer::{has_several_issuers, issuer_of_session};
use crate::notification::LogoutReason;
use crate::ports::{Host, SessionRow, SessionStore};
use crate::random::random_hex;
use crate::removal::{Job, Removal, RemovalRequest};
use crate::session::{ClientSession, Session, SessionChange, SessionCondition, SessionKey};
use crate::settings::SessionLimit;
use crate::strings::fold;
use crate::time::{Timestamp, cap_expiry, is_expired};

/// The scheme of a session if the host doesn't set one.
pub const DEFAULT_SCHEME: &str = "default";

/// How many random values are tried to find a key in the same partition: enough for a thousand
/// partitions.
const MAX_VALUES_TRIED: usize = 20_000;

/// How often a session that keeps changing is read again.
const MAX_READS: usize = 10;

/// The result of rotating a cookie value.
enum Rotation {
    /// The new value.
    Done(CookieValue),
    /// The ticket doesn't open.
    Unreadable,
    /// The session has changed since it was read.
    Changed,
}

/// The result of renewing a session.
enum Renewed {
    /// It was renewed.
    Done,
    /// It was removed, or its ticket doesn't open.
    SignedOut,
    /// It has changed since it was read.
    Changed,
}

/// The sign-in path, over a host's session store.
#[derive(Debug)]
pub struct TicketStore<'a, H, C> {
    /// The host.
    pub host: &'a H,
    /// The cipher for tickets.
    pub cipher: &'a C,
    /// The session limit of a subject.
    pub limit: Option<SessionLimit>,
}

impl<H: Host, C: TicketCipher> TicketStore<'_, H, C> {
    /// Stores a sign-in and returns its cookie value. Fails with `invalid_argument`,
    /// `session_limit_reached` or `store_failed`.
    pub async fn store(&self, session: NewSession<C::Ticket>) -> Result<CookieValue> {
        let cookie = CookieValue::random()?;
        self.create(cookie.key(), session).await?;
        Ok(cookie)
    }

    /// The session of a cookie value, with its ticket opened. `None` means not signed in: the
    /// string isn't a cookie value, the session has expired or was removed, or its ticket doesn't
    /// open (see the event `ticket_unreadable`). In the last case the row is kept, so that it can
    /// be listed and removed.
    pub async fn retrieve(&self, cookie: &str) -> Result<Option<RetrievedSession<H, C>>> {
        let Some(cookie) = CookieValue::parse(cookie) else { return Ok(None) };
        let key = cookie.key();
        let Some(row) = self.active(&key).await? else { return Ok(None) };
        match open_ticket(self.host, self.cipher, &key, &row).await? {
            Opened::None => Ok(Some((row, None))),
            Opened::Ticket(ticket) => Ok(Some((row, Some(ticket)))),
            Opened::Unreadable => Ok(None),
        }
    }

    /// Renews a session and returns its cookie value. If the change names another subject, session
    /// id or issuer, the old session ends through the removal pipeline, and a new one starts with a
    /// new cookie value. `None` means not signed in; a removed session is never re-created.
    ///
    /// An unchanged ticket is sealed again if its key is no longer the current one, so an old key
    /// can be dropped once every session has been renewed. If the ticket doesn't open, the result
    /// is `None`.
    pub async fn renew(
        &self,
        cookie: &str,
        change: Renewal<C::Ticket>,
    ) -> Result<Option<CookieValue>> {
        let Some(cookie) = CookieValue::parse(cookie) else { return Ok(None) };
        let key = cookie.key();
        for _ in 0..MAX_READS {
            let Some(row) = self.active(&key).await? else { return Ok(None) };
            let (subject_id, session_id) = (row.subject_id()?, row.session_id()?);
            let same = |wanted: &Option<String>, is: &str| {
                wanted.as_ref().is_none_or(|wanted| wanted == is)
            };
            let own = row.issuer()?;
            let same_issuer = match (&change.issuer, &own) {
                (Some(Some(issuer)), Some(own)) if has_several_issuers(self.host) => issuer == own,
                _ => true,
            };
            let same_ids =
                same(&change.subject_id, &subject_id) && same(&change.session_id, &session_id);
            if !same_ids || !same_issuer {
                return self.replace(&key, &row, change).await;
            }
            match self.renew_row(&key, &row, &change).await? {
                Renewed::Done => {
                    if self.host.listens() {
                        let (at, issuer) = (self.host.now()?, change.issuer.unwrap_or(own));
                        let event = Event::SessionRenewed { at, subject_id, session_id, issuer };
                        self.host.emit(event);
                    }
                    return Ok(Some(cookie));
                }
                Renewed::SignedOut => return Ok(None),
                Renewed::Changed => {}
            }
        }
        Err(StoreFailed::KeepsChanging.into())
    }

    /// Renews this session unless it changed since it was read.
    async fn renew_row(
        &self,
        key: &SessionKey,
        row: &RowOf<H>,
        change: &Renewal<C::Ticket>,
    ) -> Result<Renewed> {
        let now = self.host.now()?;
        change.check()?;
        check_expires(change.expires.flatten(), now)?;
        let issuer = match &change.issuer {
            Some(issuer) => Some(issuer_of_session(self.host, issuer.clone())?),
            None => None,
        };
        let (subject_id, session_id) = (row.subject_id()?, row.session_id()?);
        let stale = change.ticket.is_none() && is_stale(self.cipher, row)?;
        let (renewed, stored) = (row.renewed()?, row.expires()?);
        let expires = self.cap(change.expires.unwrap_or(stored), row.created()?);
        // `validateSession` renews a session by the span between its renewal and expiry times. If
        // the expiry is kept, keep both, except that a new ticket moves `renewed` by a millisecond
        // to show other calls that the row changed.
        let keeps_span = change.expires.is_none() && stored.is_some();
        let renewed_with_ticket =
            if change.ticket.is_some() { renewed.plus(1).min(now) } else { renewed };
        let opened;
        let ticket = match &change.ticket {
            None if stale => match open_ticket(self.host, self.cipher, key, row).await? {
                Opened::Ticket(ticket) => {
                    opened = ticket;
                    Some(&opened)
                }
                Opened::None => None,
                Opened::Unreadable => return Ok(Renewed::SignedOut),
            },
            given => given.as_ref(),
        };
        let update = SessionChange {
            scheme: change.scheme.clone(),
            display_name_folded: change.display_name.as_ref().map(|name| name.as_deref().map(fold)),
            display_name: change.display_name.clone(),
            issuer,
            renewed: Some(if keeps_span { renewed_with_ticket } else { now }),
            expires: (change.expires.is_some() || expires != stored).then_some(expires),
            ip_address: change.ip_address.clone(),
            user_agent: change.user_agent.clone(),
            attributes: change.attributes.clone(),
            ticket: self.seal(key, &subject_id, &session_id, ticket).await?.map(Some),
            ..SessionChange::default()
        };
        // Don't renew another session that now has this row. If the ticket is sealed again or the
        // span is kept, they must not have changed either.
        let guarded = stale || keeps_span;
        let condition = SessionCondition {
            subject_id: Some(subject_id),
            session_id: Some(session_id),
            renewed: guarded.then_some(renewed),
            ..SessionCondition::default()
        };
        Ok(match self.host.sessions().update(key, &update, &condition).await? {
            true => Renewed::Done,
            false if guarded => Renewed::Changed,
            false => Renewed::SignedOut,
        })
    }

    /// Replaces the cookie value of a session and returns the new one. The old one stops working in
    /// the same step of the store; nothing else changes. `None` means that the old value is not
    /// signed in or its ticket doesn't open.
    ///
    /// A client that is added concurrently is kept, and a removed session is never re-created. The
    /// ticket is sealed again for the new key. If the session is renewed in between, it is read
    /// again; if this happens too often, the call fails with `store_failed`.
    pub async fn rotate(&self, cookie: &str) -> Result<Option<CookieValue>> {
        let Some(former) = CookieValue::parse(cookie).map(|cookie| cookie.key()) else {
            return Ok(None);
        };
        for _ in 0..MAX_READS {
            let Some(row) = self.active(&former).await? else { return Ok(None) };
            match self.rotate_row(&former, &row).await? {
                Rotation::Done(cookie) => return Ok(Some(cookie)),
                Rotation::Unreadable => return Ok(None),
                Rotation::Changed => {}
            }
        }
        Err(StoreFailed::KeepsChanging.into())
    }

    /// Replaces the cookie value of this session unless it changed since it was read.
    async fn rotate_row(&self, former: &SessionKey, row: &RowOf<H>) -> Result<Rotation> {
        let ticket = match open_ticket(self.host, self.cipher, former, row).await? {
            Opened::None => None,
            Opened::Ticket(ticket) => Some(ticket),
            Opened::Unreadable => return Ok(Rotation::Unreadable),
        };
        let cookie = self.new_value_in_partition(former).await?;
        let key = cookie.key();
        let (subject_id, session_id) = (row.subject_id()?, row.session_id()?);
        let ticket = self.seal(&key, &subject_id, &session_id, ticket.as_ref()).await?;
        let change =
            SessionChange { key: Some(key), ticket: ticket.map(Some), ..SessionChange::default() };
        let condition = SessionCondition {
            subject_id: Some(subject_id),
            session_id: Some(session_id),
            renewed: Some(row.renewed()?),
            ..SessionCondition::default()
        };
        Ok(match self.host.sessions().update(former, &change, &condition).await? {
            true => Rotation::Done(cookie),
            false => Rotation::Changed,
        })
    }

    /// Records that a client takes part in a session, once. Returns false if the cookie value isn't
    /// signed in. Fails with `invalid_argument` if the client's id is blank.
    pub async fn add_client(&self, cookie: &str, client: &ClientSession) -> Result<bool> {
        client.check()?;
        let Some(key) = CookieValue::parse(cookie).map(|cookie| cookie.key()) else {
            return Ok(false);
        };
        // The store only checks `expires`. Another program may have stored one past the absolute
        // lifetime.
        if self.host.absolute_lifetime().is_some() && self.active(&key).await?.is_none() {
            return Ok(false);
        }
        self.host.sessions().add_client(&key, client, self.host.now()?).await
    }

    /// Removes only the session itself. Returns false if no session has this cookie value.
    pub async fn remove(&self, cookie: &str) -> Result<bool> {
        let Some(cookie) = CookieValue::parse(cookie) else { return Ok(false) };
        let key = cookie.key();
        let keys = std::slice::from_ref(&key);
        let removed = self.host.sessions().remove(keys, &SessionCondition::NONE).await?;
        let Some(removed) = removed.into_iter().find(|row| row.key == key) else {
            return Ok(false);
        };
        if self.host.listens() {
            self.host.emit(Event::SessionRemoved {
                at: self.host.now()?,
                subject_id: removed.subject_id,
                session_id: removed.session_id,
                issuer: removed.issuer,
                logout_reason: LogoutReason::UserLogout,
                reason: None,
                actor: None,
            });
        }
        Ok(true)
    }

    /// A new value whose key the store can give to the row of `former`.
    async fn new_value_in_partition(&self, former: &SessionKey) -> Result<CookieValue> {
        for _ in 0..MAX_VALUES_TRIED {
            let cookie = CookieValue::random()?;
            if self.host.sessions().share_partition(former, &cookie.key()).await? {
                return Ok(cookie);
            }
        }
        Err(StoreFailed::NoSharedPartition.into())
    }

    /// The row with exactly this key. A store that ignores case or trailing spaces may return
    /// another session's row, which must not sign the user in.
    async fn row(&self, key: &SessionKey) -> Result<Option<RowOf<H>>> {
        match self.host.sessions().get(key).await? {
            Some(row) if row.key()? == *key => Ok(Some(row)),
            _ => Ok(None),
        }
    }

    /// The row with this key if it is active.
    async fn active(&self, key: &SessionKey) -> Result<Option<RowOf<H>>> {
        let Some(row) = self.row(key).await? else { return Ok(None) };
        let mut expires = row.expires()?;
        if self.host.absolute_lifetime().is_some() {
            expires = self.cap(expires, row.created()?);
        }
        let expired = is_expired(expires, self.host.now()?);
        Ok((!expired).then_some(row))
    }

    fn cap(&self, expires: Option<Timestamp>, created: Timestamp) -> Option<Timestamp> {
        cap_expiry(expires, created, self.host.absolute_lifetime())
    }

    async fn seal(
        &self,
        key: &SessionKey,
        subject_id: &str,
        session_id: &str,
        ticket: Option<&C::Ticket>,
    ) -> Result<Option<String>> {
        match ticket {
            Some(ticket) => seal(self.cipher, key, subject_id, session_id, ticket).await.map(Some),
            None => Ok(None),
        }
    }

    async fn create(&self, key: SessionKey, session: NewSession<C::Ticket>) -> Result<()> {
        let now = self.host.now()?;
        session.check()?;
        check_expires(session.expires, now)?;
        let mut clients = Vec::new();
        session.clients.into_iter().for_each(|client| client.join(&mut clients));
        let session_id = match session.session_id {
            Some(id) => id,
            None => random_hex::<16>()?,
        };
        let issuer = issuer_of_session(self.host, session.issuer)?;
        let ticket =
            self.seal(&key, &session.subject_id, &session_id, session.ticket.as_ref()).await?;
        let session = Session {
            key,
            scheme: session.scheme.unwrap_or_else(|| DEFAULT_SCHEME.to_owned()),
            subject_id: session.subject_id,
            session_id,
            display_name_folded: session.display_name.as_deref().map(fold),
            display_name: session.display_name,
            issuer,
            created: now,
            renewed: now,
            expires: self.cap(session.expires, now),
            clients,
            ip_address: session.ip_address,
            user_agent: session.user_agent,
            attributes: session.attributes,
            ticket,
        };
        create_within_limit(self.host, self.limit, &session).await?;
        let Session { subject_id, session_id, issuer, .. } = session;
        if self.host.listens() {
            let (subject_id, issuer) = (subject_id.clone(), issuer.clone());
            self.host.emit(Event::SessionCreated { at: now, subject_id, session_id, issuer });
        }
        if let Some(limit) = self.limit {
            let subject = Subject { id: &subject_id, issuer: issuer.as_deref() };
            end_surplus(self.host, limit, subject).await?;
        }
        Ok(())
    }

    async fn replace(
        &self,
        key: &SessionKey,
        row: &RowOf<H>,
        change: Renewal<C::Ticket>,
    ) -> Result<Option<CookieValue>> {
        let (now, expires) = (self.host.now()?, change.expires.unwrap_or(row.expires()?));
        let old = row.subject_id()?;
        let subject_id = change.subject_id.unwrap_or_else(|| old.clone());
        let issuer = issuer_of_session(self.host, change.issuer.clone().flatten())?;
        let session = NewSession {
            subject_id,
            session_id: change.session_id,
            display_name: change.display_name.flatten(),
            issuer,
            scheme: change.scheme.or(Some(row.scheme()?)),
            expires,
            clients: Vec::new(),
            ip_address: change.ip_address.flatten(),
            user_agent: change.user_agent.flatten(),
            attributes: change.attributes.flatten(),
            ticket: change.ticket,
        };
        // Check before the old session ends: invalid input must change nothing.
        session.check()?;
        check_expires(expires, now)?;
        let is_another = session.subject_id != old
            || (has_several_issuers(self.host) && session.issuer != row.issuer()?);
        if let Some(limit) = self.limit.filter(|_| is_another) {
            let (id, issuer) = (&session.subject_id, session.issuer.as_deref());
            check_limit(self.host, limit, Subject { id, issuer }).await?;
        }
        let end = RemovalRequest {
            subject_id: Some(old),
            session_id: Some(row.session_id()?),
            ..RemovalRequest::default()
        };
        let job = Job {
            keys: Some(vec![key.to_owned()]),
            waits: false,
            logout_reason: LogoutReason::UserLogout,
            ..end.job(self.host)?
        };
        let mut removal = Removal::new(self.host, &job);
        removal.run(&mut |_| {}).await?;
        // If another call ended the session in the meantime, don't start a new one.
        if removal.report.sessions_removed == 0 {
            return Ok(None);
        }
        self.store(session).await.map(Some)
    }
}

/// A session with its ticket opened, if it has one.
pub type RetrievedSession<H, C> = (RowOf<H>, Option<<C as TicketCipher>::Ticket>);

fn check_expires(expires: Option<Timestamp>, now: Timestamp) -> Result<()> {
    if is_expired(expires, now) {
        return Err(InvalidArgument::PastExpiry.into());
    }
    Ok(())
}
