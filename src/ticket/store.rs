//! The calls of the sign-in path.

use super::request::{NewSession, Renewal};
use super::sealing::{Opened, RowOf, TicketCipher, open_ticket, seal};
use crate::coordination::{admit_session, check_room};
use crate::error::{InvalidArgument, Result};
use crate::event::Event;
use crate::notification::LogoutReason;
use crate::ports::{Host, SessionRow, SessionStore};
use crate::random::random_hex;
use crate::removal::{RemovalRequest, remove_sessions};
use crate::session::{ClientSession, Session, SessionChange, SessionKey};
use crate::settings::SessionLimit;
use crate::text::{fold, is_blank};
use crate::time::{Timestamp, is_expired};

/// The scheme of a session whose host doesn't name one.
pub const DEFAULT_SCHEME: &str = "default";

/// The sign-in path, over a host's session store.
#[derive(Debug)]
pub struct TicketStore<'a, H, C> {
    /// What the host injected.
    pub host: &'a H,
    /// Its cipher.
    pub cipher: &'a C,
    /// How many live sessions a subject may have.
    pub limit: Option<SessionLimit>,
}

impl<H: Host, C: TicketCipher> TicketStore<'_, H, C> {
    /// Stores a sign-in and returns its key, for the cookie. Fails with `invalid_argument`,
    /// `session_limit_reached` or `store_failed`.
    pub async fn store(&self, session: NewSession<C::Ticket>) -> Result<SessionKey> {
        let key = SessionKey::from(random_hex::<32>()?);
        self.create(key.clone(), session).await?;
        Ok(key)
    }

    /// The session of this key with its ticket opened; `None` once it was removed or has expired,
    /// or if its ticket does not open (the event `ticket_unreadable` tells). The row then stays, to
    /// be listed and removed.
    pub async fn retrieve(&self, key: &SessionKey) -> Result<Option<RetrievedSession<H, C>>> {
        let Some(row) = self.live(key).await? else { return Ok(None) };
        match open_ticket(self.host, self.cipher, &row).await? {
            Opened::None => Ok(Some((row, None))),
            Opened::Ticket(ticket) => Ok(Some((row, Some(ticket)))),
            Opened::Unreadable => Ok(None),
        }
    }

    /// Renews a session. False: there is none any more; a removed session is never made again.
    /// Another subject or session id ends the old session through the removal pipeline and begins a
    /// new one under the same key.
    pub async fn renew(&self, key: &SessionKey, change: Renewal<C::Ticket>) -> Result<bool> {
        let Some(row) = self.live(key).await? else { return Ok(false) };
        let (subject_id, session_id) = (row.subject_id()?, row.session_id()?);
        let same =
            |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        if !same(&change.subject_id, &subject_id) || !same(&change.session_id, &session_id) {
            return self.replace(key, &row, change).await;
        }
        let now = self.host.now()?;
        check_expires(change.expires.flatten(), now)?;
        let ticket = match change.ticket {
            Some(ticket) => {
                Some(Some(seal(self.cipher, key, &subject_id, &session_id, &ticket).await?))
            }
            None => None,
        };
        let update = SessionChange {
            scheme: change.scheme,
            display_name_folded: change.display_name.as_ref().map(|name| name.as_deref().map(fold)),
            display_name: change.display_name,
            issuer: change.issuer,
            renewed: Some(now),
            expires: change.expires,
            ip_address: change.ip_address,
            user_agent: change.user_agent,
            attributes: change.attributes,
            ticket,
            ..SessionChange::default()
        };
        let renewed = self.host.sessions().update(key, &update).await?;
        if renewed && self.host.listens() {
            self.host.emit(Event::SessionRenewed { at: now, subject_id, session_id });
        }
        Ok(renewed)
    }

    /// Records that a client takes part in a session, once. False if the session was removed or has
    /// expired. Fails with `invalid_argument` if the client has no id.
    pub async fn add_client(&self, key: &SessionKey, client: &ClientSession) -> Result<bool> {
        check_client(client)?;
        self.host.sessions().add_client(key, client, self.host.now()?).await
    }

    /// Removes a session, and nothing that it led to. False: it was gone already.
    pub async fn remove(&self, key: &SessionKey) -> Result<bool> {
        let row = if self.host.listens() { self.host.sessions().get(key).await? } else { None };
        let removed = !self.host.sessions().remove(&[key.to_owned()]).await?.is_empty();
        if let Some(row) = row.filter(|_| removed) {
            self.host.emit(Event::SessionRemoved {
                at: self.host.now()?,
                subject_id: row.subject_id()?,
                session_id: row.session_id()?,
                logout_reason: LogoutReason::UserLogout,
                reason: None,
                actor: None,
            });
        }
        Ok(removed)
    }

    async fn live(&self, key: &SessionKey) -> Result<Option<RowOf<H>>> {
        let Some(row) = self.host.sessions().get(key).await? else { return Ok(None) };
        let over = is_expired(row.expires()?, self.host.now()?);
        Ok((!over).then_some(row))
    }

    async fn create(&self, key: SessionKey, session: NewSession<C::Ticket>) -> Result<()> {
        let now = self.host.now()?;
        check_id("subjectId", &session.subject_id)?;
        check_expires(session.expires, now)?;
        let mut clients: Vec<ClientSession> = Vec::new();
        for client in session.clients {
            check_client(&client)?;
            if !clients.iter().any(|earlier| earlier.client_id == client.client_id) {
                clients.push(client);
            }
        }
        let session_id = match session.session_id {
            Some(id) => id,
            None => random_hex::<16>()?,
        };
        check_id("sessionId", &session_id)?;
        if let Some(limit) = self.limit {
            check_room(self.host, limit, &session.subject_id).await?;
        }
        let ticket = match session.ticket {
            Some(ticket) => {
                Some(seal(self.cipher, &key, &session.subject_id, &session_id, &ticket).await?)
            }
            None => None,
        };
        let session = Session {
            key,
            scheme: session.scheme.unwrap_or_else(|| DEFAULT_SCHEME.to_owned()),
            subject_id: session.subject_id,
            session_id,
            display_name_folded: session.display_name.as_deref().map(fold),
            display_name: session.display_name,
            issuer: session.issuer,
            created: now,
            renewed: now,
            expires: session.expires,
            clients,
            ip_address: session.ip_address,
            user_agent: session.user_agent,
            attributes: session.attributes,
            ticket,
        };
        self.host.sessions().create(&session).await?;
        if let Some(limit) = self.limit {
            admit_session(self.host, limit, &session.subject_id, |key, _| *key == session.key)
                .await?;
        }
        if self.host.listens() {
            let Session { subject_id, session_id, .. } = session;
            self.host.emit(Event::SessionCreated { at: now, subject_id, session_id });
        }
        Ok(())
    }

    async fn replace(
        &self,
        key: &SessionKey,
        row: &RowOf<H>,
        change: Renewal<C::Ticket>,
    ) -> Result<bool> {
        let (now, expires) = (self.host.now()?, change.expires.unwrap_or(row.expires()?));
        let old = row.subject_id()?;
        let subject_id = change.subject_id.unwrap_or_else(|| old.clone());
        // Checked before the old session ends: bad input must change nothing.
        check_id("subjectId", &subject_id)?;
        change.session_id.as_deref().map_or(Ok(()), |id| check_id("sessionId", id))?;
        check_expires(expires, now)?;
        if let Some(limit) = self.limit.filter(|_| subject_id != old) {
            check_room(self.host, limit, &subject_id).await?;
        }
        let session = NewSession {
            subject_id,
            session_id: change.session_id,
            display_name: change.display_name.flatten(),
            issuer: change.issuer.flatten(),
            scheme: change.scheme.or(Some(row.scheme()?)),
            expires,
            clients: Vec::new(),
            ip_address: change.ip_address.flatten(),
            user_agent: change.user_agent.flatten(),
            attributes: change.attributes.flatten(),
            ticket: change.ticket,
        };
        let end = RemovalRequest {
            subject_id: Some(old),
            session_id: Some(row.session_id()?),
            only_key: Some(key.to_owned()),
            logout_reason: LogoutReason::UserLogout,
            ..RemovalRequest::default()
        };
        // Whoever else ended the session in the meantime wins: a late write never brings a row
        // back.
        if remove_sessions(self.host, &end).await?.sessions_removed == 0 {
            return Ok(false);
        }
        self.create(key.to_owned(), session).await?;
        Ok(true)
    }
}

/// A session with its ticket opened, if it has one.
pub type RetrievedSession<H, C> = (RowOf<H>, Option<<C as TicketCipher>::Ticket>);

fn check_id(name: &'static str, id: &str) -> Result<()> {
    if is_blank(id) {
        return Err(InvalidArgument::Blank { member: name }.into());
    }
    Ok(())
}

fn check_client(client: &ClientSession) -> Result<()> {
    if is_blank(&client.client_id) {
        return Err(InvalidArgument::Blank { member: "clientId" }.into());
    }
    Ok(())
}

fn check_expires(expires: Option<Timestamp>, now: Timestamp) -> Result<()> {
    if is_expired(expires, now) {
        return Err(InvalidArgument::PastExpiry.into());
    }
    Ok(())
}
