//! The sessions that a step ended, as the store listed them.

use wasm_bindgen::prelude::*;

use crate::js::wire::is_absent;

#[wasm_bindgen(raw_module = "./core/rows.js")]
extern "C" {
    /// `undefined` if the list has another shape.
    #[wasm_bindgen(catch, js_name = endedSessions)]
    fn ended_sessions(list: &JsValue) -> std::result::Result<JsValue, JsValue>;
}

/// A list of `{ subjectId, sessionId, issuer? }`, checked, which stays in JavaScript: events are
/// made of it there, and reading a thousand ids would cost more than the rest of the step.
pub struct EndedList(pub(super) JsValue);

impl EndedList {
    /// A copy of the list; `None` if it has another shape.
    pub fn of(list: &JsValue) -> Option<Self> {
        ended_sessions(list).ok().filter(|list| !is_absent(list)).map(EndedList)
    }
}
