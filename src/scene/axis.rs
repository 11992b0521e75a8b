//! The way between an instant of a run and a place in a picture of it, and what pan and zoom do.

/// The part of a run that a picture shows, in microseconds since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Where it begins.
    pub from_us: u64,
    /// Where it ends; always after where it begins.
    pub to_us: u64,
}

/// How instants are spread over a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Spacing {
    /// In proportion to time.
    #[default]
    Time,
    /// Every instant at which something is shown is as far from the next as from the one before.
    Events,
}

/// The shortest window, in microseconds.
const SHORTEST_US: u64 = 200;
/// The longest window, in microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;
/// Parts of a whole, for places in a window.
const WHOLE: f32 = 65_536.0;

impl Window {
    /// From one instant to another; made longer if there is nothing between them.
    pub fn new(from_us: u64, to_us: u64) -> Window {
        let span_us = to_us.saturating_sub(from_us).clamp(SHORTEST_US, LONGEST_US);
        Window { from_us, to_us: from_us.saturating_add(span_us) }
    }

    /// So long a window that has the playhead near its right edge, for a picture that follows it.
    pub fn following(now_us: u64, span_us: u64) -> Window {
        let from_us = now_us.saturating_sub(span_us / 8 * 7);
        Window::new(from_us, from_us.saturating_add(span_us))
    }

    /// How long it is.
    pub fn span_us(self) -> u64 {
        self.to_us - self.from_us
    }

    /// Whether an instant lies in it, both ends included.
    pub fn contains(self, at_us: u64) -> bool {
        (self.from_us..=self.to_us).contains(&at_us)
    }

    /// As long a window that begins elsewhere.
    fn beginning(self, from_us: u64, span_us: u64) -> Window {
        Window::new(from_us, from_us.saturating_add(span_us))
    }

    /// Moved by so many thousandths of its length; never before the start of the run.
    pub fn moved(self, permille: i32) -> Window {
        let by_us = self.span_us() * u64::from(permille.unsigned_abs()) / 1_000;
        let from_us = match permille < 0 {
            true => self.from_us.saturating_sub(by_us),
            false => self.from_us.saturating_add(by_us),
        };
        self.beginning(from_us, self.span_us())
    }

    /// Moved by as little as it takes to show an instant, with a little room around it.
    pub fn showing(self, at_us: u64) -> Window {
        let span_us = self.span_us();
        let room_us = span_us / 16;
        if at_us < self.from_us {
            self.beginning(at_us.saturating_sub(room_us), span_us)
        } else if at_us > self.to_us {
            self.beginning(at_us.saturating_add(room_us).saturating_sub(span_us), span_us)
        } else {
            self
        }
    }
}

/// Where instants stand on a line of a picture, from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Instants in ascending order. The way between two neighbours is the same for all of them.
    knots: Vec<u64>,
    left: f32,
    width: f32,
}

impl Axis {
    /// In proportion to time, from `left` over `width` pixels.
    pub fn new(window: Window, left: f32, width: f32) -> Axis {
        Axis::spaced(window, &[], left, width)
    }

    /// With these instants evenly spaced, if there are any. They ascend; those outside of the
    /// window do not count.
    pub fn spaced(window: Window, instants: &[u64], left: f32, width: f32) -> Axis {
        let mut knots = vec![window.from_us];
        for &at_us in instants {
            let newest_us = knots.last().copied().unwrap_or_default();
            if at_us > newest_us && at_us < window.to_us {
                knots.push(at_us);
            }
        }
        knots.push(window.to_us);
        Axis { knots, left, width: width.max(1.0) }
    }

    /// The window it shows.
    pub fn window(&self) -> Window {
        let (first, last) = (self.knots[0], self.knots[self.knots.len() - 1]);
        Window { from_us: first, to_us: last }
    }

    /// The left edge.
    pub fn left(&self) -> f32 {
        self.left
    }

    /// The right edge.
    pub fn right(&self) -> f32 {
        self.left + self.width
    }

