//! The value of the session cookie.

use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::hex::{from_hex, to_hex};
use crate::random::random_bytes;
use crate::session::SessionKey;

/// The number of random bytes in a cookie value.
const BYTES: usize = 32;

/// The value of the session cookie: 32 random bytes as 64 lower-case hex digits.
///
/// It is a secret, because its holder is signed in. It is never stored: the row is found by
/// [`CookieValue::key`], which doesn't reveal the value. `Debug` doesn't print it.
#[derive(Clone, PartialEq, Eq)]
pub struct CookieValue([u8; BYTES]);

impl CookieValue {
    /// Creates a value with the host's secure generator. Fails with `not_configured` if the host
    /// has none.
    pub fn random() -> Result<Self> {
        random_bytes().map(CookieValue)
    }

    /// Parses the value that a browser sent. `None` if it isn't 64 lower-case hex digits, which
    /// counts as not signed in.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 2 * BYTES {
            return None;
        }
        from_hex(text)?.try_into().ok().map(CookieValue)
    }

    /// The key of the session's row: the SHA-256 of the 32 bytes, in lower-case hex.
    pub fn key(&self) -> SessionKey {
        to_hex(&Sha256::digest(self.0)).into()
    }

    /// The value to put into the cookie. Don't store, log or return it anywhere else.
    pub fn to_hex(&self) -> String {
        to_hex(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_parses_from_its_own_string() {
        let value = CookieValue::random().unwrap();
        assert_eq!(CookieValue::parse(&value.to_hex()), Some(value.clone()));
        assert_ne!(CookieValue::random().unwrap(), value);
    }

    #[test]
    fn the_key_is_the_digest_of_the_bytes_and_not_of_their_digits() {
        let key_of = |value: &str| CookieValue::parse(value).unwrap().key();
        // From `printf '\0%.0s' $(seq 32) | sha256sum`, and the same with \377.
        let zeros = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
        let ones = "af9613760f72635fbdb44a5a0a63c39f12af30f950a6ee5c971be188e89c4051";
        assert_eq!(key_of(&"00".repeat(32)).as_str(), zeros);
        assert_eq!(key_of(&"ff".repeat(32)).as_str(), ones);
    }

    #[test]
    fn only_64_lower_case_hex_digits_are_accepted() {
        let value = "0123456789abcdef".repeat(4);
        assert!(CookieValue::parse(&value).is_some());
        let others = [
            String::new(),
            value[1..].to_owned(),
            format!("{value}0"),
            value.to_uppercase(),
            value.replacen('a', "A", 1),
            value.replacen('0', "g", 1),
            value.replacen('0', "\0", 1),
            value.replacen('0', " ", 1),
            // 64 bytes, but fewer characters.
            format!("{}０", &value[..61]),
            // 64 characters, but more bytes.
            format!("{}٣", &value[..63]),
            format!(" {value}"),
            format!("{value} "),
            format!("{value}\n"),
            format!("{value}\0"),
            format!("\"{value}\""),
            format!("+{}", &value[1..]),
            format!("0x{}", &value[2..]),
            "\\') or 1=1 -- ".to_owned(),
        ];
        for other in others {
            assert_eq!(CookieValue::parse(&other), None, "{other:?}");
        }
    }

    #[test]
    fn debug_output_does_not_show_it() {
        let value = CookieValue::parse(&"5e".repeat(32)).unwrap();
        assert_eq!(format!("{value:?} {:?}", value.key()), "CookieValue(..) SessionKey(..)");
    }
}
