//! The memory stores as the ports that a host injects. Each method does its work before it returns.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::convert::{
    change_from_js, client_from_js, counts_to_js, delivery_to_js, filter_from_js, grant_filter_from_js, items,
    list_request_from_js, notification_from_js, notification_to_js, session_from_js, session_to_js, settlement_from_js,
};
use super::error::to_js;
use super::value::{Fields, Literal, list};
use crate::error::{Code, Error, Result};
use crate::grant::Grant;
use crate::logout::{DeliveryState, OutboxFilter};
use crate::memory::MemoryStores;
use crate::ports::AtomicPlan;
use crate::session::Millis;

type JsResult<T> = std::result::Result<T, JsValue>;

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

    /// `SessionStore.create`
    #[wasm_bindgen(js_name = createSession)]
    pub fn create_session(&self, session: &JsValue) -> JsResult<()> {
        answer(|| self.stores.sessions().create(&session_from_js(session)?))
    }

    /// `SessionStore.get`
    #[wasm_bindgen(js_name = getSession)]
    pub fn get_session(&self, key: &str) -> JsResult<JsValue> {
        answer(|| Ok(self.stores.sessions().get(key)?.map_or(JsValue::UNDEFINED, |session| session_to_js(&session))))
    }

    /// `SessionStore.update`
    #[wasm_bindgen(js_name = updateSession)]
    pub fn update_session(&self, key: &str, change: &JsValue) -> JsResult<bool> {
        answer(|| self.stores.sessions().update(key, &change_from_js(change)?))
    }

    /// `SessionStore.addClient`
    #[wasm_bindgen(js_name = addClient)]
    pub fn add_client(&self, key: &str, client: &JsValue) -> JsResult<bool> {
        answer(|| self.stores.sessions().add_client(key, &client_from_js(client)?))
    }

    /// `SessionStore.list`
    #[wasm_bindgen(js_name = listSessions)]
    pub fn list_sessions(&self, request: &JsValue) -> JsResult<JsValue> {
        answer(|| {
            let found = self.stores.sessions().list(&list_request_from_js(request)?)?;
            let page = Literal::new();
            page.set("sessions", found.sessions.iter().map(|session| session_to_js(session)).collect::<Array>());
            page.set("positions", list(&found.positions));
            Ok(page.done())
        })
    }

    /// `SessionStore.count`
    #[wasm_bindgen(js_name = countSessions)]
    pub fn count_sessions(&self, filter: &JsValue, up_to: Option<f64>) -> JsResult<f64> {
        answer(|| {
            let up_to = up_to.map(|up_to| up_to as u64);
            Ok(self.stores.sessions().count(&filter_from_js(filter)?, up_to)? as f64)
        })
    }

    /// `SessionStore.remove`
    #[wasm_bindgen(js_name = removeSessions)]
    pub fn remove_sessions(&self, keys: Vec<String>) -> JsResult<Vec<String>> {
        answer(|| self.stores.sessions().remove(&keys))
    }

    /// `GrantStore.store`
    #[wasm_bindgen(js_name = storeGrant)]
    pub fn store_grant(&self, grant: &JsValue) -> JsResult<()> {
        answer(|| {
            self.stores.grants().store(&grant_from_js(grant)?);
            Ok(())
        })
    }

    /// `GrantStore.get`
    #[wasm_bindgen(js_name = getGrant)]
    pub fn get_grant(&self, key: &str) -> JsValue {
        self.stores.grants().get(key).map_or(JsValue::UNDEFINED, |grant| grant_to_js(&grant))
    }

    /// `GrantStore.list`
    #[wasm_bindgen(js_name = listGrants)]
    pub fn list_grants(&self, filter: &JsValue) -> JsResult<Vec<JsValue>> {
        answer(|| {
            let grants = self.stores.grants().list(&grant_filter_from_js(filter)?)?;
            Ok(grants.iter().map(grant_to_js).collect())
        })
    }

    /// `GrantStore.count`
    #[wasm_bindgen(js_name = countGrants)]
    pub fn count_grants(&self, filter: &JsValue) -> JsResult<JsValue> {
        answer(|| Ok(counts_to_js(self.stores.grants().count(&grant_filter_from_js(filter)?)?).done()))
    }

    /// `GrantStore.remove`
    #[wasm_bindgen(js_name = removeGrants)]
    pub fn remove_grants(&self, filter: &JsValue) -> JsResult<JsValue> {
        answer(|| Ok(counts_to_js(self.stores.grants().remove(&grant_filter_from_js(filter)?)?).done()))
    }

    /// `LogoutOutbox.add`
    #[wasm_bindgen(js_name = addNotifications)]
    pub fn add_notifications(&self, entries: &JsValue) -> JsResult<()> {
        answer(|| {
            self.stores.outbox().add(&read_list(entries, notification_from_js)?);
            Ok(())
        })
    }

    /// `LogoutOutbox.claim`
    #[wasm_bindgen(js_name = claimNotifications)]
    pub fn claim_notifications(&self, request: &JsValue) -> JsResult<Vec<JsValue>> {
        answer(|| {
            let fields = Fields::read(request, "the claim", &["now", "limit", "leaseFor"])?;
            let number = |name| {
                let number = fields.number(name)?.filter(|number| number.is_finite() && *number >= 0.0);
                number.ok_or_else(|| fields.wrong(name, "a number, 0 or more"))
            };
            let (now, limit, lease_for) = (number("now")?, number("limit")?, number("leaseFor")?);
            let claimed = self.stores.outbox().claim(now as Millis, limit as usize, lease_for as Millis);
            Ok(claimed.iter().map(|entry| notification_to_js(entry).done()).collect())
        })
    }

    /// `LogoutOutbox.settle`
    #[wasm_bindgen(js_name = settleNotification)]
    pub fn settle_notification(&self, id: &str, result: &JsValue) -> JsResult<()> {
        answer(|| {
            self.stores.outbox().settle(id, &settlement_from_js(result)?);
            Ok(())
        })
    }

    /// `LogoutOutbox.list`
    #[wasm_bindgen(js_name = listNotifications)]
    pub fn list_notifications(
        &self,
        filter: &JsValue,
        after: Option<String>,
        limit: Option<f64>,
    ) -> JsResult<Vec<JsValue>> {
        let deliveries = answer(|| {
            let fields = Fields::read(filter, "the filter", &["state", "subjectId", "sessionId", "clientId"])?;
            let state = match fields.text("state")? {
                None => None,
                Some(word) => {
                    Some(DeliveryState::parse(&word).ok_or_else(|| fields.wrong("state", "a delivery state"))?)
                }
            };
            let filter = OutboxFilter {
                state,
                subject_id: fields.text("subjectId")?,
                session_id: fields.text("sessionId")?,
                client_id: fields.text("clientId")?,
            };
            Ok(self.stores.outbox().list(&filter, after.as_deref(), limit.map(|limit| limit as usize)))
        })?;
        deliveries.iter().map(delivery_to_js).collect()
    }

    /// `LogoutOutbox.retry`
    #[wasm_bindgen(js_name = retryNotification)]
    pub fn retry_notification(&self, id: &str, now: f64) -> bool {
        self.stores.outbox().retry(id, now as Millis)
    }

    /// `AtomicRemoval`
    #[wasm_bindgen(js_name = removeAtomically)]
    pub fn remove_atomically(&self, plan: &JsValue) -> JsResult<JsValue> {
        answer(|| {
            let fields = Fields::read(plan, "the plan", &["sessionKeys", "grants", "notifications"])?;
            let notification = |value: &JsValue| {
                let fields = Fields::read(value, "a notification of the plan", &["sessionKeys", "entry"])?;
                let entry = fields.get("entry")?.unwrap_or_default();
                Ok((fields.texts("sessionKeys")?.unwrap_or_default(), notification_from_js(&entry)?))
            };
            let plan = AtomicPlan {
                session_keys: fields.texts("sessionKeys")?.unwrap_or_default(),
                grants: read_list(&fields.get("grants")?.unwrap_or_default(), grant_filter_from_js)?,
                notifications: read_list(&fields.get("notifications")?.unwrap_or_default(), notification)?,
            };
            let done = self.stores.atomic().run(&plan)?;
            let result = counts_to_js(done.grants);
            result.set("removed", list(&done.removed));
            result.set("recorded", list(&done.recorded));
            Ok(result.done())
        })
    }
}

