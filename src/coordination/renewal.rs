//! Throttled renewal of sessions by validation.

use crate::error::Result;
use crate::ports::{Host, SessionRow, SessionStore};
use crate::session::{SessionChange, SessionCondition};
use crate::settings::CoordinationOptions;
use crate::time::{Timestamp, cap_expiry, is_expired};

/// The result of renewing a session.
pub(super) enum Renewal {
    /// It is active, and was renewed if due.
    Active,
    /// It is past its absolute lifetime.
    PastLifetime,
    /// It was changed or removed since it was read.
    Changed,
}

/// Renews an active session by its original span, from its last renewal to its expiry. Renewals are
/// throttled: at most one per [`CoordinationOptions::renew_at_most_every`]. The expiry is capped by
/// the absolute lifetime, also if it was stored without the cap.
pub(super) async fn renew_if_due<H: Host>(
    host: &H,
    options: &CoordinationOptions,
    row: &impl SessionRow,
    now: Timestamp,
) -> Result<Renewal> {
    let (created, renewed, stored) = (row.created()?, row.renewed()?, row.expires()?);
    let cap = |expires| cap_expiry(expires, created, host.absolute_lifetime());
    let expires = cap(stored);
    if is_expired(expires, now) {
        return Ok(Renewal::PastLifetime);
    }
    let span = stored.map(|stored| stored.since(renewed));
    let is_due = now.since(renewed) >= options.renew_at_most_every;
    let extended = span.filter(|_| is_due).and_then(|span| cap(Some(now.plus(span))));
    let extended = extended.filter(|extended| Some(*extended) > expires);
    if extended.is_none() && expires == stored {
        return Ok(Renewal::Active);
    }
    let change = SessionChange {
        renewed: extended.map(|_| now),
        expires: Some(extended.or(expires)),
        ..SessionChange::default()
    };
    // Another call may have shortened the expiry or ended the session since the row was read.
    let condition = SessionCondition {
        subject_id: Some(row.subject_id()?),
        session_id: Some(row.session_id()?),
        expires: Some(stored),
        ..SessionCondition::default()
    };
    match host.sessions().update(&row.key()?, &change, &condition).await? {
        true => Ok(Renewal::Active),
        false => Ok(Renewal::Changed),
    }
}
