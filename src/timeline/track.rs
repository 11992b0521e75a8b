//! The past of one branch: copies of its lab at many instants, and the way from one to the next.

use std::rc::Rc;

use crate::labs::Lab;
use crate::session::Action;
use crate::sim::{Halted, RecordId};

/// A keyframe after so many records, when a block of them is full: then it shares all of them. To
/// play that many takes a browser some 3 ms, and keyframes are then a tenth of what is kept. Tests
/// are about short runs, and want many.
const KEYFRAME_EVERY: usize = if cfg!(test) { 256 } else { 9 * 1_024 };

/// A lab at one instant of a branch.
#[derive(Clone)]
pub(super) struct Keyframe {
    pub(super) lab: Rc<dyn Lab>,
    /// So many of the branch's actions are done.
    pub(super) done: usize,
}

/// The keyframes of a branch, oldest first, and how far it was played.
#[derive(Clone, Default)]
pub(super) struct Track {
    keyframes: Vec<Keyframe>,
    /// As far as it was played, once the playhead has left that place.
    end: Option<Keyframe>,
    reach_us: u64,
    reach_records: usize,
    /// Records before this one are another branch's, too.
    own_from: usize,
}

impl Track {
    /// A branch that begins with this lab.
    pub(super) fn new(lab: &dyn Lab) -> Track {
        let mut track = Track::default();
        track.keyframes.push(Keyframe { lab: Rc::from(lab.fork()), done: 0 });
        track
    }

    /// What this branch has in common with one that leaves it at this instant, after so many
    /// actions.
    pub(super) fn until(&self, at_us: u64, actions: usize) -> Track {
        let common =
            self.keyframes.partition_point(|k| k.lab.now_us() <= at_us && k.done <= actions);
        let keyframes = self.keyframes[..common].to_vec();
        let own_from = keyframes.last().map_or(0, |keyframe| keyframe.lab.history_len());
        Track { keyframes, own_from, ..Track::default() }
    }

    /// The furthest instant that was reached, in microseconds since the start of the run.
    pub(super) fn reach_us(&self) -> u64 {
        self.reach_us
    }

    /// The furthest lab that is kept.
    pub(super) fn furthest(&self) -> Option<&dyn Lab> {
        self.end.as_ref().or(self.keyframes.last()).map(|keyframe| &*keyframe.lab)
    }

    /// The earliest instant that can still be gone to.
    pub(super) fn first_us(&self) -> u64 {
        self.keyframes.first().map_or(0, |keyframe| keyframe.lab.now_us())
    }

    /// The earliest record that is still known.
    pub(super) fn first_record(&self) -> usize {
        self.keyframes.first().map_or(0, |keyframe| keyframe.lab.history_first())
    }

    /// How many records are kept for this branch alone.
    pub(super) fn kept(&self) -> usize {
        self.reach_records.saturating_sub(self.first_record().max(self.own_from))
    }

    /// Whether nothing was played on this branch so far.
    pub(super) fn is_unplayed(&self) -> bool {
        self.reach_records == 0
    }

    pub(super) fn keyframe_count(&self) -> usize {
        self.keyframes.len()
    }

    /// The latest copy from which this instant, with so many actions done, can be played to.
    pub(super) fn before(&self, at_us: u64, actions: usize) -> Option<&Keyframe> {
        let fits = |k: &Keyframe| k.lab.now_us() <= at_us && k.done <= actions;
        if let Some(end) = self.end.as_ref().filter(|end| fits(end)) {
            return Some(end);
        }
        let after = self.keyframes.partition_point(fits);
        self.keyframes.get(after.checked_sub(1)?)
    }

    /// The playhead leaves the end of this branch.
    pub(super) fn keep_end(&mut self, lab: &dyn Lab, done: usize) {
        if lab.now_us() >= self.reach_us {
            self.end = Some(Keyframe { lab: Rc::from(lab.fork()), done });
        }
    }

    /// Plays `lab`, on which `done` actions are done, forward to an instant, or until its history
    /// has so many records. Keeps copies on the way where there were none. Whether it came there.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub(super) fn play(
        &mut self,
        lab: &mut Box<dyn Lab>,
        done: &mut usize,
        actions: &[Action],
        (at_us, until): (u64, usize),
    ) -> Result<bool, Halted> {
        while let Some(action) = actions.get(*done).filter(|action| action.at_us <= at_us) {
            if !self.advance(lab, *done, (action.at_us, until))? {
                return Ok(false);
            }
            // A run from outside may ask for nonsense; it is refused here as it would be live.
            let _ = lab.act(&action.command);
            *done += 1;
        }
        self.advance(lab, *done, (at_us, until))
    }

    fn advance(
        &mut self,
        lab: &mut Box<dyn Lab>,
        done: usize,
        (at_us, until): (u64, usize),
    ) -> Result<bool, Halted> {
        loop {
            let newest = self.keyframes.last().map_or(0, |keyframe| keyframe.lab.history_len());
            let records = lab.history_len();
            let due = (newest / KEYFRAME_EVERY + 1) * KEYFRAME_EVERY;
            if records >= due {
                self.keyframes.push(Keyframe { lab: Rc::from(lab.fork()), done });
                continue;
            }
            let next = if records < newest { usize::MAX } else { due };
            let advanced = lab.advance_within(at_us, next.min(until));
            self.note_reach(&**lab);
            if advanced? {
                return Ok(true);
            }
            if lab.history_len() >= until {
                return Ok(false);
            }
        }
    }

    /// The lab is further than anybody was on this branch, perhaps.
    pub(super) fn note_reach(&mut self, lab: &dyn Lab) {
        if lab.now_us() > self.reach_us || lab.history_len() > self.reach_records {
            self.end = None;
            self.reach_us = self.reach_us.max(lab.now_us());
            self.reach_records = self.reach_records.max(lab.history_len());
        }
    }

    /// Where the history would begin without its oldest part.
    pub(super) fn without_oldest(&self, part: usize) -> usize {
        self.first_record().max(self.own_from) + part
    }

    /// Forgets what this branch has in common with others before a record.
    pub(super) fn let_shared_go(&mut self, from: usize) {
        self.let_go(from.min(self.own_from));
    }

    /// Forgets what came before a record. One keyframe stays in any case, to begin with.
    pub(super) fn let_go(&mut self, from: usize) {
        if self.keyframes.is_empty() || from <= self.first_record() {
            return;
        }
        let gone = self.keyframes.partition_point(|keyframe| keyframe.lab.history_len() < from);
        self.keyframes.drain(..gone.min(self.keyframes.len() - 1));
        let forget = |keyframe: &mut Keyframe| {
            let mut lab = keyframe.lab.fork();
            lab.let_go_before(RecordId(from as u32));
            keyframe.lab = Rc::from(lab);
        };
        self.keyframes.iter_mut().chain(&mut self.end).for_each(forget);
    }
}
