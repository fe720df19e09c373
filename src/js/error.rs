//! Errors at the boundary. A value that a callback throws stays unchanged and becomes the cause of
//! a `RollcallError`.

use std::fmt;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use wasm_bindgen::prelude::*;

use crate::error::{CallbackError, Cause, Code, Error, ErrorKind, InvalidArgument};

#[wasm_bindgen(raw_module = "./core/errors.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = makeError)]
    fn make_error(code: &str, message: &str, cause: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    fn describe(thrown: &JsValue) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = errorCode)]
    fn error_code(thrown: &JsValue) -> Result<Option<String>, JsValue>;
}

/// A value that JavaScript threw.
#[derive(Debug)]
pub struct Thrown(pub JsValue);

impl Thrown {
    /// The value as the source of an error.
    pub fn cause(value: JsValue) -> Cause {
        Box::new(Thrown(value))
    }

    /// Its code, if it is a `RollcallError`.
    fn code(&self) -> Option<Code> {
        let word = error_code(&self.0).ok()??;
        let word: StrDeserializer<'_, WordError> = word.as_str().into_deserializer();
        Code::deserialize(word).ok()
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&describe(&self.0).unwrap_or_default())
    }
}

impl std::error::Error for Thrown {}

/// The value that the call's promise rejects with.
pub fn to_js(error: &Error) -> JsValue {
    let cause = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Thrown>());
    let value = cause.map_or(JsValue::UNDEFINED, |Thrown(value)| value.clone());
    if matches!(error.kind(), ErrorKind::Rethrown { .. }) {
        return value;
    }
    make_error(&error.code().to_string(), &error.to_string(), &value)
        .unwrap_or_else(|thrown| thrown)
}

/// The error of a function that threw. A `RollcallError` keeps its code and reaches the caller as
/// the same object. Other values become the source of the error that `wrap` makes.
pub fn threw(value: JsValue, wrap: impl FnOnce(Cause) -> Error) -> Error {
    let thrown = Thrown(value);
    match thrown.code() {
        Some(code) => ErrorKind::Rethrown { code, source: Box::new(thrown) }.into(),
        None => wrap(Box::new(thrown)),
    }
}

/// The error of a call into the package itself, which only a defect can cause.
pub fn unexpected(value: JsValue) -> Error {
    threw(value, |source| {
        let error = CallbackError::Threw { function: "rollcall", source };
        InvalidArgument::from(error).into()
    })
}
