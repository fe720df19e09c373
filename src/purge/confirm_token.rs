//! The token that confirms a purge: which filter, how many there were, and when that was.

use crate::error::{Code, Error, Result};
use crate::filter::Filter;
use crate::opaque_token;
use crate::ports::{PageStart, Position};
use crate::time::{Millis, Timestamp};

/// The first byte: which form the rest has.
const VERSION: u8 = 1;
/// By how much there may be more sessions than in the preview.
const ORDER_OF_MAGNITUDE: u64 = 10;

/// How long a preview can be confirmed, in milliseconds.
pub const CONFIRM_WITHIN: Millis = 15 * 60 * 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConfirmToken {
    filter: u64,
    count: u64,
    /// When the preview was made: sessions that began later were not in it.
    pub began_before: Timestamp,
    /// When this token was made.
    issued: Timestamp,
    /// Where the call before stopped; empty at first.
    reached: Position,
}

impl ConfirmToken {
    pub fn new(filter: &Filter, count: u64, now: Timestamp) -> Self {
        let filter = filter.fingerprint();
        // A session that begins in the same millisecond may be in the preview.
        ConfirmToken {
            filter,
            count,
            began_before: now.plus(1),
            issued: now,
            reached: Position::new(),
        }
    }

    pub fn go_on(&mut self, reached: Position, now: Timestamp) {
        (self.reached, self.issued) = (reached, now);
    }

    pub fn place(&self) -> PageStart {
        if self.reached.is_empty() {
            PageStart::First
        } else {
            PageStart::After(self.reached.clone())
        }
    }

    /// Fails with `confirm_token_stale` unless it belongs to this filter and is new enough.
    pub fn check(&self, filter: &Filter, now: Timestamp) -> Result<()> {
        if self.filter != filter.fingerprint() {
            return Err(stale(
                "the confirm token belongs to another filter: preview this one first",
            ));
        }
        if now.since(self.issued) > CONFIRM_WITHIN {
            return Err(stale("the confirm token is older than 15 minutes: preview again"));
        }
        Ok(())
    }

    /// Where counting may stop, if the count is to be checked: it is once, at the beginning.
    pub fn most(&self) -> Option<u64> {
        self.reached.is_empty().then(|| self.count.max(1).saturating_mul(ORDER_OF_MAGNITUDE))
    }

    /// Fails with `confirm_token_stale` if there are far more sessions than in the preview.
    pub fn check_count(&self, count: u64) -> Result<()> {
        if self.most().is_some_and(|most| count >= most) {
            return Err(stale(
                "there are ten times as many sessions as in the preview: preview again",
            ));
        }
        Ok(())
    }

    pub fn encode(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.filter.to_le_bytes());
        bytes.extend_from_slice(&self.count.to_le_bytes());
        bytes.extend_from_slice(&self.began_before.as_millis().to_le_bytes());
        bytes.extend_from_slice(&self.issued.as_millis().to_le_bytes());
        bytes.extend_from_slice(self.reached.as_bytes());
        opaque_token::encode(bytes)
    }

    /// Fails with `invalid_argument` when it is damaged.
    pub fn decode(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            Error::invalid("`confirmToken` is damaged: pass on the one of the preview unchanged, or preview again")
        })
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = opaque_token::decode(text)?;
        let (version, rest) = bytes.split_first()?;
        let (filter, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let (began_before, rest) = rest.split_first_chunk::<8>()?;
        let (issued, reached) = rest.split_first_chunk::<8>()?;
        (*version == VERSION).then_some(ConfirmToken {
            filter: u64::from_le_bytes(*filter),
            count: u64::from_le_bytes(*count),
            began_before: Timestamp::from_millis(Millis::from_le_bytes(*began_before)),
            issued: Timestamp::from_millis(Millis::from_le_bytes(*issued)),
            reached: String::from_utf8(reached.to_vec()).ok()?,
        })
    }
}

fn stale(message: &str) -> Error {
    Error::new(Code::ConfirmTokenStale, message)
}
