//! `LogoutDelivery`: the background path. Lists and retries go straight to the outbox; the core
//! only enforces their time limit.

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
    /// Checks the host and the options. Each option overrides the host's.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &JsValue, options: &JsValue) -> std::result::Result<CoreDelivery, JsValue> {
        let injected = read(options, "the delivery options")
            .and_then(|options| Injected::read(host, options, Default::default()))
            .map_err(|error| to_js(&error))?;
        Ok(CoreDelivery { injected: AssertUnwindSafe(injected) })
    }

    /// Runs one delivery pass.
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
            // Ask for one more, to see whether there are more.
            let arguments = [write(&filter)?, behind, JsValue::from(limit + 1)];
            let listed = host.call(HostFunction::OutboxList, &arguments).await?;
            match DeliveryList::of(&listed, after.unwrap_or_default(), limit) {
                Some(page) => write(&page),
                None => {
                    let wanted = "at most `limit` deliveries, sorted by id, after the id `after`";
                    Err(host.wrong_shape(HostFunction::OutboxList, wanted))
                }
            }
        }))
    }

    /// Makes a failed notification due again.
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

/// `DeliveryList`. The deliveries are still the outbox's objects.
#[derive(Serialize)]
struct DeliveryList {
    deliveries: Handle,
    /// The id of the last delivery, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl DeliveryList {
    /// The first `limit` deliveries that the outbox listed after this id. `None` if they aren't
    /// sorted after it: an outbox that returned the same page again would be listed forever.
    fn of(listed: &JsValue, mut after: String, limit: u32) -> Option<Self> {
        let listed = List::of(listed)?;
        let deliveries = Array::new();
        for index in 0..listed.len() {
            let delivery = listed.get(index).ok()?;
            let id = string(&Reflect::get(&delivery, &JsValue::from_str("id")).ok()?)?;
            if !comes_after(&id, &after) {
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

/// Whether an id is greater than another, by code unit or, like databases, by code point.
fn comes_after(id: &str, other: &str) -> bool {
    id > other || id.encode_utf16().gt(other.encode_utf16())
}
