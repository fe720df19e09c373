//! Lower-case hex encoding.

/// Encodes bytes.
pub fn to_hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    push_hex(bytes, &mut hex);
    hex
}

/// Appends encoded bytes to a string.
pub fn push_hex(bytes: &[u8], into: &mut String) {
    into.reserve(bytes.len() * 2);
    for byte in bytes {
        into.push(digit(byte >> 4));
        into.push(digit(byte & 0xf));
    }
}

/// Decodes a string. `None` if it is empty or anything but pairs of lower-case hex digits.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}

fn digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'a' + (value - 10) })
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_round_trips() {
        let bytes: Vec<u8> = (0..=255).collect();
        let hex = to_hex(&bytes);
        assert!(hex.starts_with("000102") && hex.ends_with("fdfeff"));
        assert_eq!(from_hex(&hex), Some(bytes));
    }

    #[test]
    fn other_strings_are_not_hex() {
        for text in ["", "a", "abc", "AB", "0g", " ab", "ab ", "0x", "\0\0", "ａｂ"] {
            assert_eq!(from_hex(text), None, "{text:?}");
        }
    }
}
