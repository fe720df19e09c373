//! The injected outbox and the injected transaction as ports.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::convert::{counts_from_js, grant_filter_to_js, notification_to_js, settlement_to_js};
use super::host::{CallHost, Outbox};
use super::sessions::texts;
use super::value::{Fields, Literal, list};
use crate::error::{Code, Error, Result};
use crate::logout::{Notification, Settlement};
use crate::ports::{AtomicPlan, AtomicRemoval, AtomicResult, LogoutOutbox};

impl LogoutOutbox for CallHost {
    async fn add(&self, entries: &[Notification]) -> Result<()> {
        let entries: Array = entries.iter().map(|entry| notification_to_js(entry).done()).collect();
        injected(self)?.add.call(&[entries.into()], &self.limits).await.map(|_| ())
    }

    async fn settle(&self, id: &str, result: &Settlement) -> Result<()> {
        injected(self)?.settle.call(&[id.into(), settlement_to_js(result)], &self.limits).await.map(|_| ())
    }
}

fn injected(host: &CallHost) -> Result<&Outbox> {
    host.injected.outbox.as_ref().ok_or_else(|| Error::new(Code::NotConfigured, "no outbox is injected: set `outbox`"))
}

impl AtomicRemoval for CallHost {
    async fn run(&self, plan: &AtomicPlan) -> Result<AtomicResult> {
        let Some(callback) = &self.injected.atomic else {
            return Err(Error::new(Code::NotConfigured, "no transaction is injected: set `atomic`"));
        };
        let done = callback.call(&[plan_to_js(plan)], &self.limits).await?;
        result_from_js(&done).ok_or_else(|| {
            callback
                .wrong_shape("`{ removed, recorded, tokens, consents, other }`: two lists of texts and three numbers")
        })
    }
}

fn plan_to_js(plan: &AtomicPlan) -> JsValue {
    let notifications = plan.notifications.iter().map(|(keys, entry)| {
        let notification = Literal::new();
        notification.set("sessionKeys", list(keys));
        notification.set("entry", notification_to_js(entry).done());
        notification.done()
    });
    let object = Literal::new();
    object.set("sessionKeys", list(&plan.session_keys));
    object.set("grants", plan.grants.iter().map(grant_filter_to_js).collect::<Array>());
    object.set("notifications", notifications.collect::<Array>());
    object.done()
}

fn result_from_js(value: &JsValue) -> Option<AtomicResult> {
    let fields = Fields::read_open(value, "the result").ok()?;
    Some(AtomicResult {
        removed: texts(&fields.get("removed").ok()??)?,
        recorded: texts(&fields.get("recorded").ok()??)?,
        grants: counts_from_js(value)?,
    })
}
