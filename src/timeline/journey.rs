//! A long way in parts: first to where the past is kept, then on by [`Timeline::approach`]. And the
//! ways to the next change.

use super::{BranchId, Head, Timeline, Track, TreeRefused};
use crate::sim::Halted;

/// So many records ahead a change is looked for.
const CHANGE_RECORDS: usize = 20_000;

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
    /// quiet in between is skipped. If none is near, the playhead stays. Whether it came to one.
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
        let Some(at_us) = (!back).then(|| self.coming_change_us()).flatten() else {
            return Ok(false);
        };
        self.advance_to(at_us).map(|()| true)
    }

    /// When the state of things will change if nothing is done but what is on the branch already.
    /// A copy finds out, so that nobody stands far off if nothing does.
    fn coming_change_us(&self) -> Option<u64> {
        let now_us = self.now_us();
        let actions = self.tree.branch(self.branch()).map_or(&[][..], |branch| &branch.actions);
        let act_us = actions.get(self.head.done).map(|action| action.at_us);
        let mut lab = self.lab().fork();
        let until = lab.history_len() + CHANGE_RECORDS;
        let mut known_us = None;
        while known_us.is_none() && lab.history_len() < until {
            let due_us = lab.next_due_us().filter(|due_us| act_us.is_none_or(|act| *due_us < act));
            let Some(due_us) = due_us else {
                return act_us;
            };
            lab.advance_to(due_us).ok()?;
            known_us = lab.next_mark_us(now_us, false);
        }
        known_us
    }

    /// Remembers how far a second look has come, for the painted timeline.
    pub fn keep_look(&mut self, head: &Head) {
        if let Some(track) = self.tracks.get_mut(head.branch.index()) {
            track.keep_end(&*head.lab, head.done);
        }
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
        while timeline.step_to_change(false) == Ok(true) {
            changes.push(timeline.now_us());
        }
        assert!(changes.len() > 1, "a term begins and somebody leads: {changes:?}");
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

    /// A calm cluster goes on for ever without a change, and nobody is led astray.
    #[test]
    fn where_nothing_changes_the_playhead_stays_and_what_was_done_is_a_change() {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 5));
        timeline.advance_to(600_000).expect("far from any limit");
        assert_eq!(timeline.step_to_change(false), Ok(false));
        assert_eq!(timeline.now_us(), 600_000);
        timeline.advance_to(700_000).expect("far from any limit");
        timeline.act(Command::Faults(vec![Fault::Crash(NodeId(1))])).expect("it runs");
        let tree = timeline.tree().clone();
        let mut again = Timeline::of_tree(&LABS[0], LabSettings::new(5, 5), tree);
        again.advance_to(600_000).expect("far from any limit");
        assert_eq!(again.step_to_change(false), Ok(true));
        assert_eq!(again.now_us(), 700_000);
        assert!(again.is_at_end());
    }

    /// The other of two that are looked at is painted as far as it was looked at.
    #[test]
    fn a_second_look_is_painted() {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 5));
        timeline.advance_to(300_000).expect("far from any limit");
        timeline.seek(200_000).expect("far from any limit");
        timeline.act(Command::Faults(vec![Fault::Crash(NodeId(1))])).expect("it runs");
        timeline.advance_to(800_000).expect("far from any limit");
        let head = timeline.look(BranchId::FIRST, 800_000).expect("it is there");
        timeline.keep_look(&head);
        let strip = timeline.strip(crate::scene::Window::new(0, 1_000_000), 100);
        assert_eq!(strip.lanes[0].reach_us, 800_000);
        assert!(!strip.lanes[0].content.marks.is_empty());
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
