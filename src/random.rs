//! A small seeded generator whose values never change.
//!
//! Share links and golden traces name a seed, so the numbers drawn from it are a promise for ever.
//! That rules out generators whose authors keep the right to improve them. This one is
//! xoshiro256++ 1.0 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021),
//! its state filled by splitmix64 as its authors recommend. Integers only: no float is drawn here,
//! so native and wasm agree to the last bit.
//!
//! Nothing here is fit for cryptography.

/// A xoshiro256++ generator. Plain data: cloning it forks the stream at this point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The generator that belongs to `seed`.
    pub fn from_seed(seed: u64) -> Random {
        let mut mix = seed;
        Random { state: std::array::from_fn(|_| splitmix64(&mut mix)) }
    }

    /// A generator for one purpose under `seed`.
    ///
    /// Every concern of a run (loss, delay, each server's timers) draws from a stream of its own,
    /// so that one more draw in one of them does not shift the others.
    pub fn for_purpose(seed: u64, purpose: u64) -> Random {
        let mut mix = seed;
        let base = splitmix64(&mut mix);
        let mut mix = base ^ purpose.wrapping_mul(0xD1B5_4A32_D192_ED03);
        Random::from_seed(splitmix64(&mut mix))
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in `0..bound`, every one equally likely. A bound of 0 gives 0.
    ///
    /// Lemire's multiplication method ("Fast Random Integer Generation in an Interval", 2019):
    /// the rare draw that would favour small numbers is thrown away and repeated.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let reject_below = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            if product as u64 >= reject_below {
                return (product >> 64) as u64;
            }
        }
    }

    /// A number in `low..=high`, both ends included. The ends may come in either order.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        let (low, high) = if low <= high { (low, high) } else { (high, low) };
        match (high - low).checked_add(1) {
            Some(width) => low + self.below(width),
            None => self.next_u64(),
        }
    }

    /// True with probability `parts_per_million` / 1,000,000.
    ///
    /// Draws exactly once for any probability, so that changing a rate shifts nothing after it.
    pub fn chance(&mut self, parts_per_million: u32) -> bool {
        let product = u128::from(self.next_u64()) * 1_000_000;
        ((product >> 64) as u64) < u64::from(parts_per_million)
    }
}

fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with the authors' reference C code (xoshiro256plusplus.c, splitmix64.c).
    #[test]
    fn values_are_those_of_the_reference_implementation() {
        let mut random = Random { state: [1, 2, 3, 4] };
        let first: Vec<u64> = (0..4).map(|_| random.next_u64()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);

        let mut mix = 1_234_567;
        assert_eq!(splitmix64(&mut mix), 6_457_827_717_110_365_317);
        assert_eq!(splitmix64(&mut mix), 3_203_168_211_198_807_973);
    }

    #[test]
    fn below_stays_below_and_reaches_every_value() {
        let mut random = Random::from_seed(7);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            seen[random.below(6) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| (850..1_150).contains(&n)), "{seen:?}");
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
    }

    #[test]
    fn between_includes_both_ends_in_either_order() {
        let mut random = Random::from_seed(1);
        let drawn: Vec<u64> = (0..200).map(|_| random.between(12, 10)).collect();
        assert_eq!(drawn.iter().min(), Some(&10));
        assert_eq!(drawn.iter().max(), Some(&12));
        random.between(0, u64::MAX);
    }

    #[test]
    fn chance_is_never_at_zero_and_always_at_a_million() {
        let mut random = Random::from_seed(3);
        assert!((0..1_000).all(|_| !random.chance(0)));
        assert!((0..1_000).all(|_| random.chance(1_000_000)));
        let hits = (0..10_000).filter(|_| random.chance(250_000)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
    }

    #[test]
    fn purposes_do_not_share_a_stream() {
        let draws = |purpose| Random::for_purpose(7, purpose).next_u64();
        assert_ne!(draws(0), draws(1));
        assert_ne!(draws(1), draws(2));
        assert_eq!(draws(1), draws(1));
    }
}
