//! The options of delivery and coordination. Names and meanings are those of
//! `pkg-template/src/types/`.

use wasm_bindgen::prelude::*;

use super::value::{Slot, read, wrong};
use crate::error::Result;
use crate::settings::{CoordinationOptions, DeliveryOptions, LimitPolicy, SessionLimit};
use crate::time::Millis;

/// `DeliveryOptions`; what is absent is as in `base`.
pub fn delivery(value: &JsValue, base: DeliveryOptions) -> Result<DeliveryOptions> {
    let what = "the delivery options";
    let mut options = base;
    let mut numbers = [None; 7];
    let [concurrency, per_origin, first_retry, max_retry, give_up_after, lease_for, wait] =
        &mut numbers;
    let members = &mut [
        ("concurrency", Slot::Number(concurrency)),
        ("perOrigin", Slot::Number(per_origin)),
        ("firstRetry", Slot::Number(first_retry)),
        ("maxRetry", Slot::Number(max_retry)),
        ("giveUpAfter", Slot::Number(give_up_after)),
        ("leaseFor", Slot::Number(lease_for)),
        ("wait", Slot::Number(wait)),
    ];
    read(value, what, members)?;
    let [concurrency, per_origin, first_retry, max_retry, give_up_after, lease_for, wait] = numbers;
    for (name, number, place) in [
        ("concurrency", concurrency, &mut options.concurrency),
        ("perOrigin", per_origin, &mut options.per_origin),
    ] {
        if let Some(count) = whole(what, name, number)? {
            *place = count;
        }
    }
    for (name, number, place) in [
        ("firstRetry", first_retry, &mut options.first_retry),
        ("maxRetry", max_retry, &mut options.max_retry),
        ("giveUpAfter", give_up_after, &mut options.give_up_after),
        ("leaseFor", lease_for, &mut options.lease_for),
        ("wait", wait, &mut options.wait),
    ] {
        if let Some(time) = duration(what, name, number)? {
            *place = time;
        }
    }
    Ok(options)
}

/// `CoordinationOptions`.
pub fn coordination(value: &JsValue) -> Result<CoordinationOptions> {
    let what = "the coordination options";
    let mut options = CoordinationOptions::default();
    let (mut coordinate, mut trigger, mut lifetime, mut renew, mut most) =
        (None, None, None, None, None);
    let members = &mut [
        ("coordinateClientLifetimesWithUserSession", Slot::Flag(&mut coordinate)),
        ("expiredSessionsTriggerBackchannelLogout", Slot::Flag(&mut trigger)),
        ("absoluteLifetime", Slot::Number(&mut lifetime)),
        ("renewAtMostEvery", Slot::Number(&mut renew)),
        ("maxSessionsPerSubject", Slot::Any(&mut most)),
    ];
    read(value, what, members)?;
    options.coordinate_client_lifetimes_with_user_session = coordinate.unwrap_or(false);
    options.expired_sessions_trigger_backchannel_logout = trigger.unwrap_or(false);
    options.absolute_lifetime = duration(what, "absoluteLifetime", lifetime)?;
    if let Some(renew) = duration(what, "renewAtMostEvery", renew)? {
        options.renew_at_most_every = renew;
    }
    if let Some(value) = most.filter(|value| !value.is_null()) {
        let what = "`maxSessionsPerSubject`";
        let (mut limit, mut policy) = (None, String::new());
        let members =
            &mut [("limit", Slot::Number(&mut limit)), ("policy", Slot::RequiredText(&mut policy))];
        read(&value, what, members)?;
        let policy = LimitPolicy::parse(&policy).ok_or_else(|| {
            wrong(what, "policy", "`deny`, `removeOldest` or `removeLeastRecent`")
        })?;
        let limit = whole(what, "limit", limit)?.ok_or_else(|| wrong(what, "limit", WHOLE))?;
        options.max_sessions_per_subject = Some(SessionLimit { limit, policy });
    }
    Ok(options)
}

const WHOLE: &str = "a whole number, 1 or more";

/// A count of 1 or more.
pub fn whole(what: &str, name: &str, number: Option<f64>) -> Result<Option<usize>> {
    match number {
        Some(number) if !(number >= 1.0 && number.fract() == 0.0 && number.is_finite()) => {
            Err(wrong(what, name, WHOLE))
        }
        number => Ok(number.map(|number| number as usize)),
    }
}

fn duration(what: &str, name: &str, number: Option<f64>) -> Result<Option<Millis>> {
    match number {
        Some(number) if !(number >= 0.0 && number.is_finite()) => {
            Err(wrong(what, name, "milliseconds, 0 or more"))
        }
        number => Ok(number.map(|number| number as Millis)),
    }
}
