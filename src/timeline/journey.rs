//! A long way in parts: first to where the past is kept, then on by [`Timeline::approach`]. And the
//! ways to the next change and the next task.

use super::{BranchId, Head, Timeline, Track, TreeRefused};
use crate::labs::Lab;
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

    /// Goes to the next instant at which the state of things changes, or back to the last, or to
    /// the beginning if there is none before: what is quiet in between is skipped. If no change is
    /// near, the playhead stays. Whether it came to one.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn step_to_change(&mut self, back: bool) -> Result<bool, Halted> {
        let now_us = self.now_us();
        let known = match back {
            true => {
                let first_us = self.first_us();
                let last_us = self.lab().next_mark_us(now_us, true);
                last_us.filter(|at_us| *at_us >= first_us).or(Some(first_us))
            }
            false => {
                let furthest = self.furthest(self.branch()).unwrap_or(self.lab());
                furthest.next_mark_us(now_us, false)
            }
        };
        if let Some(at_us) = known.filter(|at_us| *at_us != now_us) {
            return self.seek(at_us).map(|()| true);
        }
        let Some(at_us) = (!back).then(|| self.coming_change_us()).flatten() else {
            return Ok(false);
        };
        self.advance_to(at_us).map(|()| true)
    }

    /// Goes to the next instant at which a task was done on this branch, as far as it is known, or
    /// back to the last. If there is none, the playhead stays. Whether it came to one.
    ///
    /// # Errors
    ///
    /// [`Halted`] never, in practice: the way was gone before.
    pub fn step_to_task(&mut self, back: bool) -> Result<bool, Halted> {
        let now_us = self.now_us();
        let furthest = self.furthest(self.branch()).unwrap_or(self.lab());
        let mut found: Option<u64> = None;
        for at_us in steps_done_us(furthest) {
            let is_ahead = if back { at_us < now_us } else { at_us > now_us };
            let is_nearer = found.is_none_or(|other| (at_us > other) == back);
            if is_ahead && is_nearer && at_us >= self.first_us() {
                found = Some(at_us);
            }
        }
        match found {
            Some(at_us) => self.seek(at_us).map(|()| true),
            None => Ok(false),
        }
    }

    /// If nothing is on its way and only timers wait, at the playhead and where somebody else
    /// looks: when the first timer runs out, or the next thing is done that is on the branch.
    pub fn quiet_until_us(&self, beside: Option<&Head>) -> Option<u64> {
        let until_us = |head: &Head| {
            let due_us = head.lab.quiet_until_us()?;
            let act_us = self.tree.branch(head.branch)?.actions.get(head.done).map(|act| act.at_us);
            Some(act_us.map_or(due_us, |act_us| act_us.min(due_us)))
        };
        let here_us = until_us(&self.head)?;
        beside.map_or(Some(here_us), |head| Some(until_us(head)?.min(here_us)))
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

/// When the steps of the lab's path were done, those that were.
fn steps_done_us(lab: &dyn Lab) -> impl Iterator<Item = u64> {
    let path = lab.tasks().into_iter().filter(|task| !task.is_apart);
    path.filter_map(|task| task.done_us)
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
        assert_eq!(timeline.step_to_change(true), Ok(true));
        assert_eq!(timeline.now_us(), 0, "before the first is the beginning");
        assert_eq!(timeline.step_to_change(true), Ok(false), "nothing was before");
        for at_us in &changes {
            assert_eq!(timeline.step_to_change(false), Ok(true));
            assert_eq!(timeline.now_us(), *at_us);
        }
    }

    /// Tasks are done by what happens, so each branch has instants of its own.
    #[test]
    fn steps_to_tasks_stop_where_one_was_done_on_this_branch() {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 5));
        assert_eq!(timeline.step_to_task(false), Ok(false), "none is done yet");
        timeline.advance_to(300_000).expect("far from any limit");
        let others = [0, 1, 3, 4].map(NodeId);
        let cut = Fault::cut_between(&[NodeId(2)], &others);
        timeline.act(Command::Faults(vec![cut])).expect("the links exist");
        timeline.advance_to(900_000).expect("far from any limit");
        let done = |timeline: &Timeline| steps_done_us(timeline.lab()).collect::<Vec<_>>();
        let instants = done(&timeline);
        assert_eq!(instants.len(), 3, "elect, cut off, second leader: {instants:?}");
        assert_eq!(instants[1], 300_000, "the act's own instant");
        for at_us in instants.iter().rev() {
            assert_eq!((timeline.step_to_task(true), timeline.now_us()), (Ok(true), *at_us));
        }
        assert_eq!((timeline.step_to_task(true), timeline.now_us()), (Ok(false), instants[0]));
        for at_us in &instants[1..] {
            assert_eq!((timeline.step_to_task(false), timeline.now_us()), (Ok(true), *at_us));
        }
        assert_eq!(timeline.step_to_task(false), Ok(false));
        // Another branch, on which nobody was cut off.
        timeline.seek(250_000).expect("far from any limit");
        timeline.act(Command::Faults(vec![Fault::Crash(NodeId(0))])).expect("it runs");
        assert_eq!(timeline.step_to_task(false), Ok(false));
        assert_eq!((timeline.step_to_task(true), timeline.now_us()), (Ok(true), instants[0]));
    }

    /// Quiet is what a reader may skip, so nothing may happen in it: neither here nor beside.
    #[test]
    fn nothing_happens_while_it_is_quiet_and_what_is_to_be_done_ends_it() {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 5));
        let mut quiet_us = 0;
        let mut busy = 0;
        while timeline.now_us() < 600_000 {
            if let Some(until_us) = timeline.quiet_until_us(None) {
                let (from_us, before) = (timeline.now_us(), timeline.lab().history_len());
                timeline.advance_to(until_us - 1).expect("far from any limit");
                assert_eq!(timeline.lab().history_len(), before, "{from_us} to {until_us}");
                quiet_us += until_us - from_us;
            } else {
                busy += 1;
            }
            assert_eq!(timeline.step(), Ok(true));
        }
        assert!(quiet_us > 200_000 && busy > 50, "{quiet_us} µs, {busy} steps");
        // In the past the next act may come before the next timer.
        let end_us = timeline.now_us();
        timeline.act(Command::Faults(vec![Fault::Crash(NodeId(1))])).expect("it runs");
        timeline.advance_to(end_us + 100_000).expect("far from any limit");
        let mut at_us = end_us;
        let quiet_before = loop {
            at_us -= 500;
            timeline.seek(at_us).expect("far from any limit");
            if let Some(until_us) = timeline.quiet_until_us(None) {
                break until_us;
            }
        };
        assert!(quiet_before <= end_us, "{quiet_before} {end_us}");
        let head = timeline.look(BranchId::FIRST, at_us).expect("it is there");
        assert_eq!(timeline.quiet_until_us(Some(&head)), Some(quiet_before));
        let busy_us = (0..end_us).step_by(500).find(|at_us| {
            let head = timeline.look(BranchId::FIRST, *at_us).expect("it is there");
            head.lab().quiet_until_us().is_none()
        });
        let busy = timeline.look(BranchId::FIRST, busy_us.expect("somebody votes"));
        let busy = busy.expect("it is there");
        assert_eq!(timeline.quiet_until_us(Some(&busy)), None, "not while it is busy beside");
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
