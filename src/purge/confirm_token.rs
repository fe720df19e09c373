//! The confirm token of a purge: its purge, the count of the preview and its age.

use crate::error::{ConfirmTokenStale, InvalidArgument, Result};
use crate::opaque_token::{self, Kind};
use crate::ports::Position;
use crate::time::{Millis, Timestamp};

/// The current form of confirm tokens.
const KIND: Kind = Kind { tag: b'C', version: 3 };
/// A purge is refused if it matches this many times as many sessions as its preview.
const MAX_GROWTH: u64 = 10;

/// The maximum age of a confirm token, in milliseconds.
pub const CONFIRM_TOKEN_MAX_AGE: Millis = 15 * 60 * 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConfirmToken {
    /// See [`RemovalRequest::fingerprint`](crate::removal::RemovalRequest::fingerprint).
    purge: u64,
    /// Whether the calls so far were dry runs. A real call must not continue after them.
    dry_run: bool,
    count: u64,
    /// The time of the preview. Sessions created later were not in it.
    pub began_before: Timestamp,
    /// When this token was issued.
    issued: Timestamp,
    /// Where the last call stopped; empty before the first.
    reached: Position,
}

impl ConfirmToken {
    /// `newest` is the creation time of the newest session of the preview.
    pub fn new(purge: u64, count: u64, newest: Option<Timestamp>, now: Timestamp) -> Self {
        // The preview may include sessions created in the same millisecond or by a host whose clock
        // is fast.
        ConfirmToken {
            purge,
            dry_run: false,
            count,
            began_before: newest.unwrap_or(now).max(now).plus(1),
            issued: now,
            reached: Position::new(),
        }
    }

    pub fn advance(&mut self, reached: Position, dry_run: bool, now: Timestamp) {
        (self.reached, self.dry_run, self.issued) = (reached, dry_run, now);
    }

    /// Where the last call stopped; `None` before the first.
    pub fn reached(&self) -> Option<Position> {
        Some(self.reached.clone()).filter(|reached| !reached.is_empty())
    }

    /// Fails with `confirm_token_stale` if it is too old or belongs to another purge.
    pub fn check(&self, purge: u64, dry_run: bool, now: Timestamp) -> Result<()> {
        if self.purge != purge || (!self.reached.is_empty() && self.dry_run != dry_run) {
            return Err(ConfirmTokenStale::OtherPurge.into());
        }
        if now.since(self.issued) > CONFIRM_TOKEN_MAX_AGE {
            return Err(ConfirmTokenStale::TooOld.into());
        }
        Ok(())
    }

    /// The count at which counting may stop; `None` after the first call, which has checked the
    /// count.
    pub fn most(&self) -> Option<u64> {
        self.reached.is_empty().then(|| self.count.max(1).saturating_mul(MAX_GROWTH))
    }

    /// Fails with `confirm_token_stale` if there are far more sessions than in the preview.
    pub fn check_count(&self, count: u64) -> Result<()> {
        if self.most().is_some_and(|most| count >= most) {
            return Err(ConfirmTokenStale::FarMoreSessions.into());
        }
        Ok(())
    }

    pub fn encode(&self) -> String {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&self.purge.to_le_bytes());
        bytes.push(u8::from(self.dry_run));
        bytes.extend_from_slice(&self.count.to_le_bytes());
        bytes.extend_from_slice(&self.began_before.as_millis().to_le_bytes());
        bytes.extend_from_slice(&self.issued.as_millis().to_le_bytes());
        bytes.extend_from_slice(&(self.reached.len() as u32).to_le_bytes());
        bytes.extend_from_slice(self.reached.as_bytes());
        opaque_token::encode(KIND, &bytes)
    }

    /// Fails with `invalid_argument` if it is damaged.
    pub fn decode(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| InvalidArgument::DamagedConfirmToken.into())
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = opaque_token::decode(KIND, text)?;
        let (purge, rest) = bytes.split_first_chunk::<8>()?;
        let (dry_run, rest) = rest.split_first()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let (began_before, rest) = rest.split_first_chunk::<8>()?;
        let (issued, rest) = rest.split_first_chunk::<8>()?;
        let (length, reached) = rest.split_first_chunk::<4>()?;
        let is_whole = u32::from_le_bytes(*length) as usize == reached.len();
        is_whole.then_some(ConfirmToken {
            purge: u64::from_le_bytes(*purge),
            dry_run: *dry_run != 0,
            count: u64::from_le_bytes(*count),
            began_before: Timestamp::from_millis(Millis::from_le_bytes(*began_before)),
            issued: Timestamp::from_millis(Millis::from_le_bytes(*issued)),
            reached: String::from_utf8(reached.to_vec()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::query::{Edge, Ends, ResultsToken};

    #[test]
    fn a_token_is_read_as_it_was_written_and_nothing_longer() {
        let now = Timestamp::from_millis(1_750_000_000_000);
        let mut token = ConfirmToken::new(7, 3, None, now);
        assert_eq!(ConfirmToken::decode(&token.encode()).unwrap(), token);
        token.advance("m3v83b7k.uv4".into(), true, now);
        assert_eq!(ConfirmToken::decode(&token.encode()).unwrap(), token);
        let mut content = opaque_token::decode(KIND, &token.encode()).unwrap();
        content.push(0);
        let longer = opaque_token::encode(KIND, &content);
        assert_eq!(ConfirmToken::decode(&longer).unwrap_err().code(), Code::InvalidArgument);
    }

    #[test]
    fn a_results_token_confirms_nothing() {
        let ends = Ends::default();
        let token =
            ResultsToken { oldest_first: false, edge: Edge::Within, page: 1, filter: 0, ends };
        assert!(ConfirmToken::decode(&token.encode()).is_err());
    }
}
