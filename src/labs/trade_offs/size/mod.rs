//! Cluster size: how long writes take and what they cost, against how many servers may fail.
//!
//! A write is committed once a majority has it, so a leader of n servers waits for the quickest
//! n / 2 of its followers (rounded down) and for nobody else. That more servers are slower is
//! therefore only half true: where delays have a long tail, the slowest no longer count (Dean and
//! Barroso, "The Tail at Scale", 2013).

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
use worlds::{Experiment, Told};

/// How many worlds there are of each size.
const SEEDS: usize = 8;
/// How many servers.
const SIZES: [u8; 5] = [1, 3, 5, 7, 9];
/// What the sliders go through.
const MEDIANS_US: [u64; 5] = [1_000, 2_000, 5_000, 10_000, 20_000];
const SIGMAS_PPM: [u32; 6] = [50_000, 300_000, 600_000, 900_000, 1_200_000, 1_500_000];
const TAILS: [&str; 6] = ["none", "short", "healthy", "long", "very long", "terrible"];

const DIALS: [Dial; 2] =
    [("median", "A message takes", MEDIANS_US.len()), ("tail", "Tail of delays", SIGMAS_PPM.len())];

/// The study.
pub struct Size {
    /// Where the sliders are.
    at: [usize; DIALS.len()],
    /// How often the reader wanted other seeds.
    turns: u64,
    cells: Cells<Experiment>,
}

impl Default for Size {
    fn default() -> Size {
        Size::new()
    }
}

impl Size {
    /// Nothing worked out yet.
    pub fn new() -> Size {
        let mut study = Size { at: [2, 3], turns: 0, cells: Cells::new() };
        study.want();
        study
    }

    fn experiment(&self, servers: u8) -> Experiment {
        let [median, tail] = self.at;
        Experiment { servers, median_us: MEDIANS_US[median], sigma_ppm: SIGMAS_PPM[tail] }
    }

    /// Seed by seed, each size after the other.
    fn want(&mut self) {
        let mut worlds = Vec::new();
        for seed in 0..SEEDS as u64 {
            for servers in SIZES {
                worlds.push((self.experiment(servers), self.turns * SEEDS as u64 + seed));
            }
        }
        self.cells.want(worlds.into_iter());
    }

    /// What is known so far of a size.
    fn known(&self, size: usize) -> Option<Known> {
        let mut worlds = self.cells.every(size, SIZES.len());
        let first = worlds.next()?;
        let Told { took, messages, survived } = first.clone();
        let mut known = Known { took, messages, survived: (survived, survived) };
        for told in worlds {
            known.took.join(&told.took);
            known.messages += told.messages;
            let (least, most) = known.survived;
            known.survived = (least.min(told.survived), most.max(told.survived));
        }
        Some(known)
    }

    fn says(&self) -> [String; DIALS.len()] {
        let [median, tail] = self.at;
        let half = format!("{}, half of them", Unit::Time.words(MEDIANS_US[median]));
        [half, TAILS[tail].to_owned()]
    }
}

/// All worlds of a size together.
struct Known {
    took: crate::pbs::Histogram,
    messages: u64,
    /// The least and the most of what a world survived.
    survived: (u8, u8),
}

impl Study for Size {
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
        words::other_seeds(&mut html);
        html.text
    }

    fn press(&mut self, what: &str) {
        match pressed(what) {
            ("seeds", _) => self.turns += 1,
            turned if words::turn(&DIALS, &mut self.at, turned) => {}
            _ => return,
        }
        self.want();
    }
}
