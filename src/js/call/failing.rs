//! How injected functions fail.

use wasm_bindgen::prelude::*;

use crate::error::{CallbackError, Code, Error, InvalidArgument, SenderFailed, StoreFailed};
use crate::js::error::threw;
use crate::time::Millis;

/// An injected function: its name in messages, and the code of its failure.
#[derive(Clone, Copy)]
pub struct Failing {
    pub function: &'static str,
    /// `store_failed`, `sender_failed` or `invalid_argument`.
    pub code: Code,
}

impl Failing {
    /// A function of the package's own. Only a defect makes it fail.
    pub const PACKAGE: Failing = Failing { function: "rollcall", code: Code::InvalidArgument };

    fn error(self, error: CallbackError) -> Error {
        match self.code {
            Code::StoreFailed => StoreFailed::from(error).into(),
            Code::SenderFailed => SenderFailed::from(error).into(),
            _ => InvalidArgument::from(error).into(),
        }
    }

    /// The error if it threw or rejected.
    pub fn threw(self, value: JsValue) -> Error {
        threw(value, |source| self.error(CallbackError::Threw { function: self.function, source }))
    }

    /// The error if it returned something else than it should.
    pub fn wrong_shape(self, wanted: &'static str) -> Error {
        self.error(CallbackError::WrongShape { function: self.function, wanted })
    }

    /// The error if it didn't settle within this many milliseconds.
    pub fn timed_out(self, timeout: Millis) -> Error {
        self.error(CallbackError::TimedOut { function: self.function, timeout })
    }
}
