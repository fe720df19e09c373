//! The error type of the core. Every message of the core and its boundary is in this file.
//!
//! A message says what to do. It starts in lower case, has no final period, and quotes the caller's
//! input in backticks.
//!
//! No message contains a key, a cookie value, a ticket or a token: see `src/secrets.rs`.

use std::fmt;

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The result type of the core.
pub type Result<T> = std::result::Result<T, Error>;

/// The source of an error.
pub type Cause = Box<dyn std::error::Error>;

/// An error of the core. `source()` returns its cause, if there is one.
///
/// It is one pointer wide: most functions return a result, and errors are rare.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

impl Error {
    /// The error's kind and its fields.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code()
    }

    #[cold]
    #[inline(never)]
    fn boxed(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}

impl<K> From<K> for Error
where
    ErrorKind: From<K>,
{
    #[cold]
    fn from(kind: K) -> Self {
        Error::boxed(ErrorKind::from(kind))
    }
}

/// The stable code of an error, which callers match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs, reason = "see the variant of `ErrorKind` with the same name")]
pub enum Code {
    InvalidArgument,
    EmptyTarget,
    InvalidResultsToken,
    ResultsTokenMismatch,
    UnsupportedFilter,
    NotConfigured,
    ConfirmTokenStale,
    SessionLimitReached,
    StoreFailed,
    SenderFailed,
    Aborted,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Use serde's names, so that each is written only once.
        self.serialize(f)
    }
}

