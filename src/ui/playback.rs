//! How fast virtual time goes by. It decides what is seen when, never what happens.

use crate::text;

/// The steps of the speed slider: 20 to each factor of ten, from 1/1000 to 1.
pub(crate) const SPEED_STEPS: u32 = 60;

/// The longest real time that one frame may stand for, in milliseconds. After a hitch, or a sleep
/// of the machine, the run goes on where it was instead of leaping.
const FRAME_MS_MAX: f64 = 100.0;

/// Playing or paused, how fast, and the part of a microsecond that is left over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Playback {
    pub(crate) playing: bool,
    /// Whether it hurries through what is quiet.
    pub(crate) skips_quiet: bool,
    speed_step: u32,
    last_frame_ms: Option<f64>,
    carry_us: f64,
}

impl Playback {
    /// Paused, at 1/100 of real time.
    pub(crate) fn new() -> Playback {
        Playback {
            playing: false,
            skips_quiet: false,
            speed_step: 20,
            last_frame_ms: None,
            carry_us: 0.0,
        }
    }

    /// The place of the slider, 0 to [`SPEED_STEPS`].
    pub(crate) fn speed_step(&self) -> u32 {
        self.speed_step
    }

    pub(crate) fn set_speed_step(&mut self, step: u32) {
        self.speed_step = step.min(SPEED_STEPS);
    }

    /// Moves the slider by so many steps, as far as it goes.
    pub(crate) fn change_speed(&mut self, steps: i32) {
        self.set_speed_step(self.speed_step.saturating_add_signed(steps));
    }

    /// Sets the nearest speed to `ppm` parts of a million of real time.
    pub(crate) fn set_speed_ppm(&mut self, ppm: u32) {
        let distance = |step: &u32| (speed_ppm(*step) - f64::from(ppm)).abs() as u64;
        self.speed_step = (0..=SPEED_STEPS).min_by_key(distance).unwrap_or(20);
    }

    /// The speed as people write it: `1/100`.
    pub(crate) fn speed_label(&self) -> String {
        match (1_000_000.0 / speed_ppm(self.speed_step)).round() as u32 {
            1 => text::REAL_TIME.to_owned(),
            // Two digits: 1/251 would look as if it meant something.
            slower @ 100.. => format!("1/{}", (slower + 5) / 10 * 10),
            slower => format!("1/{slower}"),
        }
    }

    /// How much virtual time `real_ms` of real time stand for.
    pub(crate) fn virtual_us(&self, real_ms: f64) -> f64 {
        real_ms * speed_ppm(self.speed_step) / 1_000.0
    }

    /// The virtual time that has gone by since the last frame, in whole microseconds.
    pub(crate) fn frame(&mut self, time_ms: f64) -> u64 {
        let last_ms = self.last_frame_ms.replace(time_ms).unwrap_or(time_ms);
        let real_ms = (time_ms - last_ms).clamp(0.0, FRAME_MS_MAX);
        self.carry_us += self.virtual_us(real_ms);
        let whole = self.carry_us.floor();
        self.carry_us -= whole;
        whole as u64
    }

    /// Where to go on from if it is quiet until `quiet_until_us`: shortly before, so that what then
    /// happens is seen to come. `None` if that is not worth it.
    pub(crate) fn hurried(&self, now_us: u64, quiet_until_us: u64) -> Option<u64> {
        /// In milliseconds of real time.
        const SHORTLY_MS: f64 = 250.0;
        let shortly_us = (self.virtual_us(SHORTLY_MS) + 0.5) as u64;
        let to_us = quiet_until_us.saturating_sub(shortly_us);
        (self.playing && self.skips_quiet && to_us > now_us + shortly_us).then_some(to_us)
    }

    /// Forgets the last frame: the next one starts from its own time.
    pub(crate) fn rest(&mut self) {
        self.last_frame_ms = None;
    }
}

fn speed_ppm(step: u32) -> f64 {
    // The twentieth root of ten. Multiplied up, because `powf` brings 3 kB of code along.
    const STEP: f64 = 1.122_018_454_301_963_3;
    (0..step).fold(1_000.0, |ppm, _| ppm * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_add_up_at_any_rate() {
        for frames_per_second in [10, 60, 240] {
            let mut playback = Playback::new();
            playback.frame(0.0);
            let total: u64 = (1..=2 * frames_per_second)
                .map(|k| playback.frame(f64::from(k) * 1_000.0 / f64::from(frames_per_second)))
                .sum();
            assert!((19_999..=20_000).contains(&total), "{frames_per_second}: {total}");
        }
    }

    #[test]
    fn a_hitch_does_not_leap() {
        let mut playback = Playback::new();
        playback.frame(0.0);
        assert!((999..=1_000).contains(&playback.frame(60_000.0)));
    }

    #[test]
    fn what_is_quiet_is_hurried_through_to_shortly_before_its_end() {
        let mut playback = Playback::new();
        (playback.playing, playback.skips_quiet) = (true, true);
        assert_eq!(playback.hurried(10_000, 50_000), Some(47_500), "1/100: 2.5 ms before");
        assert_eq!(playback.hurried(47_500, 50_000), None, "it is seen to come");
        assert_eq!(playback.hurried(45_000, 50_000), None, "not worth it");
        playback.skips_quiet = false;
        assert_eq!(playback.hurried(10_000, 50_000), None);
    }

    #[test]
    fn speeds_have_plain_names() {
        let mut playback = Playback::new();
        assert_eq!(playback.speed_label(), "1/100");
        playback.set_speed_ppm(1_000_000);
        assert_eq!(playback.speed_label(), "real time");
        playback.set_speed_ppm(1_000);
        assert_eq!((playback.speed_step(), playback.speed_label().as_str()), (0, "1/1000"));
    }
}
