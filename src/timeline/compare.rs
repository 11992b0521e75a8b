//! Two branches of a run side by side: where their histories part.

use super::{BranchId, Timeline};
use crate::labs::Lab;
use crate::sim::RecordId;

/// The first record in which two histories differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Difference {
    /// Its place in both; one of them may end before it.
    pub record: RecordId,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
}

/// Looks for the first difference of two branches, from where it looked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Comparison {
    /// Up to here they are known to be the same.
    same: usize,
    /// Nothing before this instant can differ.
    from_us: u64,
    found: Option<Difference>,
}

impl Comparison {
    /// Of two branches. `None` if there is no such branch.
    pub fn of(timeline: &Timeline, one: BranchId, other: BranchId) -> Option<Comparison> {
        let (from_us, _) = timeline.tree().common(one, other)?;
        Some(Comparison { same: 0, from_us, found: None })
    }

    /// The first difference, as far as both labs have come. They stand at the same instant of the
    /// two branches; once a difference was found it stays, wherever they go.
    pub fn look(&mut self, one: &dyn Lab, other: &dyn Lab) -> Option<Difference> {
        if self.found.is_some() {
            return self.found;
        }
        let until_us = one.now_us().min(other.now_us());
        let first = one.history_first().max(other.history_first());
        self.same = self.same.max(first).max(place_at(one, self.from_us));
        loop {
            let record = RecordId(self.same as u32);
            let (a, b) = (one.record(record), other.record(record));
            let next_us = [a, b].into_iter().flatten().map(|(at_us, _)| at_us).min()?;
            if next_us > until_us {
                return None;
            }
            if a != b {
                self.found = Some(Difference { record, at_us: next_us });
                return self.found;
            }
            self.same += 1;
        }
    }
}

/// The place of the first record that is not before an instant.
fn place_at(lab: &dyn Lab, at_us: u64) -> usize {
    let (mut low, mut high) = (lab.history_first(), lab.history_len());
    while low < high {
        let middle = low + (high - low) / 2;
        match lab.record(RecordId(middle as u32)) {
            Some((when_us, _)) if when_us < at_us => low = middle + 1,
            _ => high = middle,
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::{Command, LABS, LabSettings};
    use crate::sim::{Fault, NodeId};
    use crate::timeline::Acted;

    fn branched() -> (Timeline, BranchId) {
        let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 11));
        timeline.advance_to(900_000).expect("far from any limit");
        timeline.seek(300_000).expect("far from any limit");
        let crash = Command::Faults(vec![Fault::Crash(NodeId(0))]);
        let Ok(Acted::OnNewBranch(branch)) = timeline.act(crash) else {
            panic!("the past is elsewhere");
        };
        (timeline, branch)
    }

    #[test]
    fn branches_part_where_the_later_one_acts() {
        let (mut timeline, _) = branched();
        timeline.advance_to(500_000).expect("far from any limit");
        let first = timeline.look(BranchId::FIRST, 500_000).expect("it is there");
        let new = Comparison::of(&timeline, timeline.branch(), BranchId::FIRST);
        let mut comparison = new.expect("both are there");
        let found = comparison.look(timeline.lab(), first.lab()).expect("they differ");
        assert_eq!(found.at_us, 300_000);
        // Before it they are the same, and it is the first.
        for place in 0..found.record.0 {
            let record = RecordId(place);
            assert_eq!(timeline.lab().record(record), first.lab().record(record));
        }
        assert_ne!(timeline.lab().record(found.record), first.lab().record(found.record));
        // Wherever they go then.
        let before = timeline.look(BranchId::FIRST, 100_000).expect("it is there");
        assert_eq!(comparison.look(before.lab(), before.lab()), Some(found));
    }

    #[test]
    fn no_difference_is_found_before_there_is_one_and_none_in_one_branch() {
        let (mut timeline, branch) = branched();
        let mut comparison =
            Comparison::of(&timeline, branch, BranchId::FIRST).expect("both are there");
        for at_us in [0, 150_000, 299_999] {
            let one = timeline.look(branch, at_us).expect("it is there");
            let other = timeline.look(BranchId::FIRST, at_us).expect("it is there");
            assert_eq!(comparison.look(one.lab(), other.lab()), None);
        }
        let mut same = Comparison::of(&timeline, branch, branch).expect("it is there");
        let (one, other) = (timeline.look(branch, 500_000), timeline.look(branch, 500_000));
        let (one, other) = (one.expect("it is there"), other.expect("it is there"));
        assert_eq!(same.look(one.lab(), other.lab()), None);
        assert_eq!(Comparison::of(&timeline, branch, BranchId(9)), None);
    }

    /// One more record at the end is a difference, too: the other will never have it.
    #[test]
    fn a_history_that_goes_on_where_the_other_stands_differs() {
        let (mut timeline, branch) = branched();
        let mut comparison =
            Comparison::of(&timeline, branch, BranchId::FIRST).expect("both are there");
        let one = timeline.look(branch, 300_000).expect("it is there");
        let other = timeline.look(BranchId::FIRST, 300_000).expect("it is there");
        let found = comparison.look(one.lab(), other.lab()).expect("the crash is in one of them");
        assert_eq!(found.at_us, 300_000);
    }
}
