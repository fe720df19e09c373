//! The token that confirms a purge: which one, how many sessions it meant, and when that was.

use crate::error::{ConfirmTokenStale, InvalidArgument, Result};
use crate::opaque_token::{self, Kind};
use crate::ports::Position;
use crate::time::{Millis, Timestamp};

/// The form that confirm tokens have now.
const KIND: Kind = Kind { tag: b'C', version: 3 };
/// By how much there may be more sessions than in the preview.
const ORDER_OF_MAGNITUDE: u64 = 10;

/// How long a preview can be confirmed, in milliseconds.
pub const CONFIRM_WITHIN: Millis = 15 * 60 * 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConfirmToken {
    /// See [`RemovalRequest::fingerprint`](crate::removal::RemovalRequest::fingerprint).
    purge: u64,
    /// Whether the calls so far were dry runs: a real one must not begin where they stopped.
    dry_run: bool,
    count: u64,
    /// When the preview was made: sessions that began later were not in it.
    pub began_before: Timestamp,
    /// When this token was made.
    issued: Timestamp,
    /// Where the call before stopped; empty at first.
    reached: Position,
}

impl ConfirmToken {
    /// `newest` is when the newest session of the preview began.
    pub fn new(purge: u64, count: u64, newest: Option<Timestamp>, now: Timestamp) -> Self {
        // A session that begins in the same millisecond may be in the preview, and so may one that
        // a host with a fast clock stored.
        ConfirmToken {
            purge,
            dry_run: false,
            count,
            began_before: newest.unwrap_or(now).max(now).plus(1),
            issued: now,
            reached: Position::new(),
        }
    }

    pub fn go_on(&mut self, reached: Position, dry_run: bool, now: Timestamp) {
        (self.reached, self.dry_run, self.issued) = (reached, dry_run, now);
    }

    /// Where the call before stopped; `None` at first.
    pub fn reached(&self) -> Option<Position> {
        Some(self.reached.clone()).filter(|reached| !reached.is_empty())
    }

    /// Fails with `confirm_token_stale` unless it belongs to this purge and is new enough.
    pub fn check(&self, purge: u64, dry_run: bool, now: Timestamp) -> Result<()> {
        if self.purge != purge || (!self.reached.is_empty() && self.dry_run != dry_run) {
            return Err(ConfirmTokenStale::OtherPurge.into());
        }
        if now.since(self.issued) > CONFIRM_WITHIN {
            return Err(ConfirmTokenStale::TooOld.into());
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

    /// Fails with `invalid_argument` when it is damaged.
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
        token.go_on("m3v83b7k.uv4".into(), true, now);
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
