//! The place of a row in an order, and its string form, the position.

use crate::error::{InvalidResultsToken, Result};
use crate::ports::{Order, Position};
use crate::session::Session;
use crate::time::{Millis, Timestamp};

/// The place of a row in an order: an instant and the row's number. The instant is split so that a
/// place takes 12 bytes instead of 16. The derived comparison depends on the order of the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    high: i32,
    low: u32,
    number: u32,
}

impl Default for Place {
    fn default() -> Self {
        Place::FIRST
    }
}

/// The base of the two numbers in a position.
const RADIX: u32 = 36;

impl Place {
    /// Before or equal to the place of every row.
    pub(super) const FIRST: Place = Place { high: i32::MIN, low: 0, number: 0 };
    /// After the place of every row: no row has this number.
    pub(super) const END: Place = Place { high: i32::MAX, low: u32::MAX, number: u32::MAX };

    pub(super) fn new(time: Timestamp, number: u32) -> Self {
        let time = time.as_millis();
        Place { high: (time >> 32) as i32, low: time as u32, number }
    }

    /// The place of a session in an order. `None` in the order of expiry if it never expires.
    pub(super) fn of(session: &Session, number: u32, order: Order) -> Option<Self> {
        let time = match order {
            Order::Expiry => session.expires?,
            Order::Newest | Order::Oldest => session.created,
        };
        Some(Place::new(time, number))
    }

    /// The row's number.
    pub(super) fn number(self) -> u32 {
        self.number
    }

    fn time(self) -> Millis {
        (Millis::from(self.high) << 32) | Millis::from(self.low)
    }

    /// The next place.
    pub(super) fn next(self) -> Self {
        // No row has the last number, so there is no place between it and the next instant.
        Place { number: self.number.saturating_add(1), ..self }
    }

    /// The position of this place.
    pub(super) fn position(self) -> Position {
        let time = self.time();
        let sign = if time < 0 { "-" } else { "" };
        format!("{sign}{}.{}", in_radix(time.unsigned_abs()), in_radix(self.number.into()))
    }

    /// Parses a position. Fails with `invalid_results_token` if it isn't one of this store.
    pub(super) fn parse(position: &str) -> Result<Self> {
        position
            .split_once('.')
            .and_then(|(time, number)| {
                let time = Millis::from_str_radix(time, RADIX).ok()?;
                let number = u32::from_str_radix(number, RADIX).ok()?;
                Some(Place::new(Timestamp::from_millis(time), number))
            })
            // Accept only the spelling that `position` returns.
            .filter(|place| place.position() == position)
            .ok_or_else(|| {
                InvalidResultsToken::ForeignPosition { position: position.to_owned() }.into()
            })
    }
}

fn in_radix(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.extend(char::from_digit((number % u64::from(RADIX)) as u32, RADIX));
        number /= u64::from(RADIX);
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    const TIMES: [Timestamp; 8] = [
        Timestamp::MIN,
        at(-4_294_967_297),
        at(-1),
        at(0),
        at(1),
        at(4_294_967_296),
        at(1_732_430_000_000),
        Timestamp::MAX,
    ];

    const fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millis(milliseconds)
    }

    #[test]
    fn places_sort_by_time_and_then_by_number() {
        let mut sorted = Vec::new();
        for time in TIMES {
            for id in [0, 1, u32::MAX - 1] {
                sorted.push(Place::new(time, id));
            }
        }
        assert!(sorted.is_sorted_by(|a, b| a < b));
        assert!(
            sorted.iter().all(|place| Place::FIRST <= *place
                && *place < Place::END
                && *place < place.next())
        );
        assert!(sorted.windows(2).all(|pair| pair[0].next() <= pair[1]));
    }

    #[test]
    fn a_position_is_short_and_parses_to_its_place() {
        for time in TIMES {
            for id in [0, 35, 36, u32::MAX] {
                let place = Place::new(time, id);
                assert_eq!(Place::parse(&place.position()).unwrap(), place);
            }
        }
        assert_eq!(Place::new(at(1_732_430_000_000), 40_000).position(), "m3v83b7k.uv4");
    }

    #[test]
    fn other_strings_are_rejected() {
        let long = "z".repeat(100);
        for text in [
            "", ".", "1", "1.", ".1", "+1.1", "1.+1", "01.1", "1.01", "-0.1", "A.1", "1.1.1",
            "1.-1", " 1.1", &long,
        ] {
            let error = Place::parse(text).unwrap_err();
            assert_eq!(error.code(), Code::InvalidResultsToken, "{text}");
        }
    }

    #[test]
    fn a_position_out_of_range_is_rejected_and_not_clamped() {
        // One millisecond after the last instant, and one before the first.
        for position in ["2d2mh7dt6o1.1", "-2d2mh7dt6o1.1"] {
            let error = Place::parse(position).unwrap_err();
            assert_eq!(error.code(), Code::InvalidResultsToken, "{position}");
        }
    }
}
