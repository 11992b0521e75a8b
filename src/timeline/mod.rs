//! Time: every instant of a run can be gone to, and what is done in the past makes a branch.
//!
//! A [`Timeline`] plays a run as a [`Session`] does, and keeps its past.
//! It is a [`Tree`] of branches, a playhead that stands on one of them, and for each branch copies
//! of the lab, *keyframes*, at many instants. To seek is to copy the nearest keyframe before the
//! instant and to play on from there; a keyframe costs little, because copies of a history share
//! what they have in common ([`SharedList`](crate::shared_list::SharedList)).
//!
//! # Rules
//!
//! - **Nothing is destroyed.** What is done at the end of a branch is appended to it. What is done
//!   earlier begins a new branch, which has in common with the other what came before. To delete a
//!   branch is to show it no longer.
//! - **An instant is the unit.** To stand at an instant is to stand after everything that happens
//!   at it. The steps from one instant to the next at which something happens are
//!   [`step`](Timeline::step) and [`step_back`](Timeline::step_back).
//! - **Everything is a fold over the log of deeds** ([`Tree::deeds`]), which is only ever appended
//!   to; the rest is recomputed from it. Whoever wants to see it gets it as an event store
//!   ([`append_deeds`]).
//! - **Memory is bounded**, see [`limits`]. When a run is so long that its oldest part is let go,
//!   [`first_us`](Timeline::first_us) says from when on it can be seen. The run itself, which is
//!   its actions, stays whole.

mod adopt;
mod compare;
mod events;
mod journey;
mod strip;
mod track;
mod tree;

use std::fmt;

pub use compare::{Comparison, Difference};
pub use events::{Branches, append_deeds, stream_name};
use track::Track;
pub use tree::{Branch, BranchId, Deed, Fork, Tree};

use crate::labs::{Command, Lab, LabEntry, LabSettings, Refused};
use crate::session::{Action, Run, Session};
use crate::sim::{Halted, RecordId};

/// What a timeline may use of everything.
pub mod limits {
    /// Records kept for all branches; when there are more, the oldest part is let go.
    pub const KEPT_RECORDS: usize = 1_000_000;
    /// Branches, deleted ones included.
    pub const BRANCHES: usize = 64;
    /// Actions of all branches, each from the start of the run.
    pub const ACTIONS: usize = 20_000;
    /// Characters of a branch's name.
    pub const NAME_CHARS: usize = 60;
}

/// Why a tree does not take a deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TreeRefused {
    /// There is no such branch, or it was deleted.
    NoSuchBranch,
    /// The branch has not so many actions.
    NoSuchAction,
    /// It would come before what was done last.
    BeforeTheLast,
    /// There are [`limits::BRANCHES`] branches.
    TooManyBranches,
    /// The branches have [`limits::ACTIONS`] actions.
    TooManyActions,
    /// The name has more than [`limits::NAME_CHARS`] characters.
    NameTooLong,
    /// The only branch cannot be deleted.
    LastBranch,
}

impl fmt::Display for TreeRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TreeRefused::NoSuchBranch => "there is no such branch",
            TreeRefused::NoSuchAction => "the branch has not so many actions",
            TreeRefused::BeforeTheLast => "it would come before what was done last",
            TreeRefused::TooManyBranches => "there are too many branches; begin a new run",
            TreeRefused::TooManyActions => "too much was done in this run; begin a new one",
            TreeRefused::NameTooLong => "the name is too long",
            TreeRefused::LastBranch => "the only branch cannot be deleted",
        })
    }
}

impl std::error::Error for TreeRefused {}

/// Why something cannot be done here and now. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ActRefused {
    /// The lab refuses it.
    Lab(Refused),
    /// The tree has no room for it.
    Tree(TreeRefused),
}

impl fmt::Display for ActRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActRefused::Lab(reason) => reason.fmt(f),
            ActRefused::Tree(reason) => reason.fmt(f),
        }
    }
}

impl std::error::Error for ActRefused {}

