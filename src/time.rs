//! Rules about time.

/// A span of time, or an instant since the Unix epoch, in milliseconds.
pub type Millis = i64;

/// Whether a session with this expiry has expired at `now`: it has from the instant of expiry on.
pub fn is_expired(expires: Option<Millis>, now: Millis) -> bool {
    expires.is_some_and(|expires| expires <= now)
}
