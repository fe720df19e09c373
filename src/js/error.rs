//! Errors across the boundary: what a callback threw comes in with its cause untouched, and goes
//! out as a `RollcallError`.

use wasm_bindgen::prelude::*;

use super::imports::{describe, error_code, make_error};
use crate::error::{Code, Error};

/// The error of an injected function that threw or rejected. A `RollcallError` keeps its own code,
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
    Error::new(
        code,
        ["`", name, "` must return ", wanted, ": see the documentation of the port"].concat(),
    )
}

/// The value that the caller's promise rejects with.
pub fn to_js(error: &Error) -> JsValue {
    let cause = error.cause::<JsValue>().cloned().unwrap_or(JsValue::UNDEFINED);
    if matches!(error_code(&cause), Ok(Some(_))) {
        return cause;
    }
    make_error(error.code().as_str(), error.message(), &cause).unwrap_or_else(|thrown| thrown)
}

/// The error of a call into the package's own half: only a defect leads here.
pub fn unexpected(thrown: JsValue) -> Error {
    self::thrown("rollcall", Code::InvalidArgument, thrown)
}

fn parse(word: &str) -> Option<Code> {
    const CODES: [Code; 11] = [
        Code::InvalidArgument,
        Code::EmptyTarget,
        Code::InvalidResultsToken,
        Code::ResultsTokenMismatch,
        Code::UnsupportedFilter,
        Code::NotConfigured,
        Code::ConfirmTokenStale,
        Code::SessionLimitReached,
        Code::StoreFailed,
        Code::SenderFailed,
        Code::Aborted,
    ];
    CODES.into_iter().find(|code| code.as_str() == word)
}