    /// Where an instant stands. Outside of the window the mean scale goes on.
    pub fn x(&self, at_us: u64) -> f32 {
        let Window { from_us, to_us } = self.window();
        let span = (to_us - from_us) as f32;
        if at_us < from_us {
            return self.left - (from_us - at_us) as f32 / span * self.width;
        }
        if at_us >= to_us {
            return self.right() + (at_us - to_us) as f32 / span * self.width;
        }
        let after = self.knots.partition_point(|knot| *knot <= at_us);
        let (low, high) = (self.knots[after - 1], self.knots[after]);
        let within = (at_us - low) as f32 / (high - low) as f32;
        self.left + ((after - 1) as f32 + within) * self.step()
    }

    /// The instant at a place.
    pub fn us(&self, x: f32) -> u64 {
        let Window { from_us, to_us } = self.window();
        let span = (to_us - from_us) as f32;
        let along = (x - self.left) / self.width;
        if along < 0.0 {
            return from_us.saturating_sub((-along * span) as u64);
        }
        if along >= 1.0 {
            return to_us.saturating_add(((along - 1.0) * span) as u64);
        }
        let steps = (x - self.left) / self.step();
        let before = (steps as usize).min(self.knots.len() - 2);
        let (low, high) = (self.knots[before], self.knots[before + 1]);
        low + ((steps - before as f32) * (high - low) as f32) as u64
    }

    fn step(&self) -> f32 {
        self.width / (self.knots.len() - 1) as f32
    }

    /// The window after a drag by `dx` pixels: to the right shows what was earlier.
    pub fn panned(&self, dx: f32) -> Window {
        let window = self.window();
        window.beginning(self.us(self.left - dx), window.span_us())
    }

    /// The window after zooming in (`permille` above 1,000) or out, with the instant at `x` staying
    /// where it is.
    pub fn zoomed(&self, x: f32, permille: u32) -> Window {
        let window = self.window();
        let span_us = window.span_us().saturating_mul(1_000) / u64::from(permille.max(1));
        let span_us = span_us.clamp(SHORTEST_US, LONGEST_US);
        let along = ((x - self.left) / self.width).clamp(0.0, 1.0);
        let before_us = u128::from(span_us) * u128::from((along * WHOLE) as u32) / WHOLE as u128;
        let from_us = self.us(x).saturating_sub(before_us as u64);
        window.beginning(from_us, span_us)
    }

    /// Instants to write under the axis, at least `gap` pixels apart, with their places and words.
    pub fn rulings(&self, gap: f32) -> Vec<(f32, String)> {
        if self.knots.len() > 2 {
            return self.rulings_of_events(gap);
        }
        let Window { from_us, to_us } = self.window();
        let least_us = ((to_us - from_us) as f32 * gap / self.width) as u64;
        let step_us = round_step(least_us);
        let first_us = from_us.div_ceil(step_us) * step_us;
        let instants = (0..).map(|k| first_us + k * step_us).take_while(|at_us| *at_us <= to_us);
        instants.map(|at_us| (self.x(at_us), in_words(at_us, step_us))).collect()
    }

    fn rulings_of_events(&self, gap: f32) -> Vec<(f32, String)> {
        let mut rulings: Vec<(f32, String)> = Vec::new();
        for &at_us in &self.knots[1..self.knots.len() - 1] {
            let x = self.x(at_us);
            if rulings.last().is_none_or(|(last, _)| x - last >= gap) {
                rulings.push((x, in_words(at_us, 100)));
            }
        }
        rulings
    }
}

/// The least of 1, 2, 5, 10, 20, … that is no less.
pub(super) fn round_step(least: u64) -> u64 {
    let mut step: u64 = 1;
    while step.saturating_mul(5) < least {
        step *= 10;
    }
    [1, 2, 5].into_iter().map(|times| step * times).find(|step| *step >= least).unwrap_or(step)
}

