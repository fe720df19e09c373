//! The injected outbox and the injected transaction as ports.

use wasm_bindgen::prelude::*;

use super::convert::{
    counts_from_js, grant_filter_to_js, notification_from_js, notification_to_js, settlement_to_js,
};
use super::host::{CallHost, Function};
use super::value::{Slot, Value, array, each, object, read_open};
use crate::error::Result;
use crate::notification::{Notification, Settlement};
use crate::ports::{AtomicPlan, AtomicRemoval, AtomicResult, LogoutOutbox};
use crate::time::Millis;

impl LogoutOutbox for CallHost {
    async fn add(&self, entries: &[Notification]) -> Result<()> {
        self.call(Function::OutboxAdd, &[array(entries, notification_to_js).into()])
            .await
            .map(|_| ())
    }

    async fn claim(
        &self,
        now: Millis,
        limit: usize,
        lease_for: Millis,
    ) -> Result<Vec<Notification>> {
        let request = object(&[
            ("now", Value::Time(Some(now))),
            ("limit", Value::Number(Some(limit as f64))),
            ("leaseFor", Value::Time(Some(lease_for))),
        ]);
        let claimed = self.call(Function::OutboxClaim, &[request]).await?;
        let wanted = "a list of notifications, at most `limit` long";
        match each(&claimed, notification_from_js).filter(|_| claimed.is_object()) {
            Some(Ok(claimed)) if claimed.len() <= limit => Ok(claimed),
            _ => Err(self.wrong_shape(Function::OutboxClaim, wanted)),
        }
    }

    async fn settle(&self, id: &str, result: &Settlement) -> Result<()> {
        self.call(Function::OutboxSettle, &[id.into(), settlement_to_js(result)]).await.map(|_| ())
    }
}

impl AtomicRemoval for CallHost {
    async fn run(&self, plan: &AtomicPlan) -> Result<AtomicResult> {
        let done = self.call(Function::Atomic, &[plan_to_js(plan)]).await?;
        let wanted = "`{ removed, recorded, tokens, consents, other }`: two lists of texts and three numbers";
        result_from_js(&done).ok_or_else(|| self.wrong_shape(Function::Atomic, wanted))
    }
}

fn plan_to_js(plan: &AtomicPlan) -> JsValue {
    object(&[
        ("sessionKeys", Value::Texts(&plan.session_keys)),
        ("grants", Value::Object(array(&plan.grants, grant_filter_to_js).into())),
        (
            "notifications",
            Value::Object(array(&plan.notifications, plan_notification_to_js).into()),
        ),
    ])
}

fn plan_notification_to_js((keys, entry): &(Vec<String>, Notification)) -> JsValue {
    object(&[
        ("sessionKeys", Value::Texts(keys)),
        ("entry", Value::Object(notification_to_js(entry))),
    ])
}

fn result_from_js(value: &JsValue) -> Option<AtomicResult> {
    let (mut removed, mut recorded) = (None, None);
    let members =
        &mut [("removed", Slot::Texts(&mut removed)), ("recorded", Slot::Texts(&mut recorded))];
    read_open(value, "the result", members).ok()?;
    Some(AtomicResult { removed: removed?, recorded: recorded?, grants: counts_from_js(value)? })
}
