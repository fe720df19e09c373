//! Session validation for refresh, userinfo and introspection: checks that the session behind a
//! token is still active, and renews it.

use serde::Deserialize;

use super::renewal::{Renewal, renew_if_due};
use crate::client::Client;
use crate::error::{Result, StoreFailed};
use crate::filter::{Filter, TextMatch};
use crate::issuer::checked_issuer;
use crate::ports::{
    ClientLookup, Host, ListRequest, Order, Page, PageStart, Position, SessionStore,
};
use crate::removal::PAGE_SIZE;
use crate::settings::CoordinationOptions;
use crate::strings::check_id;
use crate::time::Timestamp;

/// The session to validate and the client that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ValidationRequest {
    /// The subject of the token.
    pub subject_id: String,
    /// The session of the token; if absent, any session of the subject.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The issuer of the token; if absent, any issuer.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The client that uses the token.
    pub client_id: String,
}

/// Whether the client may continue to use its token: it doesn't coordinate, or a session is active.
/// Active sessions are renewed, but not more often than
/// [`CoordinationOptions::renew_at_most_every`] says. Expired sessions are never renewed.
///
/// Fails with `invalid_argument` (a blank id), `store_failed`, `sender_failed` (the client registry
/// is down) or `unsupported_filter`.
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
    // If a session changed since it was read, read it and decide again: its cookie value may have
    // been rotated, or its expiry set.
    for _ in 0..MAX_READS {
        let found = renew_each(host, options, &filter, now).await?;
        if found.valid || !found.changed {
            return Ok(found.valid);
        }
    }
    Err(StoreFailed::KeepsChanging.into())
}

/// How often sessions that keep changing are read again.
const MAX_READS: usize = 10;

/// The result of validating the sessions behind a token.
struct Found {
    /// Whether a session is active.
    valid: bool,
    /// Whether a session changed after it was listed.
    changed: bool,
}

async fn renew_each<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    filter: &Filter,
    now: Timestamp,
) -> Result<Found> {
    let (mut from, mut found) = (PageStart::First, Found { valid: false, changed: false });
    loop {
        let list =
            ListRequest { filter: filter.clone(), order: Order::Newest, from, limit: PAGE_SIZE };
        let page = host.sessions().list(&list).await?;
        let mut last: Option<Position> = None;
        for index in 0..page.len() {
            match renew_if_due(host, options, &page.row(index)?, now).await? {
                Renewal::Active => found.valid = true,
                Renewal::PastLifetime => {}
                Renewal::Changed => found.changed = true,
            }
            last = Some(page.position(index)?);
        }
        let Some(last) = last.filter(|_| page.len() >= PAGE_SIZE) else { return Ok(found) };
        from = PageStart::After(last);
    }
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
