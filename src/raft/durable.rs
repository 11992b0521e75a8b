//! Figure 2's persistent state, and changes of it.

use std::sync::Arc;

use super::{Entry, Log, LogIndex, ServerId, Snapshot, Term};

/// What is on stable storage. A server that crashes starts again from exactly this.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Durable<C> {
    /// The latest term the server has seen; 0 at first, never decreases.
    pub current_term: Term,
    /// The candidate that got this server's vote in `current_term`, if any.
    pub voted_for: Option<ServerId>,
    /// The latest snapshot (§7).
    pub snapshot: Option<Snapshot>,
    /// The log, as far as the snapshot does not cover it.
    pub log: Log<C>,
}

/// An empty disk: the state of a server that has never run.
impl<C> Default for Durable<C> {
    fn default() -> Self {
        Durable { current_term: Term(0), voted_for: None, snapshot: None, log: Log::default() }
    }
}

/// One change of the persistent state. A disk makes it durable as a whole.
///
/// Its parts take effect in the order in which they stand here, so a disk that tears a write may
/// keep a prefix: the vote alone, the vote and the snapshot, those and the truncation, and so on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Write<C> {
    /// A new `current_term` and `voted_for`, always together: a term without its vote would let a
    /// server vote twice.
    pub vote: Option<Vote>,
    /// A new snapshot. The log drops what it covers, see [`Log::drop_through`].
    pub snapshot: Option<Box<Snapshot>>,
    /// The first entry to remove; all after it go too.
    pub truncate_from: Option<LogIndex>,
    /// Entries to add at the end.
    pub append: Vec<Arc<Entry<C>>>,
}

/// The half of the persistent state that elections change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vote {
    /// The new `current_term`.
    pub current_term: Term,
    /// The new `voted_for`.
    pub voted_for: Option<ServerId>,
}

impl<C> Default for Write<C> {
    fn default() -> Self {
        Write { vote: None, snapshot: None, truncate_from: None, append: Vec::new() }
    }
}

impl<C> Write<C> {
    /// Whether the write changes nothing.
    pub fn is_empty(&self) -> bool {
        self.vote.is_none()
            && self.snapshot.is_none()
            && self.truncate_from.is_none()
            && self.append.is_empty()
    }

    pub(super) fn vote(current_term: Term, voted_for: Option<ServerId>) -> Write<C> {
        Write { vote: Some(Vote { current_term, voted_for }), ..Write::default() }
    }

    pub(super) fn snapshot(snapshot: Snapshot) -> Write<C> {
        Write { snapshot: Some(Box::new(snapshot)), ..Write::default() }
    }

    pub(super) fn append(append: Vec<Arc<Entry<C>>>) -> Write<C> {
        Write { append, ..Write::default() }
    }

    /// Adds a later change, so that both become durable together.
    pub(super) fn merge(&mut self, later: Write<C>) {
        debug_assert!(
            self.append.is_empty() || later.truncate_from.is_none(),
            "nothing takes back in one step what it has just appended"
        );
        debug_assert!(
            later.snapshot.is_none() || (self.append.is_empty() && self.truncate_from.is_none()),
            "a snapshot comes in a step of its own"
        );
        self.vote = later.vote.or(self.vote);
        self.snapshot = later.snapshot.or(self.snapshot.take());
        self.truncate_from = self.truncate_from.into_iter().chain(later.truncate_from).min();
        if self.append.is_empty() {
            self.append = later.append;
        } else {
            self.append.extend(later.append);
        }
    }
}

impl<C: Clone> Durable<C> {
    /// Makes one change. Both the disk and the server's memory change through this function, so
    /// they can only differ in how far they have come.
    pub fn apply(&mut self, write: &Write<C>) {
        if let Some(vote) = write.vote {
            self.current_term = vote.current_term;
            self.voted_for = vote.voted_for;
        }
        if let Some(snapshot) = &write.snapshot {
            self.log.drop_through(snapshot.end());
            self.snapshot = Some(Snapshot::clone(snapshot));
        }
        if let Some(first) = write.truncate_from {
            self.log.truncate_from(first);
        }
        for entry in &write.append {
            self.log.append(entry.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raft::Payload;

    fn entry(term: u64, command: u32) -> Arc<Entry<u32>> {
        Arc::new(Entry { term: Term(term), payload: Payload::Command(command) })
    }

    #[test]
    fn a_merged_write_does_what_its_parts_do_one_after_the_other() {
        let start = Durable {
            current_term: Term(1),
            voted_for: None,
            snapshot: None,
            log: Log::from(vec![entry(1, 10), entry(1, 11)]),
        };
        let parts = [
            Write::vote(Term(2), None),
            Write::vote(Term(2), Some(ServerId(1))),
            Write { truncate_from: Some(LogIndex(2)), ..Write::default() },
            Write::append(vec![entry(2, 12)]),
            Write::append(vec![entry(2, 13)]),
        ];
        let mut one_by_one = start.clone();
        let mut merged = Write::default();
        assert!(merged.is_empty());
        for part in parts {
            one_by_one.apply(&part);
            merged.merge(part);
        }
        let mut at_once = start;
        at_once.apply(&merged);
        assert_eq!(at_once, one_by_one);
        assert_eq!(at_once.log, Log::from(vec![entry(1, 10), entry(2, 12), entry(2, 13)]));
    }
}