/// The kinds of errors, one variant per code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument, option or callback is missing, unknown or malformed. Nothing was changed.
    #[error(transparent)]
    InvalidArgument(#[from] InvalidArgument),
    /// A removal names no session to end. Nothing was changed.
    #[error(transparent)]
    EmptyTarget(#[from] EmptyTarget),
    /// A results token is damaged.
    #[error(transparent)]
    InvalidResultsToken(#[from] InvalidResultsToken),
    /// A results token belongs to another filter or order.
    #[error("the results token belongs to a query with another filter or order: start without one")]
    ResultsTokenMismatch,
    /// The store doesn't support a filter.
    #[error(
        "the session store cannot serve the filter `{filter}`: leave it out or use another store"
    )]
    UnsupportedFilter {
        /// The name of the filter.
        filter: &'static str,
    },
    /// The host didn't inject a service that the call needs.
    #[error(transparent)]
    NotConfigured(#[from] NotConfigured),
    /// The confirm token of a purge is too old or belongs to another purge. Nothing was changed.
    #[error(transparent)]
    ConfirmTokenStale(#[from] ConfirmTokenStale),
    /// The subject has reached its session limit. No session was created.
    #[error("the subject already has {limit} active sessions: end one of them first")]
    SessionLimitReached {
        /// The limit.
        limit: usize,
    },
    /// A store failed.
    #[error(transparent)]
    StoreFailed(#[from] StoreFailed),
    /// The sender failed, or a function that it needs.
    #[error(transparent)]
    SenderFailed(#[from] SenderFailed),
    /// The caller aborted the call.
    #[error("the call was aborted: completed work is kept")]
    Aborted {
        /// The caller's reason.
        source: Option<Cause>,
    },
    /// An injected function failed with a `RollcallError`, which keeps its code and message.
    #[error("{source}")]
    Rethrown {
        /// The code of the original error.
        code: Code,
        /// The original error.
        source: Cause,
    },
}

impl ErrorKind {
    fn code(&self) -> Code {
        match self {
            ErrorKind::InvalidArgument(_) => Code::InvalidArgument,
            ErrorKind::EmptyTarget(_) => Code::EmptyTarget,
            ErrorKind::InvalidResultsToken(_) => Code::InvalidResultsToken,
            ErrorKind::ResultsTokenMismatch => Code::ResultsTokenMismatch,
            ErrorKind::UnsupportedFilter { .. } => Code::UnsupportedFilter,
            ErrorKind::NotConfigured(_) => Code::NotConfigured,
            ErrorKind::ConfirmTokenStale(_) => Code::ConfirmTokenStale,
            ErrorKind::SessionLimitReached { .. } => Code::SessionLimitReached,
            ErrorKind::StoreFailed(_) => Code::StoreFailed,
            ErrorKind::SenderFailed(_) => Code::SenderFailed,
            ErrorKind::Aborted { .. } => Code::Aborted,
            ErrorKind::Rethrown { code, .. } => *code,
        }
    }
}

/// An invalid argument, option or callback.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message says it")]
pub enum InvalidArgument {
    #[error("{place} must be {wanted}")]
    Wrong { place: String, wanted: String, source: Option<Cause> },
    #[error("{place} is missing")]
    Missing { place: String },
    #[error("{what}: unknown option `{name}`{inside}; the options are {known}")]
    UnknownOption { what: String, name: String, inside: String, known: String },
    #[error("`{name}` could not be read")]
    Unreadable { name: String, source: Option<Cause> },
    #[error("`{name}` is missing: the host must have this function")]
    MissingFunction { name: &'static str },
    #[error("`{name}` must be a function")]
    NotAFunction { name: String },
    #[error("a value cannot be written for JavaScript: {source}")]
    Unwritable { source: Cause },
    #[error("the ticket could not be sealed: use plain data")]
    UnsealedTicket,
    #[error(transparent)]
    Callback(#[from] CallbackError),
    #[error("`{member}` is blank: give it a value")]
    Blank { member: &'static str },
    #[error("`{member}` has a blank entry: every entry must be an id")]
    BlankEntry { member: &'static str },
    #[error("`{member}` has more than {most} entries: make several calls")]
    TooManyIds { member: &'static str, most: usize },
    #[error("`{member}` has a NUL character, which some stores can't hold: leave it out")]
    Nul { member: &'static str },
    #[error(
        "`{member}` has {length} characters, and not every store holds more than {most}: shorten it"
    )]
    TooLong { member: &'static str, length: usize, most: usize },
    #[error("`clientIds` is empty: leave it out to mean every client")]
    NoClients,
    #[error("`sessions` is empty: name the sessions to end")]
    NoSessions,
    #[error("`sessions` excludes `subjectId` and `sessionId`: leave them out")]
    SessionsAndTarget,
    #[error("`{member}` is an empty list: name an issuer, or leave it out")]
    NoIssuers { member: &'static str },
    #[error("`{issuer}` is not an issuer of this host: use one of its `issuers`")]
    UnknownIssuer { issuer: String },
    #[error(
        "`issuer` is missing: the host has several `issuers`, and each session must name its own"
    )]
    NoIssuer,
    #[error("`expires` is not in the future: give a later time, or none")]
    PastExpiry,
    #[error("`{range}.{bound}` is in seconds: give epoch milliseconds")]
    Seconds { range: &'static str, bound: &'static str },
    #[error("`countRequested` must be a whole number, 0 or more; 0 means the default")]
    PageSize,
    #[error("`requestPriorResults` needs the `resultsToken` of the page to step back from")]
    NothingToStepBackFrom,
    #[error("a page needs a `limit` of 1 or more")]
    NoPageLimit,
    #[error("the list request: `after`, `before` and `fromEnd` exclude each other")]
    SeveralPageStarts,
    #[error("a grant filter is empty: name a subject, a session, clients or types")]
    EmptyGrantFilter,
    #[error(
        "a filter has no pages, counts or tickets: leave out `resultsToken`, \
         `requestPriorResults`, `countRequested`, `count` and `includeTicket`"
    )]
    MoreThanAFilter,
    #[error("`everything` and a filter contradict each other: leave one out")]
    EverythingAndFilter,
    #[error("`confirmToken` is damaged: use the one of the preview unchanged, or preview again")]
    DamagedConfirmToken,
}

/// A removal or purge without a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message says it")]
pub enum EmptyTarget {
    #[error(
        "a removal must name the sessions to end: set `subjectId`, `sessionId` or both, or `sessions`"
    )]
    Removal,
    #[error(
        "the filter of the purge is empty: name what to end, or set `everything` to end every \
         session"
    )]
    Purge,
}

/// A results token that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message says it")]
pub enum InvalidResultsToken {
    #[error(
        "the results token is damaged: use the `resultsToken` of a page unchanged, or start without one"
    )]
    Damaged,
    #[error("`{position}` is not a position of this store: start at the first page")]
    ForeignPosition { position: String },
}

/// A service that the host didn't inject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message says it")]
pub enum NotConfigured {
    #[error("`{function}` is not injected: the call needs it")]
    Function { function: &'static str },
    #[error("the session store cannot count: leave `count` out or set it to `none`")]
    Count,
    #[error("a purge needs a count, and the session store cannot count")]
    PurgeCount,
    #[error(
        "revoking tokens or consents needs a grant store: inject `grants`, or leave \
         `revokeTokens` and `revokeConsents` out"
    )]
    Grants,
    #[error(
        "notifying clients needs a client lookup and a sender: inject `clients` and `sendLogout`, \
         or leave `sendBackchannelLogoutNotification` out"
    )]
    Notifications,
    #[error("a notification needs `clients` and `sendLogout`: inject both")]
    Sender,
    #[error("delivering needs `outbox`, `clients` and `sendLogout`: inject all three")]
    Delivery,
    #[error("`includeTicket` needs the keys: use `new SessionManagement(host, {{ keys }})`")]
    Keys,
    #[error(
        "the session store cannot clear devices: add `forgetDevices` to it, or leave \
         `forgetDevicesAfter` out"
    )]
    ForgetDevices,
    #[error("there is no limit to enforce: set `maxSessionsPerSubject`")]
    SessionLimit,
    #[error(
        "no secure random numbers are available here: call inside a request or function, not while a \
         module loads"
    )]
    RandomNumbers,
}

