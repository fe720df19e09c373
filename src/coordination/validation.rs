//! Whether the session behind a token is still live: for refresh, userinfo and introspection. Using
//! it extends it.

use serde::Deserialize;

use crate::client::Client;
use crate::error::{Result, StoreFailed};
use crate::filter::{Filter, TextMatch};
use crate::issuer::checked_issuer;
use crate::ports::{
    ClientLookup, Host, ListRequest, Order, Page, PageStart, Position, SessionRow, SessionStore,
};
use crate::removal::PAGE_SIZE;
use crate::session::{SessionChange, SessionCondition};
use crate::settings::CoordinationOptions;
use crate::text::check_id;
use crate::time::{Timestamp, capped, is_expired};

/// Which session is asked for, and by which client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ValidationRequest {
    /// The subject of the token.
    pub subject_id: String,
    /// The session of the token; without one, any of the subject's counts.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The issuer of the token; absent: any.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The client that uses the token.
    pub client_id: String,
}

/// Whether the client may go on: true if it does not coordinate, or if a session is live; those
/// that are live are extended by their original span, at most once in
/// [`CoordinationOptions::renew_at_most_every`] and never past the absolute lifetime, to which a
/// later expiry is cut. What has expired is never extended.
///
/// Fails with `invalid_argument` (a blank id), `store_failed`, `sender_failed` (the registry of
/// clients is down) or `unsupported_filter`.
pub async fn validate_session<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    request: &ValidationRequest,
) -> Result<bool> {
    host.check_aborted()?;
    check_id("subjectId", &request.subject_id)?;
    request.session_id.as_deref().map_or(Ok(()), |id| check_id("sessionId", id))?;
    check_id("clientId", &request.client_id)?;
    if !coordinates(host, options, &request.client_id).await? {
        return Ok(true);
    }
    let now = host.now()?;
    let filter = Filter {
        subject_id: Some(TextMatch::Equals(request.subject_id.clone())),
        session_id: request.session_id.clone().map(TextMatch::Equals),
        issuer: checked_issuer(host, request.issuer.clone())?,
        active_at: Some(now),
        ..Filter::default()
    };
    host.sessions().check_filter(&filter)?;
    // If a session was changed since it was read, it is read and decided again: its cookie value
    // may have been replaced, or its expiry.
    for _ in 0..MOST_READS {
        let found = extend_each(host, options, &filter, now).await?;
        if found.valid || !found.missed {
            return Ok(found.valid);
        }
    }
    Err(StoreFailed::KeepsChanging.into())
}

/// How often sessions are read that others change at the same moment.
const MOST_READS: usize = 10;

/// The result of looking at the sessions behind a token.
struct Found {
    /// Whether one of them is active.
    valid: bool,
    /// Whether one was no longer as it was listed.
    missed: bool,
}

async fn extend_each<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    filter: &Filter,
    now: Timestamp,
) -> Result<Found> {
    let (mut from, mut found) = (PageStart::First, Found { valid: false, missed: false });
    loop {
        let list =
            ListRequest { filter: filter.clone(), order: Order::Newest, from, limit: PAGE_SIZE };
        let page = host.sessions().list(&list).await?;
        let mut last: Option<Position> = None;
        for index in 0..page.len() {
            match extend(host, options, &page.row(index)?, now).await? {
                Extension::Active => found.valid = true,
                Extension::Outlived => {}
                Extension::Missed => found.missed = true,
            }
            last = Some(page.position(index)?);
        }
        let Some(last) = last.filter(|_| page.len() >= PAGE_SIZE) else { return Ok(found) };
        from = PageStart::After(last);
    }
}

/// The result of extending a session.
enum Extension {
    /// It is active, and extended if it was time.
    Active,
    /// It is past its absolute lifetime.
    Outlived,
    /// It is no longer as it was read: changed, or removed.
    Missed,
}

async fn coordinates<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    client_id: &str,
) -> Result<bool> {
    let own = match host.clients() {
        Some(clients) => match clients.client(client_id).await? {
            Some(client) => client.coordinate_lifetime_with_user_session()?,
            None => None,
        },
        None => None,
    };
    Ok(own.unwrap_or(options.coordinate_client_lifetimes_with_user_session))
}

/// Extends a live session, if it is time.
async fn extend<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    row: &impl SessionRow,
    now: Timestamp,
) -> Result<Extension> {
    let (created, renewed, stored) = (row.created()?, row.renewed()?, row.expires()?);
    let cap = |expires| capped(expires, created, host.absolute_lifetime());
    let expires = cap(stored);
    if is_expired(expires, now) {
        return Ok(Extension::Outlived);
    }
    let span = stored.map(|stored| stored.since(renewed));
    let is_due = now.since(renewed) >= options.renew_at_most_every;
    let extended = span.filter(|_| is_due).and_then(|span| cap(Some(now.plus(span))));
    let extended = extended.filter(|extended| Some(*extended) > expires);
    if extended.is_none() && expires == stored {
        return Ok(Extension::Active);
    }
    let change = SessionChange {
        renewed: extended.map(|_| now),
        expires: Some(extended.or(expires)),
        ..SessionChange::default()
    };
    // Another call may have set a shorter expiry, or ended the session, since the row was read.
    let condition = SessionCondition {
        subject_id: Some(row.subject_id()?),
        session_id: Some(row.session_id()?),
        expires: Some(stored),
        ..SessionCondition::default()
    };
    match host.sessions().update(&row.key()?, &change, &condition).await? {
        true => Ok(Extension::Active),
        false => Ok(Extension::Missed),
    }
}
