//! When a failed notification is retried: exponential backoff with jitter.

use crate::error::Result;
use crate::random::random_below;
use crate::settings::DeliveryOptions;
use crate::time::{Millis, Timestamp};

impl DeliveryOptions {
    /// When to retry a notification that has failed `attempts` times, the last time at `now`.
    /// `None` if it is given up.
    ///
    /// The pause doubles with each failure up to a maximum. Half of it is random (jitter), so that
    /// notifications that failed together aren't retried together. A client may ask for a longer
    /// pause, but the last attempt is made at the latest when the notification is given up.
    pub fn next_attempt(
        &self,
        created: Timestamp,
        attempts: u32,
        retry_after: Option<Millis>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let doublings = attempts.saturating_sub(1).min(62);
        let pause = self.first_retry.saturating_mul(1 << doublings).min(self.max_retry);
        let half = pause / 2;
        let next = now.plus(pause - half + random_below(half + 1)?);
        let asked = now.plus(retry_after.unwrap_or(0));
        let end = created.plus(self.give_up_after);
        Ok((next <= end).then(|| next.max(asked).min(end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millis(milliseconds)
    }

    #[test]
    fn pauses_double_up_to_the_cap_and_half_of_each_is_random() {
        let options =
            DeliveryOptions { first_retry: 1_000, max_retry: 60_000, ..DeliveryOptions::default() };
        for (attempts, longest) in
            [(1, 1_000), (2, 2_000), (3, 4_000), (6, 32_000), (7, 60_000), (u32::MAX, 60_000)]
        {
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..100 {
                let next = options.next_attempt(at(0), attempts, None, at(0)).unwrap().unwrap();
                let pause = next.since(at(0));
                assert!(
                    (longest / 2..=longest).contains(&pause),
                    "{pause} after {attempts} attempts"
                );
                seen.insert(pause);
            }
            assert!(seen.len() > 10, "the pauses are random");
        }
    }

    #[test]
    fn a_client_that_asks_for_more_time_gets_it() {
        let options = DeliveryOptions::default();
        assert_eq!(options.next_attempt(at(0), 1, Some(90_000), at(5)).unwrap(), Some(at(90_005)));
        let next = options.next_attempt(at(0), 1, Some(1), at(0)).unwrap().unwrap();
        assert!(next >= at(5_000), "and never less than the pause");
    }

    #[test]
    fn a_retry_after_the_end_is_given_up() {
        let options = DeliveryOptions {
            first_retry: 1_000,
            max_retry: 1_000,
            give_up_after: 10_000,
            ..Default::default()
        };
        assert!(options.next_attempt(at(0), 5, None, at(9_000)).unwrap().is_some());
        assert_eq!(options.next_attempt(at(0), 5, None, at(9_501)).unwrap(), None);
    }

    #[test]
    fn a_client_that_asks_for_too_much_time_gets_its_last_attempt_at_the_end() {
        let options = DeliveryOptions::default();
        let end = at(options.give_up_after);
        for asked in [options.give_up_after, i64::MAX] {
            assert_eq!(options.next_attempt(at(0), 1, Some(asked), at(5)).unwrap(), Some(end));
        }
        assert_eq!(options.next_attempt(at(0), 2, Some(90_000), end).unwrap(), None);
    }
}
