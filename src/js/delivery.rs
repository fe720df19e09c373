//! `LogoutDelivery`: the background path. Lists and retries are the outbox's own; the core only
//! sees to it that they end.

use wasm_bindgen::prelude::*;

use super::host::{CallHost, Function};
use super::options::whole;
use super::service::Work;
use super::value::{Slot, Value, object, read, text};
use crate::delivery::deliver_due;
use crate::error::{Error, Result};
use crate::ports::Host;

/// One pass over what is due.
pub fn deliver(host: CallHost, options: &JsValue) -> Result<Work> {
    let mut limit = None;
    let what = "the options of the pass";
    read(options, what, &mut [("limit", Slot::Number(&mut limit))])?;
    let limit = whole(what, "limit", limit)?;
    Ok(Box::pin(async move {
        let pass = deliver_due(&host, limit).await?;
        let count = |count: u64| Value::Number(Some(count as f64));
        Ok(object(&[
            ("delivered", count(pass.delivered)),
            ("failed", count(pass.failed)),
            ("rescheduled", count(pass.rescheduled)),
            ("more", Value::Flag(pass.more)),
        ]))
    }))
}

/// A page of the outbox: `{ filter, after, limit }`.
pub fn list(host: CallHost, request: &JsValue) -> Result<Work> {
    let (mut filter, mut after, mut limit) = (None, None, None);
    let members = &mut [
        ("filter", Slot::Any(&mut filter)),
        ("after", Slot::Any(&mut after)),
        ("limit", Slot::Any(&mut limit)),
    ];
    read(request, "the list request", members)?;
    let arguments = [filter, after, limit].map(Option::unwrap_or_default);
    host.check_aborted()?;
    Ok(Box::pin(async move {
        let listed = host.call(Function::OutboxList, &arguments).await?;
        match js_sys::Array::is_array(&listed) {
            true => Ok(listed),
            false => Err(host.wrong_shape(Function::OutboxList, "a list of deliveries")),
        }
    }))
}

/// Makes one that was given up due again.
pub fn retry(host: CallHost, id: &JsValue) -> Result<Work> {
    let id = text(id).ok_or_else(|| {
        Error::invalid("the delivery's id must be a text: give the `id` of a delivery")
    })?;
    Ok(Box::pin(async move {
        let now = JsValue::from_f64(host.now()? as f64);
        let retried = host.call(Function::OutboxRetry, &[id.into(), now]).await?;
        match retried.as_bool() {
            Some(retried) => Ok(retried.into()),
            None => Err(host.wrong_shape(Function::OutboxRetry, "true or false")),
        }
    }))
}
