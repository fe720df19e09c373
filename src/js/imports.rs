//! What the boundary imports: `pkg-template/src/boundary.ts` and `key-ring.ts`, and the shapes of
//! injected objects.

#![allow(clippy::too_many_arguments)]

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./boundary.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = makeError)]
    pub fn make_error(code: &str, message: &str, cause: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub fn settle(
        returned: &JsValue,
        name: &str,
        code: &str,
        timeout: f64,
        signal: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch)]
    pub fn aborted(signal: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    pub fn describe(thrown: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = errorCode)]
    pub fn error_code(thrown: &JsValue) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(catch, js_name = readMembers)]
    pub fn read_members(
        value: &JsValue,
        names: &str,
        only_these: bool,
    ) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(catch, js_name = epochMilliseconds)]
    pub fn epoch_milliseconds(time: &JsValue) -> Result<Option<f64>, JsValue>;
    #[wasm_bindgen(catch, js_name = queuePoll)]
    pub fn queue_poll(place: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = startTimer)]
    pub fn start_timer(milliseconds: f64) -> Result<Timer, JsValue>;
    #[wasm_bindgen(catch)]
    pub fn emit(
        on_event: &Function,
        name: &str,
        at: f64,
        names: &Array,
        values: &Array,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = queryResult)]
    pub fn query_result(
        rows: &JsValue,
        start: u32,
        end: u32,
        tickets: &JsValue,
        results_token: Option<&str>,
        has_prev: bool,
        has_next: bool,
        total_count: Option<f64>,
        total_count_is_capped: bool,
        total_pages: Option<u32>,
        current_page: u32,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = securityEvent)]
    pub fn security_event(message: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = ticketSession)]
    pub fn ticket_session(row: &JsValue, ticket: &JsValue) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// `KeyRing` of `pkg-template/src/key-ring.ts`: the package makes it, the core uses it.
    pub type KeyRing;
    #[wasm_bindgen(method, getter, catch)]
    pub fn current(this: &KeyRing) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn seal(
        this: &KeyRing,
        key_id: &str,
        bound: &[u8],
        ticket: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn open(this: &KeyRing, key_id: &str, bound: &[u8], body: &str)
    -> Result<Promise, JsValue>;

    /// An object that a host gave, read by structural getters: cheaper than reflection, and rows
    /// are read often.
    #[derive(Clone)]
    pub type Row;
    #[wasm_bindgen(method, getter, catch, structural)]
    pub fn key(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    pub fn scheme(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = subjectId)]
    pub fn subject_id(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = sessionId)]
    pub fn session_id(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    pub fn issuer(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    pub fn created(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    pub fn renewed(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    pub fn expires(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    pub fn clients(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural, js_name = clientId)]
    pub fn client_id(this: &Row) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    pub fn ticket(this: &Row) -> Result<JsValue, JsValue>;

    /// What `startTimer` returns.
    pub type Timer;
    #[wasm_bindgen(method, getter, catch)]
    pub fn over(this: &Timer) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn stop(this: &Timer) -> Result<(), JsValue>;

    /// An `AbortSignal`.
    pub type Signal;
    #[wasm_bindgen(method, getter, catch, structural, js_name = aborted)]
    pub fn is_aborted(this: &Signal) -> Result<bool, JsValue>;
}
