//! The bytes that a stored session is made of: numbers of variable length, and texts with their
//! length in front.

use crate::hex::{from_hex, push_hex};

/// What is written here is read back by [`Reader`], in the same order.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    /// A number, in as many bytes as it needs: seven bits a byte, the lowest first.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A number with a sign, short on both sides of zero.
    pub(super) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    /// A text. Lower-case hex, as keys and session ids are, takes half its length.
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

/// Reads what a [`Writer`] wrote. `None`: the bytes are not what it wrote.
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

    /// Puts the text in the place of what `into` holds, or with `wanted` false only steps over it.
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

    /// The bytes of the text in front, its length included: equal for equal texts.
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
    fn numbers_come_back() {
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
    fn texts_come_back_and_hex_takes_half() {
        let key = "0123456789abcdef".repeat(4);
        let texts =
            ["", "a", "af", "afe", "AF", "a\0", "İ💥", "00", "f".repeat(200).as_str(), &key]
                .map(str::to_owned);
        let mut writer = Writer::default();
        texts.iter().for_each(|text| writer.text(text));
        let mut reader = Reader(&writer.0);
        let mut into = "what was there".to_owned();
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
        writer.text("behind");
        assert_eq!(Reader(&writer.0).packed_text().map(<[u8]>::len), Some(33));
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let mut into = String::new();
        assert_eq!(Reader(&[]).number(), None);
        assert_eq!(Reader(&[0xff; 11]).number(), None);
        assert_eq!(Reader(&[4, b'a']).text(true, &mut into), None);
        assert_eq!(Reader(&[2, 0xff]).text(true, &mut into), None);
        assert_eq!(Reader(&[4, b'a']).packed_text(), None);
    }
}
