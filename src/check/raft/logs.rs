//! Logs: what may change in them, and how any two of them compare (§5.3).

use super::super::{Finding, Property, Verdicts};
use super::commitment::Ledger;
use super::view::{self, RaftNode, RaftWorld};
use super::{Look, SHARED};
use crate::raft::{Entry, Log, LogIndex, Term};
use crate::shared_list::SharedList;
use crate::sim::{NodeId, RecordId};
use crate::stable_hash::stable_hash;
use std::hash::Hash;

/// Every entry that any log has ever had, by index and term.
///
/// Log Matching holds if an index and a term always name the same entry after an entry of the same
/// term: then, entry by entry, the logs before it are the same too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct LogRegistry {
    /// By index from 1: the first entry seen there, and those of other terms.
    places: SharedList<(Known, Vec<Known>), SHARED>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Known {
    term: Term,
    /// The term of the entry before it.
    after: Term,
    payload: u64,
}

impl LogRegistry {
    pub(super) fn judge<P: RaftWorld>(
        &mut self,
        look: &Look<'_, P>,
        ledger: &Ledger,
        verdicts: &mut Verdicts,
    ) {
        let log = look.process.log();
        let Some(first) = look.before.differs_from(log) else {
            return;
        };
        let first = first.max(log.base().last_log_index.next());
        judge_removal(look, first, ledger, verdicts);
        let mut after = log.term_at(first.previous()).unwrap_or_default();
        let mut index = first;
        for entry in log.entries_from(first, usize::MAX) {
            self.judge_entry(look.at, look.node, index, after, entry, verdicts);
            if entry.term < after || entry.term > look.process.current_term() {
                let (server, term) = (look.process.id(), entry.term);
                let finding = Finding::TermFell { server, index, before: after, term };
                verdicts.note(Property::TermsAscend, look.at, finding);
            }
            after = entry.term;
            index = index.next();
        }
    }

    /// Compares a whole log with all that were ever seen.
    pub(super) fn audit<C: Hash>(
        &mut self,
        at: RecordId,
        node: NodeId,
        log: &Log<C>,
        verdicts: &mut Verdicts,
    ) {
        let mut after = log.base().last_log_term;
        for (index, entry) in log.iter() {
            self.judge_entry(at, node, index, after, entry, verdicts);
            after = entry.term;
        }
    }

    fn judge_entry<C: Hash>(
        &mut self,
        at: RecordId,
        node: NodeId,
        index: LogIndex,
        after: Term,
        entry: &Entry<C>,
        verdicts: &mut Verdicts,
    ) {
        let place = (index.0 - 1) as usize;
        let found = Known { term: entry.term, after, payload: stable_hash(&entry.payload) };
        let Some((first, others)) = self.places.get(place) else {
            // Logs have no gaps, so a place is missing only at the end. If one were missing before
            // it, a log would have changed without telling; the audit reads it all.
            if place == self.places.len() {
                self.places.push((found, Vec::new()));
            }
            return;
        };
        let mut known = std::iter::once(first).chain(others.iter());
        match known.find(|known| known.term == found.term) {
            None => {
                if let Some((_, others)) = self.places.get_mut(place) {
                    others.push(found);
                }
            }
            Some(known) if *known == found => {}
            Some(_) => {
                let (server, term) = (view::id(node), entry.term);
                let finding = Finding::EntriesDiffer { server, index, term };
                verdicts.note(Property::LogMatching, at, finding);
            }
        }
    }
}

/// What a log no longer has, or has otherwise, from `first` on. What a snapshot replaces is not
/// gone.
fn judge_removal<P: RaftWorld>(
    look: &Look<'_, P>,
    first: LogIndex,
    ledger: &Ledger,
    verdicts: &mut Verdicts,
) {
    let before = look.before;
    // After a boot the remembered log is the disk's: nothing was removed from it.
    if before.fresh {
        return;
    }
    let Some(gone) = first_gone(look, first) else {
        return;
    };
    let server = look.process.id();
    let term = look.process.current_term();
    if before.leads && look.process.leads() && before.term == term {
        let finding = Finding::LeaderRewrote { leader: server, term, from_index: gone };
        verdicts.note(Property::LeaderAppendOnly, look.at, finding);
    }
    // Where this log and the committed one part, they part for good: the first place decides. And
    // a server that has not come to the term in which the entry was committed had no part in that.
    let same =
        ledger.term_at(gone).is_some_and(|committed| before.term_at(gone) == Some(committed));
    if same && ledger.committed_in(gone).is_some_and(|committed_in| committed_in <= term) {
        let finding = Finding::RemovedCommitted { server, index: gone };
        verdicts.note(Property::CommittedStays, look.at, finding);
    }
}

/// The first entry that was cut off, or is another one now.
fn first_gone<P: RaftWorld>(look: &Look<'_, P>, first: LogIndex) -> Option<LogIndex> {
    let last = look.before.last_index();
    if let Some(cut) = look.before.cut_from.filter(|cut| *cut <= last) {
        return Some(cut.max(LogIndex(1)));
    }
    let mut index = first;
    while index <= last {
        if look.process.log().term_at(index) != look.before.term_at(index) {
            return Some(index);
        }
        index = index.next();
    }
    None
}
