//! When a write is answered, against what is lost when the primary dies.
//!
//! Alsberg and Day ("A Principle for Resilient Sharing of Distributed Resources", 1976) answer once
//! a backup has the write; most databases can be told to answer before, which is quicker by a round
//! trip and loses what was under way; or once all backups have it, which loses nothing and stops
//! with any of them. A majority (Raft) is between the two: it waits for the quicker half.

mod picture;
#[cfg(test)]
mod tests;
mod worlds;

use super::Study;
use super::cells::Cells;
use super::words::{self, Dial};
use crate::labs::parts::{choices, pressed};
use crate::pbs::Histogram;
use crate::scene::Frame;
use crate::scene::plot::Unit;
use crate::scene::svg::Markup;
use worlds::{Experiment, Successor, Way};

/// How many primaries die for a point of a curve.
const SEEDS: usize = 10;
/// How long a message travels to the nearer backup.
const DELAYS_US: [u64; 7] = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
/// Writes a second.
const LOADS: [u64; 5] = [10, 20, 50, 100, 200];

const DIALS: [Dial; 2] =
    [("load", "Load", LOADS.len()), ("delay", "Look at a delay of", DELAYS_US.len())];

/// The study.
pub struct Replication {
    /// Where the sliders are.
    at: [usize; DIALS.len()],
    successor: Successor,
    /// How often the reader wanted other seeds.
    turns: u64,
    cells: Cells<Experiment>,
}

/// All worlds of one way with one delay.
#[derive(Default)]
struct Known {
    worlds: usize,
    took: Histogram,
    asked_down: u64,
    answered_down: u64,
    acknowledged: u64,
    lost: u64,
    /// How many worlds lost something, and the most that one lost.
    losing: usize,
    worst: u64,
}

impl Default for Replication {
    fn default() -> Replication {
        Replication::new()
    }
}

impl Replication {
    /// Nothing worked out yet.
    pub fn new() -> Replication {
        let (at, successor, cells) = ([2, 4], Successor::WhoHasMost, Cells::new());
        let mut study = Replication { at, successor, turns: 0, cells };
        study.want();
        study
    }

    /// Seed by seed, from the shortest delay to the longest, each way after the other.
    fn want(&mut self) {
        let (load, successor) = (LOADS[self.at[0]], self.successor);
        let mut worlds = Vec::new();
        for seed in 0..SEEDS as u64 {
            for delay_us in DELAYS_US {
                for way in Way::ALL {
                    // Raft elects by itself.
                    let successor = match way {
                        Way::Majority => Successor::WhoHasMost,
                        _ => successor,
                    };
                    let experiment = Experiment { way, delay_us, load, successor };
                    worlds.push((experiment, self.turns * SEEDS as u64 + seed));
                }
            }
        }
        self.cells.want(worlds.into_iter());
    }

    /// What is known so far of a way with a delay.
    fn known(&self, way: usize, delay: usize) -> Option<Known> {
        let first = delay * Way::ALL.len() + way;
        let mut known = Known::default();
        let worlds = self.cells.every(first, DELAYS_US.len() * Way::ALL.len());
        for told in worlds.filter(|told| told.is_judged) {
            known.worlds += 1;
            known.took.join(&told.took);
            known.asked_down += told.asked_down;
            known.answered_down += told.answered_down;
            known.acknowledged += told.acknowledged;
            known.lost += told.lost;
            known.losing += usize::from(told.lost > 0);
            known.worst = known.worst.max(told.lost);
        }
        (known.worlds > 0).then_some(known)
    }

    fn says(&self) -> [String; DIALS.len()] {
        let [load, delay] = self.at;
        [format!("{} writes a second", LOADS[load]), Unit::Time.words(DELAYS_US[delay])]
    }
}

impl Study for Replication {
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
        let chosen = usize::from(self.successor == Successor::TheFarther);
        let options = ["who has most", "the farther, whatever it has"];
        choices(&mut html, "Promote", "successor", &options, chosen);
        words::other_seeds(&mut html);
        html.text
    }

    fn press(&mut self, what: &str) {
        match pressed(what) {
            ("seeds", _) => self.turns += 1,
            ("successor", Some(0)) => self.successor = Successor::WhoHasMost,
            ("successor", Some(1)) => self.successor = Successor::TheFarther,
            turned if words::turn(&DIALS, &mut self.at, turned) => {}
            _ => return,
        }
        self.want();
    }
}
