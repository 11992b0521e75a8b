//! Numbers and texts as bytes, and back, with every length checked.

use super::{BadLink, limits};

pub(super) type Read<T> = Result<T, BadLink>;

/// Writes.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    /// Seven bits a byte, the lowest first; the eighth bit says that more come (LEB128).
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// Small numbers of either sign are short.
    pub(super) fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// Reads what a [`Writer`] wrote, or finds out that it did not.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    pub(super) fn end(&self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(BadLink::GoesOn) }
    }

    pub(super) fn number(&mut self) -> Read<u64> {
        let mut number = 0_u64;
        for place in 0..10 {
            let (byte, rest) = self.rest.split_first().ok_or(BadLink::CutShort)?;
            self.rest = rest;
            let bits = u64::from(byte & 0x7f);
            if place == 9 && bits > 1 {
                break;
            }
            number |= bits << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(BadLink::OutOfRange("a number"))
    }

    pub(super) fn signed(&mut self) -> Read<i64> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number of at most `highest`. `what` it is, for the error.
    pub(super) fn at_most(&mut self, highest: u64, what: &'static str) -> Read<u64> {
        let number = self.number()?;
        if number <= highest { Ok(number) } else { Err(BadLink::OutOfRange(what)) }
    }

    pub(super) fn byte(&mut self, what: &'static str) -> Read<u8> {
        self.at_most(u8::MAX.into(), what).map(|number| number as u8)
    }

    pub(super) fn short(&mut self, what: &'static str) -> Read<u32> {
        self.at_most(u32::MAX.into(), what).map(|number| number as u32)
    }

    pub(super) fn count(&mut self, highest: usize, what: &'static str) -> Read<usize> {
        // Whatever is counted takes a byte or more.
        let count = self.at_most(highest as u64, what)? as usize;
        if count <= self.rest.len() { Ok(count) } else { Err(BadLink::CutShort) }
    }

    pub(super) fn text(&mut self) -> Read<String> {
        let length = self.count(limits::TEXT_BYTES, "the length of a text")?;
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        let text = std::str::from_utf8(text).map_err(|_| BadLink::Unknown("text"))?;
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_come_back() {
        let mut numbers = vec![0, u64::MAX, i64::MAX as u64];
        (0..64).for_each(|bit| numbers.extend([1 << bit, (1 << bit) - 1]));
        let mut writer = Writer::default();
        for &number in &numbers {
            writer.number(number);
            writer.signed(number as i64);
        }
        let mut reader = Reader::new(&writer.bytes);
        for &number in &numbers {
            assert_eq!(reader.number(), Ok(number));
            assert_eq!(reader.signed(), Ok(number as i64));
        }
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn what_is_too_long_or_too_short_is_told() {
        assert_eq!(Reader::new(&[0xff; 11]).number(), Err(BadLink::OutOfRange("a number")));
        assert_eq!(Reader::new(&[0x80]).number(), Err(BadLink::CutShort));
        assert_eq!(Reader::new(&[5, b'a']).text(), Err(BadLink::CutShort));
        assert_eq!(Reader::new(&[1, 0xff]).text(), Err(BadLink::Unknown("text")));
        assert_eq!(Reader::new(&[0]).end(), Err(BadLink::GoesOn));
    }
}
