//! Normal numbers as sums of twelve uniform ones (Irwin and Hall), in fixed point.

use crate::random::Random;

use super::{CERTAIN, FRACTION_BITS, ONE};

/// How many uniform numbers make a normal one: their sum has mean 6 and deviation 1.
const SUMMANDS: u32 = 12;
/// Steps of the table below to a deviation.
const STEPS: u64 = 128;
/// 12 factorial.
const ORDERS: u128 = 479_001_600;

/// A normal number with mean 0 and deviation 1.
pub(super) fn draw(random: &mut Random) -> i128 {
    let sum: u64 = (0..6).map(|_| random.next_u64()).map(|two| (two >> 32) + two % ONE).sum();
    i128::from(sum) - 6 * i128::from(ONE)
}

/// At every step from 0 to 6, the chance that the sum stays below, in parts of [`CERTAIN`]. It is
/// a polynomial: the sum over k of (−1)^k × (12 over k) × (x − k)^12 / 12!.
pub(super) fn lower_tails() -> Vec<u64> {
    let tail = |step: u64| {
        let mut sum = 0_i128;
        let mut choices = 1_i128;
        for k in 0..=step / STEPS {
            let term = choices * i128::from(step - k * STEPS).pow(SUMMANDS);
            sum += if k % 2 == 0 { term } else { -term };
            choices = choices * i128::from(12 - k) / i128::from(k + 1);
        }
        // 128^12 is 2^84, and CERTAIN is 2^63: 21 bits are left to divide by.
        (sum.unsigned_abs() / (ORDERS << 21)) as u64
    };
    (0..=6 * STEPS).map(tail).collect()
}

/// The number that [`draw`] exceeds with this chance, out of the table of [`lower_tails`].
pub(super) fn exceeded(lower_tails: &[u64], chance: u64) -> i128 {
    let is_above = chance <= CERTAIN / 2;
    let tail = if is_above { chance } else { CERTAIN - chance };
    let upper = lower_tails.partition_point(|below| *below < tail);
    let (low, high) = match upper {
        0 => (0, lower_tails[0]),
        at => (lower_tails[at - 1], lower_tails[at.min(lower_tails.len() - 1)]),
    };
    let step = u128::from(upper.saturating_sub(1) as u64) << FRACTION_BITS;
    let part = (u128::from(tail - low) << FRACTION_BITS) / u128::from(high - low).max(1);
    let below = ((step + part) / u128::from(STEPS)) as i128 - 6 * i128::from(ONE);
    if is_above { -below } else { below }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum is nearly normal, its tails a little lighter.
    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        let tails = lower_tails();
        assert_eq!(tails.last(), Some(&(CERTAIN / 2)), "half of the numbers are below the middle");
        for (share, deviations) in
            [(0.5, 0.0), (0.25, 0.6745), (0.1, 1.2816), (0.05, 1.6449), (0.01, 2.3263)]
        {
            let chance = (CERTAIN as f64 * share) as u64;
            for (chance, wanted) in [(chance, deviations), (CERTAIN - chance, -deviations)] {
                let found = exceeded(&tails, chance) as f64 / ONE as f64;
                assert!((found - wanted).abs() < 0.025, "{share}: {found} {wanted}");
            }
        }
        assert!(exceeded(&tails, 1) > 5 * i128::from(ONE));
        assert!(exceeded(&tails, CERTAIN) <= -5 * i128::from(ONE));
    }
}
