//! Delays by the million: quantiles looked up instead of worked out.

use crate::random::Random;
use crate::sim::{CERTAIN, Delay, LONGEST_DELAY_US};

use super::{Leg, WHOLE_PPM};

/// How many times the table halves the chance of something longer.
const HALVINGS: usize = 32;
/// Steps between two halvings; between steps the delay is interpolated. The delay is then good to
/// one part in ten thousand, but for the shortest hundredth of a log-normal one.
const STEPS: usize = 64;
/// Bits of a 32-bit number behind the leading one and those that choose a step.
const REST_BITS: u32 = 25;

/// Draws delays of one leg. A draw takes one number from the generator, whatever is drawn.
#[derive(Clone, Debug)]
pub(super) struct Sampler {
    parts: Vec<Part>,
    work: Option<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    /// The part is chosen if a number of 32 bits is below this, and not below that of the part
    /// before it.
    below: u64,
    /// Delays by falling chance that it takes longer: entry 64 × h + s is exceeded with a chance
    /// of 2⁻ʰ × (128 − s) / 128. In whole microseconds, an hour at most.
    delays: Vec<u32>,
}

impl Sampler {
    pub(super) fn of(leg: &Leg) -> Sampler {
        let mut share = 0;
        let parts = leg.parts.iter().map(|(ppm, delay)| {
            share += u64::from(*ppm);
            Part { below: (share << 32) / u64::from(WHOLE_PPM), delays: table(*delay) }
        });
        let whole = |delay| Part { below: 1 << 32, delays: table(delay) };
        Sampler { parts: parts.collect(), work: leg.work.map(whole) }
    }

    /// How long the work takes that is done for a message, in microseconds.
    pub(super) fn work_us(&self, random: &mut Random) -> i64 {
        self.work.as_ref().map_or(0, |work| work.at(random.next_u64() as u32))
    }

    /// How long its way takes, in microseconds.
    pub(super) fn draw_us(&self, random: &mut Random) -> i64 {
        let drawn = random.next_u64();
        let lot = drawn >> 32;
        match self.parts.iter().find(|part| lot < part.below) {
            Some(part) => part.at(drawn as u32),
            None => 0,
        }
    }
}

impl Part {
    /// The delay that is exceeded with a chance of `chance` / 2³².
    fn at(&self, chance: u32) -> i64 {
        let chance = chance.max(1);
        let halvings = chance.leading_zeros();
        let scaled = chance << halvings;
        let step = (scaled >> REST_BITS) as usize & (STEPS - 1);
        let rest = u64::from(scaled & ((1 << REST_BITS) - 1));
        let place = halvings as usize * STEPS + STEPS - step;
        let [shorter, longer] = [place - 1, place].map(|at| u64::from(self.delays[at]));
        let back = ((longer - shorter) * rest + (1 << (REST_BITS - 1))) >> REST_BITS;
        (longer - back) as i64
    }
}

fn table(delay: Delay) -> Vec<u32> {
    let chances: Vec<u64> = (0..=HALVINGS * STEPS)
        .map(|place| {
            let steps_left = (2 * STEPS - place % STEPS) as u64;
            (CERTAIN / (2 * STEPS as u64) * steps_left) >> (place / STEPS)
        })
        .collect();
    let mut longest = 0;
    let mut delays = Vec::with_capacity(chances.len());
    for delay_us in delay.exceeded_us(&chances) {
        // Logarithms are rounded, so a later entry could be shorter by one.
        longest = delay_us.min(LONGEST_DELAY_US).max(longest);
        delays.push(longest as u32);
    }
    delays
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut delays: Vec<i64>) -> Vec<i64> {
        delays.sort_unstable();
        delays
    }

    /// The world's own draws and these have the same quantiles, to what 100,001 samples can tell.
    #[test]
    fn draws_what_the_world_draws() {
        for delay in [
            Delay::Constant { us: 700 },
            Delay::Uniform { low_us: 6_000, high_us: 12_000 },
            Delay::Exponential { mean_us: 50_000 },
            Delay::LogNormal { median_us: 8_000, sigma_ppm: 700_000 },
            Delay::Pareto { low_us: 2_000, shape_ppm: 1_160_000 },
        ] {
            let sampler = Sampler::of(&delay.into());
            let mut random = Random::from_seed(5);
            let ours = sorted((0..100_001).map(|_| sampler.draw_us(&mut random)).collect());
            let worlds = sorted((0..100_001).map(|_| delay.draw_us(&mut random) as i64).collect());
            for percent in [1, 5, 10, 25, 50, 75, 90, 95, 99] {
                let (found, wanted) =
                    (ours[percent * 1_000] as f64, worlds[percent * 1_000] as f64);
                let allowed = if (5..=95).contains(&percent) { 0.06 } else { 0.12 };
                let off = (found / wanted - 1.0).abs();
                assert!(off < allowed, "{delay:?} {percent}: {found} {wanted}");
            }
        }
    }

    /// Between the entries of the table, too, it is the closed form to one part in ten thousand.
    #[test]
    fn interpolates_closely() {
        let exponential = Sampler::of(&Delay::Exponential { mean_us: 1_000_000 }.into());
        let pareto = Sampler::of(&Delay::Pareto { low_us: 1_000_000, shape_ppm: 1_500_000 }.into());
        let mut random = Random::from_seed(2);
        for _ in 0..10_000 {
            let chance = (random.next_u64() as u32) >> random.below(20);
            let share = f64::from(chance.max(1)) / 2_f64.powi(32);
            for (sampler, wanted) in
                [(&exponential, -1e6 * share.ln()), (&pareto, 1e6 * share.powf(-1.0 / 1.5))]
            {
                let found = sampler.parts[0].at(chance) as f64;
                let is_cut = wanted > LONGEST_DELAY_US as f64 * 0.98;
                let is_close = (found - wanted).abs() < 40.0 + wanted * 1e-4;
                assert!(is_cut || is_close, "{share}: {found} {wanted}");
            }
        }
    }

    /// A draw at either end of everything, and nothing else, is at an end of the table.
    #[test]
    fn the_ends_are_the_ends() {
        let range = Sampler::of(&Delay::Uniform { low_us: 10, high_us: 1_000 }.into());
        assert_eq!(range.parts[0].at(u32::MAX), 10);
        assert_eq!(range.parts[0].at(0), 1_000);
        let wild = Sampler::of(&Delay::Pareto { low_us: u64::MAX, shape_ppm: 1 }.into());
        assert_eq!(wild.parts[0].at(0), LONGEST_DELAY_US as i64);
        assert_eq!(wild.parts[0].at(u32::MAX), LONGEST_DELAY_US as i64);
    }

    #[test]
    fn parts_come_in_their_shares() {
        let [early, late] = [3, 9].map(|us| Delay::Constant { us });
        let sampler = Sampler::of(&Leg::mixture(380_000, early, late));
        let mut random = Random::from_seed(8);
        let drawn: Vec<i64> = (0..100_000).map(|_| sampler.draw_us(&mut random)).collect();
        let early = drawn.iter().filter(|delay| **delay == 3).count();
        assert!((37_500..38_500).contains(&early), "{early}");
        assert!(drawn.iter().all(|delay| [3, 9].contains(delay)));
    }
}