fn answer<T>(work: impl FnOnce() -> Result<T>) -> JsResult<T> {
    work().map_err(|error| to_js(&error))
}

fn read_list<T>(value: &JsValue, read: impl Fn(&JsValue) -> Result<T>) -> Result<Vec<T>> {
    items(value, read).unwrap_or_else(|| Err(Error::new(Code::InvalidArgument, "a list is expected")))
}

fn grant_from_js(value: &JsValue) -> Result<Grant> {
    let fields = Fields::read_open(value, "the grant")?;
    let created = fields.time("created")?.ok_or_else(|| fields.wrong("created", "a time"))?;
    let mut grant = Grant::default();
    grant.key = fields.required_text("key")?;
    grant.grant_type = fields.required_text("type")?;
    grant.subject_id = fields.text("subjectId")?;
    grant.session_id = fields.text("sessionId")?;
    grant.client_id = fields.required_text("clientId")?;
    grant.created = created;
    grant.expires = fields.time("expires")?;
    grant.consumed = fields.time("consumed")?;
    grant.description = fields.text("description")?;
    grant.data = fields.required_text("data")?;
    Ok(grant)
}

fn grant_to_js(grant: &Grant) -> JsValue {
    let date = |time: Millis| js_sys::Date::new(&JsValue::from_f64(time as f64));
    let object = Literal::new();
    object.set("key", &grant.key);
    object.set("type", &grant.grant_type);
    object.text("subjectId", grant.subject_id.as_deref());
    object.text("sessionId", grant.session_id.as_deref());
    object.set("clientId", &grant.client_id);
    object.set("created", date(grant.created));
    if let Some(expires) = grant.expires {
        object.set("expires", date(expires));
    }
    if let Some(consumed) = grant.consumed {
        object.set("consumed", date(consumed));
    }
    object.text("description", grant.description.as_deref());
    object.set("data", &grant.data);
    object.done()
}
