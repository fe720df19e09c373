//! Errors across the boundary. What a callback throws comes in with its value untouched and goes
//! out as a `RollcallError`.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use wasm_bindgen::prelude::*;

use crate::error::{Code, Error};

#[wasm_bindgen(raw_module = "./core/errors.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = makeError)]
    fn make_error(code: &str, message: &str, cause: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    fn describe(thrown: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = errorCode)]
    fn error_code(thrown: &JsValue) -> Result<Option<String>, JsValue>;
}

/// The error of an injected function that threw or rejected. A `RollcallError` keeps its own code
/// and reaches the caller as the same object.
pub fn thrown(name: &str, code: Code, thrown: JsValue) -> Error {
    let own = error_code(&thrown).ok().flatten().and_then(|word| parse(&word));
    let message = describe(&thrown).unwrap_or_default();
    match own {
        Some(code) => Error::new(code, message).because(thrown),
        None => Error::new(code, ["`", name, "` failed: ", &message].concat()).because(thrown),
    }
}

/// The error of an injected function that returned something else than it should.
pub fn wrong_shape(name: &str, code: Code, wanted: &str) -> Error {
    let message = ["`", name, "` must return ", wanted, ": see the documentation of the port"];
    Error::new(code, message.concat())
}

/// The value that the caller's promise rejects with.
pub fn to_js(error: &Error) -> JsValue {
    let cause = error.cause::<JsValue>().cloned().unwrap_or(JsValue::UNDEFINED);
    if matches!(error_code(&cause), Ok(Some(_))) {
        return cause;
    }
    make_error(&error.code().to_string(), error.message(), &cause).unwrap_or_else(|thrown| thrown)
}

/// The error of a call into the package's own half: only a defect leads here.
pub fn unexpected(value: JsValue) -> Error {
    thrown("rollcall", Code::InvalidArgument, value)
}

fn parse(word: &str) -> Option<Code> {
    let word: StrDeserializer<'_, WordError> = word.into_deserializer();
    Code::deserialize(word).ok()
}
