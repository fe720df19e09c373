//! Opaque tokens: bytes in hex, with a checksum that detects damage. They contain no secrets and
//! grant no rights.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

use crate::hex::{from_hex, to_hex};

/// The purpose of a token and the version of its form. Tokens of different kinds never mix.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub tag: u8,
    pub version: u8,
}

/// Encodes the bytes of a token as a string.
pub(crate) fn encode(kind: Kind, content: &[u8]) -> String {
    let mut bytes = vec![kind.tag, kind.version];
    bytes.extend_from_slice(content);
    bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
    to_hex(&bytes)
}

/// Decodes a string from [`encode`]. `None` if it is damaged or of another kind.
pub(crate) fn decode(kind: Kind, text: &str) -> Option<Vec<u8>> {
    let bytes = from_hex(text)?;
    let (content, sum) = bytes.split_last_chunk::<4>()?;
    if checksum(content).to_le_bytes() != *sum {
        return None;
    }
    let content = content.strip_prefix(&[kind.tag, kind.version])?;
    Some(content.to_vec())
}

/// Detects every change of up to four consecutive bytes, and misses one in four billion other
/// changes.
fn checksum(bytes: &[u8]) -> u32 {
    Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC).checksum(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { tag: b'T', version: 3 };

    #[test]
    fn a_token_is_read_as_its_own_kind_and_version_only() {
        let token = encode(KIND, b"content");
        assert_eq!(decode(KIND, &token).as_deref(), Some(b"content".as_slice()));
        assert_eq!(decode(Kind { tag: b'U', ..KIND }, &token), None);
        assert_eq!(decode(Kind { version: 2, ..KIND }, &token), None);
    }

    #[test]
    fn other_digits_and_lengths_are_rejected() {
        let token = encode(KIND, b"\xff\xfe\xfd");
        assert_eq!(decode(KIND, &token.to_uppercase()), None);
        assert_eq!(decode(KIND, &token[1..]), None);
        assert_eq!(decode(KIND, &format!("{token}0")), None);
        assert_eq!(decode(KIND, &format!(" {token}")), None);
        assert_eq!(decode(KIND, ""), None);
    }
}
