//! The view "Retries": clients that write to one contended row, with each way to wait before a
//! retry: every write as a dot, calls and time counted, and both for more and more clients.

mod contest;
mod picture;
#[cfg(test)]
mod tests;

use super::parts::{NOT_DRAWN, Slider, pressed, slider};
use crate::labs::{Lab, Pointed, View};
use crate::scene::plot::Unit;
use crate::scene::svg::Markup;
use crate::scene::{Frame, Highlight};
use contest::{Contest, Way};

const CLIENTS: [u16; 6] = [5, 10, 20, 40, 60, 80];
const BASES_US: [u64; 5] = [5_000, 10_000, 20_000, 50_000, 100_000];
/// The longest wait.
const CAP_US: u64 = 2_000_000;
/// The curves have a point for every so many clients, up to the most, over so many seeds.
const STEP: u16 = 10;
const POINTS: usize = 8;
const SEEDS: u64 = 4;

/// What the view keeps between one drawing and the next.
pub(super) struct RetriesView {
    clients: usize,
    base: usize,
    /// How often the reader wanted another seed.
    seed: u64,
    /// For each of [`Way::ALL`] the contest that is shown.
    contests: Vec<Contest>,
    /// For each of them, for more and more clients, the mean of calls and of the time it took.
    means: Vec<Vec<(u64, u64)>>,
    drawn: (String, f32),
}

impl RetriesView {
    pub(super) fn new() -> RetriesView {
        let mut view = RetriesView {
            clients: 2,
            base: 1,
            seed: 0,
            contests: Vec::new(),
            means: Vec::new(),
            drawn: (String::new(), NOT_DRAWN),
        };
        view.contend();
        view.begin_curves();
        view
    }

    fn clients(&self) -> u16 {
        CLIENTS[self.clients]
    }

    fn base_us(&self) -> u64 {
        BASES_US[self.base]
    }

    fn contest(&self, way: Way, clients: u16, seed: u64) -> Contest {
        let backoff = way.backoff(self.base_us(), CAP_US);
        Contest::run(clients, backoff, seed).unwrap_or_default()
    }

    fn contend(&mut self) {
        let (clients, seed) = (self.clients(), self.seed);
        self.contests = Way::ALL.map(|way| self.contest(way, clients, seed)).into();
        self.drawn.1 = NOT_DRAWN;
    }

    fn begin_curves(&mut self) {
        self.means = Way::ALL.map(|_| Vec::new()).into();
    }

    /// A slice of the work: one point of every curve.
    fn run(&mut self) {
        let point = self.means[0].len();
        if point >= POINTS {
            return;
        }
        let clients = (point as u16 + 1) * STEP;
        for (place, way) in Way::ALL.into_iter().enumerate() {
            let (mut calls, mut time_us) = (0, 0);
            for seed in 0..SEEDS {
                let contest = self.contest(way, clients, seed);
                calls += contest.calls();
                time_us += contest.done_us;
            }
            self.means[place].push((calls / SEEDS, time_us / SEEDS));
        }
        self.drawn.1 = NOT_DRAWN;
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
            ("clients", Some(place)) => self.clients = place.min(CLIENTS.len() - 1),
            ("ArrowLeft" | "ArrowDown", _) => self.clients = self.clients.saturating_sub(1),
            ("ArrowRight" | "ArrowUp", _) => {
                self.clients = (self.clients + 1).min(CLIENTS.len() - 1);
            }
            ("base", Some(place)) => {
                self.base = place.min(BASES_US.len() - 1);
                self.begin_curves();
            }
            ("seed", _) => self.seed += 1,
            _ => return,
        }
        self.contend();
    }
}

impl View for RetriesView {
    fn draw(&mut self, _lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        self.picture(frame)
    }

    fn is_finished(&self) -> bool {
        self.means[0].len() >= POINTS
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        html.open("div", &[("class", "cb-controls")]);
        let clients = self.clients().to_string();
        let (name, title, places, at) = ("clients", "Clients", CLIENTS.len(), self.clients);
        slider(&mut html, &Slider { name, title, places, at, says: &clients });
        let base = Unit::Time.words(self.base_us());
        let (name, title, places, at) = ("base", "First wait", BASES_US.len(), self.base);
        slider(&mut html, &Slider { name, title, places, at, says: &base });
        html.words("button", &[("class", "toggle"), ("data-look", "seed")], "Another seed");
        html.close("div");
        html.text
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.choose(what);
        None
    }
}
