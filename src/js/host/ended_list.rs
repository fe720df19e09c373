//! The store's list of the sessions that a step ended.

use wasm_bindgen::prelude::*;

use crate::js::wire::is_absent;

#[wasm_bindgen(raw_module = "./core/rows.js")]
extern "C" {
    /// A checked copy of the list; `undefined` if it has the wrong shape.
    #[wasm_bindgen(catch, js_name = endedSessions)]
    fn ended_sessions(list: &JsValue) -> std::result::Result<JsValue, JsValue>;
}

/// A checked list of `{ subjectId, sessionId, issuer? }`. It stays in JavaScript, where the events
/// are made: reading a thousand ids would cost more than the rest of the step.
pub struct EndedList(pub(super) JsValue);

impl EndedList {
    /// A copy of the list; `None` if it has the wrong shape.
    pub fn of(list: &JsValue) -> Option<Self> {
        ended_sessions(list).ok().filter(|list| !is_absent(list)).map(EndedList)
    }
}
