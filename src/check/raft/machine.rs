//! State Machine Safety: what servers apply (§5.4.3).

use super::super::{Finding, Property, Verdicts};
use super::shadow::Shadow;
use super::view;
use crate::raft::{Entry, LogIndex, Term};
use crate::sim::{NodeId, RecordId};
use crate::stable_hash::stable_hash;
use std::hash::Hash;

/// What was applied first at each index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Machine {
    applied: Vec<(Term, u64)>,
}

impl Machine {
    /// A server applies an entry. Entries come in order and without gaps, from 1 after a boot.
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
            // In order on every server, so a new index is the next one.
            None => self.applied.push(found),
            Some(first) if *first == found => {}
            Some((first, _)) => {
                let (first, second) = (*first, entry.term);
                let finding = Finding::AppliedDiffer { server, index, first, second };
                verdicts.note(property, at, finding);
            }
        }
    }
}
