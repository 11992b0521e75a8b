//! State Machine Safety: what servers apply (§5.4.3).

use super::super::{Finding, Property, Verdicts};
use super::SHARED;
use super::shadow::Shadow;
use super::view;
use crate::raft::{Entry, LogIndex, Term};
use crate::shared_list::SharedList;
use crate::sim::{NodeId, RecordId};
use crate::stable_hash::stable_hash;
use std::hash::Hash;

/// What was applied first at each index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Machine {
    applied: SharedList<(Term, u64), SHARED>,
}

impl Machine {
    /// The term of the entry that was applied at `index`.
    pub(super) fn term_at(&self, index: LogIndex) -> Option<Term> {
        let place = usize::try_from(index.0.checked_sub(1)?).ok()?;
        self.applied.get(place).map(|(term, _)| *term)
    }

    /// A snapshot stands for all entries that it includes. It never takes a server back.
    pub(super) fn restore(
        at: RecordId,
        node: NodeId,
        shadow: &mut Shadow,
        last_included_index: LogIndex,
        verdicts: &mut Verdicts,
    ) {
        if last_included_index < shadow.told_applied {
            let (server, expected) = (view::id(node), shadow.told_applied.next());
            let finding =
                Finding::AppliedOutOfOrder { server, expected, found: last_included_index };
            verdicts.note(Property::StateMachineSafety, at, finding);
        }
        shadow.told_applied = last_included_index;
    }

    /// A server applies an entry. Entries come in order and without gaps, after a boot from 1 or
    /// from what a snapshot includes.
    pub(super) fn judge<C: Hash>(
        &mut self,
        at: RecordId,
        node: NodeId,
        shadow: &mut Shadow,
        index: LogIndex,
        entry: &Entry<C>,
        verdicts: &mut Verdicts,
    ) {
        let (server, property) = (view::id(node), Property::StateMachineSafety);
        let expected = shadow.told_applied.next();
        shadow.told_applied = index;
        if index != expected {
            let finding = Finding::AppliedOutOfOrder { server, expected, found: index };
            return verdicts.note(property, at, finding);
        }
        let found = (entry.term, stable_hash(&entry.payload));
        match self.applied.get((index.0 - 1) as usize) {
            // In order on every server, so a new index is the next one. If it is not, a snapshot
            // was of something that nobody had applied.
            None if self.applied.len() as u64 == index.0 - 1 => self.applied.push(found),
            None => {}
            Some(first) if *first == found => {}
            Some((first, _)) => {
                let (first, second) = (*first, entry.term);
                let finding = Finding::AppliedDiffer { server, index, first, second };
                verdicts.note(property, at, finding);
            }
        }
    }
}
