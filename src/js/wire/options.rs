//! Hosts and options. Absent members have defaults.

use serde::Deserialize;

use super::handle::Handle;
use super::span::Span;
use crate::logout_token::LOGOUT_TOKEN_LIFETIME;
use crate::optional_members::or_default;
use crate::settings::{CoordinationOptions, DeliveryOptions, LimitPolicy, SessionLimit};
use crate::time::Millis;

/// A whole number, 1 or more.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
pub struct Count(pub usize);

impl TryFrom<f64> for Count {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        let is_whole = number >= 1.0 && number.fract() == 0.0 && number.is_finite();
        is_whole.then_some(Count(number as usize)).ok_or("a whole number, 1 or more")
    }
}

/// A host. Its functions are looked up by name later, because they may be methods of a class.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostMembers {
    #[serde(default)]
    pub sessions: Option<Handle>,
    #[serde(default)]
    pub grants: Option<Handle>,
    #[serde(default)]
    pub outbox: Option<Handle>,
    #[serde(default)]
    pub atomic: Option<Handle>,
    #[serde(default, deserialize_with = "or_default")]
    pub delivery: DeliveryMembers,
    #[serde(default)]
    pub issuers: Option<Vec<String>>,
    #[serde(default)]
    pub callback_timeout: Option<Span>,
    #[serde(default)]
    pub absolute_lifetime: Option<Span>,
    #[serde(default)]
    pub forget_devices_after: Option<Span>,
    #[serde(default, rename = "clients")]
    _clients: Option<Handle>,
    #[serde(default, rename = "subjectFor")]
    _subject_for: Option<Handle>,
    #[serde(default, rename = "sendLogout")]
    _send_logout: Option<Handle>,
    #[serde(default, rename = "onEvent")]
    _on_event: Option<Handle>,
    #[serde(default, rename = "now")]
    _now: Option<Handle>,
}

/// The capabilities that a session store declares.
#[derive(Default, Deserialize)]
#[serde(rename(deserialize = "open"))]
pub struct StoreCapabilities {
    #[serde(default)]
    pub filters: Option<Vec<String>>,
}

/// The options of one call.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallOptions {
    #[serde(default)]
    pub signal: Option<Handle>,
    #[serde(default)]
    pub on_progress: Option<Handle>,
}

/// The options of an expiry pass.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpiryPassOptions {
    #[serde(default)]
    pub batch_size: Option<Count>,
}

/// The options of a count.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CountOptions {
    #[serde(default)]
    pub up_to: Option<Count>,
}

/// The options of a delivery pass.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliverDueOptions {
    #[serde(default)]
    pub limit: Option<Count>,
}

/// The most deliveries on a page.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
pub struct PageLimit(pub u32);

impl PageLimit {
    const MAX: u32 = 1_000;
}

impl Default for PageLimit {
    fn default() -> Self {
        PageLimit(100)
    }
}

impl TryFrom<f64> for PageLimit {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        match Count::try_from(number) {
            Ok(_) if number <= f64::from(Self::MAX) => Ok(PageLimit(number as u32)),
            _ => Err("a whole number from 1 to 1000"),
        }
    }
}

/// The options of a page of the outbox.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryPageOptions {
    #[serde(default)]
    pub after: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub limit: PageLimit,
}

/// A time span shorter than the lifetime of a logout token.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
struct Backdate(Millis);

impl TryFrom<f64> for Backdate {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        match Span::try_from(number) {
            Ok(Span(span)) if span < LOGOUT_TOKEN_LIFETIME * 1_000 => Ok(Backdate(span)),
            _ => Err("milliseconds, 0 or more and less than 120000: a logout token is valid for \
                      120 s from then"),
        }
    }
}

/// The delivery options.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliveryMembers {
    #[serde(default)]
    concurrency: Option<Count>,
    #[serde(default)]
    per_origin: Option<Count>,
    #[serde(default)]
    first_retry: Option<Span>,
    #[serde(default)]
    max_retry: Option<Span>,
    #[serde(default)]
    give_up_after: Option<Span>,
    #[serde(default)]
    lease_for: Option<Span>,
    #[serde(default)]
    wait: Option<Span>,
    #[serde(default)]
    backdate: Option<Backdate>,
    #[serde(default)]
    keep_delivered: Option<Span>,
    #[serde(default)]
    keep_failed: Option<Span>,
}

impl DeliveryMembers {
    /// These options, with absent members taken from `base`.
    pub fn with_defaults(self, base: DeliveryOptions) -> DeliveryOptions {
        let count = |own: Option<Count>, base| own.map_or(base, |Count(own)| own);
        let span = |own: Option<Span>, base| own.map_or(base, |Span(own)| own);
        DeliveryOptions {
            concurrency: count(self.concurrency, base.concurrency),
            per_origin: count(self.per_origin, base.per_origin),
            first_retry: span(self.first_retry, base.first_retry),
            max_retry: span(self.max_retry, base.max_retry),
            give_up_after: span(self.give_up_after, base.give_up_after),
            lease_for: span(self.lease_for, base.lease_for),
            wait: span(self.wait, base.wait),
            backdate: self.backdate.map_or(base.backdate, |Backdate(own)| own),
            keep_delivered: span(self.keep_delivered, base.keep_delivered),
            keep_failed: span(self.keep_failed, base.keep_failed),
        }
    }
}

/// The coordination options.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CoordinationMembers {
    #[serde(default, deserialize_with = "or_default")]
    coordinate_client_lifetimes_with_user_session: bool,
    #[serde(default, deserialize_with = "or_default")]
    expired_sessions_trigger_backchannel_logout: bool,
    #[serde(default)]
    renew_at_most_every: Option<Span>,
    #[serde(default)]
    max_sessions_per_subject: Option<LimitMembers>,
}

/// `{ limit, policy }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitMembers {
    limit: Count,
    policy: LimitPolicy,
}

impl From<CoordinationMembers> for CoordinationOptions {
    fn from(own: CoordinationMembers) -> Self {
        let base = CoordinationOptions::default();
        CoordinationOptions {
            coordinate_client_lifetimes_with_user_session: own
                .coordinate_client_lifetimes_with_user_session,
            expired_sessions_trigger_backchannel_logout: own
                .expired_sessions_trigger_backchannel_logout,
            renew_at_most_every: own
                .renew_at_most_every
                .map_or(base.renew_at_most_every, |Span(pause)| pause),
            max_sessions_per_subject: own
                .max_sessions_per_subject
                .map(|LimitMembers { limit: Count(limit), policy }| SessionLimit { limit, policy }),
        }
    }
}
