//! How long things take, drawn with integers alone.
//!
//! The textbook formulas need logarithms and powers, and the last bit of a float's logarithm
//! depends on the machine. So these are worked out in fixed point, 32 bits behind the point, good
//! to about one part in 100,000: far finer than anyone knows a network's delays.

mod normal;

use std::fmt;

use crate::random::Random;

/// How long a message, or a sync, takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delay {
    /// Always the same.
    Constant { us: u64 },
    /// Anything from `low_us` to `high_us`, both included, equally likely.
    Uniform { low_us: u64, high_us: u64 },
    /// Memoryless, `mean_us` on average: what is waited for may come at any moment.
    Exponential { mean_us: u64 },
    /// Half of the delays are below `median_us`; their logarithm is normal with a deviation of
    /// `sigma_ppm` millionths. 500,000 is a healthy network, 1,500,000 one with a long tail.
    ///
    /// The normal number is the sum of twelve uniform ones (Irwin and Hall), which is close within
    /// three deviations and ends at six.
    LogNormal { median_us: u64, sigma_ppm: u32 },
    /// Never below `low_us`, and above `low_us` × k with a chance of k to the power of minus
    /// `shape_ppm` millionths. 1,160,000 is the proverbial 80:20; smaller is wilder.
    Pareto { low_us: u64, shape_ppm: u32 },
}

/// What an unbounded distribution is cut off at, in microseconds: an hour.
pub const LONGEST_DELAY_US: u64 = 3_600_000_000;

impl Delay {
    /// One delay from this distribution, in microseconds.
    pub fn draw_us(self, random: &mut Random) -> u64 {
        match self {
            Delay::Constant { us } => us,
            Delay::Uniform { low_us, high_us } => random.between(low_us, high_us),
            Delay::Exponential { mean_us } => exponential(mean_us, surprise(random)),
            Delay::LogNormal { median_us, sigma_ppm } => {
                log_normal(median_us, sigma_ppm, normal::draw(random))
            }
            Delay::Pareto { low_us, shape_ppm } => pareto(low_us, shape_ppm, surprise(random)),
        }
    }

    /// For each chance, in parts of [`CERTAIN`], the delay that is exceeded with that chance, in
    /// microseconds. What [`Delay::draw_us`] draws is spread over these in the same way; whoever
    /// draws a million delays keeps a table of them.
    pub fn exceeded_us(self, chances: &[u64]) -> Vec<u64> {
        let steps = match self {
            Delay::LogNormal { .. } => normal::lower_tails(),
            _ => Vec::new(),
        };
        let exceeded = chances.iter().map(|chance| {
            let chance = (*chance).clamp(1, CERTAIN);
            match self {
                Delay::Constant { us } => us,
                Delay::Uniform { low_us, high_us } => {
                    let width = u128::from(high_us.saturating_sub(low_us)) + 1;
                    let above = (width * u128::from(CERTAIN - chance)) >> 63;
                    low_us + above as u64
                }
                Delay::Exponential { mean_us } => exponential(mean_us, surprise_of(chance)),
                Delay::LogNormal { median_us, sigma_ppm } => {
                    log_normal(median_us, sigma_ppm, normal::exceeded(&steps, chance))
                }
                Delay::Pareto { low_us, shape_ppm } => {
                    pareto(low_us, shape_ppm, surprise_of(chance))
                }
            }
        });
        exceeded.collect()
    }

    /// Checks that the parameters mean something.
    ///
    /// # Errors
    ///
    /// [`ImpossibleDelay`]. Drawing from such a delay does no harm, but means nothing either.
    pub fn validate(self) -> Result<(), ImpossibleDelay> {
        match self {
            Delay::Uniform { low_us, high_us } if low_us > high_us => {
                Err(ImpossibleDelay::EmptyRange)
            }
            Delay::Pareto { shape_ppm: 0, .. } => Err(ImpossibleDelay::NoShape),
            _ => Ok(()),
        }
    }
}

/// Why nothing can take that long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImpossibleDelay {
    /// The range ends before it begins.
    EmptyRange,
    /// A Pareto distribution of shape 0 has all its weight at infinity.
    NoShape,
}

impl fmt::Display for ImpossibleDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImpossibleDelay::EmptyRange => "the range of delays ends before it begins",
            ImpossibleDelay::NoShape => "a Pareto distribution needs a shape above 0",
        })
    }
}

impl std::error::Error for ImpossibleDelay {}

