//! The view "Which library?": one trace of calls, played to the breaker as it should be and to
//! breakers with habits found in use, side by side, with the moments in which they part.

mod picture;
mod replay;
#[cfg(test)]
mod tests;
mod traces;

use super::parts::{NOT_DRAWN, button, choices, pressed};
use crate::circuit_breaker::PRESETS;
use crate::labs::{Lab, Pointed, View};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight};
use replay::{Parting, Played};
use traces::{CHAPTERS, Trace};

/// The chapter that a reader sees first: most libraries get this one wrong.
const FIRST: usize = 1;

/// What the view keeps between one drawing and the next.
pub(super) struct LibrariesView {
    /// Which part of the trace; nothing for all of it.
    chapter: Option<usize>,
    trace: Trace,
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
            chapter: None,
            trace: Trace::default(),
            played: Vec::new(),
            given_away: given_away.collect(),
            row: row.unwrap_or_default(),
            parting: 0,
            drawn: (String::new(), NOT_DRAWN),
        };
        view.read(Some(FIRST));
        view
    }

    /// Another part of the trace.
    fn read(&mut self, chapter: Option<usize>) {
        self.chapter = chapter;
        self.trace = Trace::of(chapter);
        self.played = play(&self.trace);
        self.parting = 0;
        self.drawn.1 = NOT_DRAWN;
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
            ("all", _) => self.read(None),
            ("chapter", Some(chapter)) if chapter < CHAPTERS.len() => self.read(Some(chapter)),
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
    fn draw(&mut self, _lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        self.picture(frame)
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "cb-controls")]);
        let titles = CHAPTERS.each_ref().map(|chapter| chapter.title);
        choices(&mut html, "Trace", "chapter", &titles, self.chapter.unwrap_or(usize::MAX));
        button(&mut html, "all", "all of these", self.chapter.is_none());
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
