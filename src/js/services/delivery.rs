//! `LogoutDelivery`: the background path. Lists and retries are the outbox's own; the core only
//! ensures that they end.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use crate::delivery::deliver_due;
use crate::error::Result;
use crate::js::call::{Work, run};
use crate::js::error::to_js;
use crate::js::host::{CallHost, HostFunction, Injected};
use crate::js::wire::{Count, DeliverDueOptions, read, write};
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
    pub fn list(
        &self,
        filter: &JsValue,
        after: &JsValue,
        limit: &JsValue,
        options: &JsValue,
    ) -> Promise {
        run(self.start_list([filter, after, limit].map(JsValue::clone), options))
    }

    fn start_list(&self, arguments: [JsValue; 3], options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        host.check_aborted()?;
        Ok(Box::pin(async move {
            let listed = host.call(HostFunction::OutboxList, &arguments).await?;
            match Array::is_array(&listed) {
                true => Ok(listed),
                false => Err(host.wrong_shape(HostFunction::OutboxList, "a list of deliveries")),
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
