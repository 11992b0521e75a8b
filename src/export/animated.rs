//! The stage between two instants as one SVG file that moves by itself: no script, so it plays in
//! an `<img>`, in a wiki, in a feed.
//!
//! It is the real run. At every instant at which something happens the lab is asked for its scene;
//! what looks the same from one to the next is drawn once. What changes is shown and hidden by
//! [SMIL](https://www.w3.org/TR/SVG11/animate.html) `animate` elements, all with the length of the
//! whole loop, so nothing drifts apart; messages take the way and the time that the scene gives
//! them, clocks run down as they do there. At the end everything stands still for a moment, then it
//! begins again.
//!
//! Readers who asked for less motion (`prefers-reduced-motion`) see the last instant, still. So do
//! programs that know no animation.

mod film;
mod track;

use film::Film;
use track::{Clip, Course};

use super::figure::{checked, describe, document, stage};
use super::{ExportError, limits};
use crate::scene::svg::Markup;
use crate::scene::{Frame, tenths};
use crate::text::files;
use crate::timeline::{BranchId, Timeline};

/// What to animate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Animation {
    /// Which branch.
    pub branch: BranchId,
    /// Where it begins, in microseconds since the start of the run.
    pub from_us: u64,
    /// Where it ends.
    pub to_us: u64,
    /// How long it plays, in milliseconds, without the pause at the end. `None`: fifty times slower
    /// than the world, or as near to that as [`limits::PLAYS_MS`] and a minute allow.
    pub plays_ms: Option<u32>,
    /// Its width and height, in pixels.
    pub size: (u32, u32),
}

/// The pause at the end, in milliseconds.
const PAUSE_MS: u32 = 2_500;
/// How long a message that died is still shown, in milliseconds.
const LINGER_MS: u64 = 900;
/// How much slower than the world it plays if nothing else is asked for.
const SLOWER: u64 = 50;
/// The longest that it plays if nothing else is asked for, in milliseconds.
const USUALLY_MS: u64 = 60_000;
/// The room for the headline above the stage, and for the time below it.
const HEAD: f32 = 54.0;
const FOOT: f32 = 26.0;

/// The moving picture. The timeline's playhead stays where it is.
///
/// # Errors
///
/// [`ExportError`] if there is no such part of the run, or too much happens in it.
pub fn animated(timeline: &mut Timeline, wanted: &Animation) -> Result<String, ExportError> {
    let whole = checked(wanted.size.0, wanted.size.1)?;
    let (from_us, to_us) = (wanted.from_us, wanted.to_us);
    if to_us <= from_us {
        return Err(ExportError::EndsBefore { from_us, to_us });
    }
    let usually_ms = ((to_us - from_us) * SLOWER / 1_000).clamp(2_000, USUALLY_MS) as u32;
    let plays_ms = wanted.plays_ms.unwrap_or(usually_ms);
    if !limits::PLAYS_MS.contains(&plays_ms) {
        return Err(ExportError::Plays(plays_ms));
    }
    let loops_ms = plays_ms + PAUSE_MS;
    let clock = Clock { from_us, to_us, plays_ms, loops_ms };
    let frame = Frame { height: whole.height - HEAD - FOOT, ..whole };
    let film = Film::shoot(timeline, wanted.branch, clock, frame)?;
    let mut svg = Markup::default();
    svg.open("g", &[("class", "moving")]);
    film.draw(&mut svg, HEAD);
    progress(&mut svg, clock, whole);
    svg.close("g");
    // The last instant once more, for those who want nothing to move.
    let scene = film.last();
    svg.open("g", &[("class", "still"), ("aria-hidden", "true")]);
    svg.text.push_str(&film::caption(scene, whole.width));
    svg.open("g", &[("transform", &format!("translate(0 {})", tenths(HEAD)))]);
    svg.text.push_str(&super::figure::bare(&stage(scene, to_us)));
    svg.close("g");
    svg.close("g");
    let title = files::cluster_for_a_while(
        scene.nodes.len(),
        timeline.entry().name,
        from_us / 1_000,
        to_us / 1_000,
    );
    let words = files::animation(&describe(film.lab(), scene));
    let text = document("stage-svg", whole, (&title, &words), &svg.text, OWN);
    match text.len() > limits::ANIMATION_BYTES {
        true => Err(ExportError::TooMuch("bytes of it", limits::ANIMATION_BYTES)),
        false => Ok(text),
    }
}

