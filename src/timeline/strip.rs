//! The painted timeline of all branches.

use super::{Branch, BranchId, Timeline};
use crate::labs::Lab;
use crate::scene::Window;
use crate::scene::time_strip::{Lane, Playhead, TimeStrip};

impl Timeline {
    /// The lab as far as a branch was played: it knows the branch's past as a whole. `None` if the
    /// branch was never played by itself.
    pub fn furthest(&self, branch: BranchId) -> Option<&dyn Lab> {
        let kept = self.tracks.get(branch.index())?.furthest();
        if branch != self.branch() {
            return kept;
        }
        let is_further = kept.is_none_or(|kept| kept.now_us() <= self.now_us());
        if is_further { Some(self.lab()) } else { kept }
    }

    /// What happened in a part of the run, a lane a branch. In each of so many equal parts of the
    /// window the marks of a kind are one.
    pub fn strip(&self, window: Window, buckets: u32) -> TimeStrip {
        let shown: Vec<(BranchId, &Branch)> = self.tree.shown().collect();
        let lane_of = |id: BranchId| shown.iter().position(|(other, _)| *other == id);
        let lane = |(id, branch): &(BranchId, &Branch)| {
            let lab = self.furthest(*id);
            Lane {
                branch: id.0,
                name: match (branch.name.as_str(), id.0) {
                    ("", 0) => "first".to_owned(),
                    ("", number) => format!("{}", number + 1),
                    (name, _) => name.to_owned(),
                },
                fork: branch.fork.and_then(|fork| Some((lane_of(fork.from)?, fork.at_us))),
                reach_us: lab.map_or(0, Lab::now_us),
                content: lab.map(|lab| lab.lane(window, buckets)).unwrap_or_default(),
            }
        };
        let lanes = shown.iter().map(lane).collect();
        let here = Playhead { lane: lane_of(self.branch()).unwrap_or(0), at_us: self.now_us() };
        TimeStrip { window, lanes, playheads: vec![here] }
    }
}
