//! A node's own clock, which may run fast, slow, or elsewhere.

/// A clock as it was last set.
///
/// It shows `anchor_us + offset_us` at the instant `anchor_us` and runs at `rate_ppm` from then on.
/// What it shows never goes back while a process looks at it: set back, it stands still until it
/// has caught up with itself, as the monotonic clocks of operating systems do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clock {
    /// When it was set, in microseconds of the world.
    anchor_us: u64,
    /// How far it was ahead of the world then, in microseconds.
    offset_us: i64,
    /// How many microseconds it counts in a second of the world.
    rate_ppm: u32,
    /// It shows no less than this.
    floor_us: u64,
}

/// The rate of a clock that keeps time.
pub const TRUE_RATE_PPM: u32 = 1_000_000;

impl Default for Clock {
    /// A clock that keeps time.
    fn default() -> Clock {
        Clock { anchor_us: 0, offset_us: 0, rate_ppm: TRUE_RATE_PPM, floor_us: 0 }
    }
}

impl Clock {
    /// How many microseconds it counts in a second of the world.
    pub fn rate_ppm(&self) -> u32 {
        self.rate_ppm
    }

    /// How far it is ahead of the world's time `now_us`, in microseconds.
    pub fn ahead_us(&self, now_us: u64) -> i64 {
        let ahead = i128::from(self.shows_us(now_us)) - i128::from(now_us);
        i64::try_from(ahead).unwrap_or(i64::MAX)
    }

    /// What it shows at the world's time `now_us`.
    pub fn shows_us(&self, now_us: u64) -> u64 {
        if self.is_true() {
            return now_us;
        }
        let passed = u128::from(now_us.saturating_sub(self.anchor_us));
        let counted = passed * u128::from(self.rate_ppm) / u128::from(TRUE_RATE_PPM);
        let shown = self.base_us() + counted as i128;
        u64::try_from(shown.max(0)).unwrap_or(u64::MAX).max(self.floor_us)
    }

    /// The first instant of the world, from `now_us` on, at which it shows `wanted_us` or more.
    pub(super) fn world_us(&self, wanted_us: u64, now_us: u64) -> u64 {
        if self.is_true() {
            return wanted_us.max(now_us);
        }
        if self.shows_us(now_us) >= wanted_us {
            return now_us;
        }
        // floor(x · rate / 1e6) ≥ d holds first at x = ceil(d · 1e6 / rate).
        let missing = (i128::from(wanted_us) - self.base_us()).max(0) as u128;
        let passed = (missing * u128::from(TRUE_RATE_PPM)).div_ceil(u128::from(self.rate_ppm));
        let due_us = u64::try_from(passed).unwrap_or(u64::MAX);
        self.anchor_us.saturating_add(due_us).max(now_us)
    }

    /// Sets it at `now_us`.
    pub(crate) fn set(&mut self, now_us: u64, rate_ppm: u32, offset_us: i64) {
        let floor_us = self.shows_us(now_us);
        *self = Clock { anchor_us: now_us, offset_us, rate_ppm: rate_ppm.max(1), floor_us };
    }

    /// Nobody remembers what it showed before.
    pub(crate) fn forget(&mut self) {
        self.floor_us = 0;
    }

    fn base_us(&self) -> i128 {
        i128::from(self.anchor_us) + i128::from(self.offset_us)
    }

    fn is_true(&self) -> bool {
        self.rate_ppm == TRUE_RATE_PPM && self.offset_us == 0 && self.floor_us <= self.anchor_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// For any setting: never back, and a deadline comes at the first instant that shows it.
    #[test]
    fn deadlines_are_converted_exactly() {
        let mut random = Random::from_seed(5);
        for _ in 0..2_000 {
            let mut clock = Clock::default();
            let mut now_us = random.below(1_000_000);
            let mut shown_us = clock.shows_us(now_us);
            for _ in 0..4 {
                let offset_us = random.below(2_000_000) as i64 - 1_000_000;
                let rate_ppm = random.between(1, 3_000_000) as u32;
                clock.set(now_us, rate_ppm, offset_us);
                assert!(clock.shows_us(now_us) >= shown_us);
                let wanted_us = clock.shows_us(now_us) + random.below(10_000);
                let due_us = clock.world_us(wanted_us, now_us);
                assert!(clock.shows_us(due_us) >= wanted_us, "{clock:?}");
                assert!(due_us == now_us || clock.shows_us(due_us - 1) < wanted_us, "{clock:?}");
                now_us = due_us;
                shown_us = clock.shows_us(now_us);
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_back_stands_still_until_it_has_caught_up() {
        let mut clock = Clock::default();
        clock.set(1_000, TRUE_RATE_PPM, -400);
        assert_eq!(
            [1_000, 1_200, 1_400, 1_401].map(|t| clock.shows_us(t)),
            [1_000, 1_000, 1_000, 1_001]
        );
        assert_eq!(clock.world_us(1_010, 1_000), 1_410);
        assert_eq!(clock.ahead_us(2_000), -400);
        clock.set(2_000, TRUE_RATE_PPM, 0);
        assert!(clock.is_true());
        assert_eq!(clock.shows_us(2_500), 2_500);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let mut clock = Clock::default();
        clock.set(10, 1, i64::MIN);
        assert_eq!(clock.world_us(u64::MAX, 10), u64::MAX);
        clock.set(u64::MAX, u32::MAX, i64::MAX);
        assert_eq!(clock.shows_us(u64::MAX), u64::MAX);
    }
}
