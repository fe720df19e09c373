//! The memory stores as the ports that a host injects. Each operation does its work before it
//! returns.

use wasm_bindgen::prelude::*;

use super::convert::{
    change_from_js, client_from_js, counts_members, delivery_to_js, filter_from_js,
    grant_filter_from_js, list_request_from_js, notification_from_js, notification_to_js,
    session_from_js, session_to_js, settlement_from_js,
};
use super::error::to_js;
use super::value::{Slot, Value, array, each, list, object, read, read_open, texts, wrong};
use crate::error::{Error, Result};
use crate::grant::Grant;
use crate::memory::MemoryStores;
use crate::notification::{DeliveryState, Notification, OutboxFilter};
use crate::ports::AtomicPlan;
use crate::time::Millis;

/// What the stores can do: the functions of the ports.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum MemoryOperation {
    SessionsCreate,
    SessionsGet,
    SessionsUpdate,
    SessionsAddClient,
    SessionsList,
    SessionsCount,
    SessionsRemove,
    GrantsStore,
    GrantsGet,
    GrantsList,
    GrantsCount,
    GrantsRemove,
    OutboxAdd,
    OutboxClaim,
    OutboxSettle,
    OutboxList,
    OutboxRetry,
    Atomic,
}

/// The core of `memoryStores()`.
#[wasm_bindgen(js_name = CoreMemory)]
pub struct CoreMemory {
    stores: std::panic::AssertUnwindSafe<MemoryStores>,
}

#[wasm_bindgen(js_class = CoreMemory)]
impl CoreMemory {
    /// Empty stores.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        CoreMemory { stores: std::panic::AssertUnwindSafe(MemoryStores::new()) }
    }

    /// Does what the port's function of this name does, with its arguments. One export for all of
    /// them: the code around an export is longer than most of the operations.
    pub fn call(
        &self,
        operation: MemoryOperation,
        first: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "unknown")] second: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "unknown")] third: &JsValue,
    ) -> std::result::Result<JsValue, JsValue> {
        call(&self.stores, operation, first, second, third).map_err(|error| to_js(&error))
    }
}

fn call(
    stores: &MemoryStores,
    operation: MemoryOperation,
    first: &JsValue,
    second: &JsValue,
    third: &JsValue,
) -> Result<JsValue> {
    let (sessions, grants, outbox) = (stores.sessions(), stores.grants(), stores.outbox());
    Ok(match operation {
        MemoryOperation::SessionsCreate => {
            sessions.create(&session_from_js(first)?)?;
            JsValue::UNDEFINED
        }
        MemoryOperation::SessionsGet => match sessions.get(&key(first)?)? {
            Some(session) => session_to_js(&session),
            None => JsValue::UNDEFINED,
        },
        MemoryOperation::SessionsUpdate => {
            sessions.update(&key(first)?, &change_from_js(second)?)?.into()
        }
        MemoryOperation::SessionsAddClient => {
            sessions.add_client(&key(first)?, &client_from_js(second)?)?.into()
        }
        MemoryOperation::SessionsList => {
            let page = sessions.list(&list_request_from_js(first)?)?;
            let rows = array(&page.sessions, |session| session_to_js(session));
            object(&[
                ("sessions", Value::Object(rows.into())),
                ("positions", Value::Texts(&page.positions)),
            ])
        }
        MemoryOperation::SessionsCount => {
            let up_to = second.as_f64().map(|up_to| up_to as u64);
            JsValue::from_f64(sessions.count(&filter_from_js(first)?, up_to)? as f64)
        }
        MemoryOperation::SessionsRemove => {
            list(&sessions.remove(&texts(first).ok_or_else(no_list)?)?).into()
        }
        MemoryOperation::GrantsStore => {
            grants.store(&grant_from_js(first)?);
            JsValue::UNDEFINED
        }
        MemoryOperation::GrantsGet => match grants.get(&key(first)?) {
            Some(grant) => grant_to_js(&grant),
            None => JsValue::UNDEFINED,
        },
        MemoryOperation::GrantsList => {
            array(&grants.list(&grant_filter_from_js(first)?)?, grant_to_js).into()
        }
        MemoryOperation::GrantsCount => {
            object(&counts_members(grants.count(&grant_filter_from_js(first)?)?))
        }
        MemoryOperation::GrantsRemove => {
            object(&counts_members(grants.remove(&grant_filter_from_js(first)?)?))
        }
        MemoryOperation::OutboxAdd => {
            outbox.add(&each(first, notification_from_js).ok_or_else(no_list)??);
            JsValue::UNDEFINED
        }
        MemoryOperation::OutboxClaim => {
            let [now, limit, lease_for] = claim_from_js(first)?;
            array(
                &outbox.claim(now as Millis, limit as usize, lease_for as Millis),
                notification_to_js,
            )
            .into()
        }
        MemoryOperation::OutboxSettle => {
            outbox.settle(&key(first)?, &settlement_from_js(second)?);
            JsValue::UNDEFINED
        }
        MemoryOperation::OutboxList => {
            let limit = third.as_f64().map(|limit| limit as usize);
            array(
                &outbox.list(&outbox_filter_from_js(first)?, second.as_string().as_deref(), limit),
                delivery_to_js,
            )
            .into()
        }
        MemoryOperation::OutboxRetry => {
            outbox.retry(&key(first)?, second.as_f64().unwrap_or_default() as Millis).into()
        }
        MemoryOperation::Atomic => {
            let done = stores.atomic().run(&plan_from_js(first)?)?;
            let [tokens, consents, other] = counts_members(done.grants);
            let (removed, recorded) = (Value::Texts(&done.removed), Value::Texts(&done.recorded));
            object(&[("removed", removed), ("recorded", recorded), tokens, consents, other])
        }
    })
}

