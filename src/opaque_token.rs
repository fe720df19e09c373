//! Tokens that callers pass on unread: bytes as URL-safe text, with a checksum that finds damage.
//! Nothing in them is secret, and none gives a right to anything.

use base64ct::{Base64UrlUnpadded, Encoding};
use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

/// The bytes as text.
pub(crate) fn encode(mut bytes: Vec<u8>) -> String {
    bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
    Base64UrlUnpadded::encode_string(&bytes)
}

/// The bytes of a text that [`encode`] made and that nobody changed.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
    let (content, sum) = bytes.split_last_chunk::<4>()?;
    (checksum(content).to_le_bytes() == *sum).then(|| content.to_vec())
}

/// Finds every damage to up to four bytes in a row, and all but one in four thousand million of the
/// others.
fn checksum(bytes: &[u8]) -> u32 {
    Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC).checksum(bytes)
}
