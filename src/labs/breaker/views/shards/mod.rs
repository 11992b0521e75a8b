//! The view "Shards": one of four shards fails, and a breaker in front of all takes the other three
//! down with it (Marc Brooker, "Will circuit breakers solve my problems?", 2022).

mod picture;
mod runs;
#[cfg(test)]
mod tests;

use super::parts::{NOT_DRAWN, choices, pressed};
use crate::labs::{Lab, Pointed, View};
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight};
use runs::{Guard, Opens, Told, run};

const TRIES: [(u32, &str); 3] = [(1, "1"), (2, "2"), (3, "3")];
const OPENS: [&str; 3] = ["20 % of 12 fail", "50 % of 12 fail", "5 in a row fail"];

/// What the view keeps between one drawing and the next.
pub(super) struct ShardsView {
    opens: usize,
    tries: usize,
    /// The worlds, in the order of [`Guard::ALL`], as far as they are worked out.
    told: Vec<Told>,
    /// The picture drawn last, for how wide a frame.
    drawn: (String, f32),
}

impl ShardsView {
    pub(super) fn new() -> ShardsView {
        ShardsView { opens: 0, tries: 1, told: Vec::new(), drawn: (String::new(), NOT_DRAWN) }
    }

    /// A world is a slice of the work.
    fn run(&mut self) {
        if let Some(guard) = Guard::ALL.get(self.told.len()) {
            self.told.push(run(*guard, Opens::ALL[self.opens], TRIES[self.tries].0, 1));
            self.drawn.1 = NOT_DRAWN;
        }
    }

    fn told(&self, guard: Guard) -> Option<&Told> {
        let place = Guard::ALL.iter().position(|other| *other == guard)?;
        self.told.get(place)
    }

    fn picture(&mut self, frame: Frame) -> String {
        self.run();
        if self.drawn.1 != frame.width {
            self.drawn = (picture::drawn(self, frame), frame.width);
        }
        self.drawn.0.clone()
    }

    fn choose(&mut self, what: &str) {
        match pressed(what) {
            ("opens", Some(place)) if place < OPENS.len() => self.opens = place,
            ("tries", Some(place)) if place < TRIES.len() => self.tries = place,
            _ => return,
        }
        self.told.clear();
        self.drawn.1 = NOT_DRAWN;
    }
}

impl View for ShardsView {
    fn draw(&mut self, _lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        self.picture(frame)
    }

    fn is_finished(&self) -> bool {
        self.told.len() == Guard::ALL.len()
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "cb-controls")]);
        choices(&mut html, "A breaker opens if", "opens", &OPENS, self.opens);
        choices(&mut html, "Tries", "tries", &TRIES.map(|tries| tries.1), self.tries);
        html.close("div");
        html.text
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.choose(what);
        None
    }
}
