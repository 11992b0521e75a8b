//! Latency against throughput: batches and pipelining, up to saturation, and Little's law.
//!
//! A leader may send one entry at a time and wait, as the procedure call of Figure 2 in the Raft
//! paper reads; put several into one AppendEntries; have several of those under way (Ongaro's
//! thesis, 10.2.2); or both. However it sends, there is a load that it cannot bear, and shortly
//! before that load all writes wait (Kingman, "The single server queue in heavy traffic", 1961).
//! Whatever happens inside, the mean number in the system is the rate of arrivals times the mean
//! stay (Little, "A Proof for the Queuing Formula: L = λW", 1961), as long as it is in balance.

mod picture;
#[cfg(test)]
mod tests;
mod worlds;

use super::Study;
use super::cells::Cells;
use super::words::{self, Dial};
use crate::labs::parts::{choices, pressed};
use crate::scene::Frame;
use crate::scene::plot::Unit;
use crate::scene::svg::Markup;
use worlds::{Experiment, Told};

/// How many worlds there are for a point of a curve.
const SEEDS: usize = 3;
/// Writes a second.
const LOADS: [u64; 16] =
    [10, 20, 40, 60, 75, 90, 120, 180, 250, 350, 500, 700, 1_000, 1_400, 2_000, 2_800];
/// What the sliders go through.
const BATCHES: [usize; 6] = [2, 4, 8, 16, 32, 64];
const IN_FLIGHT: [usize; 4] = [2, 4, 8, 16];
const LINKS_US: [u64; 6] = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000];
const SYNCS_US: [u64; 5] = [200, 500, 1_000, 5_000, 10_000];

const DIALS: [Dial; 5] = [
    ("batch", "Batch", BATCHES.len()),
    ("flight", "Under way", IN_FLIGHT.len()),
    ("link", "A message takes", LINKS_US.len()),
    ("sync", "A disk takes", SYNCS_US.len()),
    ("load", "Look at", LOADS.len()),
];
const LOAD: usize = 4;

/// How a leader sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    OneByOne,
    Pipelined,
    Batched,
    Both,
}

const WAYS: [Way; 4] = [Way::OneByOne, Way::Pipelined, Way::Batched, Way::Both];

/// The study.
pub struct Batch {
    /// Where the sliders are.
    at: [usize; DIALS.len()],
    /// How often the reader wanted other seeds.
    turns: u64,
    /// Whether the picture shows what all but one in a hundred take at most, or half.
    shows_p99: bool,
    cells: Cells<Experiment>,
}

impl Default for Batch {
    fn default() -> Batch {
        Batch::new()
    }
}

impl Batch {
    /// Nothing worked out yet.
    pub fn new() -> Batch {
        let cells = Cells::new();
        let mut study = Batch { at: [2, 1, 2, 2, 5], turns: 0, shows_p99: true, cells };
        study.want();
        study
    }

    fn experiment(&self, way: Way, load: u64) -> Experiment {
        let [batch, in_flight, link, sync, _] = self.at;
        let (batch, in_flight) = (BATCHES[batch], IN_FLIGHT[in_flight]);
        let (batch, in_flight) = match way {
            Way::OneByOne => (1, 1),
            Way::Pipelined => (1, in_flight),
            Way::Batched => (batch, 1),
            Way::Both => (batch, in_flight),
        };
        let (one_way_us, sync_us) = (LINKS_US[link], SYNCS_US[sync]);
        Experiment { batch, in_flight, one_way_us, sync_us, load }
    }

    /// Seed by seed, from the lightest load to the heaviest, each way after the other.
    fn want(&mut self) {
        let mut worlds = Vec::new();
        for seed in 0..SEEDS as u64 {
            for load in LOADS {
                for way in WAYS {
                    let seed = self.turns * SEEDS as u64 + seed;
                    worlds.push((self.experiment(way, load), seed));
                }
            }
        }
        self.cells.want(worlds.into_iter());
    }

    /// What is known so far of a way of sending under a load.
    fn told(&self, way: usize, load: usize) -> Option<Told> {
        let first = load * WAYS.len() + way;
        let mut worlds = self.cells.every(first, LOADS.len() * WAYS.len());
        let mut told = worlds.next()?.clone();
        worlds.for_each(|other| told.join(other));
        Some(told)
    }

    /// The load that is looked at.
    fn load(&self) -> u64 {
        LOADS[self.at[LOAD]]
    }

    fn says(&self) -> [String; DIALS.len()] {
        let [batch, in_flight, link, sync, _] = self.at;
        let entries = |count: usize| format!("{count} entries");
        [
            entries(BATCHES[batch]),
            format!("{} messages", IN_FLIGHT[in_flight]),
            Unit::Time.words(LINKS_US[link]),
            Unit::Time.words(SYNCS_US[sync]),
            format!("{} writes a second", Unit::Count.words(self.load())),
        ]
    }
}

impl Study for Batch {
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
        let shown = usize::from(self.shows_p99);
        choices(&mut html, "Show", "show", &["half", "99 of 100"], shown);
        words::other_seeds(&mut html);
        html.text
    }

    fn press(&mut self, what: &str) {
        match pressed(what) {
            ("seeds", _) => self.turns += 1,
            ("show", Some(shown)) => self.shows_p99 = shown > 0,
            turned if words::turn(&DIALS, &mut self.at, turned) => {}
            _ => return,
        }
        self.want();
    }
}
