//! What a replica holds, as a row of cells: one a key, one more for each sibling, and what it keeps
//! for others.

use super::super::clients::{Asked, Fate};
use super::super::{CapProcess, Cluster};
use crate::quorum::{self, RequestId, Resolution};
use crate::raft::{Entry, KeyValueCommand, LogIndex, Payload};
use crate::scene::{CellLook, Frame, Strip};
use crate::sim::NodeId;
use crate::sorted::SortedMap;

/// One thing that a replica holds.
#[derive(Clone, Debug)]
pub(super) struct Held {
    key: String,
    /// `None`: it was deleted.
    value: Option<String>,
    /// What its version goes by.
    version: String,
    tint: u8,
    look: CellLook,
    /// It is kept for this replica.
    kept_for: Option<NodeId>,
    /// How many values of the key stand side by side here.
    pub(super) siblings: usize,
}

/// How many replicas hold each write.
pub(super) struct Spread(SortedMap<RequestId, usize>);

impl Spread {
    pub(super) fn of(cluster: &Cluster) -> Spread {
        let mut counts = SortedMap::new();
        for node in cluster.world().node_ids() {
            for (_, cell) in cells_of(cluster, node) {
                for sibling in cell.siblings() {
                    let request = sibling.stamp.request;
                    let so_far = counts.get(&request).copied().unwrap_or(0);
                    counts.insert(request, so_far + 1);
                }
            }
        }
        Spread(counts)
    }

    /// On how many replicas a write is.
    pub(super) fn holders(&self, request: RequestId) -> usize {
        self.0.get(&request).copied().unwrap_or(0)
    }
}

/// What `node` holds, in memory or, if it is down, on its disk.
pub(super) fn held(cluster: &Cluster, spread: &Spread, node: NodeId) -> Vec<Held> {
    let Some(found) = cluster.world().node(node) else { return Vec::new() };
    let (process, disk) = (found.process(), found.disk().image());
    match (process, cluster.system()) {
        (Some(CapProcess::Raft(process)), _) => {
            let server = process.server();
            in_raft(cluster, server.log().iter(), server.commit_index())
        }
        (None, super::System::Raft) => in_raft(cluster, disk.raft.log.iter(), LogIndex(0)),
        (Some(CapProcess::PrimaryBackup(server)), _) => in_log(cluster, server.log()),
        (None, super::System::PrimaryBackup) => in_log(cluster, &disk.backup.log),
        _ => in_store(cluster, spread, node),
    }
}

/// The cells of a replica of the store without a leader.
fn cells_of(cluster: &Cluster, node: NodeId) -> Vec<(&String, &quorum::Cell<String>)> {
    let Some(found) = cluster.world().node(node) else { return Vec::new() };
    match found.process().map(CapProcess::quorum) {
        Some(server) => server.into_iter().flat_map(|server| server.cells()).collect(),
        None => found.disk().image().quorum.cells.iter().collect(),
    }
}

fn in_store(cluster: &Cluster, spread: &Spread, node: NodeId) -> Vec<Held> {
    let mut all = Vec::new();
    for (key, cell) in cells_of(cluster, node) {
        all.extend(siblings(cluster, spread, key, cell, None));
    }
    let process = cluster.world().node(node).and_then(|node| node.process());
    let server = process.and_then(CapProcess::quorum);
    for (replica, key, cell) in server.into_iter().flat_map(|server| server.hints()) {
        all.extend(siblings(cluster, spread, key, cell, Some(NodeId(replica.0))));
    }
    all
}

fn siblings(
    cluster: &Cluster,
    spread: &Spread,
    key: &str,
    cell: &quorum::Cell<String>,
    kept_for: Option<NodeId>,
) -> Vec<Held> {
    let by_stamp = cluster.config().quorum.settings().resolution == Resolution::LastWriteWins;
    let w = cluster.config().quorum.quorum().w();
    let all = cell.siblings();
    let held = |sibling: &quorum::Sibling<String>| {
        let request = sibling.stamp.request;
        let fate = fate_of(cluster, |asked| asked.request == request);
        let version = if by_stamp {
            format!("@{}", sibling.stamp.clock_us / 1_000)
        } else {
            format!("C{}.{}", request.client.0, request.sequence)
        };
        Held {
            key: key.to_owned(),
            value: sibling.value.clone(),
            version,
            tint: tint(request.client.0.into(), request.sequence),
            look: look(fate, spread.holders(request) >= w, kept_for.is_some()),
            kept_for,
            siblings: all.len(),
        }
    };
    all.iter().map(held).collect()
}

