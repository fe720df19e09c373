//! Instants and time spans.

use serde::{Deserialize, Deserializer, Serialize};

/// A span of time in milliseconds.
pub type Millis = i64;

/// An instant in milliseconds since the Unix epoch, within the range of JavaScript's `Date`.
///
/// It serializes as that number. The boundary reads it from a `Date`, an RFC 3339 string or a
/// number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Timestamp(Millis);

impl Timestamp {
    /// The first instant that a `Date` can hold (ECMAScript, section "Time Values and Time Range").
    pub const MIN: Timestamp = Timestamp(-8_640_000_000_000_000);
    /// The last instant that a `Date` can hold.
    pub const MAX: Timestamp = Timestamp(8_640_000_000_000_000);

    /// The instant this many milliseconds after the epoch, clamped to the range.
    pub const fn from_millis(milliseconds: Millis) -> Self {
        if milliseconds < Self::MIN.0 {
            return Self::MIN;
        }
        if milliseconds > Self::MAX.0 { Self::MAX } else { Timestamp(milliseconds) }
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> Millis {
        self.0
    }

    /// Whole seconds since the epoch, for token claims.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This much later, clamped to the range.
    #[must_use]
    pub const fn plus(self, span: Millis) -> Self {
        Self::from_millis(self.0.saturating_add(span))
    }

    /// This much earlier, clamped to the range.
    #[must_use]
    pub const fn minus(self, span: Millis) -> Self {
        Self::from_millis(self.0.saturating_sub(span))
    }

    /// The span from `earlier` to this instant; negative if `earlier` is later.
    pub const fn since(self, earlier: Timestamp) -> Millis {
        // Instants are in range, so this can't overflow.
        self.0 - earlier.0
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // The newtype lets the boundary see that this is an instant and not a number.
        #[derive(Deserialize)]
        #[serde(rename = "Timestamp")]
        struct Milliseconds(Millis);

        Milliseconds::deserialize(from).map(|Milliseconds(time)| Timestamp::from_millis(time))
    }
}

/// Whether a session with this expiry has expired at `now`. It expires at that very instant.
pub fn is_expired(expires: Option<Timestamp>, now: Timestamp) -> bool {
    expires.is_some_and(|expires| expires <= now)
}

/// The expiry of a session created at `created`, capped by the host's absolute lifetime.
pub fn cap_expiry(
    expires: Option<Timestamp>,
    created: Timestamp,
    absolute_lifetime: Option<Millis>,
) -> Option<Timestamp> {
    let Some(lifetime) = absolute_lifetime else { return expires };
    let last = created.plus(lifetime);
    Some(expires.map_or(last, |expires| expires.min(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_stays_in_the_range_of_a_date() {
        assert_eq!(Timestamp::from_millis(Millis::MIN), Timestamp::MIN);
        assert_eq!(Timestamp::from_millis(Millis::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MAX.plus(1), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.minus(Millis::MAX), Timestamp::MIN);
        assert_eq!(Timestamp::MIN.since(Timestamp::MAX), -17_280_000_000_000_000);
    }

    #[test]
    fn seconds_before_the_epoch_round_down() {
        assert_eq!(Timestamp::from_millis(1_999).as_seconds(), 1);
        assert_eq!(Timestamp::from_millis(-1).as_seconds(), -1);
    }

    #[test]
    fn a_session_has_expired_from_the_instant_of_expiry_on() {
        let expires = Timestamp::from_millis(10);
        assert!(!is_expired(Some(expires), expires.minus(1)));
        assert!(is_expired(Some(expires), expires));
        assert!(!is_expired(None, Timestamp::MAX));
    }
}
