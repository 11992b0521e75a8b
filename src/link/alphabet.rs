//! Bytes as text: base64 with the alphabet for addresses (RFC 4648 §5), without padding.

use super::BadLink;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn write(bytes: &[u8], text: &mut String) {
    for three in bytes.chunks(3) {
        let mut bits = 0_u32;
        for place in 0..3 {
            bits = bits << 8 | u32::from(three.get(place).copied().unwrap_or(0));
        }
        for digit in 0..=three.len() {
            let at = (bits >> (18 - 6 * digit)) & 63;
            text.push(char::from(ALPHABET[at as usize]));
        }
    }
}

pub(super) fn read(text: &str) -> Result<Vec<u8>, BadLink> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for (place, character) in text.bytes().enumerate() {
        let wrong = BadLink::Character(place + 1);
        let value = ALPHABET.iter().position(|known| *known == character).ok_or(wrong)?;
        bits = (bits << 6 | value as u32) & 0xfff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    // What is left of the last character fills it up, and says nothing.
    if count == 6 || bits & ((1 << count) - 1) != 0 { Err(BadLink::CutShort) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_base64_for_addresses() {
        for (bytes, expected) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (&[0xfb, 0xff][..], "-_8"),
        ] {
            let mut text = String::new();
            write(bytes, &mut text);
            assert_eq!(text, expected);
            assert_eq!(read(&text).as_deref(), Ok(bytes));
        }
    }

    #[test]
    fn what_is_not_says_where() {
        assert_eq!(read("Zm9v!"), Err(BadLink::Character(5)));
        assert_eq!(read("Zm9vY"), Err(BadLink::CutShort));
        assert_eq!(read("Zh"), Err(BadLink::CutShort), "bits left over");
    }
}