const OWN: &str = ".stage-svg .film-head{font-size:15px;font-weight:600;text-anchor:start;}\n\
    .stage-svg .film-line{font-size:13px;text-anchor:start;fill:var(--soft);}\n\
    .stage-svg .film-time{font-size:11px;fill:var(--soft);}\n\
    .film-way{stroke:var(--line);stroke-width:3;stroke-linecap:round;}\n\
    .film-done{stroke:var(--accent);stroke-width:3;stroke-linecap:round;}\n\
    .still{display:none;}\n\
    @media (prefers-reduced-motion:reduce){.still{display:inline;}.moving{display:none;}}\n";

/// How instants of the run become instants of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    from_us: u64,
    to_us: u64,
    plays_ms: u32,
    loops_ms: u32,
}

impl Clock {
    /// The instant as a part of the loop, in hundred-thousandths.
    fn part(self, at_us: u64) -> u32 {
        let gone = u128::from(at_us.clamp(self.from_us, self.to_us) - self.from_us);
        let span = u128::from(self.to_us - self.from_us).max(1) * u128::from(self.loops_ms);
        (gone * u128::from(self.plays_ms) * u128::from(WHOLE) / span) as u32
    }

    /// How much of the run passes in so many milliseconds of playing, in microseconds.
    fn passes_us(self, ms: u64) -> u64 {
        ms * (self.to_us - self.from_us) / u64::from(self.plays_ms)
    }

    /// The attributes that every animation has.
    fn attributes(self) -> [(&'static str, String); 2] {
        let (s, ms) = (self.loops_ms / 1_000, self.loops_ms % 1_000);
        [("dur", format!("{s}.{ms:03}s")), ("repeatCount", "indefinite".to_owned())]
    }
}

/// The whole loop.
const WHOLE: u32 = 100_000;

/// A part of the loop as `keyTimes` wants it.
fn key_time(part: u32) -> String {
    match part {
        0 => "0".to_owned(),
        WHOLE.. => "1".to_owned(),
        _ => {
            let text = format!("{part:05}");
            format!(".{}", text.trim_end_matches('0'))
        }
    }
}

/// A line that fills as time goes by, between the first and the last instant.
fn progress(svg: &mut Markup, clock: Clock, whole: Frame) {
    const ASIDE: f32 = 70.0;
    let y = whole.height - FOOT / 2.0;
    let (left, right) = (ASIDE, whole.width - ASIDE);
    for (x, at_us) in [(ASIDE / 2.0, clock.from_us), (whole.width - ASIDE / 2.0, clock.to_us)] {
        let place = [("class", "film-time"), ("x", &*tenths(x)), ("y", &tenths(y + 4.0))];
        svg.words("text", &place, &format!("{} ms", at_us / 1_000));
    }
    let way = format!("M{} {}H{}", tenths(left), tenths(y), tenths(right));
    svg.leaf("path", &[("class", "film-way"), ("d", &way)]);
    let (x, y) = (tenths(left), tenths(y));
    svg.open("line", &[("class", "film-done"), ("x1", &x), ("y1", &y), ("x2", &x), ("y2", &y)]);
    let mut course = Course::new("x2", None);
    course.push(clock.part(clock.from_us), tenths(left));
    course.push(clock.part(clock.to_us), tenths(right));
    course.draw(svg, clock);
    svg.close("line");
}
