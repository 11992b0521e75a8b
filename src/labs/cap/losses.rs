//! Which acknowledged writes are lost.
//!
//! A write is *kept* if a running server or a disk still has it, or if a write that is kept came
//! after it and knew of it: what was overwritten on purpose is no loss. The rule goes by what is
//! kept, not by what there ever was: where both sides of a tear write on and one of them gives way,
//! all that the other side overwrote of itself is gone with it.

use super::clients::{Asked, Clients};
use super::cluster::Cluster;
use super::system::{CapProcess, System};
use crate::quorum::{Cell, RequestId};
use crate::raft::{KeyValueCommand, Log, LogIndex, Term};
use crate::sim::NodeId;
use crate::sorted::SortedMap;

impl Cluster {
    /// The writes that were acknowledged and are lost, by their places in [`Clients::asked`], in
    /// order. A retry stands for its first attempt.
    pub fn lost_writes(&self) -> Vec<usize> {
        let writes = Writes::of(self.clients());
        let kept = writes.kept(self);
        let lost = writes.all.iter().zip(kept).filter(|(write, kept)| write.acknowledged && !kept);
        lost.map(|(write, _)| write.attempts[0]).collect()
    }

    /// Whether the write at `place` was acknowledged and is lost.
    pub fn is_lost(&self, place: usize) -> bool {
        let Some(asked) = self.clients().asked().get(place) else { return false };
        if asked.written().is_none() || !asked.is_done() {
            return false;
        }
        let first = self.clients().asked().iter().position(|it| it.request == asked.request);
        first.is_some_and(|first| self.lost_writes().contains(&first))
    }

    /// The servers that have the write `asked`, in memory, on disk, or for another.
    pub fn holders(&self, asked: &Asked) -> impl Iterator<Item = NodeId> {
        let writes = Writes::of(self.clients());
        let at = writes.by_name.get(&asked.request).copied();
        let nodes = self.world().node_ids();
        nodes.filter(move |node| at.is_some_and(|at| writes.held(self, *node).contains(&at)))
    }
}

/// All writes, once each.
struct Writes {
    all: Vec<Write>,
    by_name: SortedMap<RequestId, usize>,
    /// By the place of a first attempt, for the log of a primary goes by that.
    by_place: SortedMap<usize, usize>,
}

struct Write {
    /// The places of its attempts; there is at least one.
    attempts: Vec<usize>,
    /// Whether some attempt was.
    acknowledged: bool,
}

impl Writes {
    fn of(clients: &Clients) -> Writes {
        let (by_name, by_place) = (SortedMap::new(), SortedMap::new());
        let mut writes = Writes { all: Vec::new(), by_name, by_place };
        for (place, asked) in clients.asked().iter().enumerate() {
            if asked.written().is_none() {
                continue;
            }
            let at = writes.by_name.get(&asked.request).copied().unwrap_or(writes.all.len());
            if at == writes.all.len() {
                writes.all.push(Write { attempts: Vec::new(), acknowledged: false });
                writes.by_name.insert(asked.request, at);
                writes.by_place.insert(place, at);
            }
            writes.all[at].attempts.push(place);
            writes.all[at].acknowledged |= asked.is_done();
        }
        writes
    }

    /// Whether each of them is kept.
    fn kept(&self, cluster: &Cluster) -> Vec<bool> {
        let mut kept = vec![false; self.all.len()];
        for node in cluster.world().node_ids() {
            for at in self.held(cluster, node) {
                kept[at] = true;
            }
        }
        if cluster.system() != System::Quorum {
            // A log has all that was overwritten, too.
            return kept;
        }
        let asked = |at: usize| &cluster.clients().asked()[self.all[at].attempts[0]];
        for (at, write) in self.all.iter().enumerate().filter(|(_, write)| write.acknowledged) {
            let delete = &cluster.clients().asked()[write.attempts[0]];
            kept[at] |= delete.written() == Some(None) && !is_held(cluster, &delete.key);
        }
        let mut to_follow: Vec<usize> = (0..kept.len()).filter(|at| kept[*at]).collect();
        while let Some(winner) = to_follow.pop() {
            let is_known = |at: &usize| !kept[*at] && knew(asked(winner), asked(*at));
            let found: Vec<usize> = (0..kept.len()).filter(is_known).collect();
            for at in found {
                kept[at] = true;
                to_follow.push(at);
            }
        }
        kept
    }

    /// Those that a server has, in memory, on disk, or for another, by their places in `all`; some
    /// more than once.
    fn held(&self, cluster: &Cluster, node: NodeId) -> Vec<usize> {
        let Some(node) = cluster.world().node(node) else { return Vec::new() };
        let (process, disk) = (node.process(), node.disk().image());
        match cluster.system() {
            System::Quorum => {
                let server = process.and_then(CapProcess::quorum);
                let cells = server.into_iter().flat_map(|server| server.cells());
                let hints = server.into_iter().flat_map(|server| server.hints());
                let on_disk = disk.quorum.cells.values().chain(disk.quorum.hints.values());
                let cells = cells.map(|(_, cell)| cell).chain(hints.map(|(_, _, cell)| cell));
                let names = cells.chain(on_disk).flat_map(names);
                names.filter_map(|name| self.by_name.get(&name).copied()).collect()
            }
            System::Raft => {
                let logs = [
                    process.and_then(CapProcess::raft).map(|process| process.server().log()),
                    Some(&disk.raft.log),
                ];
                let has = |entry| logs.iter().flatten().any(|log| stands(log, entry));
                let entry = |place: &usize| cluster.clients().asked()[*place].entry;
                let is_held = |at: &usize| {
                    self.all[*at].attempts.iter().any(|place| entry(place).is_some_and(has))
                };
                (0..self.all.len()).filter(is_held).collect()
            }
            System::PrimaryBackup => {
                let log = process.and_then(CapProcess::backup).map_or(&[][..], |it| it.log());
                let entries = log.iter().chain(&disk.backup.log);
                let place = |number: u64| usize::try_from(number).ok()?.checked_sub(1);
                let places = entries.filter_map(|entry| place(entry.request.0));
                places.filter_map(|place| self.by_place.get(&place).copied()).collect()
            }
        }
    }
}

/// Whether a running server has anything of a key, for itself or for another.
fn is_held(cluster: &Cluster, key: &String) -> bool {
    let world = cluster.world();
    let mut servers = world.node_ids().filter_map(|node| world.node(node)?.process()?.quorum());
    servers.any(|server| {
        server.cell(key).is_some() || server.hints().any(|(_, other, _)| other == key)
    })
}

/// Whether `winner` came after `write`, or beside it, and knew of it: its client had seen it, or a
/// server acknowledged both. Who was over before the other began did not know; if it wins all the
/// same, it won by a wrong clock.
fn knew(winner: &Asked, write: &Asked) -> bool {
    let shares = || write.landed.iter().any(|node| winner.landed.contains(node));
    winner.key == write.key
        && !write.outdone
        && !winner.is_before(write)
        && (winner.seen.vector.includes(write.request) || shares())
}

fn names(cell: &Cell<String>) -> impl Iterator<Item = RequestId> {
    cell.siblings().iter().map(|sibling| sibling.stamp.request)
}

/// Whether an entry stands in a log, or was in what a snapshot has replaced.
fn stands(log: &Log<KeyValueCommand>, (index, term): (LogIndex, Term)) -> bool {
    log.term_at(index) == Some(term) || log.base().last_log_index >= index
}