fn key(value: &JsValue) -> Result<String> {
    value.as_string().ok_or_else(|| Error::invalid("the key or id must be a text"))
}

fn no_list() -> Error {
    Error::invalid("a list is expected")
}

fn claim_from_js(value: &JsValue) -> Result<[f64; 3]> {
    let what = "the claim";
    let (mut now, mut limit, mut lease_for) = (None, None, None);
    let members = &mut [
        ("now", Slot::Number(&mut now)),
        ("limit", Slot::Number(&mut limit)),
        ("leaseFor", Slot::Number(&mut lease_for)),
    ];
    read(value, what, members)?;
    let number = |name, number: Option<f64>| {
        let number = number.filter(|number| number.is_finite() && *number >= 0.0);
        number.ok_or_else(|| wrong(what, name, "a number, 0 or more"))
    };
    Ok([number("now", now)?, number("limit", limit)?, number("leaseFor", lease_for)?])
}

fn outbox_filter_from_js(value: &JsValue) -> Result<OutboxFilter> {
    let mut filter = OutboxFilter::default();
    let mut state = None;
    let members = &mut [
        ("state", Slot::Text(&mut state)),
        ("subjectId", Slot::Text(&mut filter.subject_id)),
        ("sessionId", Slot::Text(&mut filter.session_id)),
        ("clientId", Slot::Text(&mut filter.client_id)),
    ];
    let what = "the filter";
    read(value, what, members)?;
    if let Some(word) = state {
        let state = DeliveryState::parse(&word);
        filter.state = Some(state.ok_or_else(|| wrong(what, "state", "a delivery state"))?);
    }
    Ok(filter)
}

fn plan_from_js(value: &JsValue) -> Result<AtomicPlan> {
    let (mut session_keys, mut grants, mut notifications) = (None, None, None);
    let members = &mut [
        ("sessionKeys", Slot::Texts(&mut session_keys)),
        ("grants", Slot::Any(&mut grants)),
        ("notifications", Slot::Any(&mut notifications)),
    ];
    read(value, "the plan", members)?;
    let mut plan = AtomicPlan::default();
    plan.session_keys = session_keys.unwrap_or_default();
    if let Some(grants) = grants {
        plan.grants = each(&grants, grant_filter_from_js).ok_or_else(no_list)??;
    }
    if let Some(notifications) = notifications {
        plan.notifications =
            each(&notifications, plan_notification_from_js).ok_or_else(no_list)??;
    }
    Ok(plan)
}

fn plan_notification_from_js(value: &JsValue) -> Result<(Vec<String>, Notification)> {
    let (mut session_keys, mut entry) = (None, None);
    let members =
        &mut [("sessionKeys", Slot::Texts(&mut session_keys)), ("entry", Slot::Any(&mut entry))];
    read(value, "a notification of the plan", members)?;
    Ok((session_keys.unwrap_or_default(), notification_from_js(&entry.unwrap_or_default())?))
}

fn grant_from_js(value: &JsValue) -> Result<Grant> {
    let mut grant = Grant::default();
    let members = &mut [
        ("key", Slot::RequiredText(&mut grant.key)),
        ("type", Slot::RequiredText(&mut grant.grant_type)),
        ("subjectId", Slot::Text(&mut grant.subject_id)),
        ("sessionId", Slot::Text(&mut grant.session_id)),
        ("clientId", Slot::RequiredText(&mut grant.client_id)),
        ("created", Slot::RequiredTime(&mut grant.created)),
        ("expires", Slot::Time(&mut grant.expires)),
        ("consumed", Slot::Time(&mut grant.consumed)),
        ("description", Slot::Text(&mut grant.description)),
        ("data", Slot::RequiredText(&mut grant.data)),
    ];
    read_open(value, "the grant", members)?;
    Ok(grant)
}

fn grant_to_js(grant: &Grant) -> JsValue {
    object(&[
        ("key", Value::Text(&grant.key)),
        ("type", Value::Text(&grant.grant_type)),
        ("subjectId", Value::MaybeText(&grant.subject_id)),
        ("sessionId", Value::MaybeText(&grant.session_id)),
        ("clientId", Value::Text(&grant.client_id)),
        ("created", Value::Date(Some(grant.created))),
        ("expires", Value::Date(grant.expires)),
        ("consumed", Value::Date(grant.consumed)),
        ("description", Value::MaybeText(&grant.description)),
        ("data", Value::Text(&grant.data)),
    ])
}
