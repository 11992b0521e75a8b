//! Reads that write nothing are never older than what was committed before (§8; thesis 6.4).

use super::super::{Finding, Property, Verdicts};
use super::view::{self, RaftNode};
use crate::raft::{LogIndex, ReadGuarantee, ReadPolicy, RequestId};
use crate::sim::{Fault, NodeId, RecordId, TRUE_RATE_PPM, World};
use crate::sorted::SortedMap;

/// Reads that wait, and how far clocks can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Reads {
    /// What was committed when each was asked for.
    asked: SortedMap<RequestId, LogIndex>,
    /// The farthest that a clock's rate was ever off.
    drift_ppm: u32,
    /// Whether a clock was ever made to jump.
    jumped: bool,
}

impl Reads {
    pub(super) fn hear_fault(&mut self, fault: &Fault) {
        if let Fault::SetClock { rate_ppm, offset_us, .. } = fault {
            self.drift_ppm = self.drift_ppm.max(rate_ppm.abs_diff(TRUE_RATE_PPM));
            self.jumped |= *offset_us != 0;
        }
    }

    pub(super) fn ask(&mut self, request: RequestId, committed: LogIndex) {
        if !self.asked.contains_key(&request) {
            self.asked.insert(request, committed);
        }
    }

    /// A lease is good only while clocks keep the bound that it was given; a round always is.
    pub(super) fn judge<P: RaftNode>(
        &mut self,
        world: &World<P>,
        at: RecordId,
        node: NodeId,
        (request, read_index, by): (RequestId, LogIndex, ReadGuarantee),
        applied: LogIndex,
        verdicts: &mut Verdicts,
    ) {
        let trusted = matches!(by, ReadGuarantee::Round { .. }) || self.clocks_keep(world, node);
        // The answer comes from the state machine, however far it has come.
        let read_index = read_index.min(applied);
        let committed = self.asked.remove(&request).unwrap_or_default();
        if trusted && read_index < committed {
            let server = view::id(node);
            let finding = Finding::StaleRead { server, read_index, committed };
            verdicts.note(Property::ReadsAreFresh, at, finding);
        }
    }

    fn clocks_keep<P: RaftNode>(&self, world: &World<P>, node: NodeId) -> bool {
        let process = world.node(node).and_then(|found| found.process());
        let policy = process.map(|process| process.raft().config().reads);
        match policy {
            // A clock that is set right jumps by all that it has gone wrong; the hundredfold leaves
            // room for that, for half a minute.
            Some(ReadPolicy::Lease { clock_drift_ppm }) => {
                !self.jumped && self.drift_ppm.saturating_mul(100) <= clock_drift_ppm
            }
            Some(ReadPolicy::Round) | None => true,
        }
    }
}
