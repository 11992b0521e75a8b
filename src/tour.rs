//! A guided run: what is said at which instant, where playback waits for the reader, and which of
//! the lab's tasks they are shown. What a page needs of a script once it has been played, so that
//! it needs neither the language nor the player.

/// What is said from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// In microseconds since the start of the run.
    pub at_us: u64,
    /// Whether playback waits here until the reader goes on.
    pub stops: bool,
    /// What is said.
    pub text: String,
}

/// The words along a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tour {
    /// What it shows, in a few words.
    pub title: String,
    /// In order of their instants, which differ.
    pub captions: Vec<Caption>,
    /// The last instant, in microseconds since the start of the run.
    pub ends_us: u64,
    /// Which of the lab's tasks are shown, by their names; none: those of its path.
    pub tasks: Vec<String>,
}

impl Tour {
    /// Which caption is read at an instant; before the first there is none.
    pub fn caption_at(&self, at_us: u64) -> Option<usize> {
        let begun = self.captions.partition_point(|caption| caption.at_us <= at_us);
        begun.checked_sub(1)
    }

    /// Where playback from one instant to another has to stop: at a caption that waits, or where
    /// the tour ends. Whoever stands there goes on.
    pub fn stop_within(&self, from_us: u64, to_us: u64) -> Option<u64> {
        let stops = self.captions.iter().filter(|caption| caption.stops);
        let mut stops = stops.map(|caption| caption.at_us).chain([self.ends_us]);
        stops.find(|at_us| from_us < *at_us && *at_us <= to_us)
    }

    /// The instant of the caption that comes next, or the end; back: of the one before.
    pub fn step(&self, from_us: u64, back: bool) -> Option<u64> {
        let instants = || self.captions.iter().map(|caption| caption.at_us);
        if back {
            return instants().rfind(|at_us| *at_us < from_us);
        }
        instants().chain([self.ends_us]).find(|at_us| *at_us > from_us)
    }

    /// The instant that says most in a still picture: where playback first waits, or else the last
    /// caption but one.
    pub fn poster_us(&self) -> u64 {
        let stops = self.captions.iter().find(|caption| caption.stops);
        let last_but_one = self.captions.iter().rev().nth(1).or(self.captions.last());
        stops.or(last_but_one).map_or(self.ends_us, |caption| caption.at_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tour() -> Tour {
        let said = [(10, false, "first"), (20, true, "wait"), (50, false, "last")];
        let caption = |(at_us, stops, text): (u64, bool, &str)| Caption {
            at_us,
            stops,
            text: text.to_owned(),
        };
        Tour { captions: said.map(caption).into(), ends_us: 80, ..Tour::default() }
    }

    #[test]
    fn a_caption_is_read_from_its_instant_to_the_next() {
        let tour = tour();
        let places = [0, 10, 19, 20, 49, 50, 900].map(|at_us| tour.caption_at(at_us));
        assert_eq!(places, [None, Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)]);
        assert_eq!(Tour::default().caption_at(0), None);
    }

    #[test]
    fn playback_stops_once_where_it_waits_and_at_the_end() {
        let tour = tour();
        assert_eq!(tour.stop_within(0, 19), None);
        assert_eq!(tour.stop_within(0, 25), Some(20));
        assert_eq!(tour.stop_within(20, 25), None, "who stands there goes on");
        assert_eq!(tour.stop_within(20, 900), Some(80));
        assert_eq!(tour.stop_within(80, 900), None, "beyond the end nothing stops");
    }

    #[test]
    fn steps_go_from_caption_to_caption_and_to_the_end() {
        let tour = tour();
        let forth: Vec<_> = [0, 10, 20, 50, 80].map(|from_us| tour.step(from_us, false)).into();
        assert_eq!(forth, [Some(10), Some(20), Some(50), Some(80), None]);
        let back: Vec<_> = [80, 50, 20, 10].map(|from_us| tour.step(from_us, true)).into();
        assert_eq!(back, [Some(50), Some(20), Some(10), None]);
    }

    #[test]
    fn the_poster_is_where_playback_waits() {
        assert_eq!(tour().poster_us(), 20);
        let never = tour().captions.into_iter().map(|it| Caption { stops: false, ..it }).collect();
        assert_eq!(Tour { captions: never, ..tour() }.poster_us(), 20, "the last but one");
        assert_eq!(Tour::default().poster_us(), 0);
    }
}