/// What Raft's log comes to: what is committed of each key, and every write after that.
fn in_raft<'a>(
    cluster: &Cluster,
    log: impl Iterator<Item = (LogIndex, &'a std::sync::Arc<Entry<KeyValueCommand>>)>,
    committed: LogIndex,
) -> Vec<Held> {
    let mut all: Vec<Held> = Vec::new();
    for (index, entry) in log {
        let Payload::Command(command) = &entry.payload else { continue };
        let (key, value) = match command {
            KeyValueCommand::Put { key, value } => (key, Some(value.clone())),
            KeyValueCommand::Delete { key } => (key, None),
        };
        let name = (index, entry.term);
        let fate = fate_of(cluster, |asked| asked.entry == Some(name));
        let is_settled = index <= committed;
        if is_settled {
            all.retain(|held| held.key != *key);
        }
        all.push(Held {
            key: key.clone(),
            value,
            version: format!("term {}", entry.term),
            tint: (entry.term.0 % 6) as u8,
            look: if is_settled { CellLook::Solid } else { look(fate, false, false) },
            kept_for: None,
            siblings: 1,
        });
    }
    // A committed delete leaves nothing behind.
    all.retain(|held| held.value.is_some() || held.look != CellLook::Solid);
    all
}

/// What the log of a primary or backup comes to.
fn in_log(cluster: &Cluster, log: &[crate::primary_backup::Entry<String, String>]) -> Vec<Held> {
    let mut all: Vec<Held> = Vec::new();
    for entry in log {
        let asked = cluster.clients().numbered(entry.request.0);
        all.retain(|held| held.key != entry.key);
        all.push(Held {
            key: entry.key.clone(),
            value: entry.value.clone(),
            version: format!("#{}", entry.request.0),
            tint: (entry.request.0 % 6) as u8,
            look: look(asked.map(|asked| &asked.fate), false, false),
            kept_for: None,
            siblings: 1,
        });
    }
    all.retain(|held| held.value.is_some());
    all
}

/// What became of a write, as its client knows: of several attempts at it the best.
fn fate_of(cluster: &Cluster, is_it: impl Fn(&Asked) -> bool) -> Option<&Fate> {
    let mut latest = None;
    for asked in cluster.clients().asked().iter().rev().filter(|asked| is_it(asked)) {
        if asked.is_done() || latest.is_none() {
            latest = Some(&asked.fate);
        }
        if asked.retries.is_none() {
            break;
        }
    }
    latest
}

/// Hatched is what its client was told "unknown" of, until enough replicas hold it that every read
/// meets it.
fn look(fate: Option<&Fate>, is_spread: bool, is_kept: bool) -> CellLook {
    match fate {
        _ if is_kept => CellLook::Kept,
        Some(Fate::Open) if !is_spread => CellLook::Loose,
        Some(Fate::Unknown { .. }) if !is_spread => CellLook::Ghost,
        _ => CellLook::Solid,
    }
}

/// Neighbouring writes have different tints.
fn tint(client: u64, sequence: u64) -> u8 {
    ((2 * client + 3 * (sequence % 2) + sequence) % 6) as u8
}

impl Held {
    /// `x=1`, or `x †` where it was deleted.
    fn text(&self) -> String {
        match &self.value {
            Some(value) => [self.key.as_str(), "=", value].concat(),
            None => [self.key.as_str(), " †"].concat(),
        }
    }

    fn in_words(&self) -> String {
        let what = match &self.value {
            Some(value) => [self.key.as_str(), "=", value].concat(),
            None => [self.key.as_str(), " deleted"].concat(),
        };
        let state = match self.look {
            CellLook::Ghost => ", unknown to its client whether it stays",
            CellLook::Loose => ", not acknowledged yet",
            _ => "",
        };
        match self.kept_for {
            Some(replica) => format!("{what} kept for {replica}"),
            None => format!("{what} ({}){state}", self.version),
        }
    }
}

/// The row of cells under a server; what fits of it, the ghosts and siblings before the rest.
pub(super) fn strip(held: &[Held], frame: Frame, nodes: usize) -> Strip {
    let most = Strip::wide_cells(frame, nodes);
    let hidden = held.len().saturating_sub(most);
    let cell = |held: &Held| crate::scene::Cell {
        head: match held.kept_for {
            Some(replica) => format!("→ {replica}"),
            None if held.siblings > 1 => ["∥ ", &held.version].concat(),
            None => held.version.clone(),
        },
        text: held.text(),
        tint: held.tint,
        look: held.look,
    };
    Strip { hidden, wide: true, cells: held.iter().skip(hidden).map(cell).collect() }
}

/// The same in words.
pub(super) fn in_words(held: &[Held]) -> String {
    if held.is_empty() {
        return "holds nothing".to_owned();
    }
    held.iter().map(Held::in_words).collect::<Vec<_>>().join(", ")
}
