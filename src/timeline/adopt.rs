//! Taking over what somebody else's timeline of the same run has become.

use super::{BranchId, Head, Timeline, Track, Tree};

impl Timeline {
    /// Becomes a timeline of other branches of the same lab and settings. What was played is kept
    /// as far as it is common: when actions were only appended, nothing is played again. The
    /// playhead goes to the beginning of the first branch if its own past has changed.
    pub fn adopt(&mut self, tree: Tree) {
        let begin = self.beginning();
        let mut tracks = Vec::new();
        for place in 0..tree.next_id().index() {
            let id = BranchId(place as u16);
            let track =
                self.tracks.get(place).map(|track| match self.tree.common_with(&tree, id) {
                    None => track.clone(),
                    // What came after the end of what was played: the usual case.
                    Some((at_us, _)) if at_us >= track.reach_us() => track.clone(),
                    Some((at_us, actions)) => track.until(at_us, actions),
                });
            let track = track.filter(|track| track.keyframe_count() > 0);
            tracks.push(track.unwrap_or_else(|| begin.clone()));
        }
        let head = &self.head;
        let keeps = match self.tree.common_with(&tree, head.branch) {
            None => tree.branch(head.branch).is_some(),
            Some((at_us, actions)) => head.done <= actions && head.lab.now_us() <= at_us,
        };
        let is_shown = tree.branch(head.branch).is_some_and(|branch| !branch.deleted);
        (self.tree, self.tracks) = (tree, tracks);
        self.undone.clear();
        if !keeps || !is_shown {
            let first = self.tree.shown().next().map_or(BranchId::FIRST, |(id, _)| id);
            let lab = begin.furthest().map_or_else(|| self.head.lab.fork(), |lab| lab.fork());
            self.head = Head { branch: first, lab, done: 0 };
        }
    }

    /// A branch on which nothing was played.
    fn beginning(&self) -> Track {
        Track::new(&*(self.entry.open)(&self.settings))
    }
}

impl Tree {
    /// Until when, and for how many actions, a branch is the same in another tree. `None` if it is
    /// the same for good.
    fn common_with(&self, other: &Tree, id: BranchId) -> Option<(u64, usize)> {
        let actions = |tree: &'_ Tree| tree.branch(id).map(|branch| branch.actions.clone());
        let (ours, theirs) =
            (actions(self).unwrap_or_default(), actions(other).unwrap_or_default());
        let same = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let next = [ours.get(same), theirs.get(same)];
        next.into_iter().flatten().map(|action| action.at_us).min().map(|at_us| (at_us, same))
    }
}
