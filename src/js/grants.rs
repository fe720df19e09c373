//! The injected grant store as a port.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::convert::{counts_from_js, grant_filter_to_js};
use super::host::{CallHost, Function};
use crate::error::Result;
use crate::grant::{GrantCounts, GrantFilter};
use crate::ports::GrantStore;

const COUNTS: &str = "`{ tokens, consents, other }`: three whole numbers";

impl GrantStore for CallHost {
    async fn count(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        let counts = self.function(Function::GrantsCount).map(|_| Function::GrantsCount);
        let function = counts.unwrap_or(Function::GrantsList);
        let found = self.call(function, &[grant_filter_to_js(filter)]).await?;
        match function {
            Function::GrantsCount => {
                counts_from_js(&found).ok_or_else(|| self.wrong_shape(function, COUNTS))
            }
            _ => count_listed(&found).ok_or_else(|| self.wrong_shape(function, "a list of grants")),
        }
    }

    async fn remove(&self, filter: &GrantFilter) -> Result<GrantCounts> {
        filter.check()?;
        let counts = self.call(Function::GrantsRemove, &[grant_filter_to_js(filter)]).await?;
        counts_from_js(&counts).ok_or_else(|| self.wrong_shape(Function::GrantsRemove, COUNTS))
    }
}

/// The numbers of grants in a list, if it is one.
fn count_listed(listed: &JsValue) -> Option<GrantCounts> {
    let mut counts = GrantCounts::default();
    for grant in listed.dyn_ref::<Array>()?.iter() {
        counts.add(&Reflect::get(&grant, &"type".into()).ok()?.as_string()?);
    }
    Some(counts)
}
