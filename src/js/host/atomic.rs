//! The injected atomic ending as a port.

use wasm_bindgen::prelude::*;

use super::call_host::CallHost;
use super::ended_list::EndedList;
use super::functions::HostFunction;
use crate::ending::{EndedSessions, EndingPick, EndingStep};
use crate::error::Result;
use crate::js::wire::{EndedSessionsMembers, EndingStepMembers, Handle, read, write};
use crate::ports::{Admission, AtomicEnding, CoveredStore};
use crate::session::Session;

/// Not inlined, so that it is compiled only once.
#[inline(never)]
fn step_object(step: EndingStep) -> Result<JsValue> {
    write(&EndingStepMembers::from(step))
}

impl AtomicEnding for CallHost {
    type List = EndedList;

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

    async fn end_sessions(&self, step: EndingStep) -> Result<EndedSessions<EndedList>> {
        const FUNCTION: HostFunction = HostFunction::AtomicEndSessions;
        let done = self.call(FUNCTION, &[step_object(step)?]).await?;
        ended(&done).ok_or_else(|| {
            self.wrong_shape(
                FUNCTION,
                "`{ ended, recorded, notifications, more, tokens, consents, other }`, with \
                 `sessions` if `details` were asked for, and `last` if a session ended",
            )
        })
    }

    async fn admit(&self, session: &Session, admission: &Admission) -> Result<bool> {
        let Admission { limit, now, issuer } = admission;
        let limit = JsValue::from_f64(*limit as f64);
        let now = JsValue::from_f64(now.as_millis() as f64);
        let issuer = issuer.as_deref().map_or(JsValue::UNDEFINED, JsValue::from);
        let arguments = [write(session)?, limit, now, issuer];
        let admitted = self.call(HostFunction::AtomicAdmit, &arguments).await?;
        self.flag(HostFunction::AtomicAdmit, &admitted)
    }
}

/// Reads the result of a step; `None` if it has the wrong shape.
fn ended(done: &JsValue) -> Option<EndedSessions<EndedList>> {
    let done: EndedSessions<Handle> =
        read::<EndedSessionsMembers<Handle>>(done, "the result").ok()?.into();
    let EndedSessions { ended, sessions, grants, recorded, notifications, more, last } = done;
    let sessions = match sessions {
        None => None,
        Some(Handle(list)) => Some(EndedList::of(&list)?),
    };
    Some(EndedSessions { ended, sessions, grants, recorded, notifications, more, last })
}
