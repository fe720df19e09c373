//! The injected atomic ending as a port.

use wasm_bindgen::prelude::*;

use super::call_host::CallHost;
use super::functions::HostFunction;
use crate::ending::{EndedSessions, EndingPick, EndingStep};
use crate::error::Result;
use crate::js::wire::{EndedSessionsMembers, EndingStepMembers, read, write};
use crate::ports::{AtomicEnding, CoveredStore};
use crate::session::Session;
use crate::time::Timestamp;

/// Not inlined: it would be in the module twice.
#[inline(never)]
fn step_object(step: EndingStep) -> Result<JsValue> {
    write(&EndingStepMembers::from(step))
}

impl AtomicEnding for CallHost {
    fn covers(&self, store: CoveredStore) -> bool {
        match store {
            CoveredStore::Sessions => self.injected.covers_sessions,
            CoveredStore::Grants => self.injected.covers_grants,
            CoveredStore::Outbox => self.injected.covers_outbox,
        }
    }

    async fn clients_of(&self, pick: &EndingPick) -> Result<Vec<String>> {
        const FUNCTION: HostFunction = HostFunction::AtomicClientsOf;
        let clients = self.call(FUNCTION, &[step_object(pick.clone().into())?]).await?;
        read(&clients, "the clients")
            .map_err(|_| self.wrong_shape(FUNCTION, "a list of client ids"))
    }

    async fn end_sessions(&self, step: EndingStep) -> Result<EndedSessions> {
        const FUNCTION: HostFunction = HostFunction::AtomicEndSessions;
        let done = self.call(FUNCTION, &[step_object(step)?]).await?;
        match read::<EndedSessionsMembers>(&done, "the result") {
            Ok(done) => Ok(done.into()),
            Err(_) => Err(self.wrong_shape(
                FUNCTION,
                "`{ ended, recorded, notifications, more, tokens, consents, other }`, with \
                 `sessions` if `details` were asked for, and `last` if a session ended",
            )),
        }
    }

    async fn admit(&self, session: &Session, limit: usize, now: Timestamp) -> Result<bool> {
        let limit = JsValue::from_f64(limit as f64);
        let now = JsValue::from_f64(now.as_millis() as f64);
        let admitted = self.call(HostFunction::AtomicAdmit, &[write(session)?, limit, now]).await?;
        self.flag(HostFunction::AtomicAdmit, &admitted)
    }
}