const FRACTION_BITS: u32 = 32;
const ONE: u64 = 1 << FRACTION_BITS;
/// The natural logarithm of 2.
const LN_2: u64 = 2_977_044_472;
/// The binary logarithm of e.
const LOG2_E: u64 = 6_196_328_019;

/// A chance of 1 in [`Delay::exceeded_us`].
pub const CERTAIN: u64 = 1 << 63;

/// Minus the binary logarithm of a uniform number in (0, 1], in fixed point: 0 to 63.
fn surprise(random: &mut Random) -> u128 {
    surprise_of((random.next_u64() >> 1) + 1)
}

/// The same of a chance from 1 to [`CERTAIN`].
fn surprise_of(chance: u64) -> u128 {
    u128::from(63 * ONE - log2(chance))
}

fn exponential(mean_us: u64, surprise: u128) -> u64 {
    let natural = (surprise * u128::from(LN_2)) >> FRACTION_BITS;
    let delay_us = (natural * u128::from(mean_us)) >> FRACTION_BITS;
    u64::try_from(delay_us).unwrap_or(u64::MAX).min(LONGEST_DELAY_US)
}

fn log_normal(median_us: u64, sigma_ppm: u32, normal: i128) -> u64 {
    let natural = normal * i128::from(sigma_ppm) / 1_000_000;
    let exponent = (natural * i128::from(LOG2_E)) >> FRACTION_BITS;
    times_two_to_the(median_us, exponent)
}

fn pareto(low_us: u64, shape_ppm: u32, surprise: u128) -> u64 {
    let exponent = surprise * 1_000_000 / u128::from(shape_ppm.max(1));
    times_two_to_the(low_us, exponent as i128)
}

/// The binary logarithm of `n` ≥ 1 in fixed point, rounded down at the 24th bit.
fn log2(n: u64) -> u64 {
    let whole = 63 - n.leading_zeros();
    // The mantissa, 1 ≤ m < 2, with 63 bits behind the point. Squaring doubles its logarithm.
    let mut mantissa = u128::from(n << n.leading_zeros());
    let mut fraction = 0;
    for _ in 0..24 {
        mantissa = (mantissa * mantissa) >> 63;
        let carry = mantissa >> 64;
        mantissa >>= carry;
        fraction = fraction << 1 | carry as u64;
    }
    (u64::from(whole) << FRACTION_BITS) + (fraction << (FRACTION_BITS - 24))
}

