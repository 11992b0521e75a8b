//! What a run has come to, counted: the price of what was chosen.

use super::Availability;
use super::clients::{Asked, Fate};
use super::cluster::Cluster;
use super::system::{CapMessage, CapProcess, System};
use crate::quorum::Message;
use crate::sim::NodeId;

/// What became of everything that clients asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counters {
    /// How much was asked for.
    pub asked: u64,
    /// How much of it was done.
    pub answered: u64,
    /// How much was refused: it has not happened and never will.
    pub refused: u64,
    /// How much nobody knows of.
    pub unknown: u64,
    /// Reads that found less than had been acknowledged before they were asked for.
    pub stale_reads: u64,
    /// Writes that were acknowledged and are lost, see [`Cluster::lost_writes`].
    pub lost_writes: u64,
    /// Available in the sense of the CAP theorem, see
    /// [`Availability::every_live_server_answers`].
    pub every_live_server_answers: bool,
}

impl Cluster {
    /// What became of everything that clients asked for, as it stands now.
    pub fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        for asked in self.clients().asked().iter() {
            counters.asked += 1;
            match asked.fate {
                Fate::Open => {}
                Fate::Done(_) => counters.answered += 1,
                Fate::Refused(_) => counters.refused += 1,
                Fate::Unknown { .. } => counters.unknown += 1,
            }
            counters.stale_reads += u64::from(asked.stale);
        }
        counters.lost_writes = self.lost_writes().len() as u64;
        counters.every_live_server_answers = Availability::of(self).every_live_server_answers();
        counters
    }

    /// Two replicas that hold different things; `None` if all that run hold the same, and nobody
    /// keeps anything for others.
    pub fn unequal(&self) -> Option<(NodeId, NodeId)> {
        let running = || {
            let nodes = self.world().node_ids();
            nodes.filter_map(|node| Some((node, self.world().node(node)?.process()?)))
        };
        let keeps = |process: &CapProcess| {
            process.quorum().is_some_and(|server| server.hints().next().is_some())
        };
        if let Some((node, _)) = running().find(|(_, process)| keeps(process)) {
            return Some((node, node));
        }
        // Those beyond N hold nothing that counts.
        let mut replicas = running().filter(|(node, _)| self.is_replica(*node));
        let (first, one) = replicas.next()?;
        let other = replicas.find(|(_, other)| !is_equal(one, other))?;
        Some((first, other.0))
    }

    /// Whether a server is a replica, of every key.
    fn is_replica(&self, node: NodeId) -> bool {
        self.system() != System::Quorum || node.index() < self.config().quorum.quorum().n()
    }

    /// Whether everything that was ever written is on every replica, as far as it still counts, and
    /// nothing is under way that could change that.
    pub(super) fn is_quiet(&self) -> bool {
        let world = self.world();
        let all_run = world
            .node_ids()
            .all(|node| world.node(node).is_some_and(|node| node.process().is_some()));
        let is_open = |asked: &Asked| asked.written().is_some() && asked.fate == Fate::Open;
        let under_way = world.network().in_flight().any(|flight| {
            let message = world.history().message(flight.id);
            message.is_some_and(|(_, _, message)| carries(message))
        });
        all_run
            && !under_way
            && !self.clients().asked().iter().any(is_open)
            && self.unequal().is_none()
    }
}

/// Whether a message may change what its receiver holds.
fn carries(message: &CapMessage) -> bool {
    match message {
        CapMessage::Quorum(message) => {
            matches!(message, Message::Write { .. } | Message::Merge { .. })
        }
        CapMessage::Raft(_) => false,
        CapMessage::PrimaryBackup(_) => true,
    }
}

fn is_equal(one: &CapProcess, other: &CapProcess) -> bool {
    match (one, other) {
        (CapProcess::Quorum(one), CapProcess::Quorum(other)) => {
            one.server().cells().eq(other.server().cells())
        }
        (CapProcess::Raft(one), CapProcess::Raft(other)) => {
            one.server().log().end() == other.server().log().end() && one.store() == other.store()
        }
        (CapProcess::PrimaryBackup(one), CapProcess::PrimaryBackup(other)) => {
            one.log() == other.log()
        }
        _ => false,
    }
}
