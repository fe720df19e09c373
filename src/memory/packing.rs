//! The byte format of a packed session: numbers of variable length, and strings with a length
//! prefix.

use crate::hex::{from_hex, push_hex};

/// Writes bytes that [`Reader`] reads in the same order.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    /// A number with seven bits per byte, lowest first.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A signed number, short for small absolute values.
    pub(super) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    /// A string. Lower-case hex, for example a key or a session id, takes half its length.
    pub(super) fn text(&mut self, text: &str) {
        match from_hex(text) {
            Some(bytes) => {
                self.number((bytes.len() as u64) << 1 | 1);
                self.0.extend(bytes);
            }
            None => {
                self.number((text.len() as u64) << 1);
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }
}

/// Reads bytes that a [`Writer`] wrote. `None` if they are damaged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// Reads a string into `into`, or skips it if it isn't wanted.
    pub(super) fn text(&mut self, wanted: bool, into: &mut String) -> Option<()> {
        let head = self.number()?;
        let (bytes, rest) = self.0.split_at_checked((head >> 1) as usize)?;
        self.0 = rest;
        if !wanted {
            return Some(());
        }
        into.clear();
        if head & 1 == 0 {
            into.push_str(std::str::from_utf8(bytes).ok()?);
        } else {
            push_hex(bytes, into);
        }
        Some(())
    }

    /// The packed bytes of the next string with its length. Equal strings have equal bytes.
    pub(super) fn packed_text(self) -> Option<&'a [u8]> {
        let mut rest = self;
        let length = (rest.number()? >> 1) as usize;
        let head = self.0.len() - rest.0.len();
        self.0.get(..head + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX];
        let signed = [0, -1, 1, -64, 64, i64::MIN, i64::MAX];
        let mut writer = Writer::default();
        numbers.iter().for_each(|number| writer.number(*number));
        signed.iter().for_each(|number| writer.signed(*number));
        let mut reader = Reader(&writer.0);
        numbers.iter().for_each(|number| assert_eq!(reader.number(), Some(*number)));
        signed.iter().for_each(|number| assert_eq!(reader.signed(), Some(*number)));
        assert!(reader.0.is_empty());
    }

    #[test]
    fn strings_round_trip_and_hex_takes_half() {
        let key = "0123456789abcdef".repeat(4);
        let texts =
            ["", "a", "af", "afe", "AF", "a\0", "İ💥", "00", "f".repeat(200).as_str(), &key]
                .map(str::to_owned);
        let mut writer = Writer::default();
        texts.iter().for_each(|text| writer.text(text));
        let mut reader = Reader(&writer.0);
        let mut into = "old content".to_owned();
        for text in &texts {
            assert_eq!(reader.text(true, &mut into), Some(()));
            assert_eq!(&into, text);
        }
        let mut reader = Reader(&writer.0);
        texts.iter().for_each(|_| assert_eq!(reader.text(false, &mut into), Some(())));
        assert_eq!((reader.0.len(), &into), (0, &key));
        let mut writer = Writer::default();
        writer.text(&key);
        assert_eq!(writer.0.len(), 33);
        writer.text("next");
        assert_eq!(Reader(&writer.0).packed_text().map(<[u8]>::len), Some(33));
    }

    #[test]
    fn damaged_bytes_are_rejected() {
        let mut into = String::new();
        assert_eq!(Reader(&[]).number(), None);
        assert_eq!(Reader(&[0xff; 11]).number(), None);
        assert_eq!(Reader(&[4, b'a']).text(true, &mut into), None);
        assert_eq!(Reader(&[2, 0xff]).text(true, &mut into), None);
        assert_eq!(Reader(&[4, b'a']).packed_text(), None);
    }
}
