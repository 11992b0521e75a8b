//! Many seeds, one after the other.

use super::run::{Outcome, Subject, run};
use crate::check::Violation;

/// What many runs came to. Tallies of parts add up to that of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    /// How many runs.
    pub runs: u64,
    /// How many records their histories have together.
    pub events: u64,
    /// How much time went by in their worlds, in microseconds.
    pub simulated_us: u64,
    /// Runs that hit a limit of the world. Nothing is known of what would have come.
    pub halted: u64,
    /// Runs in which the search for an order of what clients saw was given up.
    pub unjudged: u64,
    /// The hashes of all histories, mixed regardless of order.
    pub hash: u64,
    /// The seeds of runs in which a promise was broken, and what showed first.
    pub broken: Vec<(u64, Violation)>,
}

impl Tally {
    /// Adds one run.
    pub fn add(&mut self, seed: u64, outcome: &Outcome) {
        self.runs += 1;
        self.events += outcome.events as u64;
        self.simulated_us += outcome.simulated_us;
        self.halted += u64::from(outcome.halted);
        self.unjudged += u64::from(outcome.unjudged);
        self.hash = self.hash.wrapping_add(outcome.hash.rotate_left((seed % 64) as u32));
        if let Some(violation) = outcome.earliest() {
            self.broken.push((seed, violation.clone()));
        }
    }

    /// Adds the runs of another tally.
    pub fn merge(&mut self, other: Tally) {
        self.runs += other.runs;
        self.events += other.events;
        self.simulated_us += other.simulated_us;
        self.halted += other.halted;
        self.unjudged += other.unjudged;
        self.hash = self.hash.wrapping_add(other.hash);
        self.broken.extend(other.broken);
        self.broken.sort_by_key(|(seed, _)| *seed);
    }
}

/// Runs the plans of these seeds.
pub fn sweep<S: Subject>(subject: &S, seeds: impl IntoIterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        tally.add(seed, &run(subject, &subject.plan(seed)));
    }
    tally
}
