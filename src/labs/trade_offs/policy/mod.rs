//! Lines of policy against incidents survived.
//!
//! Each line of a client's configuration is there for an incident (Nygard, "Release It!", 2007),
//! and some bring others: retries without a bound make an overload outlive its cause (Bronson and
//! others, "Metastable Failures in Distributed Systems", 2021). Here lines are added one by one,
//! and every set of them meets every incident.

mod incidents;
mod lines;
mod picture;
#[cfg(test)]
mod tests;
mod worlds;

use super::Study;
use super::cells::Cells;
use super::words::{self, Dial};
use crate::labs::parts::pressed;
use crate::scene::Frame;
use crate::scene::plot::Unit;
use crate::scene::svg::Markup;
use incidents::Incident;
use lines::{Knobs, Line, Lines};
use worlds::{Experiment, Told};

/// How many worlds there are for a cell of the matrix.
const SEEDS: usize = 3;
/// What the sliders go through.
const LOADS: [u32; 8] = [16, 24, 28, 32, 36, 40, 44, 48];
const WITHIN_S: [u64; 4] = [5, 10, 20, 30];
const TIMEOUTS_US: [u64; 5] = [500_000, 750_000, 1_000_000, 1_500_000, 3_000_000];
const TRIES: [u32; 4] = [2, 3, 4, 5];

const DIALS: [Dial; 4] = [
    ("load", "Load", LOADS.len()),
    ("within", "Well again within", WITHIN_S.len()),
    ("timeout", "Timeout", TIMEOUTS_US.len()),
    ("tries", "Tries", TRIES.len()),
];

/// The study.
pub struct PolicyStudy {
    /// Where the sliders are.
    at: [usize; DIALS.len()],
    /// Lines that are used.
    used: Lines,
    /// How often the reader wanted other seeds.
    turns: u64,
    /// The cell that is looked at: its row and its incident.
    chosen: (usize, usize),
    cells: Cells<Experiment>,
}

impl Default for PolicyStudy {
    fn default() -> PolicyStudy {
        PolicyStudy::new()
    }
}

impl PolicyStudy {
    /// Nothing worked out yet.
    pub fn new() -> PolicyStudy {
        let used = Line::ALL.into_iter().fold(Lines::default(), Lines::with);
        let (at, cells) = ([5, 1, 2, 1], Cells::new());
        let mut study = PolicyStudy { at, used, turns: 0, chosen: (2, 2), cells };
        study.want();
        study
    }

    fn knobs(&self) -> Knobs {
        Knobs { timeout_us: TIMEOUTS_US[self.at[2]], tries: TRIES[self.at[3]] }
    }

    /// No line at all, and then one more in each row, with the line that it adds.
    fn rows(&self) -> Vec<(Option<Line>, Lines)> {
        let mut rows = vec![(None, Lines::default())];
        let mut lines = Lines::default();
        for line in Line::ALL.into_iter().filter(|line| self.used.has(*line)) {
            lines = lines.with(line);
            rows.push((Some(line), lines));
        }
        rows
    }

    /// Seed by seed, row by row, each incident after the other.
    fn want(&mut self) {
        let (knobs, load, within_s) = (self.knobs(), LOADS[self.at[0]], WITHIN_S[self.at[1]]);
        let mut worlds = Vec::new();
        for seed in 0..SEEDS as u64 {
            for (_, lines) in self.rows() {
                for incident in Incident::ALL {
                    let experiment = Experiment { lines, knobs, incident, load, within_s };
                    worlds.push((experiment, self.turns * SEEDS as u64 + seed));
                }
            }
        }
        self.cells.want(worlds.into_iter());
        self.chosen.0 = self.chosen.0.min(self.rows().len() - 1);
    }

    /// In how many worlds a row has survived an incident, and how many are known.
    fn survived(&self, row: usize, incident: usize) -> (usize, usize) {
        let first = row * Incident::ALL.len() + incident;
        let known = || self.cells.every(first, self.rows().len() * Incident::ALL.len());
        (known().filter(|told| told.is_survived).count(), known().count())
    }

    /// How many incidents a row survives in every world that is known. Nothing, until there is one
    /// of each.
    fn score(&self, row: usize) -> Option<u64> {
        let mut score = 0;
        for incident in 0..Incident::ALL.len() {
            match self.survived(row, incident) {
                (_, 0) => return None,
                (survived, known) => score += u64::from(survived == known),
            }
        }
        Some(score)
    }

    /// The first world of a cell.
    fn told(&self, (row, incident): (usize, usize)) -> Option<&Told> {
        self.cells.told(row * Incident::ALL.len() + incident)
    }

    fn says(&self) -> [String; DIALS.len()] {
        let [load, within, ..] = self.at;
        let Knobs { timeout_us, tries } = self.knobs();
        [
            format!("{} requests a second", LOADS[load]),
            format!("{} s", WITHIN_S[within]),
            Unit::Time.words(timeout_us),
            tries.to_string(),
        ]
    }

    /// Uses a line, or no longer.
    fn switch(&mut self, line: Line) {
        let used = self.used;
        self.used = if used.has(line) { used.without(line) } else { used.with(line) };
    }
}

impl Study for PolicyStudy {
    fn run(&mut self) {
        self.cells.run();
    }

    fn progress(&self) -> (usize, usize) {
        self.cells.progress()
    }

    fn draw(&self, frame: Frame) -> String {
        picture::drawn(self, frame)
    }

    fn controls(&self) -> String {
        let mut html = Markup::default();
        words::sliders(&mut html, &DIALS, &self.at, &self.says());
        picture::switches(&mut html, self);
        words::other_seeds(&mut html);
        html.text
    }

    fn press(&mut self, what: &str) {
        match pressed(what) {
            ("seeds", _) => self.turns += 1,
            ("line", Some(line)) if line < Line::ALL.len() => self.switch(Line::ALL[line]),
            ("row", Some(row)) if row < self.rows().len() => self.chosen.0 = row,
            ("incident", Some(incident)) if incident < Incident::ALL.len() => {
                self.chosen.1 = incident;
            }
            ("cell", Some(cell)) if cell < self.rows().len() * Incident::ALL.len() => {
                self.chosen = (cell / Incident::ALL.len(), cell % Incident::ALL.len());
            }
            turned if words::turn(&DIALS, &mut self.at, turned) => {}
            _ => return,
        }
        self.want();
    }
}