/// `base` × 2 to the power of `exponent` (in fixed point), at most [`LONGEST_DELAY_US`].
fn times_two_to_the(base: u64, exponent: i128) -> u64 {
    // The power series of 2^x to its sixth term, highest first.
    const SERIES: [u64; 6] =
        [661_577, 5_726_720, 41_309_550, 238_388_332, 1_031_764_991, 2_977_044_472];
    let whole = exponent >> FRACTION_BITS;
    let part = (exponent & i128::from(ONE - 1)) as u64;
    let series = SERIES.iter().fold(0, |sum, term| ((sum + term) * part) >> FRACTION_BITS);
    let scaled = u128::from(base) * u128::from(ONE + series);
    let result = match whole - i128::from(FRACTION_BITS) {
        // More than doubling 29 times is beyond the longest delay whatever is doubled.
        left @ 0.. => scaled << left.min(29),
        right => scaled >> right.unsigned_abs().min(127),
    };
    u64::try_from(result).unwrap_or(u64::MAX).min(LONGEST_DELAY_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(delay: Delay) -> Vec<u64> {
        let mut random = Random::from_seed(11);
        let mut drawn: Vec<u64> = (0..20_001).map(|_| delay.draw_us(&mut random)).collect();
        drawn.sort_unstable();
        drawn
    }

    /// Compares with the textbook's quantiles, which a test may compute with floats.
    fn quantiles_are(delay: Delay, expected: [f64; 5]) {
        let drawn = sample(delay);
        for (percent, wanted) in [10, 25, 50, 75, 90].into_iter().zip(expected) {
            let found = drawn[percent * 200] as f64;
            assert!((found / wanted - 1.0).abs() < 0.05, "{delay:?} {percent}: {found} {wanted}");
        }
    }

    #[test]
    fn logarithms_and_powers_agree_with_floats() {
        for n in [1, 2, 3, 10, 1_000_003, u64::MAX / 3, u64::MAX] {
            let found = log2(n) as f64 / ONE as f64;
            assert!((found - (n as f64).log2()).abs() < 1e-6, "log2({n}) = {found}");
        }
        for hundredths in -1_000..1_000_i128 {
            let found = times_two_to_the(1_000_000, hundredths * i128::from(ONE) / 100) as f64;
            let wanted = 1e6 * (hundredths as f64 / 100.0).exp2();
            assert!((found - wanted).abs() < 1.0 + wanted * 3e-5, "2^{hundredths}%: {found}");
        }
    }

    #[test]
    fn distributions_have_the_quantiles_of_the_textbook() {
        let parts = [0.1, 0.25, 0.5, 0.75, 0.9];
        let exponential = parts.map(|p: f64| -50_000.0 * (1.0 - p).ln());
        quantiles_are(Delay::Exponential { mean_us: 50_000 }, exponential);
        let pareto = parts.map(|p: f64| 2_000.0 * (1.0 - p).powf(-1.0 / 1.16));
        quantiles_are(Delay::Pareto { low_us: 2_000, shape_ppm: 1_160_000 }, pareto);
        let deviations = [-1.2816, -0.6745, 0.0, 0.6745, 1.2816];
        let log_normal = deviations.map(|z: f64| 8_000.0 * (0.7 * z).exp());
        quantiles_are(Delay::LogNormal { median_us: 8_000, sigma_ppm: 700_000 }, log_normal);
    }

    /// What is looked up is spread as what is drawn.
    #[test]
    fn what_is_exceeded_with_a_chance_is_so_often_exceeded() {
        for delay in [
            Delay::Constant { us: 700 },
            Delay::Uniform { low_us: 6_000, high_us: 12_000 },
            Delay::Exponential { mean_us: 50_000 },
            Delay::LogNormal { median_us: 8_000, sigma_ppm: 700_000 },
            Delay::Pareto { low_us: 2_000, shape_ppm: 1_160_000 },
        ] {
            let drawn = sample(delay);
            let percents = [1, 10, 25, 50, 75, 90, 99];
            let chances = percents.map(|percent| CERTAIN / 100 * percent);
            for (percent, found) in percents.into_iter().zip(delay.exceeded_us(&chances)) {
                let wanted = drawn[(100 - percent as usize) * 200] as f64;
                let off = (found as f64 / wanted - 1.0).abs();
                let allowed = if percent == 1 { 0.12 } else { 0.05 };
                assert!(off < allowed, "{delay:?} {percent}: {found} {wanted}");
            }
        }
        let range = Delay::Uniform { low_us: 3, high_us: 5 };
        assert_eq!(range.exceeded_us(&[0, CERTAIN / 2, CERTAIN, u64::MAX]), [5, 4, 3, 3]);
        assert_eq!(Delay::Uniform { low_us: 3, high_us: 2 }.exceeded_us(&[0]), [3]);
        assert_eq!(Delay::Uniform { low_us: 0, high_us: u64::MAX }.exceeded_us(&[1]).len(), 1);
    }

    /// Share links name seeds: what is drawn under them may never change, on any target. The same
    /// formulas in floats, rounded down, give the same numbers.
    #[test]
    fn values_are_pinned() {
        let first = |delay: Delay| {
            let mut random = Random::from_seed(7);
            [(); 4].map(|()| delay.draw_us(&mut random))
        };
        assert_eq!(first(Delay::Exponential { mean_us: 10_000 }), [28_938, 17_595, 3_318, 8_504]);
        assert_eq!(
            first(Delay::LogNormal { median_us: 10_000, sigma_ppm: 1_000_000 }),
            [15_963, 5_426, 2_335, 17_691]
        );
        assert_eq!(
            first(Delay::Pareto { low_us: 10_000, shape_ppm: 1_500_000 }),
            [68_844, 32_318, 12_476, 17_629]
        );
    }

    #[test]
    fn extremes_are_cut_off_and_nonsense_is_named() {
        let mut random = Random::from_seed(3);
        for _ in 0..1_000 {
            for delay in [
                Delay::Exponential { mean_us: u64::MAX },
                Delay::LogNormal { median_us: u64::MAX, sigma_ppm: u32::MAX },
                Delay::Pareto { low_us: u64::MAX, shape_ppm: 0 },
                Delay::Pareto { low_us: 0, shape_ppm: 1 },
            ] {
                assert!(delay.draw_us(&mut random) <= LONGEST_DELAY_US);
            }
        }
        let empty = Delay::Uniform { low_us: 2, high_us: 1 };
        assert_eq!(empty.validate(), Err(ImpossibleDelay::EmptyRange));
        let flat = Delay::Pareto { low_us: 1, shape_ppm: 0 };
        assert_eq!(flat.validate(), Err(ImpossibleDelay::NoShape));
        assert_eq!(Delay::Exponential { mean_us: 0 }.validate(), Ok(()));
    }
}
