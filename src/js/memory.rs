//! The memory stores as ports for a host. Each function completes before it returns, except that a
//! search over many rows returns a [`CoreSearch`].

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::ending::EndingStep;
use crate::error::Result;
use crate::filter::Filter;
use crate::grant::{Grant, GrantFilter};
use crate::js::error::to_js;
use crate::js::wire::{
    EndedSessionsMembers, EndingStepMembers, ListRequestMembers, Span, is_absent, read, write,
};
use crate::memory::{ContentsVersion, MemoryStores, Slices};
use crate::notification::{Notification, OutboxFilter, SettledBefore, Settlement};
use crate::ports::{Admission, ListRequest};
use crate::session::{ClientSession, Session, SessionChange, SessionCondition, SessionKey};
use crate::time::Timestamp;

/// The value that a function returns or throws.
type Returned = std::result::Result<JsValue, JsValue>;

fn returned(result: Result<JsValue>) -> Returned {
    result.map_err(|error| to_js(&error))
}

fn read_key(key: &JsValue) -> Result<SessionKey> {
    read(key, "the key of the session")
}

fn read_condition(condition: &JsValue) -> Result<SessionCondition> {
    read(condition, "the condition")
}

/// A search with more slices. `memory.ts` continues it.
#[wasm_bindgen]
pub struct CoreSearch {
    slices: AssertUnwindSafe<RefCell<Slices<JsValue>>>,
}

#[wasm_bindgen]
impl CoreSearch {
    /// Searches the next slice. `undefined` means that there are more.
    pub fn advance(&self) -> Returned {
        let advanced = self.slices.borrow_mut().advance();
        returned(advanced.map(|value| value.unwrap_or(JsValue::UNDEFINED)))
    }
}

/// The result of a search, or the search itself if it has more slices.
fn sliced<T: Serialize + 'static>(slices: Slices<T>) -> Result<JsValue> {
    sliced_as(slices, |found| write(&found))
}

fn sliced_as<T: 'static>(
    mut slices: Slices<T>,
    write: impl Fn(T) -> Result<JsValue> + 'static,
) -> Result<JsValue> {
    if let Some(found) = slices.advance()? {
        return write(found);
    }
    let written = Slices::new(move || slices.advance()?.map(&write).transpose());
    Ok(CoreSearch { slices: AssertUnwindSafe(RefCell::new(written)) }.into())
}

/// The core of `memoryStores()`.
#[wasm_bindgen]
pub struct CoreMemory {
    stores: AssertUnwindSafe<MemoryStores>,
}

#[wasm_bindgen]
impl CoreMemory {
    /// Creates stores with these contents, or empty ones.
    #[wasm_bindgen(constructor)]
    pub fn new(contents: &JsValue) -> std::result::Result<CoreMemory, JsValue> {
        let stores = || {
            if is_absent(contents) {
                return Ok(MemoryStores::new());
            }
            let what = "the contents";
            read::<ContentsVersion>(contents, what)?;
            read::<MemoryStores>(contents, what)
        };
        let stores = stores().map_err(|error| to_js(&error))?;
        Ok(CoreMemory { stores: AssertUnwindSafe(stores) })
    }

    /// Exports the contents of the stores.
    pub fn contents(&self) -> Returned {
        returned(write(&*self.stores))
    }

