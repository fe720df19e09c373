//! The errors of injected functions.

use wasm_bindgen::prelude::*;

use crate::error::{CallbackError, Code, Error, InvalidArgument, SenderFailed, StoreFailed};
use crate::js::error::threw;
use crate::time::Millis;

/// The name of an injected function in messages, and its error code.
#[derive(Clone, Copy)]
pub struct CallbackErrors {
    pub function: &'static str,
    /// `store_failed`, `sender_failed` or `invalid_argument`.
    pub code: Code,
}

impl CallbackErrors {
    /// A function of the package. Only a defect makes it fail.
    pub const PACKAGE: CallbackErrors =
        CallbackErrors { function: "rollcall", code: Code::InvalidArgument };

    fn error(self, error: CallbackError) -> Error {
        match self.code {
            Code::StoreFailed => StoreFailed::from(error).into(),
            Code::SenderFailed => SenderFailed::from(error).into(),
            _ => InvalidArgument::from(error).into(),
        }
    }

    /// The error if the function threw or rejected.
    pub fn threw(self, value: JsValue) -> Error {
        threw(value, |source| self.error(CallbackError::Threw { function: self.function, source }))
    }

    /// The error if the function returned a value of the wrong shape.
    pub fn wrong_shape(self, wanted: &'static str) -> Error {
        self.error(CallbackError::WrongShape { function: self.function, wanted })
    }

    /// The error if the function didn't settle within this many milliseconds.
    pub fn timed_out(self, timeout: Millis) -> Error {
        self.error(CallbackError::TimedOut { function: self.function, timeout })
    }
}
