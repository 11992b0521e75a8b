//! A share of a whole, in millionths, and numbers picked from a range by a draw.
//!
//! No float: what a protocol decides by must be the same on every target, to the last bit. And no
//! chance: a draw is 64 bits that the caller brings, from whatever generator suits it.

use std::fmt;

/// A share of a whole: a failure rate, how much may be left to chance. From 0 to as many wholes as
/// 32 bits hold, in steps of a millionth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u32);

/// A whole, in millionths.
const MILLION: u32 = 1_000_000;

impl Rate {
    /// Nothing.
    pub const ZERO: Rate = Rate(0);
    /// The whole.
    pub const ONE: Rate = Rate(MILLION);

    /// So many hundredths; more than 4,294 count as 4,294.
    pub const fn percent(percent: u32) -> Rate {
        let highest = u32::MAX / 10_000;
        Rate(if percent > highest { highest } else { percent } * 10_000)
    }

    /// So many millionths.
    pub const fn millionths(millionths: u32) -> Rate {
        Rate(millionths)
    }

    /// How many millionths it is.
    pub const fn in_millionths(self) -> u32 {
        self.0
    }

    /// Whether it is more than nothing and not more than the whole.
    pub const fn is_threshold(self) -> bool {
        self.0 > 0 && self.0 <= MILLION
    }

    /// `part` of `whole`, rounded down. Of nothing there is no rate: `None`, not 0.
    pub fn of(part: u64, whole: u64) -> Option<Rate> {
        let millionths = (u128::from(part) * u128::from(MILLION)).checked_div(whole.into())?;
        Some(Rate(u32::try_from(millionths).unwrap_or(u32::MAX)))
    }

    /// Whether `part` of `whole` is as much as this, or more. Exact: nothing is rounded.
    pub fn is_reached_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(MILLION) >= u128::from(whole) * u128::from(self.0)
    }

    /// This share of `amount`, rounded down, and at most `u64::MAX`.
    pub fn share_of(self, amount: u64) -> u64 {
        let share = u128::from(amount) * u128::from(self.0) / u128::from(MILLION);
        u64::try_from(share).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Rate {
    /// In per cent, with as many decimals as it takes: `50 %`, `0.1 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0 / 10_000)?;
        let mut rest = self.0 % 10_000;
        let mut unit = 1_000;
        if rest > 0 {
            f.write_str(".")?;
        }
        while rest > 0 {
            write!(f, "{}", rest / unit)?;
            rest %= unit;
            unit /= 10;
        }
        f.write_str(" %")
    }
}

/// The number between `low` and `high`, both included, to which `draw` points: the 64 bits are
/// taken for a fraction of the range. Of an empty range the answer is `low`.
///
/// A range of n numbers is hit evenly up to n in 2^64.
pub fn pick(draw: u64, low: u64, high: u64) -> u64 {
    let span = u128::from(high.saturating_sub(low)) + 1;
    low + ((u128::from(draw) * span) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_is_none() {
        assert_eq!(Rate::of(0, 0), None);
        assert_eq!(Rate::of(1, 3), Some(Rate::millionths(333_333)));
        assert_eq!(Rate::of(u64::MAX, u64::MAX), Some(Rate::ONE));
        assert_eq!(Rate::of(u64::MAX, 1), Some(Rate::millionths(u32::MAX)));
    }

    #[test]
    fn a_threshold_is_reached_exactly() {
        assert!(Rate::percent(50).is_reached_by(5, 10));
        assert!(!Rate::percent(50).is_reached_by(4, 9), "44 %");
        // A third rounds down to 333,333 millionths, and comparing does not round.
        assert!(!Rate::millionths(333_334).is_reached_by(1, 3));
        assert!(Rate::ONE.is_reached_by(u64::MAX, u64::MAX));
    }

    #[test]
    fn shares_do_not_overflow() {
        assert_eq!(Rate::percent(10).share_of(99), 9);
        assert_eq!(Rate::percent(u32::MAX).in_millionths(), 4_294_960_000 / 1_000 * 1_000);
        assert_eq!(Rate::percent(200).share_of(u64::MAX), u64::MAX);
    }

    #[test]
    fn rates_are_told_in_per_cent() {
        let told = [Rate::ZERO, Rate::percent(50), Rate::millionths(1_000), Rate::millionths(1)];
        assert_eq!(told.map(|rate| rate.to_string()), ["0 %", "50 %", "0.1 %", "0.0001 %"]);
    }

    #[test]
    fn a_draw_reaches_both_ends_of_its_range() {
        assert_eq!(pick(0, 5, 9), 5);
        assert_eq!(pick(u64::MAX, 5, 9), 9);
        assert_eq!(pick(u64::MAX / 2, 0, 1), 0);
        assert_eq!(pick(1 << 63, 0, 1), 1);
        assert_eq!(pick(u64::MAX, 0, u64::MAX), u64::MAX);
        assert_eq!(pick(u64::MAX, 7, 3), 7);
    }
}