/// What an act in a timeline led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Acted {
    /// It was appended to the branch.
    Here,
    /// It began this branch, and the playhead stands on it.
    OnNewBranch(BranchId),
}

/// A lab that stands at an instant of a branch.
pub struct Head {
    branch: BranchId,
    lab: Box<dyn Lab>,
    /// So many of the branch's actions are done.
    done: usize,
}

impl Head {
    /// The branch it stands on.
    pub fn branch(&self) -> BranchId {
        self.branch
    }

    /// The lab at this instant.
    pub fn lab(&self) -> &dyn Lab {
        &*self.lab
    }
}

/// A run with its past, and a playhead.
pub struct Timeline {
    entry: &'static LabEntry,
    settings: LabSettings,
    tree: Tree,
    /// One a branch.
    tracks: Vec<Track>,
    head: Head,
    /// Where the playhead stood before each undoing that can be redone.
    undone: Vec<(BranchId, usize, u64)>,
    /// [`limits::KEPT_RECORDS`], less in tests.
    kept_records: usize,
}

impl Timeline {
    /// A fresh run at time 0. Settings that the lab cannot have are moved to the nearest it can.
    pub fn start(entry: &'static LabEntry, settings: LabSettings) -> Timeline {
        Timeline::of_tree(entry, settings, Tree::default())
    }

    /// A run with branches, at time 0 of the first that is shown.
    pub fn of_tree(entry: &'static LabEntry, settings: LabSettings, tree: Tree) -> Timeline {
        let session = Session::start(entry, settings);
        let settings = session.run().settings.clone();
        let begin = Track::new(session.lab());
        let tracks = (0..tree.next_id().index()).map(|_| begin.clone()).collect();
        let branch = tree.shown().next().map_or(BranchId::FIRST, |(id, _)| id);
        let head = Head { branch, lab: session.lab().fork(), done: 0 };
        Timeline {
            entry,
            settings,
            tree,
            tracks,
            head,
            undone: Vec::new(),
            kept_records: limits::KEPT_RECORDS,
        }
    }

    /// The lab at the playhead.
    pub fn lab(&self) -> &dyn Lab {
        &*self.head.lab
    }

    /// The playhead, in microseconds since the start of the run.
    pub fn now_us(&self) -> u64 {
        self.head.lab.now_us()
    }

    /// The branch on which the playhead stands.
    pub fn branch(&self) -> BranchId {
        self.head.branch
    }

