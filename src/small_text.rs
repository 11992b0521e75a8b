//! Small work on text that everybody needs, in less code than the library's: what every reader
//! loads has each of these once.

/// The whole number that a text is, if it is one that fits. The library reads each kind of number
/// in a way of its own, 300 bytes each.
pub fn number<T: TryFrom<u64>>(text: &str) -> Option<T> {
    T::try_from(large(text)?).ok()
}

#[inline(never)]
fn large(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// The parts, with `between` between them. The library's `join` has a way of its own for each
/// length of what is between, 1 kB in all.
pub fn joined(parts: &mut dyn Iterator<Item = String>, between: &str) -> String {
    let mut text = parts.next().unwrap_or_default();
    for part in parts {
        text.push_str(between);
        text.push_str(&part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_and_fit() {
        assert_eq!((number("255"), number::<u8>("256")), (Some(255_u8), None));
        assert_eq!(number("18446744073709551615"), Some(u64::MAX));
        for text in ["", "-1", "1.5", " 1", "18446744073709551616"] {
            assert_eq!(number::<u64>(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_between_is_only_between() {
        let of = |parts: &[&str]| joined(&mut parts.iter().map(|part| part.to_string()), ", ");
        assert_eq!(
            (of(&[]), of(&["a"]), of(&["a", "", "b"])),
            ("".into(), "a".into(), "a, , b".into())
        );
    }
}
