//! The injected grant store as a port.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::call_host::CallHost;
use super::functions::HostFunction;
use crate::error::Result;
use crate::grant::{GrantCounts, GrantFilter};
use crate::js::wire::{List, read, write};
use crate::ports::GrantStore;
use crate::time::Timestamp;

const COUNTS: &str = "`{ tokens, consents, other }`: three whole numbers";

impl GrantStore for CallHost {
    async fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        if self.function(HostFunction::GrantsCount).is_some() {
            let counts = self.call(HostFunction::GrantsCount, &[write(filter)?]).await?;
            return self.counts(HostFunction::GrantsCount, &counts);
        }
        let listed = self.call(HostFunction::GrantsList, &[write(filter)?]).await?;
        let wanted = "a list of grants";
        count_listed(&listed).ok_or_else(|| self.wrong_shape(HostFunction::GrantsList, wanted))
    }

    async fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        filter.check()?;
        let counts = self.call(HostFunction::GrantsRemove, &[write(filter)?]).await?;
        self.counts(HostFunction::GrantsRemove, &counts)
    }

    async fn remove_expired(&self, now: Timestamp, limit: usize) -> Result<u64> {
        self.pruned(HostFunction::GrantsRemoveExpired, write(&now)?, limit).await
    }
}

impl CallHost {
    fn counts(&self, function: HostFunction, counts: &JsValue) -> Result<GrantCounts> {
        read(counts, "the counts").map_err(|_| self.wrong_shape(function, COUNTS))
    }
}

/// Counts the grants of a list by kind. `None` if it isn't a list of grants.
fn count_listed(listed: &JsValue) -> Option<GrantCounts> {
    let mut counts = GrantCounts::default();
    let grants = List::of(listed)?;
    for index in 0..grants.len() {
        let grant = grants.get(index).ok()?;
        counts.add(&Reflect::get(&grant, &"type".into()).ok()?.as_string()?);
    }
    Some(counts)
}