    /// All branches, and the log of deeds.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The lab's line in the registry.
    pub fn entry(&self) -> &'static LabEntry {
        self.entry
    }

    /// What the lab was made with.
    pub fn settings(&self) -> &LabSettings {
        &self.settings
    }

    /// The run that leads to the end of a branch.
    pub fn run(&self, branch: BranchId) -> Option<Run> {
        let actions = self.tree.branch(branch)?.actions.clone();
        Some(Run { lab: self.entry.name, settings: self.settings.clone(), actions })
    }

    /// The furthest instant of a branch that was played to.
    pub fn reach_us(&self, branch: BranchId) -> u64 {
        self.tracks.get(branch.index()).map_or(0, Track::reach_us)
    }

    /// The earliest instant of the present branch that can be gone to.
    pub fn first_us(&self) -> u64 {
        self.track().first_us()
    }

    /// How many copies of labs are kept.
    pub fn keyframes(&self) -> usize {
        self.tracks.iter().map(Track::keyframe_count).sum()
    }

    /// Whether what is done now is appended to the branch.
    pub fn is_at_end(&self) -> bool {
        let actions = self.tree.branch(self.branch()).map_or(0, |branch| branch.actions.len());
        self.head.done == actions && self.now_us() >= self.track().reach_us()
    }

    /// Plays forward to an instant: what was done is done again, and after it comes what is new.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn advance_to(&mut self, at_us: u64) -> Result<(), Halted> {
        self.approach(at_us, usize::MAX).map(|_| ())
    }

    /// Plays forward as [`advance_to`](Timeline::advance_to) does, but stops after about so many
    /// records, so that a long way can be gone in parts. Whether it came to `at_us`.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn approach(&mut self, at_us: u64, records: usize) -> Result<bool, Halted> {
        let Head { branch, lab, done } = &mut self.head;
        let actions = self.tree.branch(*branch).map_or(&[][..], |branch| &branch.actions);
        let until = lab.history_len().saturating_add(records);
        let played = self.tracks[branch.index()].play(lab, done, actions, (at_us, until));
        self.stay_bounded();
        played
    }

    /// Goes to an instant of the present branch, back or forth. What was let go cannot be gone to:
    /// the earliest instant is then [`first_us`](Timeline::first_us).
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn seek(&mut self, at_us: u64) -> Result<(), Halted> {
        self.go(self.branch(), at_us, usize::MAX)
    }

    /// Goes to the next instant at which something happens. `Ok(false)` if nothing ever will.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn step(&mut self) -> Result<bool, Halted> {
        let branch = self.tree.branch(self.branch());
        let act_us = branch.and_then(|b| b.actions.get(self.head.done)).map(|act| act.at_us);
        match [self.lab().next_due_us(), act_us].into_iter().flatten().min() {
            Some(next_us) => self.advance_to(next_us).map(|()| true),
            None => Ok(false),
        }
    }

    /// Goes back to the last instant before this one at which something happened. `Ok(false)` if
    /// there is none, or it was let go.
    ///
    /// # Errors
    ///
    /// [`Halted`] never, in practice: the way back was gone before.
    pub fn step_back(&mut self) -> Result<bool, Halted> {
        let (now_us, lab) = (self.now_us(), self.lab());
        let known = (lab.history_first()..lab.history_len()).rev();
        let times = known.filter_map(|place| lab.record(RecordId(place as u32)));
        let before = times.map(|(at_us, _)| at_us).find(|at_us| *at_us < now_us);
        match before.filter(|at_us| *at_us >= self.first_us()) {
            Some(at_us) => self.seek(at_us).map(|()| true),
            None => Ok(false),
        }
    }

    /// Goes to the end of the present branch.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn go_to_end(&mut self) -> Result<(), Halted> {
        self.seek(self.track().reach_us())
    }

    /// Does something at the playhead.
    ///
    /// # Errors
    ///
    /// [`ActRefused`] if it makes no sense at present; nothing has changed then.
    pub fn act(&mut self, command: Command) -> Result<Acted, ActRefused> {
        // Replay comes to this instant by advancing to it, so what an action before this one made
        // due at once has to happen first here, too. A halted world refuses the command itself.
        let _ = self.advance_to(self.now_us());
        let at_us = self.now_us();
        let is_at_end = self.is_at_end();
        let fork = self.fork_here();
        let room = if is_at_end { Ok(()) } else { self.tree.check(&Deed::Forked(fork)) };
        room.and_then(|()| self.tree.check_room(1)).map_err(ActRefused::Tree)?;
        self.head.lab.act(&command).map_err(ActRefused::Lab)?;
        if !is_at_end {
            self.head.branch = self.begin(fork);
        }
        let branch = self.branch();
        self.tree.commit(Deed::Acted { branch, action: Action { at_us, command } });
        self.head.done += 1;
        self.tracks[branch.index()].note_reach(&*self.head.lab);
        self.undone.clear();
        Ok(if is_at_end { Acted::Here } else { Acted::OnNewBranch(branch) })
    }

    /// Begins a branch that the tree has room for.
    fn begin(&mut self, fork: Fork) -> BranchId {
        let branch = self.tree.next_id();
        self.tree.commit(Deed::Forked(fork));
        self.tracks.push(self.track().until(fork.at_us, fork.actions));
        branch
    }

    /// Where a branch would begin that left the present one now.
    fn fork_here(&self) -> Fork {
        let mut fork = Fork { from: self.branch(), actions: self.head.done, at_us: self.now_us() };
        // A branch that leaves where its parent had not yet left leaves the parent's parent.
        while let Some(earlier) = self.tree.branch(fork.from).and_then(|branch| branch.fork) {
            let is_shared = fork.actions <= earlier.actions && fork.at_us < earlier.at_us;
            if !is_shared || self.tree.branch(earlier.from).is_none_or(|from| from.deleted) {
                break;
            }
            fork.from = earlier.from;
        }
        fork
    }

    /// Goes to the same instant of another branch, or to its end if that comes before.
    ///
    /// # Errors
    ///
    /// [`TreeRefused`] if there is no such branch.
    pub fn select(&mut self, branch: BranchId) -> Result<(), TreeRefused> {
        if self.tree.branch(branch).is_none_or(|branch| branch.deleted) {
            return Err(TreeRefused::NoSuchBranch);
        }
        let last_us =
            self.tree.branch(branch).and_then(|b| b.actions.last()).map_or(0, |a| a.at_us);
        let reach_us = self.reach_us(branch).max(last_us);
        // What cannot be played to is shown as far as it can.
        let _ = self.go(branch, self.now_us().min(reach_us), usize::MAX);
        Ok(())
    }

    /// Names a branch.
    ///
    /// # Errors
    ///
    /// [`TreeRefused`] if there is no such branch, or the name is too long.
    pub fn name(&mut self, branch: BranchId, name: String) -> Result<(), TreeRefused> {
        self.tree.note(Deed::Named { branch, name })
    }

    /// Shows a branch no longer. If the playhead stands on it, it goes to another.
    ///
    /// # Errors
    ///
    /// [`TreeRefused`] if there is no such branch, or no other.
    pub fn delete(&mut self, branch: BranchId) -> Result<(), TreeRefused> {
        self.tree.note(Deed::Deleted(branch))?;
        // Its past is not needed any more, unless it can be undone to.
        self.undone.retain(|(undone, _, _)| *undone != branch);
        if self.branch() == branch {
            let parent = self.tree.branch(branch).and_then(|branch| branch.fork);
            let parent =
                parent.filter(|fork| self.tree.branch(fork.from).is_some_and(|b| !b.deleted));
            let first = self.tree.shown().next().map(|(id, _)| id);
            if let Some(next) = parent.map(|fork| fork.from).or(first) {
                self.select(next)?;
            }
        }
        self.tracks[branch.index()] = Track::default();
        Ok(())
    }

    /// Goes to just before the last thing that was done, on a branch on which it was not.
    /// `Ok(None)` if nothing was done yet.
    ///
    /// # Errors
    ///
    /// [`TreeRefused`] if there is no room for another branch.
    pub fn undo(&mut self) -> Result<Option<BranchId>, TreeRefused> {
        let (here, done) = (self.branch(), self.head.done);
        let last = done.checked_sub(1).and_then(|k| self.tree.branch(here)?.actions.get(k));
        let Some(at_us) = last.map(|action| action.at_us) else {
            return Ok(None);
        };
        let was = (here, done, self.now_us());
        let fork = Fork { from: here, actions: done - 1, at_us };
        let exists = self
            .tree
            .shown()
            .find(|(_, branch)| branch.fork == Some(fork) && branch.actions.len() == fork.actions);
        let branch = match exists.map(|(id, _)| id) {
            Some(branch) => branch,
            None => {
                self.tree.check(&Deed::Forked(fork))?;
                self.begin(fork)
            }
        };
        // The way there was played before.
        let _ = self.go(branch, at_us, done - 1);
        self.undone.push(was);
        Ok(Some(branch))
    }

    /// Goes to where the playhead stood before the last [`undo`](Timeline::undo). `None` if there
    /// was none, or something was done since.
    pub fn redo(&mut self) -> Option<BranchId> {
        let (branch, done, at_us) = self.undone.pop()?;
        let _ = self.go(branch, at_us, done);
        Some(branch)
    }

    /// A second look: a lab at an instant of any branch. The playhead stays where it is.
    ///
    /// # Errors
    ///
    /// [`TreeRefused`] if there is no such branch.
    pub fn look(&mut self, branch: BranchId, at_us: u64) -> Result<Head, TreeRefused> {
        if self.tree.branch(branch).is_none_or(|branch| branch.deleted) {
            return Err(TreeRefused::NoSuchBranch);
        }
        let lab = self.head.lab.fork();
        // Not on this branch yet, so wherever it stands, it is not on the way.
        let mut head = Head { branch, lab, done: usize::MAX };
        let _ = self.move_look(&mut head, at_us);
        Ok(head)
    }

    /// Moves a second look to another instant of its branch.
    ///
    /// # Errors
    ///
    /// [`Halted`] if the run has reached a limit.
    pub fn move_look(&mut self, head: &mut Head, at_us: u64) -> Result<(), Halted> {
        self.borrow_past(head.branch);
        place(&self.tree, &mut self.tracks, head, at_us, usize::MAX)
    }

    fn track(&self) -> &Track {
        &self.tracks[self.head.branch.index()]
    }

    /// Moves the playhead.
    fn go(&mut self, branch: BranchId, at_us: u64, actions: usize) -> Result<(), Halted> {
        let here = self.branch().index();
        self.tracks[here].keep_end(&*self.head.lab, self.head.done);
        if branch != self.branch() {
            // Not on that branch yet, so wherever it stands, it is not on the way.
            (self.head.branch, self.head.done) = (branch, usize::MAX);
        }
        self.borrow_past(branch);
        let placed = place(&self.tree, &mut self.tracks, &mut self.head, at_us, actions);
        self.stay_bounded();
        placed
    }

    /// A branch that was never played begins with the past that it has in common with another.
    fn borrow_past(&mut self, branch: BranchId) {
        let fork = self.tree.branch(branch).and_then(|branch| branch.fork);
        if let Some(fork) = fork.filter(|_| self.tracks[branch.index()].is_unplayed()) {
            let past = self.tracks[fork.from.index()].until(fork.at_us, fork.actions);
            if past.keyframe_count() > self.tracks[branch.index()].keyframe_count() {
                self.tracks[branch.index()] = past;
            }
        }
    }

    fn stay_bounded(&mut self) {
        while self.tracks.iter().map(Track::kept).sum::<usize>() > self.kept_records {
            let longest = (0..self.tracks.len()).max_by_key(|at| self.tracks[*at].kept());
            let Some(longest) = longest.filter(|at| self.tracks[*at].keyframe_count() > 1) else {
                return;
            };
            let from = self.tracks[longest].without_oldest(self.kept_records / 8);
            for (place, track) in self.tracks.iter_mut().enumerate() {
                if place == longest { track.let_go(from) } else { track.let_shared_go(from) }
            }
            self.head.lab.let_go_before(RecordId(self.track().first_record() as u32));
        }
    }
}

/// Moves a head to an instant of its branch, with at most so many actions done.
fn place(
    tree: &Tree,
    tracks: &mut [Track],
    head: &mut Head,
    at_us: u64,
    actions: usize,
) -> Result<(), Halted> {
    let track = &mut tracks[head.branch.index()];
    let all = tree.branch(head.branch).map_or(&[][..], |branch| &branch.actions);
    let all = &all[..actions.min(all.len())];
    let at_us = at_us.max(track.first_us());
    let is_on_the_way = head.done <= all.len() && head.lab.now_us() <= at_us;
    if let Some(from) = track.before(at_us, all.len())
        && (!is_on_the_way || from.lab.now_us() > head.lab.now_us())
    {
        head.lab = from.lab.fork();
        head.done = from.done;
    }
    track.play(&mut head.lab, &mut head.done, all, (at_us, usize::MAX)).map(|_| ())
}

#[cfg(test)]
mod any_run;
#[cfg(test)]
mod tests;