    /// `SessionStore.create`.
    #[wasm_bindgen(js_name = createSession)]
    pub fn create_session(&self, session: &JsValue) -> Returned {
        returned(read::<Session>(session, "the session").and_then(|session| {
            self.stores.sessions().create(&session)?;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// `SessionStore.get`.
    #[wasm_bindgen(js_name = getSession)]
    pub fn get_session(&self, key: &JsValue) -> Returned {
        returned(read_key(key).and_then(|key| match self.stores.sessions().get(&key)? {
            Some(session) => write(&session),
            None => Ok(JsValue::UNDEFINED),
        }))
    }

    /// `SessionStore.update`.
    #[wasm_bindgen(js_name = updateSession)]
    pub fn update_session(&self, key: &JsValue, change: &JsValue, condition: &JsValue) -> Returned {
        let update = || {
            let change: SessionChange = read(change, "the change")?;
            let condition = read_condition(condition)?;
            self.stores.sessions().update(&read_key(key)?, &change, &condition).map(JsValue::from)
        };
        returned(update())
    }

    /// `SessionStore.addClient`.
    #[wasm_bindgen(js_name = addClient)]
    pub fn add_client(&self, key: &JsValue, client: &JsValue, now: &JsValue) -> Returned {
        let add = || {
            let client: ClientSession = read(client, "the client")?;
            let now: Timestamp = read(now, "`now`")?;
            self.stores.sessions().add_client(&read_key(key)?, &client, now).map(JsValue::from)
        };
        returned(add())
    }

    /// `SessionStore.list`.
    #[wasm_bindgen(js_name = listSessions)]
    pub fn list_sessions(&self, request: &JsValue) -> Returned {
        let list = || {
            let request: ListRequestMembers = read(request, "the list request")?;
            sliced(self.stores.sessions().list_in_slices(&ListRequest::try_from(request)?)?)
        };
        returned(list())
    }

    /// `SessionStore.count`.
    #[wasm_bindgen(js_name = countSessions)]
    pub fn count_sessions(&self, filter: &JsValue, up_to: &JsValue) -> Returned {
        let count = || {
            let filter: Filter = read(filter, "the filter")?;
            let up_to: Option<u64> = read(up_to, "`upTo`")?;
            sliced(self.stores.sessions().count_in_slices(&filter, up_to))
        };
        returned(count())
    }

    /// `SessionStore.remove`.
    #[wasm_bindgen(js_name = removeSessions)]
    pub fn remove_sessions(&self, keys: &JsValue, condition: &JsValue) -> Returned {
        let remove = || {
            let keys: Vec<SessionKey> = read(keys, "the keys of the sessions")?;
            write(&self.stores.sessions().remove(&keys, &read_condition(condition)?)?)
        };
        returned(remove())
    }

    /// `SessionStore.forgetDevices`.
    #[wasm_bindgen(js_name = forgetDevices)]
    pub fn forget_devices(&self, created_before: &JsValue, limit: &JsValue) -> Returned {
        let forget = || {
            let created_before: Timestamp = read(created_before, "`createdBefore`")?;
            self.stores.sessions().forget_devices(created_before, read_limit(limit)?)
        };
        returned(forget().map(JsValue::from))
    }

    /// `GrantStore.store`.
    #[wasm_bindgen(js_name = storeGrant)]
    pub fn store_grant(&self, grant: &JsValue) -> Returned {
        returned(read::<Grant>(grant, "the grant").and_then(|grant| {
            self.stores.grants().store(&grant)?;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// `GrantStore.get`.
    #[wasm_bindgen(js_name = getGrant)]
    pub fn get_grant(&self, key: &JsValue) -> Returned {
        let get = || match self.stores.grants().get(&read::<String>(key, "the key of the grant")?) {
            Some(grant) => write(&grant),
            None => Ok(JsValue::UNDEFINED),
        };
        returned(get())
    }

    /// `GrantStore.list`.
    #[wasm_bindgen(js_name = listGrants)]
    pub fn list_grants(&self, filter: &JsValue) -> Returned {
        let list = || sliced(self.stores.grants().list_in_slices(&read_grant_filter(filter)?)?);
        returned(list())
    }

    /// `GrantStore.count`.
    #[wasm_bindgen(js_name = countGrants)]
    pub fn count_grants(&self, filter: &JsValue) -> Returned {
        let count = || sliced(self.stores.grants().count_in_slices(&read_grant_filter(filter)?)?);
        returned(count())
    }

    /// `GrantStore.remove`.
    #[wasm_bindgen(js_name = removeGrants)]
    pub fn remove_grants(&self, filter: &JsValue) -> Returned {
        let remove = || sliced(self.stores.grants().remove_in_slices(&read_grant_filter(filter)?)?);
        returned(remove())
    }

    /// `GrantStore.removeExpired`.
    #[wasm_bindgen(js_name = removeExpiredGrants)]
    pub fn remove_expired_grants(&self, now: &JsValue, limit: &JsValue) -> Returned {
        let remove = || {
            let now: Timestamp = read(now, "`now`")?;
            Ok(self.stores.grants().remove_expired(now, read_limit(limit)?))
        };
        returned(remove().map(JsValue::from))
    }

    /// `LogoutOutbox.add`.
    #[wasm_bindgen(js_name = addNotifications)]
    pub fn add_notifications(&self, entries: &JsValue) -> Returned {
        let add = || {
            let entries: Vec<Notification> = read(entries, "the notifications")?;
            self.stores.outbox().add(&entries);
            Ok(JsValue::UNDEFINED)
        };
        returned(add())
    }

    /// `LogoutOutbox.claim`.
    #[wasm_bindgen(js_name = claimNotifications)]
    pub fn claim_notifications(&self, claim: &JsValue) -> Returned {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Claim {
            now: Timestamp,
            limit: u32,
            lease_for: Span,
        }

        let claim = || {
            let Claim { now, limit, lease_for: Span(lease_for) } = read(claim, "the claim")?;
            write(&self.stores.outbox().claim(now, limit as usize, lease_for))
        };
        returned(claim())
    }

    /// `LogoutOutbox.settle`.
    #[wasm_bindgen(js_name = settleNotification)]
    pub fn settle_notification(&self, id: &JsValue, result: &JsValue, now: &JsValue) -> Returned {
        let settle = || {
            let result: Settlement = read(result, "the result")?;
            let now: Timestamp = read(now, "`now`")?;
            self.stores.outbox().settle(&read_id(id)?, &result, now);
            Ok(JsValue::UNDEFINED)
        };
        returned(settle())
    }

    /// `LogoutOutbox.list`.
    #[wasm_bindgen(js_name = listNotifications)]
    pub fn list_notifications(
        &self,
        filter: &JsValue,
        after: &JsValue,
        limit: &JsValue,
    ) -> Returned {
        let list = || {
            let filter: OutboxFilter = read(filter, "the filter")?;
            let after: Option<String> = read(after, "`after`")?;
            let limit: Option<u32> = read(limit, "`limit`")?;
            let limit = limit.map(|limit| limit as usize);
            sliced(self.stores.outbox().list_in_slices(&filter, after.as_deref(), limit))
        };
        returned(list())
    }

    /// `LogoutOutbox.retry`.
    #[wasm_bindgen(js_name = retryNotification)]
    pub fn retry_notification(&self, id: &JsValue, now: &JsValue) -> Returned {
        let retry = || {
            let now: Timestamp = read(now, "`now`")?;
            Ok(self.stores.outbox().retry(&read_id(id)?, now).into())
        };
        returned(retry())
    }

    /// `LogoutOutbox.prune`.
    #[wasm_bindgen(js_name = pruneNotifications)]
    pub fn prune_notifications(&self, settled_before: &JsValue, limit: &JsValue) -> Returned {
        let prune = || {
            let settled_before: SettledBefore = read(settled_before, "`settledBefore`")?;
            Ok(self.stores.outbox().prune(&settled_before, read_limit(limit)?))
        };
        returned(prune().map(JsValue::from))
    }

    /// `AtomicEnding.clientsOf`.
    #[wasm_bindgen(js_name = clientsOf)]
    pub fn clients_of(&self, pick: &JsValue) -> Returned {
        let clients_of = || {
            let step: EndingStep = read::<EndingStepMembers>(pick, "the pick")?.into();
            sliced(self.stores.atomic().clients_in_slices(step.pick)?)
        };
        returned(clients_of())
    }

    /// `AtomicEnding.endSessions`.
    #[wasm_bindgen(js_name = endSessions)]
    pub fn end_sessions(&self, step: &JsValue) -> Returned {
        let end = || {
            let step: EndingStep = read::<EndingStepMembers>(step, "the step")?.into();
            sliced_as(self.stores.atomic().end_in_slices(step)?, |done| {
                write(&EndedSessionsMembers::from(done))
            })
        };
        returned(end())
    }

    /// `AtomicEnding.admit`.
    #[wasm_bindgen(js_name = admitSession)]
    pub fn admit_session(
        &self,
        session: &JsValue,
        limit: &JsValue,
        now: &JsValue,
        issuer: &JsValue,
    ) -> Returned {
        let admit = || {
            let session: Session = read(session, "the session")?;
            let limit: u32 = read(limit, "`limit`")?;
            let admission = Admission {
                limit: limit as usize,
                now: read(now, "`now`")?,
                issuer: read(issuer, "`issuer`")?,
            };
            self.stores.atomic().admit(&session, &admission).map(JsValue::from)
        };
        returned(admit())
    }
}

fn read_grant_filter(filter: &JsValue) -> Result<GrantFilter> {
    read(filter, "the grant filter")
}

fn read_limit(limit: &JsValue) -> Result<usize> {
    read::<u32>(limit, "`limit`").map(|limit| limit as usize)
}

fn read_id(id: &JsValue) -> Result<String> {
    read(id, "the id of the notification")
}