/// A confirm token that can no longer be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message says it")]
pub enum ConfirmTokenStale {
    #[error("the confirm token belongs to another filter or other flags: preview these first")]
    OtherPurge,
    #[error("the confirm token is older than 15 minutes: preview again")]
    TooOld,
    #[error("there are ten times as many sessions as in the preview: preview again")]
    FarMoreSessions,
}

/// A failure of a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message says it")]
pub enum StoreFailed {
    #[error(transparent)]
    Callback(#[from] CallbackError),
    #[error(
        "the session store returned a row whose `{member}` is not {wanted}: see `StoredSession`"
    )]
    Row { member: &'static str, wanted: &'static str, source: Option<Cause> },
    #[error("`sessions.list` returned a row that is not an object")]
    NoRowObject,
    #[error("`sessions.list` returned a position that is not a string")]
    NoPosition,
    #[error("a session with this key already exists: create a new key")]
    DuplicateKey,
    #[error(
        "found no key in the partition of the session: with N partitions, \
         `sessions.sharePartition` must return true for one key in N"
    )]
    NoSharedPartition,
    #[error("other calls kept changing the session: try again")]
    KeepsChanging,
    #[error("the id of a row must be a string")]
    NoRowId,
    #[error("the page has no row `{index}`")]
    NoRow { index: usize },
    #[error("a session in memory cannot be read: this is a bug, please report it")]
    UnreadableMemory,
    #[error("an index in memory names no session: this is a bug, please report it")]
    DanglingIndex,
}

/// A failure of the sender or of a function that it needs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message says it")]
pub enum SenderFailed {
    #[error(transparent)]
    Callback(#[from] CallbackError),
    #[error("`subjectFor` returned a blank string or one with NUL: return the client's subject id")]
    Subject,
    #[error("the client's registration has `{given}`: name it `{known}`")]
    Misnamed { given: String, known: String },
    #[error("the client's registration: `{member}` must be {wanted}")]
    Registration { member: &'static str, wanted: &'static str, source: Option<Cause> },
}

/// A failure of an injected function.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message says it")]
pub enum CallbackError {
    #[error("`{function}` failed: {source}")]
    Threw { function: &'static str, source: Cause },
    #[error("`{function}` must return {wanted}: see the documentation of the port")]
    WrongShape { function: &'static str, wanted: &'static str },
    #[error(
        "`{function}` did not settle within {timeout} ms: its effect is unknown; check the store, \
         then call again"
    )]
    TimedOut { function: &'static str, timeout: Millis },
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::error::Error as _;

    use serde::de::value::Error as Unexpected;
    use serde::de::{Deserializer, Error as _, Visitor};
    use serde::forward_to_deserialize_any;

    use super::*;

    /// Captures the variant names of an enum.
    struct Words<'a>(&'a mut Vec<&'static str>);

    impl<'de> Deserializer<'de> for Words<'_> {
        type Error = Unexpected;

        fn deserialize_any<V: Visitor<'de>>(
            self,
            _: V,
        ) -> std::result::Result<V::Value, Unexpected> {
            Err(Unexpected::custom("only enums"))
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            words: &'static [&'static str],
            _: V,
        ) -> std::result::Result<V::Value, Unexpected> {
            self.0.extend(words);
            Err(Unexpected::custom("captured"))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
            option unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier
            ignored_any
        }
    }

    #[test]
    fn typescript_has_the_same_codes() {
        let mut words = Vec::new();
        assert!(Code::deserialize(Words(&mut words)).is_err());
        let source = include_str!("../pkg-template/src/errors.ts");
        let union = source.split("export type RollcallErrorCode =").nth(1).unwrap();
        let union = union.split("\n\n").next().unwrap();
        let quoted: BTreeSet<&str> = union.split('"').skip(1).step_by(2).collect();
        assert_eq!(words.into_iter().collect::<BTreeSet<_>>(), quoted);
    }

    #[test]
    fn an_error_has_its_code_its_message_and_its_source() {
        let source = Cause::from("connection refused");
        let threw = CallbackError::Threw { function: "sessions.list", source };
        let error = Error::from(StoreFailed::from(threw));
        assert_eq!(error.code(), Code::StoreFailed);
        assert_eq!(error.to_string(), "`sessions.list` failed: connection refused");
        assert_eq!(error.source().unwrap().to_string(), "connection refused");
        assert_eq!(Code::SessionLimitReached.to_string(), "session_limit_reached");
    }

    #[test]
    fn a_rethrown_error_keeps_its_code_and_message() {
        let source = Cause::from("the registry is down");
        let error = Error::from(ErrorKind::Rethrown { code: Code::SenderFailed, source });
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            (Code::SenderFailed, "the registry is down")
        );
    }

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }
}
