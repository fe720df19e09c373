//! The one error of the core: a stable code, a message that says what to do, and what was thrown
//! underneath.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// What went wrong, as a stable word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// An argument, option or callback is missing, unknown or of the wrong form. Nothing was
    /// changed.
    InvalidArgument,
    /// A removal names neither a subject nor a session. Nothing was changed.
    EmptyTarget,
    /// A results token is damaged.
    InvalidResultsToken,
    /// A results token belongs to another filter or order.
    ResultsTokenMismatch,
    /// The store cannot serve a filter.
    UnsupportedFilter,
    /// A service that the call needs was not injected.
    NotConfigured,
    /// A token that confirms a purge is too old, or what it confirmed is no longer so. Nothing was
    /// changed.
    ConfirmTokenStale,
    /// The subject has as many sessions as it may have. No session began.
    SessionLimitReached,
    /// A store failed.
    StoreFailed,
    /// The sender, or a function that it needs, failed.
    SenderFailed,
    /// The caller ended the call.
    Aborted,
}

/// The word that callers match on.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As serde writes it, so that the words are written once.
        self.serialize(f)
    }
}

/// An error of the core. One pointer wide: results are passed on at every step, and errors are
/// rare.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    message: String,
    cause: Option<Rc<dyn Any>>,
}

/// A result of the core.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with this code and message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::boxed(code, message.into())
    }

    #[cold]
    fn boxed(code: Code, message: String) -> Self {
        Error(Box::new(Inner { code, message, cause: None }))
    }

    /// An error for a bad argument.
    pub fn invalid(message: impl Into<String>) -> Self {
        Error::new(Code::InvalidArgument, message)
    }

    /// Adds what was thrown underneath; the host gets it back untouched.
    #[must_use]
    pub fn because(mut self, cause: impl Any) -> Self {
        self.0.cause = Some(Rc::new(cause));
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What went wrong and what to do about it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What was thrown underneath, if it is of this type.
    pub fn cause<T: Any>(&self) -> Option<&T> {
        self.0.cause.as_ref().and_then(|cause| cause.downcast_ref())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
