//! One attempt at a notification and its result.

use crate::ending::notified_clients::{Reachable, reachable};
use crate::error::{Error, NotConfigured, Result, SenderFailed};
use crate::event::{DeliveryAttempt, Event};
use crate::issuer::checked_issuer;
use crate::logout_token::Claims;
use crate::notification::{
    Delivery, DeliveryState, Notification, NotificationKind, Outcome, Settlement, unattempted,
};
use crate::ports::{ClientLookup, Host, LogoutOutbox, LogoutSender, Message};
use crate::strings::{is_blank, is_storable, storable_message};
use crate::time::{Millis, Timestamp};

/// The result of an attempt.
pub(super) struct Attempted {
    pub delivery: Delivery,
    /// Whether the client's server answered. A refusal is an answer; a timeout or a 503 isn't.
    pub answered: bool,
    /// Whether the client's lookup failed.
    pub registry_failed: bool,
    /// Why the outbox couldn't record the attempt. The entry is unchanged and due again when its
    /// lease ends.
    pub unsettled: Option<Error>,
}

/// Makes one attempt and records it in the outbox, if there is one. Fails with `aborted`; an outbox
/// entry is then due again when its lease ends.
pub(super) async fn attempt<H: Host>(host: &H, notification: Notification) -> Result<Attempted> {
    let began = host.now()?;
    let mut registry_failed = false;
    let outcome = match send(host, &notification, &mut registry_failed).await {
        Ok(outcome) => outcome,
        // The session has already been removed, so a failure fails this delivery and not the call.
        Err(error) => {
            host.check_aborted()?;
            let error = format!("{}: {error}", error.code());
            Outcome::Failed { retry: true, retry_after: None, status: None, error }
        }
    };
    let now = host.now()?;
    let answered = !matches!(outcome, Outcome::Failed { retry: true, .. });
    let settlement = settlement(host, &notification, outcome, now)?;
    let settled = match host.outbox() {
        Some(outbox) => outbox.settle(&notification.id, &settlement, now).await,
        None => Ok(()),
    };
    let mut delivery = delivery(&notification, settlement);
    emit_attempt(host, &delivery, now, now.since(began));
    let unsettled = settled.err();
    if let Some(error) = &unsettled {
        host.check_aborted()?;
        let error = ["the outbox could not record the attempt: ", &error.to_string()].concat();
        let unattempted = unattempted(&notification, DeliveryState::Pending);
        delivery = Delivery { error: Some(error), ..unattempted };
    }
    Ok(Attempted { delivery, answered, registry_failed, unsettled })
}

async fn send<H: Host>(
    host: &H,
    notification: &Notification,
    registry_failed: &mut bool,
) -> Result<Outcome> {
    let (Some(clients), Some(sender)) = (host.clients(), host.sender()) else {
        return Err(NotConfigured::Sender.into());
    };
    let client = clients.client(&notification.client_id).await;
    *registry_failed = client.is_err();
    let (client, addresses) = match reachable(client?)? {
        Reachable::Yes(client, addresses) => (client, addresses),
        Reachable::No(why) => return Ok(given_up(why)),
    };
    let sub = match &notification.subject_id {
        Some(subject_id) => Some(host.subject_for(subject_id, &notification.client_id).await?),
        None => None,
    };
    if sub.as_deref().is_some_and(|sub| is_blank(sub) || !is_storable(sub)) {
        return Err(SenderFailed::Subject.into());
    }
    // A client rejects a token from another issuer permanently, and some answer 200 to it.
    checked_issuer(host, notification.issuer.clone())?;
    let mut outcome = given_up("the client no longer accepts this kind of notification");
    for (kind, logout_uri) in NotificationKind::ALL.into_iter().zip(addresses) {
        // A notification without an address was recorded while the registration couldn't be read.
        // Send every kind of token that the client accepts now.
        if logout_uri.is_none() || (notification.logout_uri.is_some() && kind != notification.kind)
        {
            continue;
        }
        let notification = Notification { kind, logout_uri, ..notification.clone() };
        let backdate = host.delivery().backdate;
        let claims = Claims::new(&notification, sub.clone(), host.now()?, backdate)?;
        outcome =
            sender.send(&Message { notification: &notification, client: &client, claims }).await?;
        if !matches!(outcome, Outcome::Delivered { .. }) {
            break;
        }
    }
    Ok(outcome)
}

/// A permanent failure.
fn given_up(why: &str) -> Outcome {
    Outcome::Failed { retry: false, retry_after: None, status: None, error: why.to_owned() }
}

/// The result to record. Without an outbox there are no retries.
fn settlement<H: Host>(
    host: &H,
    notification: &Notification,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Settlement> {
    let (retry, retry_after, status, error) = match outcome {
        Outcome::Delivered { status } => return Ok(Settlement::Delivered { status }),
        Outcome::Failed { retry, retry_after, status, error } => {
            (retry, retry_after, status, storable_message(&error))
        }
    };
    let attempts = notification.attempt.saturating_add(1);
    let next = match host.outbox() {
        Some(_) if retry => {
            host.delivery().next_attempt(notification.created, attempts, retry_after, now)?
        }
        _ => None,
    };
    Ok(match next {
        Some(next_attempt) => Settlement::Pending { next_attempt, error, status },
        None => Settlement::Failed { error, status },
    })
}

fn delivery(notification: &Notification, settlement: Settlement) -> Delivery {
    let (state, status, error, next_attempt) = match settlement {
        Settlement::Delivered { status } => (DeliveryState::Delivered, status, None, None),
        Settlement::Failed { error, status } => (DeliveryState::Failed, status, Some(error), None),
        Settlement::Pending { next_attempt, error, status } => {
            (DeliveryState::Pending, status, Some(error), Some(next_attempt))
        }
    };
    let attempts = notification.attempt.saturating_add(1);
    Delivery { attempts, status, error, next_attempt, ..unattempted(notification, state) }
}

fn emit_attempt<H: Host>(host: &H, delivery: &Delivery, at: Timestamp, duration: Millis) {
    if !host.listens() {
        return;
    }
    let attempt = DeliveryAttempt {
        at,
        id: delivery.id.clone(),
        kind: delivery.kind,
        client_id: delivery.client_id.clone(),
        subject_id: delivery.subject_id.clone(),
        session_id: delivery.session_id.clone(),
        issuer: delivery.issuer.clone(),
        attempts: delivery.attempts,
        duration,
        status: delivery.status,
        error: delivery.error.clone(),
        next_attempt: delivery.next_attempt,
    };
    host.emit(match delivery.state {
        DeliveryState::Delivered => Event::NotificationDelivered(attempt),
        DeliveryState::Failed => Event::NotificationGivenUp(attempt),
        DeliveryState::Pending | DeliveryState::Skipped => Event::NotificationFailed(attempt),
    });
}
