//! Times and shares, as integers all the way.

/// `1.5s`, `12.345ms` or `7us`, in microseconds.
pub fn parse_time(word: &str) -> Option<u64> {
    let unit_at = word.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = word.split_at(unit_at);
    let places = match unit {
        "s" => 6,
        "ms" => 3,
        "us" => 0,
        _ => return None,
    };
    parse_decimal(number, places)
}

/// In the largest unit that has a whole number of them; in milliseconds if it is at least one.
pub fn print_time(us: u64) -> String {
    match us {
        _ if us.is_multiple_of(1_000_000) => format!("{}s", us / 1_000_000),
        0..1_000 => format!("{us}us"),
        _ => print_decimal(us, 3) + "ms",
    }
}

/// `12.5%`, in millionths.
pub(super) fn parse_share(word: &str) -> Option<u32> {
    let ppm = parse_decimal(word.strip_suffix('%')?, 4)?;
    u32::try_from(ppm).ok()
}

pub(super) fn print_share(ppm: u32) -> String {
    print_decimal(ppm.into(), 4) + "%"
}

/// A number with at most so many decimal places, times ten to the power of them.
fn parse_decimal(word: &str, places: usize) -> Option<u64> {
    let (whole, fraction) = match word.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (word, ""),
    };
    if whole.is_empty() || fraction.len() > places {
        return None;
    }
    let mut number = 0_u64;
    let zeros = std::iter::repeat_n(b'0', places - fraction.len());
    for digit in whole.bytes().chain(fraction.bytes()).chain(zeros) {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number = number.checked_mul(10)?.checked_add(digit)?;
    }
    Some(number)
}

fn print_decimal(number: u64, places: u32) -> String {
    let one = 10_u64.pow(places);
    let (whole, mut fraction) = (number / one, number % one);
    if fraction == 0 {
        return whole.to_string();
    }
    let mut width = places as usize;
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        width -= 1;
    }
    format!("{whole}.{fraction:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_to_the_microsecond() {
        for (us, text) in [
            (0, "0s"),
            (7, "7us"),
            (1_000, "1ms"),
            (123_456, "123.456ms"),
            (1_500_000, "1500ms"),
            (1_000_001, "1000.001ms"),
            (60_000_000, "60s"),
        ] {
            assert_eq!(print_time(us), text);
            assert_eq!(parse_time(text), Some(us));
        }
        assert_eq!(parse_time("1.5s"), Some(1_500_000));
        assert_eq!(parse_time("18446744073709551615us"), Some(u64::MAX));
        for wrong in ["", "5", "ms", "1.ms", ".5ms", "1.2345ms", "0.1us", "1m", "-1s", "1e3us"] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
        assert_eq!(parse_time("18446744073709551616us"), None);
    }

    #[test]
    fn shares_are_exact_to_the_millionth() {
        for (ppm, text) in
            [(0, "0%"), (1, "0.0001%"), (125_000, "12.5%"), (u32::MAX, "429496.7295%")]
        {
            assert_eq!(print_share(ppm), text);
            assert_eq!(parse_share(text), Some(ppm));
        }
        assert_eq!(parse_share("12.5"), None);
    }
}
