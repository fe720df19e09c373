//! The results token, which leads from one page of a query to the next or the previous one.
//!
//! It holds both ends of a page and their neighbours, the page number, the order and the
//! fingerprint of the filter. It contains no session key. A forged token only moves the page within
//! a list that its holder may read anyway.

use crate::error::{InvalidResultsToken, Result};
use crate::opaque_token::{self, Kind};
use crate::ports::Position;

/// The current form of results tokens.
const KIND: Kind = Kind { tag: b'R', version: 3 };

/// The content of a results token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultsToken {
    /// Whether the order is oldest first.
    pub oldest_first: bool,
    /// Whether the page has rows or is past an end.
    pub edge: Edge,
    /// The page number, counted from 1. It is 0 before the first page, and the number of pages plus
    /// one past the last.
    pub page: u32,
    /// [`crate::filter::Filter::fingerprint`].
    pub filter: u64,
    /// The ends of the page.
    pub ends: Ends,
}

/// Both ends of a page and their neighbours. A step reads from the neighbour of an end. If the end
/// still exists, the page includes it, which proves that there is a row on that side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// The position of the page's first row.
    pub first: Position,
    /// The position of the row after the first one; empty if unknown.
    pub after_first: Position,
    /// The position of the row before the last one; empty if unknown.
    pub before_last: Position,
    /// The position of the page's last row.
    pub last: Position,
}

/// The place of a page in the list. A page past an end has no rows; its token keeps the ends of the
/// page that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It has rows.
    Within,
    /// It is before the first row.
    BeforeStart,
    /// It is after the last row.
    PastEnd,
}

impl ResultsToken {
    /// The token as a string.
    pub fn encode(&self) -> String {
        let edge = match self.edge {
            Edge::Within => 0,
            Edge::BeforeStart => 2,
            Edge::PastEnd => 4,
        };
        let mut bytes = vec![u8::from(self.oldest_first) | edge];
        bytes.extend_from_slice(&self.page.to_le_bytes());
        bytes.extend_from_slice(&self.filter.to_le_bytes());
        let Ends { first, after_first, before_last, last } = &self.ends;
        for position in [first, after_first, before_last, last] {
            bytes.extend_from_slice(&(position.len() as u32).to_le_bytes());
            bytes.extend_from_slice(position.as_bytes());
        }
        opaque_token::encode(KIND, &bytes)
    }

    /// Parses a token. Fails with `invalid_results_token` if it is damaged.
    pub fn decode(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| InvalidResultsToken::Damaged.into())
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = opaque_token::decode(KIND, text)?;
        let (flags, rest) = bytes.split_first()?;
        let (page, rest) = rest.split_first_chunk::<4>()?;
        let (filter, mut rest) = rest.split_first_chunk::<8>()?;
        let mut position = || {
            let (length, behind) = rest.split_first_chunk::<4>()?;
            let (position, behind) =
                behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = behind;
            String::from_utf8(position.to_vec()).ok()
        };
        let ends = Ends {
            first: position()?,
            after_first: position()?,
            before_last: position()?,
            last: position()?,
        };
        rest.is_empty().then_some(ResultsToken {
            oldest_first: flags & 1 == 1,
            edge: match flags >> 1 {
                0 => Edge::Within,
                1 => Edge::BeforeStart,
                2 => Edge::PastEnd,
                _ => return None,
            },
            page: u32::from_le_bytes(*page),
            filter: u64::from_le_bytes(*filter),
            ends,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use proptest::prelude::*;

    fn any_token() -> impl Strategy<Value = ResultsToken> {
        let edge = prop_oneof![Just(Edge::Within), Just(Edge::BeforeStart), Just(Edge::PastEnd)];
        let ends = [".{0,40}", ".{0,40}", ".{0,40}", ".{0,40}"].prop_map(
            |[first, after_first, before_last, last]| Ends {
                first,
                after_first,
                before_last,
                last,
            },
        );
        (any::<bool>(), edge, any::<u32>(), any::<u64>(), ends).prop_map(
            |(oldest_first, edge, page, filter, ends)| ResultsToken {
                oldest_first,
                edge,
                page,
                filter,
                ends,
            },
        )
    }

    #[test]
    fn bytes_behind_the_last_position_are_damage() {
        let ends = Ends { first: "a".into(), last: "b".into(), ..Ends::default() };
        let token =
            ResultsToken { oldest_first: true, edge: Edge::Within, page: 1, filter: 2, ends };
        let mut content = opaque_token::decode(KIND, &token.encode()).unwrap();
        assert_eq!(ResultsToken::decode(&opaque_token::encode(KIND, &content)).unwrap(), token);
        content.push(0);
        let longer = opaque_token::encode(KIND, &content);
        let error = ResultsToken::decode(&longer).unwrap_err();
        assert_eq!(error.code(), Code::InvalidResultsToken);
    }

    proptest! {
        #[test]
        fn a_token_is_read_as_it_was_written_and_is_url_safe(token in any_token()) {
            let text = token.encode();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
            prop_assert_eq!(ResultsToken::decode(&text).unwrap(), token);
        }

        #[test]
        fn a_changed_character_is_found(token in any_token(), place in any::<prop::sample::Index>(), other in "[A-Za-z0-9_-]") {
            let text = token.encode();
            let place = place.index(text.len());
            let mut damaged = text.clone();
            damaged.replace_range(place..=place, &other);
            prop_assume!(damaged != text);
            prop_assert_eq!(ResultsToken::decode(&damaged).unwrap_err().code(), Code::InvalidResultsToken);
        }

        #[test]
        fn a_cut_or_made_up_token_is_found(token in any_token(), cut in any::<prop::sample::Index>(), made_up in ".{0,60}") {
            let text = token.encode();
            let damaged = &text[..cut.index(text.len())];
            prop_assert_eq!(ResultsToken::decode(damaged).unwrap_err().code(), Code::InvalidResultsToken);
            prop_assert_eq!(ResultsToken::decode(&made_up).unwrap_err().code(), Code::InvalidResultsToken);
        }
    }
}
