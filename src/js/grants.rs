//! The injected grant store as a port.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::convert::{counts_from_js, grant_filter_to_js};
use super::host::{CallHost, Grants};
use crate::error::{Code, Error, Result};
use crate::grant::{GrantCounts, GrantFilter};
use crate::ports::GrantStore;

const COUNTS: &str = "`{ tokens, consents, other }`: three whole numbers";

impl GrantStore for CallHost {
    async fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        let store = injected(self)?;
        let Some(callback) = &store.count else { return self.count_listed(store, filter).await };
        let counts = callback.call(&[grant_filter_to_js(filter)], &self.limits).await?;
        counts_from_js(&counts).ok_or_else(|| callback.wrong_shape(COUNTS))
    }

    async fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        filter.check()?;
        let callback = &injected(self)?.remove;
        let counts = callback.call(&[grant_filter_to_js(filter)], &self.limits).await?;
        counts_from_js(&counts).ok_or_else(|| callback.wrong_shape(COUNTS))
    }
}

impl CallHost {
    async fn count_listed(&self, store: &Grants, filter: &GrantFilter) -> Result<GrantCounts> {
        let listed = store.list.call(&[grant_filter_to_js(filter)], &self.limits).await?;
        let mut counts = GrantCounts::default();
        let wrong = || store.list.wrong_shape("a list of grants");
        for grant in listed.dyn_ref::<Array>().ok_or_else(wrong)?.iter() {
            let grant_type = Reflect::get(&grant, &"type".into()).ok().and_then(|grant_type| grant_type.as_string());
            counts.add(&grant_type.ok_or_else(wrong)?);
        }
        Ok(counts)
    }
}

fn injected(host: &CallHost) -> Result<&Grants> {
    host.injected
        .grants
        .as_ref()
        .ok_or_else(|| Error::new(Code::NotConfigured, "no grant store is injected: set `grants`"))
}
