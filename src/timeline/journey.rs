//! A long way in parts: first to where the past is kept, then on by [`Timeline::approach`]. And the
//! ways to the next change.

use super::{BranchId, Timeline, Track, TreeRefused};
use crate::sim::Halted;

/// A change that is further away than so many records is gone to in parts.
const CHANGE_RECORDS: usize = 30_000;

impl Timeline {
    /// Goes to the instant of a branch that is nearest to `at_us`, not after it, and quickly gone
    /// to; [`approach`](Timeline::approach) goes the rest of the way.
    ///
    /// # Errors
    ///
    /// [`TreeRefused`] if there is no such branch.
    pub fn set_out(&mut self, branch: BranchId, at_us: u64) -> Result<(), TreeRefused> {
        if self.tree.branch(branch).is_none_or(|branch| branch.deleted) {
            return Err(TreeRefused::NoSuchBranch);
        }
        self.borrow_past(branch);
        let here = (branch == self.branch()).then(|| self.now_us());
        let kept = self.tracks[branch.index()].furthest().map(|lab| lab.now_us());
        let near_us = here.max(kept).unwrap_or(0).min(at_us);
        // A world that has halted goes no further; how far it is shows.
        let _ = self.go(branch, near_us, usize::MAX);
        Ok(())
    }

    /// When the last thing known of a branch happens: as far as it was played, or what is done on
    /// it last.
    pub fn end_us(&self, branch: BranchId) -> u64 {
        let actions = self.tree.branch(branch).map_or(&[][..], |branch| &branch.actions);
        let last_us = actions.last().map_or(0, |action| action.at_us);
        let reach_us = self.tracks.get(branch.index()).map_or(0, Track::reach_us);
        reach_us.max(last_us)
    }

    /// Goes to the next instant at which the state of things changes, or back to the last: what is
    /// quiet in between is skipped. Where none is known yet, time goes on until there is one, but
    /// not for ever. Whether it came to one.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn step_to_change(&mut self, back: bool) -> Result<bool, Halted> {
        let now_us = self.now_us();
        let known = match back {
            true => self.lab().next_mark_us(now_us, true).filter(|at| *at >= self.first_us()),
            false => {
                let furthest = self.furthest(self.branch()).unwrap_or(self.lab());
                furthest.next_mark_us(now_us, false)
            }
        };
        if let Some(at_us) = known {
            return self.seek(at_us).map(|()| true);
        }
        let until = self.lab().history_len() + CHANGE_RECORDS;
        while !back && self.lab().history_len() < until {
            if !self.step()? {
                return Ok(false);
            }
            if self.lab().next_mark_us(now_us, false).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether something was done that can be undone.
    pub fn can_undo(&self) -> bool {
        self.head.done > 0
    }

    /// Whether something was undone that can be redone.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{Command, LABS, LabSettings};
    use crate::sim::{Fault, NodeId};

    #[test]
    fn steps_to_changes_go_forth_and_back_the_same_way() {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 3));
        let mut changes = vec![];
        for _ in 0..12 {
            assert_eq!(timeline.step_to_change(false), Ok(true));
            changes.push(timeline.now_us());
        }
        assert!(changes.windows(2).all(|pair| pair[0] < pair[1]), "{changes:?}");
        for at_us in changes.iter().rev().skip(1) {
            assert_eq!(timeline.step_to_change(true), Ok(true));
            assert_eq!(timeline.now_us(), *at_us);
        }
        assert_eq!(timeline.step_to_change(true), Ok(false), "nothing was before");
        for at_us in &changes[1..] {
            assert_eq!(timeline.step_to_change(false), Ok(true));
            assert_eq!(timeline.now_us(), *at_us);
        }
    }

    /// A branch of a link was never played, however long it is.
    #[test]
    fn a_long_way_is_gone_in_parts() {
        let settings = || LabSettings::new(5, 3);
        let mut played = Timeline::start(&LABS[0], settings());
        played.advance_to(20_000_000).expect("far from any limit");
        played.seek(4_000_000).expect("far from any limit");
        played.act(Command::Faults(vec![Fault::Crash(NodeId(1))])).expect("it runs");
        let branch = played.branch();
        played.advance_to(20_000_000).expect("far from any limit");
        let mut fresh = Timeline::of_tree(&LABS[0], settings(), played.tree().clone());
        fresh.set_out(branch, 20_000_000).expect("it is there");
        assert_eq!((fresh.branch(), fresh.now_us()), (branch, 0), "nothing is kept yet");
        assert_eq!(fresh.end_us(branch), 4_000_000);
        let mut parts = 1;
        while !fresh.approach(20_000_000, 2_000).expect("far from any limit") {
            parts += 1;
        }
        assert!(parts > 3, "{parts}");
        assert_eq!(fresh.lab().history_hash(), played.lab().history_hash());
        // What was played once is near.
        fresh.set_out(branch, 9_000_000).expect("it is there");
        assert_eq!(fresh.now_us(), 9_000_000);
        fresh.set_out(BranchId::FIRST, 5_000_000).expect("it is there");
        assert!(fresh.now_us() <= 5_000_000);
        assert_eq!(fresh.set_out(BranchId(7), 0), Err(TreeRefused::NoSuchBranch));
    }
}
