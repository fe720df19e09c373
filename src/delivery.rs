//! Delivering: attempts at notifications, several at a time, and what each leads to.

use std::collections::VecDeque;

use futures_util::future::{LocalBoxFuture, select_all};

use crate::error::{Error, Result};
use crate::logout::{
    Client, Delivery, DeliveryState, LOGOUT_TOKEN_LIFETIME, LogoutTokenClaims, Notification, Outcome, Settlement,
    why_skipped,
};
use crate::ports::{ClientLookup, Event, Host, LogoutOutbox, LogoutSender, Message};
use crate::random::random_hex;
use crate::session::Millis;

/// How many attempts are under way at once, in one call.
const CONCURRENCY: usize = 16;
/// How many of them go to one origin.
const PER_ORIGIN: usize = 4;
/// How long a notification is left alone before it is tried a second time, in milliseconds, if the client does not say.
const FIRST_RETRY: Millis = 10_000;

/// How long whoever records a notification keeps the first attempt to itself, in milliseconds: longer than any attempt takes.
pub const FIRST_ATTEMPT_LEASE: Millis = 60_000;

/// Makes one attempt at each of these notifications, settles each in the outbox if there is one, and tells `done` what became
/// of it, in the order in which the attempts end. A client that is slow or dead holds up only its own origin.
///
/// An attempt that fails is not an error here; it is in its delivery. Fails with `store_failed` if the outbox does, and with
/// `aborted`; notifications that are in an outbox are then tried again when their lease ends.
pub async fn deliver<H: Host>(
    host: &H,
    notifications: Vec<Notification>,
    mut done: impl FnMut(Delivery) -> Result<()>,
) -> Result<()> {
    let mut waiting = Waiting::new(notifications);
    // Boxed, so that the code that waits for several at once is there for one type, and small.
    let mut under_way: Vec<LocalBoxFuture<'_, (usize, Result<Delivery>)>> = Vec::new();
    loop {
        while under_way.len() < CONCURRENCY
            && let Some((origin, notification)) = waiting.take()
        {
            under_way.push(Box::pin(async move { (origin, attempt(host, notification).await) }));
        }
        if under_way.is_empty() {
            return Ok(());
        }
        let (origin, delivery);
        ((origin, delivery), _, under_way) = select_all(under_way).await;
        waiting.free(origin);
        host.check_aborted()?;
        done(delivery?)?;
    }
}

/// The notifications that wait for a free place, by origin.
struct Waiting {
    origins: Vec<Origin>,
    /// Where to look for the next one, so that every origin gets its turn.
    turn: usize,
}

struct Origin {
    name: String,
    waiting: VecDeque<Notification>,
    under_way: usize,
}

impl Waiting {
    fn new(notifications: Vec<Notification>) -> Self {
        let mut origins: Vec<Origin> = Vec::new();
        for notification in notifications {
            let name = origin_of(notification.logout_uri.as_deref().unwrap_or_default());
            match origins.iter_mut().find(|origin| origin.name == name) {
                Some(origin) => origin.waiting.push_back(notification),
                None => origins.push(Origin { name, waiting: VecDeque::from([notification]), under_way: 0 }),
            }
        }
        Waiting { origins, turn: 0 }
    }

    fn take(&mut self) -> Option<(usize, Notification)> {
        let count = self.origins.len();
        for step in 0..count {
            let index = (self.turn + step) % count;
            let Some(origin) = self.origins.get_mut(index) else { continue };
            if origin.under_way < PER_ORIGIN
                && let Some(notification) = origin.waiting.pop_front()
            {
                origin.under_way += 1;
                self.turn = index + 1;
                return Some((index, notification));
            }
        }
        None
    }

    fn free(&mut self, origin: usize) {
        if let Some(origin) = self.origins.get_mut(origin) {
            origin.under_way -= 1;
        }
    }
}

