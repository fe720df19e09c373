//! One attempt at one notification, and what it leads to.

use crate::client::{Reachable, reachable};
use crate::error::{Error, NotConfigured, Result, SenderFailed};
use crate::event::{DeliveryAttempt, Event};
use crate::issuer::checked_issuer;
use crate::logout_token::Claims;
use crate::notification::{
    Delivery, DeliveryState, Notification, NotificationKind, Outcome, Settlement, untried,
};
use crate::ports::{ClientLookup, Host, LogoutOutbox, LogoutSender, Message};
use crate::text::{is_blank, is_storable, storable_message};
use crate::time::{Millis, Timestamp};

/// What an attempt led to.
pub(super) struct Attempted {
    pub delivery: Delivery,
    /// Whether the other side answered, whatever it said: a refusal is an answer, a time-out or a
    /// 503 is none.
    pub answered: bool,
    /// Whether the client could not be looked up.
    pub registry_failed: bool,
    /// The failure of the outbox to record the attempt. The entry is as it was, and due again when
    /// its lease ends.
    pub unsettled: Option<Error>,
}

/// Makes one attempt and settles it in the outbox, if there is one. Fails with `aborted`: an entry
/// of an outbox is then tried again when its lease ends.
pub(super) async fn attempt<H: Host>(host: &H, notification: Notification) -> Result<Attempted> {
    let began = host.now()?;
    let mut registry_failed = false;
    let outcome = match send(host, &notification, &mut registry_failed).await {
        Ok(outcome) => outcome,
        // The session is gone by now. Whatever failed on the way is this delivery's failure, not
        // the call's.
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
        let untried = untried(&notification, DeliveryState::Pending);
        delivery = Delivery { error: Some(error), ..untried };
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
    // A client refuses a token of another issuer for good, and some answer 200 to it.
    checked_issuer(host, notification.issuer.clone())?;
    let mut outcome = given_up("the client is no longer notified in this way");
    for (kind, logout_uri) in NotificationKind::ALL.into_iter().zip(addresses) {
        // One without an address was recorded while the registration could not be read: it goes
        // every way there is.
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

/// A failure that no other attempt would change.
fn given_up(why: &str) -> Outcome {
    Outcome::Failed { retry: false, retry_after: None, status: None, error: why.to_owned() }
}

/// What an attempt leads to. Without an outbox there is no other attempt.
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
    Delivery { attempts, status, error, next_attempt, ..untried(notification, state) }
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