/// An instant, as exact as a step between two needs it.
fn in_words(at_us: u64, step_us: u64) -> String {
    let (seconds, ms) = (at_us / 1_000_000, at_us / 1_000 % 1_000);
    if step_us < 1_000 {
        let tenth = at_us / 100 % 10;
        return format!("{}.{tenth} ms", at_us / 1_000);
    }
    match (seconds, step_us) {
        (0, ..1_000_000) => format!("{ms} ms"),
        (_, 1_000_000..) => format!("{seconds} s"),
        (_, 100_000..) => format!("{seconds}.{} s", ms / 100),
        (_, 10_000..) => format!("{seconds}.{}{} s", ms / 100, ms / 10 % 10),
        _ => format!("{seconds}.{}{}{} s", ms / 100, ms / 10 % 10, ms % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { from_us: 100_000, to_us: 200_000 };

    #[test]
    fn there_and_back_by_time_and_by_events() {
        let by_time = Axis::new(WINDOW, 40.0, 1_000.0);
        let by_events = Axis::spaced(WINDOW, &[100_001, 100_002, 199_000], 40.0, 1_000.0);
        assert_eq!((by_time.x(100_000), by_time.x(150_000)), (40.0, 540.0));
        assert_eq!((by_events.x(100_001), by_events.x(100_002)), (290.0, 540.0));
        for axis in [by_time, by_events] {
            for at_us in [0, 99_000, 100_000, 100_001, 123_456, 199_999, 200_000, 250_000] {
                let back = axis.us(axis.x(at_us));
                assert!(back.abs_diff(at_us) <= 20, "{at_us} {back}");
            }
            let places: Vec<f32> = (0..30).map(|k| axis.x(k * 10_000)).collect();
            assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "time goes to the right");
        }
    }

    #[test]
    fn zoom_keeps_the_instant_under_the_pointer() {
        let axis = Axis::new(WINDOW, 0.0, 1_000.0);
        for x in [0.0, 250.0, 999.0] {
            for permille in [500, 2_000, 10_000] {
                let zoomed = Axis::new(axis.zoomed(x, permille), 0.0, 1_000.0);
                assert!(zoomed.x(axis.us(x)) - x < 1.0, "{x} {permille}");
            }
        }
        assert_eq!(axis.zoomed(0.0, 2_000).span_us(), 50_000);
        assert_eq!(axis.zoomed(0.0, u32::MAX).span_us(), SHORTEST_US);
        assert_eq!(axis.zoomed(500.0, 0).span_us(), 100_000_000);
    }

    #[test]
    fn pan_moves_what_is_shown_and_stops_at_the_start() {
        let axis = Axis::new(WINDOW, 0.0, 1_000.0);
        assert_eq!(axis.panned(-500.0), Window { from_us: 150_000, to_us: 250_000 });
        assert_eq!(axis.panned(9_000.0), Window { from_us: 0, to_us: 100_000 });
        assert_eq!(WINDOW.moved(-250).from_us, 75_000);
        assert_eq!(WINDOW.showing(10), Window { from_us: 0, to_us: 100_000 });
        assert!(WINDOW.showing(500_000).contains(500_000));
        assert_eq!(WINDOW.showing(150_000), WINDOW);
    }

    #[test]
    fn rulings_are_round_and_keep_their_distance() {
        let words = |axis: &Axis| -> Vec<String> {
            axis.rulings(90.0).into_iter().map(|(_, words)| words).collect()
        };
        let axis = Axis::new(WINDOW, 0.0, 500.0);
        assert_eq!(words(&axis), ["100 ms", "120 ms", "140 ms", "160 ms", "180 ms", "200 ms"]);
        let late = Axis::new(Window::new(1_400_000, 2_600_000), 0.0, 500.0);
        assert_eq!(words(&late), ["1.5 s", "2.0 s", "2.5 s"]);
        let near = Axis::new(Window::new(5_000, 6_000), 0.0, 500.0);
        assert_eq!(words(&near)[..2], ["5.0 ms", "5.2 ms"]);
    }
}
