//! What a run has come to, counted: the price of what was chosen.

use super::clients::{Asked, Fate};
use super::cluster::Cluster;
use super::system::{CapImage, CapMessage, CapProcess, System};
use crate::quorum::{Cell, Durable, Message, RequestId};
use crate::raft::{KeyValueCommand, Log, LogIndex, Term};
use crate::sim::{Node, NodeId};

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
    /// Writes that were acknowledged and are lost, see [`Cluster::is_lost`].
    pub lost_writes: u64,
    /// Whether every request to a server that did not crash was done, of those that are over. That,
    /// and not a share of requests, is what the CAP theorem calls available (Gilbert and Lynch,
    /// 2002).
    pub every_live_server_answers: bool,
}

impl Cluster {
    /// What became of everything that clients asked for, as it stands now.
    pub fn counters(&self) -> Counters {
        let mut counters = Counters { every_live_server_answers: true, ..Counters::default() };
        for (place, asked) in self.clients().asked().iter().enumerate() {
            counters.asked += 1;
            match asked.fate {
                Fate::Open => {}
                Fate::Done(_) => counters.answered += 1,
                Fate::Refused(_) => counters.refused += 1,
                Fate::Unknown { .. } => counters.unknown += 1,
            }
            let is_up = self.world().node(asked.via).is_some_and(|node| node.process().is_some());
            if is_up && !asked.is_done() && asked.fate != Fate::Open {
                counters.every_live_server_answers = false;
            }
            counters.stale_reads += u64::from(asked.stale);
            counters.lost_writes += u64::from(self.is_lost(place));
        }
        counters
    }

    /// Whether the write at `place` was acknowledged and is lost: it is on no running server and on
    /// no disk, and no write has replaced it that knew of it. Another write knew of it if its
    /// client had seen it, or if a server acknowledged both; and if it was not over before this one
    /// began. One of those that wins all the same won by a wrong clock.
    pub fn is_lost(&self, place: usize) -> bool {
        let Some(asked) = self.clients().asked().get(place) else { return false };
        if asked.written().is_none() || !asked.is_done() {
            return false;
        }
        if self.holders(asked).next().is_some() {
            return false;
        }
        let Some(write) = self.clients().writer(asked.request) else { return false };
        if self.system() != System::Quorum {
            return true;
        }
        let knew = |other: &Asked| {
            let shares = || write.landed.iter().any(|node| other.landed.contains(node));
            other.request != write.request
                && other.key == write.key
                && other.written().is_some()
                && other.may_have_happened()
                && !other.is_before(write)
                && (other.seen.vector.includes(write.request) || shares())
        };
        write.outdone || !self.clients().asked().iter().any(knew)
    }

    /// The servers that have the write `asked`, in memory, on disk, or for another.
    pub fn holders(&self, asked: &Asked) -> impl Iterator<Item = NodeId> {
        let nodes = self.world().node_ids();
        nodes.filter(|node| self.world().node(*node).is_some_and(|node| self.holds(node, asked)))
    }

    fn holds(&self, node: &Node<CapProcess>, asked: &Asked) -> bool {
        let disk: &CapImage = node.disk().image();
        let number = || {
            let mut all = self.clients().asked().iter();
            all.position(|other| other.request == asked.request).unwrap_or(0) as u64 + 1
        };
        match self.system() {
            System::Quorum => {
                let server = node.process().and_then(CapProcess::quorum);
                let in_memory = server.is_some_and(|server| {
                    let hints = server.hints().map(|(_, _, cell)| cell);
                    let mut cells = server.cells().map(|(_, cell)| cell).chain(hints);
                    cells.any(|cell| has(cell, asked.request))
                });
                in_memory || on_disk(&disk.quorum, asked.request)
            }
            System::Raft => asked.entry.is_some_and(|entry| {
                let process = node.process().and_then(CapProcess::raft);
                process.is_some_and(|process| stands(process.server().log(), entry))
                    || stands(&disk.raft.log, entry)
            }),
            System::PrimaryBackup => {
                let number = number();
                let server = node.process().and_then(CapProcess::backup);
                let in_memory = server.is_some_and(|server| {
                    server.log().iter().any(|entry| entry.request.0 == number)
                });
                in_memory || disk.backup.log.iter().any(|entry| entry.request.0 == number)
            }
        }
    }

    /// Two replicas that hold different things; `None` if all that run hold the same, and nobody
    /// keeps anything for others.
    pub fn unequal(&self) -> Option<(NodeId, NodeId)> {
        let running: Vec<(NodeId, &CapProcess)> = self
            .world()
            .node_ids()
            .filter_map(|node| Some((node, self.world().node(node)?.process()?)))
            .collect();
        let (first, one) = *running.first()?;
        let keeps = |process: &CapProcess| {
            process.quorum().is_some_and(|server| server.hints().next().is_some())
        };
        if let Some((node, _)) = running.iter().find(|(_, process)| keeps(process)) {
            return Some((*node, *node));
        }
        let n = self.config().quorum.quorum().n();
        let replicas = match self.system() {
            System::Quorum => n.min(running.len()),
            _ => running.len(),
        };
        let other = running[..replicas].iter().find(|(_, other)| !is_equal(one, other))?;
        Some((first, other.0))
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

fn has(cell: &Cell<String>, request: RequestId) -> bool {
    cell.siblings().iter().any(|sibling| sibling.stamp.request == request)
}

fn on_disk(disk: &Durable<String, String>, request: RequestId) -> bool {
    disk.cells.values().chain(disk.hints.values()).any(|cell| has(cell, request))
}

/// Whether an entry stands in a log, or was in what a snapshot has replaced.
fn stands(log: &Log<KeyValueCommand>, (index, term): (LogIndex, Term)) -> bool {
    log.term_at(index) == Some(term) || log.base().last_log_index >= index
}