/// What of a URI says whom it burdens: scheme, host and port. Only groups; the sender judges whether the URI is good.
fn origin_of(uri: &str) -> String {
    let authority = uri.find("://").map_or(0, |scheme| scheme + 3);
    let end = uri.get(authority..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(uri.len(), |at| authority + at);
    uri.get(..end).unwrap_or(uri).to_ascii_lowercase()
}

/// One attempt at one notification.
async fn attempt<H: Host>(host: &H, notification: Notification) -> Result<Delivery> {
    let outcome = match send(host, &notification).await {
        Ok(outcome) => outcome,
        // The session is gone by now. Whatever failed on the way is this delivery's failure, not the call's.
        Err(error) => {
            host.check_aborted()?;
            let error = [error.code().as_str(), ": ", error.message()].concat();
            Outcome::Failed { retry: true, retry_after: None, status: None, error }
        }
    };
    let settlement = settlement(outcome, host.outbox().is_some(), host.now()?);
    if let Some(outbox) = host.outbox() {
        outbox.settle(&notification.id, &settlement).await?;
    }
    let delivery = delivery(&notification, &settlement);
    tell(host, &delivery)?;
    Ok(delivery)
}

async fn send<H: Host>(host: &H, notification: &Notification) -> Result<Outcome> {
    let (Some(clients), Some(sender)) = (host.clients(), host.sender()) else {
        return Err(Error::new(
            crate::error::Code::NotConfigured,
            "a notification needs `clients` and `sendLogout`: inject both",
        ));
    };
    let client = clients.client(&notification.client_id).await?;
    if let Some(why) = why_skipped(client.as_ref())? {
        return Ok(Outcome::Failed { retry: false, retry_after: None, status: None, error: why.to_owned() });
    }
    let Some(client) = client else { return Err(Error::invalid("the client is not known")) };
    let sub = match &notification.subject_id {
        Some(subject_id) => Some(host.subject_for(subject_id, &notification.client_id).await?),
        None => None,
    };
    let mut notification = notification.clone();
    notification.logout_uri = client.back_channel_logout_uri()?;
    let claims = claims(&notification, sub, host.now()?)?;
    sender.send(&Message { notification: &notification, client: &client, claims }).await
}

/// The claims for one attempt (OpenID Connect Back-Channel Logout 1.0, section 2.4).
fn claims(notification: &Notification, sub: Option<String>, now: Millis) -> Result<LogoutTokenClaims> {
    let iat = now.div_euclid(1_000);
    Ok(LogoutTokenClaims {
        iss: notification.issuer.clone(),
        aud: notification.client_id.clone(),
        iat,
        exp: iat + LOGOUT_TOKEN_LIFETIME,
        jti: random_hex::<16>()?,
        sub,
        sid: notification.session_id.clone(),
        logout_reason: notification.reason,
    })
}

/// What an attempt leads to. Without an outbox nobody remembers to try again.
fn settlement(outcome: Outcome, durable: bool, now: Millis) -> Settlement {
    match outcome {
        Outcome::Delivered { status } => Settlement::Delivered { status },
        Outcome::Failed { retry: true, retry_after, status, error } if durable => {
            Settlement::Retry { next_attempt: now + retry_after.unwrap_or(0).max(FIRST_RETRY), error, status }
        }
        Outcome::Failed { status, error, .. } => Settlement::Failed { error, status },
    }
}

fn delivery(notification: &Notification, settlement: &Settlement) -> Delivery {
    let (state, status, error, next_attempt) = match settlement.clone() {
        Settlement::Delivered { status } => (DeliveryState::Delivered, status, None, None),
        Settlement::Failed { error, status } => (DeliveryState::Failed, status, Some(error), None),
        Settlement::Retry { next_attempt, error, status } => {
            (DeliveryState::Pending, status, Some(error), Some(next_attempt))
        }
    };
    Delivery { attempts: notification.attempt + 1, status, error, next_attempt, ..untried(notification, state) }
}

/// A delivery of which no attempt was made.
pub fn untried(notification: &Notification, state: DeliveryState) -> Delivery {
    Delivery {
        id: notification.id.clone(),
        client_id: notification.client_id.clone(),
        subject_id: notification.subject_id.clone(),
        session_id: notification.session_id.clone(),
        state,
        attempts: notification.attempt,
        status: None,
        error: None,
        next_attempt: None,
    }
}

fn tell<H: Host>(host: &H, delivery: &Delivery) -> Result<()> {
    if !host.listens() {
        return Ok(());
    }
    let name = match delivery.state {
        DeliveryState::Delivered => "notification_delivered",
        _ => "notification_failed",
    };
    let mut details = vec![
        ("id", delivery.id.clone()),
        ("clientId", delivery.client_id.clone()),
        ("state", delivery.state.as_str().to_owned()),
    ];
    let optional =
        [("subjectId", &delivery.subject_id), ("sessionId", &delivery.session_id), ("error", &delivery.error)];
    details.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    host.emit(Event { name, at: host.now()?, details });
    Ok(())
}
