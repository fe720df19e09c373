//! `LogoutDelivery`: the background path. Lists and retries are the outbox's own; the core only
//! ensures that they end.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::{Array, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::delivery::deliver_due;
use crate::error::Result;
use crate::js::call::{Work, run};
use crate::js::error::to_js;
use crate::js::host::{CallHost, HostFunction, Injected};
use crate::js::wire::{
    Count, DeliverDueOptions, DeliveryPageOptions, Handle, List, PageLimit, read, string, write,
};
use crate::notification::OutboxFilter;
use crate::ports::Host;

/// The core of `LogoutDelivery`.
#[wasm_bindgen]
pub struct CoreDelivery {
    injected: AssertUnwindSafe<Rc<Injected>>,
}

#[wasm_bindgen]
impl CoreDelivery {
    /// Checks the host and the options, which replace those of the host member by member.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &JsValue, options: &JsValue) -> std::result::Result<CoreDelivery, JsValue> {
        let injected = read(options, "the delivery options")
            .and_then(|options| Injected::read(host, options, Default::default()))
            .map_err(|error| to_js(&error))?;
        Ok(CoreDelivery { injected: AssertUnwindSafe(injected) })
    }

    /// Makes one pass over due notifications.
    #[wasm_bindgen(js_name = deliverDue)]
    pub fn deliver_due(&self, pass: &JsValue, options: &JsValue) -> Promise {
        run(self.start_pass(pass, options))
    }

    fn start_pass(&self, pass: &JsValue, options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let DeliverDueOptions { limit } = read(pass, "the options of the pass")?;
        let limit = limit.map(|Count(limit)| limit);
        Ok(Box::pin(async move { write(&deliver_due(&host, limit).await?) }))
    }

    /// Lists a page of the outbox.
    pub fn page(&self, filter: &JsValue, page: &JsValue, options: &JsValue) -> Promise {
        run(self.start_page(filter, page, options))
    }

    fn start_page(&self, filter: &JsValue, page: &JsValue, options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let filter: OutboxFilter = read(filter, "the filter")?;
        let DeliveryPageOptions { after, limit: PageLimit(limit) } =
            read(page, "the options of the page")?;
        host.check_aborted()?;
        Ok(Box::pin(async move {
            let behind = after.as_deref().map_or(JsValue::UNDEFINED, JsValue::from);
            // One more than that tells whether there are more.
            let arguments = [write(&filter)?, behind, JsValue::from(limit + 1)];
            let listed = host.call(HostFunction::OutboxList, &arguments).await?;
            match DeliveryList::of(&listed, after.unwrap_or_default(), limit) {
                Some(page) => write(&page),
                None => {
                    let wanted = "a list of deliveries, at most `limit` long, in the order of \
                                  their ids and behind `after`";
                    Err(host.wrong_shape(HostFunction::OutboxList, wanted))
                }
            }
        }))
    }

    /// Makes a notification that was given up due again.
    pub fn retry(&self, id: &JsValue, options: &JsValue) -> Promise {
        run(self.start_retry(id, options))
    }

    fn start_retry(&self, id: &JsValue, options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let id: String = read(id, "the id of the delivery")?;
        Ok(Box::pin(async move {
            let now = JsValue::from_f64(host.now()?.as_millis() as f64);
            let retried = host.call(HostFunction::OutboxRetry, &[id.into(), now]).await?;
            match retried.as_bool() {
                Some(retried) => Ok(retried.into()),
                None => Err(host.wrong_shape(HostFunction::OutboxRetry, "true or false")),
            }
        }))
    }
}

/// `DeliveryList`. Its deliveries stay the objects that the outbox returned.
#[derive(Serialize)]
struct DeliveryList {
    deliveries: Handle,
    /// The id of the last one, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl DeliveryList {
    /// The first `limit` of the deliveries that the outbox listed behind this id. `None` if it
    /// didn't: an outbox that gave the same page again would be listed forever.
    fn of(listed: &JsValue, mut after: String, limit: u32) -> Option<Self> {
        let listed = List::of(listed)?;
        let deliveries = Array::new();
        for index in 0..listed.len() {
            let delivery = listed.get(index).ok()?;
            let id = string(&Reflect::get(&delivery, &JsValue::from_str("id")).ok()?)?;
            if !is_behind(&id, &after) {
                return None;
            }
            if index == limit {
                let is_last = listed.len() == limit + 1;
                return is_last
                    .then(|| DeliveryList { deliveries: handle(deliveries), after: Some(after) });
            }
            deliveries.push(&delivery);
            after = id;
        }
        Some(DeliveryList { deliveries: handle(deliveries), after: None })
    }
}

fn handle(deliveries: Array) -> Handle {
    Handle(deliveries.into())
}

/// Whether an id comes after another one: by code unit, or by code point as databases compare.
fn is_behind(id: &str, other: &str) -> bool {
    id > other || id.encode_utf16().gt(other.encode_utf16())
}
