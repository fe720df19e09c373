//! Time spans.

use serde::Deserialize;

use crate::time::Millis;

/// A time span in milliseconds, rounded up.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
pub struct Span(pub Millis);

impl Span {
    /// The longest span: a thousand years. An instant that far away is still in range.
    const MAX: f64 = 31_556_952_000_000.0;
}

impl TryFrom<f64> for Span {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        let is_span = (0.0..=Self::MAX).contains(&number);
        is_span
            .then_some(Span(number.ceil() as Millis))
            .ok_or("milliseconds, from 0 to 31556952000000 (a thousand years)")
    }
}
