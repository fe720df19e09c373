//! Sign-out at the provider: revokes the tokens of coordinating clients and notifies all clients.

use serde::Deserialize;

use crate::error::Result;
use crate::filter::{Filter, TextMatch};
use crate::grant::token_types;
use crate::issuer::checked_issuer;
use crate::notification::LogoutReason;
use crate::optional_members::or_default;
use crate::ports::{Host, Order, PageStart};
use crate::removal::{
    Clients, Job, PAGE_SIZE, Publish, Reach, Removal, RemovalReport, Target, list_targets,
};
use crate::session::ClientSession;
use crate::settings::CoordinationOptions;
use crate::strings::{check_id, check_ids, check_storable};

/// The session that the user signed out of, as the caller knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename(deserialize = "open"), rename_all = "camelCase")]
pub struct SignedOut {
    /// See [`crate::session::Session::subject_id`].
    pub subject_id: String,
    /// See [`crate::session::Session::session_id`].
    pub session_id: String,
    /// See [`crate::session::Session::issuer`].
    #[serde(default)]
    pub issuer: Option<String>,
    /// The clients that took part.
    #[serde(default, deserialize_with = "or_default")]
    pub clients: Vec<ClientSession>,
    /// Ids of more clients that took part, as listed on a page of sessions.
    #[serde(default, deserialize_with = "or_default")]
    pub client_ids: Vec<String>,
}

const UNREADABLE: &str =
    "the store could not read the session: only the clients that the call names were notified";

/// Revokes the tokens of a session's coordinating clients and notifies all of its clients. The
/// caller removes the session itself, before or after. If it is still stored, its stored clients
/// are added to the caller's.
///
/// Consents are kept. Fails with `invalid_argument` before any change, and with `store_failed`,
/// `sender_failed` (the client registry is down) or `aborted`. Repeating the call completes it; a
/// client may then be notified twice.
pub async fn process_logout<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    session: &SignedOut,
    publish: Publish<'_>,
) -> Result<RemovalReport> {
    host.check_aborted()?;
    check_id("subjectId", &session.subject_id)?;
    check_id("sessionId", &session.session_id)?;
    session.issuer.as_deref().map_or(Ok(()), |issuer| check_storable("issuer", issuer))?;
    session.clients.iter().try_for_each(ClientSession::check)?;
    check_ids("clientIds", &session.client_ids)?;
    let filter = Filter {
        subject_id: Some(TextMatch::Equals(session.subject_id.clone())),
        session_id: Some(TextMatch::Equals(session.session_id.clone())),
        ..Filter::default()
    };
    let mut target = Target {
        session_id: session.session_id.clone(),
        subject_id: session.subject_id.clone(),
        issuer: checked_issuer(host, session.issuer.clone())?,
        ..Target::default()
    };
    let listed = list_targets(host, filter, Order::Oldest, PageStart::First, PAGE_SIZE).await?;
    let mut unreadable = false;
    for stored in listed {
        if stored.issuer.is_some() && target.issuer.is_some() && stored.issuer != target.issuer {
            continue;
        }
        target.issuer = target.issuer.or(stored.issuer);
        unreadable |= stored.unreadable.is_some();
        stored.clients.into_iter().for_each(|client| client.join(&mut target.clients));
    }
    let named = session.client_ids.iter().cloned();
    let named = named.map(|client_id| ClientSession { client_id, session_id: None });
    let clients = session.clients.iter().cloned().chain(named);
    clients.for_each(|client| client.join(&mut target.clients));
    let reach = Reach::Session {
        subject_id: Some(session.subject_id.clone()),
        session_id: session.session_id.clone(),
    };
    let job = Job {
        removes: false,
        notified: host.can_notify().then_some(Clients::All),
        grant_types: host.grants().map(|_| token_types()),
        revoked: Clients::Coordinating {
            by_default: options.coordinate_client_lifetimes_with_user_session,
        },
        logout_reason: LogoutReason::UserLogout,
        notes: if unreadable { vec![UNREADABLE.to_owned()] } else { Vec::new() },
        ..Job::new(reach)
    };
    let mut removal = Removal::new(host, &job);
    removal.end_targets(&[target]).await?;
    removal.deliver(Some(publish)).await?;
    Ok(removal.report)
}
