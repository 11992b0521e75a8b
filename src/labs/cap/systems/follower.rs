//! A comparison that stays with a run, wherever the reader takes it.

use super::Comparison;
use crate::labs::Command;
use crate::labs::cap::Cluster;

/// At most so much of a run is played at once, in microseconds of the run, so that the page does
/// not stand still where a long run is looked at for the first time.
const SLICE_US: u64 = 2_000_000;
/// So far apart are the instants to which one can go back without playing it all again, in
/// microseconds of the run.
const KEPT_EVERY_US: u64 = 2_000_000;
/// So many of them are kept.
const MOST_KEPT: usize = 100;

/// A comparison, and earlier states of it.
#[derive(Debug)]
pub struct Follower {
    comparison: Comparison,
    /// Oldest first.
    kept: Vec<Comparison>,
    /// What all of these were played with.
    acts: Vec<(u64, Command)>,
}

impl Follower {
    /// A comparison at the beginning of a run.
    pub fn new(run: &Cluster) -> Follower {
        let comparison = Comparison::new(run.begun_with());
        Follower { comparison, kept: Vec::new(), acts: Vec::new() }
    }

    /// The comparison, as far as it has come.
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// Goes to where the run is, or a part of the way. Whether it is there.
    pub fn follow(&mut self, run: &Cluster) -> bool {
        let now_us = run.world().now_us();
        let same = self.acts.iter().zip(run.acts().iter()).take_while(|(one, other)| one == other);
        let same = same.count();
        let fits = |comparison: &Comparison| {
            let next = run.acts().get(comparison.done);
            comparison.done <= same
                && comparison.now_us <= now_us
                && next.is_none_or(|(at_us, _)| *at_us >= comparison.now_us)
        };
        if !fits(&self.comparison) {
            while self.kept.last().is_some_and(|last| !fits(last)) {
                self.kept.pop();
            }
            let last = self.kept.last().cloned();
            self.comparison = last.unwrap_or_else(|| Comparison::new(run.begun_with()));
        }
        self.acts.truncate(same);
        self.acts.extend(run.acts().from(same).cloned());
        let until_us = now_us.min(self.comparison.now_us + SLICE_US);
        // A world that is full stays as it is; the reader's own has reached its limit as well.
        let is_there = self.comparison.play(&self.acts, until_us).is_err() || until_us == now_us;
        let kept_us = self.kept.last().map_or(0, |last| last.now_us);
        let due = self.comparison.now_us >= kept_us + KEPT_EVERY_US;
        if due && self.kept.len() < MOST_KEPT {
            self.kept.push(self.comparison.clone());
        }
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::cap::System;
    use crate::labs::{Ask, Client, LabSettings};
    use crate::sim::{Fault, NodeId};

    fn run(acts: &[(u64, Command)], until_us: u64) -> Cluster {
        let mut cluster = Cluster::new(&LabSettings::new(5, 5), System::Quorum);
        for (at_us, act) in acts {
            cluster.advance_to(*at_us).expect("far from any limit");
            cluster.act(act).expect("it is possible");
        }
        cluster.advance_to(until_us).expect("far from any limit");
        cluster
    }

    fn hashes(comparison: &Comparison) -> [u64; 3] {
        System::ALL.map(|system| comparison.cluster(system).world().history().hash())
    }

    fn played(run: &Cluster) -> [u64; 3] {
        let mut comparison = Comparison::new(run.begun_with());
        let acts: Vec<_> = run.acts().iter().cloned().collect();
        comparison.play(&acts, run.world().now_us()).expect("far from any limit");
        hashes(&comparison)
    }

    /// Forward, back, on another branch, and with an act at the very instant that is shown.
    #[test]
    fn wherever_the_reader_goes_it_is_as_if_played_from_the_beginning() {
        let cut = Command::Faults(vec![Fault::cut_between(&[NodeId(0)], &[NodeId(1), NodeId(2)])]);
        let read = Command::Ask {
            client: Client(1),
            via: NodeId(1),
            what: Ask::Read { key: "x".to_owned() },
        };
        let one = [(1_000_000, cut.clone()), (3_000_000, read.clone())];
        let other = [(1_000_000, cut), (2_500_000, read)];
        let mut follower = Follower::new(&run(&[], 0));
        let stops = [
            (&one[..0], 1_000_000),
            (&one[..1], 1_000_000),
            (&one[..], 9_000_000),
            (&one[..1], 2_500_000),
            (&other[..], 2_500_000),
            (&other[..], 4_000_000),
            (&one[..], 4_000_000),
            (&one[..0], 500_000),
        ];
        for (acts, at_us) in stops {
            let run = run(acts, at_us);
            let mut slices = 1;
            while !follower.follow(&run) {
                slices += 1;
            }
            assert_eq!(follower.comparison().now_us(), at_us);
            assert_eq!(hashes(follower.comparison()), played(&run), "at {at_us}");
            assert!(slices <= 5, "{slices}");
        }
    }
}
