//! Snapshots: what stands in the place of entries is what those entries come to (§7).

use super::super::{Finding, Property, Verdicts};
use super::Look;
use super::commitment::Ledger;
use super::view::{RaftNode, RaftWorld};
use crate::raft::{LogEnd, LogIndex, Snapshot};
use crate::sorted::SortedMap;
use crate::stable_hash::stable_hash;

/// The first snapshot that was seen of each place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Snapshots {
    known: SortedMap<LogIndex, u64>,
}

impl Snapshots {
    pub(super) fn judge<P: RaftWorld>(
        &mut self,
        look: &Look<'_, P>,
        ledger: &Ledger,
        verdicts: &mut Verdicts,
    ) {
        let (server, image, before) = (look.process, look.image, look.before);
        let (memory, disk) = (server.log().base(), image.log.base());
        let new_in_memory = memory != before.base || before.fresh;
        let mut is_true = true;
        if new_in_memory {
            is_true &= self.is_true(memory, server.snapshot(), ledger);
        }
        if disk != before.image_base {
            is_true &= self.is_true(disk, image.snapshot.as_ref(), ledger);
        }
        // A prefix that was dropped once is never there again.
        is_true &= memory.last_log_index >= before.base.last_log_index || before.fresh;
        if !is_true {
            let (server, index) = (server.id(), memory.last_log_index.max(disk.last_log_index));
            let finding = Finding::FalseSnapshot { server, index };
            verdicts.note(Property::SnapshotsAreTrue, look.at, finding);
        }
    }

    /// Whether the snapshot of all up to `base` is one: of committed entries, and equal to every
    /// other one of the same place.
    fn is_true(&mut self, base: LogEnd, snapshot: Option<&Snapshot>, ledger: &Ledger) -> bool {
        let index = base.last_log_index;
        if index == LogIndex(0) {
            return true;
        }
        let Some(snapshot) = snapshot.filter(|snapshot| snapshot.end() == base) else {
            return false;
        };
        let found = stable_hash(snapshot);
        let known = self.known.get(&index).copied();
        if known.is_none() {
            self.known.insert(index, found);
        }
        known.is_none_or(|known| known == found)
            && ledger.term_at(index) == Some(base.last_log_term)
    }
}
