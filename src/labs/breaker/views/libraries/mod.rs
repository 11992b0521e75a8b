//! The view "Which library?": one trace of calls, played to the breaker as it should be and to
//! breakers with habits found in use, side by side, with the moments in which they part. There are
//! traces about one edge each, and the calls of the reader's own run.

mod picture;
mod replay;
mod run;
#[cfg(test)]
mod tests;
mod traces;

use super::parts::{NOT_DRAWN, button, pressed};
use crate::circuit_breaker::PRESETS;
use crate::labs::breaker::{BreakerLab, Cluster};
use crate::labs::{Lab, Pointed, View};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight};
use replay::{Parting, Played};
use run::Run;
use traces::{CHAPTERS, Chapter, Trace};

/// The chapter that a reader sees first: most libraries get this one wrong.
const FIRST: usize = 1;
/// While the run goes on, it is played anew with every so manyth drawing.
const DRAWINGS_A_PLAY: u32 = 8;

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A chapter.
    Chapter(usize),
    /// All chapters, one after the other.
    All,
    /// The calls of the reader's own run.
    Run,
}

/// What the view keeps between one drawing and the next.
pub(super) struct LibrariesView {
    part: Part,
    trace: Trace,
    /// The reader's own run when it was played last; its history's hash then and now; and how many
    /// drawings ago that was.
    run: Run,
    hashes: (u64, u64),
    drawings: u32,
    /// For each of [`PRESETS`] what it made of the trace, and where it parts from the first.
    played: Vec<(Played, Vec<Parting>)>,
    /// For each of them, which chapters alone give it away.
    given_away: Vec<Vec<bool>>,
    /// Which breaker is looked at, and which of its partings.
    row: usize,
    parting: usize,
    /// The picture drawn last, for how wide a frame.
    drawn: (String, f32),
}

/// Plays a trace to all of them.
fn play(trace: &Trace) -> Vec<(Played, Vec<Parting>)> {
    let genuine = Played::of(trace, &PRESETS[0]);
    let played = PRESETS.iter().map(|preset| {
        let played = Played::of(trace, preset);
        let partings = played.partings(trace, &genuine);
        (played, partings)
    });
    played.collect()
}

impl LibrariesView {
    pub(super) fn new() -> LibrariesView {
        let chapters = (0..CHAPTERS.len()).map(|chapter| play(&Trace::of(Some(chapter))));
        let chapters: Vec<_> = chapters.collect();
        let given_away = (0..PRESETS.len()).map(|preset| {
            chapters.iter().map(|played| !played[preset].1.is_empty()).collect::<Vec<_>>()
        });
        let row = PRESETS.iter().position(|preset| preset.name == "stale-success");
        let mut view = LibrariesView {
            part: Part::All,
            trace: Trace::default(),
            run: Run::default(),
            hashes: (0, 0),
            drawings: DRAWINGS_A_PLAY,
            played: Vec::new(),
            given_away: given_away.collect(),
            row: row.unwrap_or_default(),
            parting: 0,
            drawn: (String::new(), NOT_DRAWN),
        };
        view.read(Part::Chapter(FIRST));
        view
    }

    /// Plays another part. The reader's run is played as far as it was known last.
    fn read(&mut self, part: Part) {
        self.part = part;
        self.trace = match part {
            Part::Chapter(chapter) => Trace::of(Some(chapter)),
            Part::All => Trace::of(None),
            Part::Run => self.run.trace.clone(),
        };
        self.played = play(&self.trace);
        self.look_at(self.row, 0);
    }

    /// Plays the reader's run again if it is another one now, or has gone on. A reader who looks at
    /// its latest parting goes on looking at that one.
    fn follow(&mut self, cluster: &Cluster) {
        self.hashes.1 = cluster.world().history().hash();
        self.drawings += 1;
        if self.is_up_to_date() || self.drawings < DRAWINGS_A_PLAY {
            return;
        }
        (self.hashes.0, self.drawings) = (self.hashes.1, 0);
        self.run = Run::of(cluster);
        let parting = self.parting;
        self.read(Part::Run);
        self.look_at(self.row, parting);
    }

    /// Whether the run that was played is the run as it is now.
    fn is_up_to_date(&self) -> bool {
        self.part != Part::Run || self.hashes.0 == self.hashes.1
    }

    /// Where the breaker that is looked at parts from the genuine one, at the moment looked at.
    fn parting(&self) -> Option<Parting> {
        self.played[self.row].1.get(self.parting).copied()
    }

    fn look_at(&mut self, row: usize, parting: usize) {
        self.row = row.min(PRESETS.len() - 1);
        self.parting = parting.min(self.played[self.row].1.len().saturating_sub(1));
        self.drawn.1 = NOT_DRAWN;
    }

    fn choose(&mut self, what: &str) {
        let (row, parting) = (self.row, self.parting);
        match pressed(what) {
            ("all", _) => self.read(Part::All),
            ("run", _) => {
                self.drawings = DRAWINGS_A_PLAY;
                self.read(Part::Run);
            }
            ("chapter", Some(chapter)) if chapter < CHAPTERS.len() => {
                self.read(Part::Chapter(chapter));
            }
            ("breaker", Some(row)) if row < PRESETS.len() => self.look_at(row, 0),
            ("ArrowUp", _) => self.look_at(row.saturating_sub(1), 0),
            ("ArrowDown", _) => self.look_at(row + 1, 0),
            ("ArrowLeft" | "before", _) => self.look_at(row, parting.saturating_sub(1)),
            ("ArrowRight" | "after", _) => self.look_at(row, parting + 1),
            _ => {}
        }
    }

    fn picture(&mut self, frame: Frame) -> String {
        if self.drawn.1 != frame.width {
            self.drawn = (picture::drawn(self, frame), frame.width);
        }
        self.drawn.0.clone()
    }
}

impl View for LibrariesView {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        if let (Part::Run, Some(lab)) = (self.part, BreakerLab::of(lab)) {
            self.follow(lab.cluster());
        }
        self.picture(frame)
    }

    fn is_finished(&self) -> bool {
        self.is_up_to_date()
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "cb-controls")]);
        html.open("span", &[("class", "group"), ("role", "group"), ("aria-label", "Trace")]);
        html.words("b", &[], "Trace");
        button(&mut html, "run", "this run", self.part == Part::Run);
        for (chapter, Chapter { title, .. }) in CHAPTERS.iter().enumerate() {
            let look = ["chapter=", &chapter.to_string()].concat();
            button(&mut html, &look, title, self.part == Part::Chapter(chapter));
        }
        button(&mut html, "all", "all of these", self.part == Part::All);
        html.close("span");
        html.open("span", &[("class", "group"), ("role", "group"), ("aria-label", "Moments")]);
        html.words("b", &[], "Moment");
        for (look, arrow, label) in [("before", "←", "Before"), ("after", "→", "After")] {
            let named = [("class", "toggle"), ("data-look", look), ("aria-label", label)];
            html.words("button", &named, arrow);
        }
        html.close("span");
        html.close("div");
        html.text
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.choose(what);
        None
    }
}
