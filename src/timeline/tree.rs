//! What was done, on which branch: a fold over an append-only log of deeds.

use super::{TreeRefused, limits};
use crate::session::Action;

/// Names a branch. The first is where the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchId(pub u16);

impl BranchId {
    /// The branch on which a run begins.
    pub const FIRST: BranchId = BranchId(0);

    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// One entry of the log. Nothing is ever taken out of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Something was done at the end of a branch.
    Acted {
        /// Where.
        branch: BranchId,
        /// When, and what.
        action: Action,
    },
    /// A new branch began, numbered one higher than the newest.
    Forked(Fork),
    /// A branch was given a name.
    Named {
        /// Which.
        branch: BranchId,
        /// The name.
        name: String,
    },
    /// A branch is no longer shown.
    Deleted(BranchId),
}

/// Where a branch leaves another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fork {
    /// The branch that it leaves.
    pub from: BranchId,
    /// So many of that branch's actions are its own, too.
    pub actions: usize,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
}

/// What is known of a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Branch {
    /// What the reader calls it; empty if it was not named.
    pub name: String,
    /// Where it leaves another; `None` for the first.
    pub fork: Option<Fork>,
    /// Everything that is done on it, from the start of the run.
    pub actions: Vec<Action>,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// All branches of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tree {
    deeds: Vec<Deed>,
    branches: Vec<Branch>,
}

impl Default for Tree {
    fn default() -> Tree {
        Tree { deeds: Vec::new(), branches: vec![Branch::default()] }
    }
}

impl Tree {
    /// One branch on which this is done.
    pub fn of_actions(actions: Vec<Action>) -> Tree {
        let mut tree = Tree::default();
        for action in actions.into_iter().take(limits::ACTIONS) {
            tree.commit(Deed::Acted { branch: BranchId::FIRST, action });
        }
        tree
    }

    /// Folds a log.
    ///
    /// # Errors
    ///
    /// [`TreeRefused`] at the first deed that makes no sense.
    pub fn of_deeds(deeds: impl IntoIterator<Item = Deed>) -> Result<Tree, TreeRefused> {
        let mut tree = Tree::default();
        for deed in deeds {
            tree.note(deed)?;
        }
        Ok(tree)
    }

    /// The log.
    pub fn deeds(&self) -> &[Deed] {
        &self.deeds
    }

    /// A branch, unless there is no such branch.
    pub fn branch(&self, id: BranchId) -> Option<&Branch> {
        self.branches.get(id.index())
    }

    /// All branches that were not deleted, in the order in which they began.
    pub fn shown(&self) -> impl Iterator<Item = (BranchId, &Branch)> {
        let all = self.branches.iter().enumerate().map(|(place, b)| (BranchId(place as u16), b));
        all.filter(|(_, branch)| !branch.deleted)
    }

    /// The name of the branch that begins next.
    pub(super) fn next_id(&self) -> BranchId {
        BranchId(self.branches.len() as u16)
    }

    /// How far two branches are the same: until when, and for how many actions.
    pub fn common(&self, one: BranchId, other: BranchId) -> Option<(u64, usize)> {
        let (a, b) = (self.branch(one)?, self.branch(other)?);
        let same = a.actions.iter().zip(&b.actions).take_while(|(x, y)| x == y).count();
        let next = [a, b].into_iter().filter_map(|branch| branch.actions.get(same));
        let until_us = next.map(|action| action.at_us).min().unwrap_or(u64::MAX);
        Some((until_us, same))
    }

    /// Appends to the log.
    ///
    /// # Errors
    ///
    /// [`TreeRefused`] if it makes no sense; nothing has changed then.
    pub fn note(&mut self, deed: Deed) -> Result<(), TreeRefused> {
        self.check(&deed)?;
        self.commit(deed);
        Ok(())
    }

    pub(super) fn check(&self, deed: &Deed) -> Result<(), TreeRefused> {
        match deed {
            Deed::Acted { branch, action } => {
                let branch = self.need(*branch)?;
                let fork_us = branch.fork.map_or(0, |fork| fork.at_us);
                let last_us = branch.actions.last().map_or(0, |last| last.at_us);
                if action.at_us < fork_us.max(last_us) {
                    return Err(TreeRefused::BeforeTheLast);
                }
                self.check_room(1)?;
            }
            Deed::Forked(fork) => {
                let from = self.need(fork.from)?;
                if self.branches.len() >= limits::BRANCHES {
                    return Err(TreeRefused::TooManyBranches);
                }
                let kept = from.actions.get(..fork.actions);
                let last = kept.ok_or(TreeRefused::NoSuchAction)?.last();
                self.check_room(fork.actions)?;
                if last.is_some_and(|last| last.at_us > fork.at_us) {
                    return Err(TreeRefused::BeforeTheLast);
                }
            }
            Deed::Named { branch, name } => {
                self.need(*branch)?;
                if name.chars().count() > limits::NAME_CHARS {
                    return Err(TreeRefused::NameTooLong);
                }
            }
            Deed::Deleted(branch) => {
                self.need(*branch)?;
                if self.shown().count() < 2 {
                    return Err(TreeRefused::LastBranch);
                }
            }
        }
        Ok(())
    }

    /// Whether there is room for so many actions more.
    pub(super) fn check_room(&self, actions: usize) -> Result<(), TreeRefused> {
        let all: usize = self.branches.iter().map(|branch| branch.actions.len()).sum();
        if all + actions > limits::ACTIONS { Err(TreeRefused::TooManyActions) } else { Ok(()) }
    }

    fn need(&self, id: BranchId) -> Result<&Branch, TreeRefused> {
        let branch = self.branch(id).filter(|branch| !branch.deleted);
        branch.ok_or(TreeRefused::NoSuchBranch)
    }

    pub(super) fn commit(&mut self, deed: Deed) {
        match &deed {
            Deed::Acted { branch, action } => {
                self.branches[branch.index()].actions.push(action.clone());
            }
            Deed::Forked(fork) => {
                let actions = self.branches[fork.from.index()].actions[..fork.actions].to_vec();
                let (name, deleted) = (String::new(), false);
                self.branches.push(Branch { name, fork: Some(*fork), actions, deleted });
            }
            Deed::Named { branch, name } => self.branches[branch.index()].name.clone_from(name),
            Deed::Deleted(branch) => self.branches[branch.index()].deleted = true,
        }
        self.deeds.push(deed);
    }
}
