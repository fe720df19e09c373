//! `SessionCoordination`: the lifetime of sessions and of their clients' tokens.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::publish::publisher;
use crate::coordination::{
    SignedOut, StartedSession, ValidationRequest, admit_session, process_logout,
    remove_expired_sessions, validate_session,
};
use crate::error::{NotConfigured, Result};
use crate::js::call::{Work, run};
use crate::js::error::to_js;
use crate::js::host::{CallHost, Injected};
use crate::js::wire::{Count, ExpiryPassOptions, read, write};

/// The core of `SessionCoordination`.
#[wasm_bindgen]
pub struct CoreCoordination {
    injected: AssertUnwindSafe<Rc<Injected>>,
}

#[wasm_bindgen]
impl CoreCoordination {
    /// Checks the host and the options.
    #[wasm_bindgen(constructor)]
    pub fn new(
        host: &JsValue,
        options: &JsValue,
    ) -> std::result::Result<CoreCoordination, JsValue> {
        let injected = read(options, "the coordination options")
            .and_then(|options| Injected::read(host, Default::default(), options))
            .map_err(|error| to_js(&error))?;
        Ok(CoreCoordination { injected: AssertUnwindSafe(injected) })
    }

    /// Handles a sign-out. `publish` receives the interim report when the call has waited long
    /// enough.
    #[wasm_bindgen(js_name = processLogout)]
    pub fn process_logout(
        &self,
        session: &JsValue,
        publish: &JsValue,
        options: &JsValue,
    ) -> Promise {
        run(self.start_logout(session, publish, options))
    }

    fn start_logout(
        &self,
        session: &JsValue,
        publish: &JsValue,
        options: &JsValue,
    ) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let signed_out: SignedOut = read(session, "the session")?;
        let mut publish = publisher(publish);
        Ok(Box::pin(async move {
            let settings = &host.injected.coordination;
            write(&process_logout(&host, settings, &signed_out, &mut publish).await?)
        }))
    }

    /// Runs one expiry pass.
    #[wasm_bindgen(js_name = removeExpiredSessions)]
    pub fn remove_expired_sessions(&self, pass: &JsValue, options: &JsValue) -> Promise {
        run(self.start_expiry_pass(pass, options))
    }

    fn start_expiry_pass(&self, pass: &JsValue, options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let ExpiryPassOptions { batch_size } = read(pass, "the options of the pass")?;
        let batch_size = batch_size.map(|Count(size)| size);
        Ok(Box::pin(async move {
            write(&remove_expired_sessions(&host, &host.injected.coordination, batch_size).await?)
        }))
    }

    /// Checks whether the session behind a token is active.
    #[wasm_bindgen(js_name = validateSession)]
    pub fn validate_session(&self, request: &JsValue, options: &JsValue) -> Promise {
        run(self.start_validation(request, options))
    }

    fn start_validation(&self, request: &JsValue, options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let request: ValidationRequest = read(request, "the validation")?;
        Ok(Box::pin(async move {
            validate_session(&host, &host.injected.coordination, &request).await.map(JsValue::from)
        }))
    }

    /// Enforces the session limit after a sign-in.
    #[wasm_bindgen(js_name = admitSession)]
    pub fn admit_session(&self, session: &JsValue, options: &JsValue) -> Promise {
        run(self.start_admission(session, options))
    }

    fn start_admission(&self, session: &JsValue, options: &JsValue) -> Result<Work> {
        let host = CallHost::new(&self.injected, options)?;
        let started: StartedSession = read(session, "the session")?;
        let Some(limit) = host.injected.coordination.max_sessions_per_subject else {
            return Err(NotConfigured::SessionLimit.into());
        };
        Ok(Box::pin(async move { write(&admit_session(&host, limit, &started).await?) }))
    }
}
