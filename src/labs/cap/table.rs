//! The state of the store as a table.

use super::super::Table;
use super::super::stage::troubles;
use super::super::telling::names;
use super::narration::suspects;
use super::system::{CapProcess, System};
use super::words::held;
use super::{CapImage, Cluster};
use crate::primary_backup as backup;
use crate::quorum::{Cell, Durable, ServerId};
use crate::raft::{KeyValueCommand, Log, LogIndex, Payload, Role};
use crate::sim::NodeId;

/// So many entries of a log are written out, the newest.
const SHOWN: usize = 24;

/// A row a server.
pub(super) fn table(cluster: &Cluster) -> Table {
    let (caption, head) = match cluster.system() {
        System::Quorum => (
            "Every replica as it stands. Behind a value: the clock by which it was stamped, and \
             the server whose clock that was.",
            vec!["Server", "State", "Holds", "Keeps for others", "Takes for down"],
        ),
        System::Raft => (
            "Every server as it stands. In a log, what stands before the bar is known to be \
             committed.",
            vec!["Server", "Role", "Term", "Log"],
        ),
        System::PrimaryBackup => (
            "Every server as it stands, with the log that it has.",
            vec!["Server", "Role", "Epoch", "Log"],
        ),
    };
    let row = |node: NodeId| {
        let cells = match cluster.system() {
            System::Quorum => replica(cluster, node),
            System::Raft => raft(cluster, node),
            System::PrimaryBackup => primary_backup(cluster, node),
        };
        std::iter::once(node.to_string()).chain(cells).collect()
    };
    let rows = cluster.world().node_ids().map(row).collect();
    Table { caption: caption.to_owned(), head, rows }
}

fn process(cluster: &Cluster, node: NodeId) -> Option<&CapProcess> {
    cluster.world().node(node)?.process()
}

fn image(cluster: &Cluster, node: NodeId) -> Option<&CapImage> {
    Some(cluster.world().node(node)?.disk().image())
}

fn or_none(words: Vec<String>) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.join("; ") }
}

fn replica(cluster: &Cluster, node: NodeId) -> Vec<String> {
    if let Some(server) = process(cluster, node).and_then(CapProcess::quorum) {
        let down = suspects(cluster, node);
        return vec![
            format!("up{}", troubles(cluster.world(), node)),
            or_none(server.cells().map(|(key, cell)| holding(key, cell)).collect()),
            or_none(server.hints().map(hint).collect()),
            if down.is_empty() { "nobody".to_owned() } else { names(&down) },
        ];
    }
    let empty = Durable::default();
    let disk = image(cluster, node).map_or(&empty, |image| &image.quorum);
    let hints = disk.hints.iter().map(|((replica, key), cell)| hint((*replica, key, cell)));
    vec![
        "down; on its disk:".to_owned(),
        or_none(disk.cells.iter().map(|(key, cell)| holding(key, cell)).collect()),
        or_none(hints.collect()),
        "–".to_owned(),
    ]
}

/// `x is 1 (120.3 ms, S1)`
fn holding(key: &str, cell: &Cell<String>) -> String {
    let stamp = |stamp: crate::quorum::Stamp| {
        let us = stamp.clock_us;
        format!("{}.{} ms, {}", us / 1_000, us % 1_000 / 100, stamp.server)
    };
    let stamps: Vec<String> = cell.siblings().iter().map(|sibling| stamp(sibling.stamp)).collect();
    format!("{key} is {} ({})", held(cell), stamps.join(" and "))
}

fn hint((replica, key, cell): (ServerId, &String, &Cell<String>)) -> String {
    format!("for {replica}: {}", holding(key, cell))
}

fn raft(cluster: &Cluster, node: NodeId) -> Vec<String> {
    let Some(process) = process(cluster, node).and_then(CapProcess::raft) else {
        let durable = image(cluster, node).map(|image| &image.raft);
        let term = durable.map_or(0, |durable| durable.current_term.0);
        let log = durable.map_or_else(String::new, |durable| raft_log(&durable.log, LogIndex(0)));
        return vec!["down".to_owned(), term.to_string(), log];
    };
    let server = process.server();
    let role = match server.role() {
        Role::Leader { .. } => "leader",
        Role::Candidate { .. } => "candidate",
        Role::PreCandidate { .. } => "pre-candidate",
        Role::Follower { .. } => "follower",
    };
    vec![
        format!("{role}{}", troubles(cluster.world(), node)),
        server.current_term().0.to_string(),
        raft_log(server.log(), server.commit_index()),
    ]
}

fn raft_log(log: &Log<KeyValueCommand>, committed: LogIndex) -> String {
    let (mut settled, mut open) = (Vec::new(), Vec::new());
    for (index, entry) in log.iter().skip(log.len().saturating_sub(SHOWN)) {
        let text = match &entry.payload {
            Payload::Command(KeyValueCommand::Put { key, value }) => format!("{key}={value}"),
            Payload::Command(KeyValueCommand::Delete { key }) => format!("delete {key}"),
            _ => "·".to_owned(),
        };
        if index <= committed { settled.push(text) } else { open.push(text) }
    }
    format!("{} | {}", settled.join(" "), open.join(" ")).trim().to_owned()
}

fn primary_backup(cluster: &Cluster, node: NodeId) -> Vec<String> {
    let Some(server) = process(cluster, node).and_then(CapProcess::backup) else {
        let durable = image(cluster, node).map(|image| &image.backup);
        let epoch = durable.and_then(|durable| durable.epoch).map_or(0, |epoch| epoch.number);
        let log = durable.map_or(&[][..], |durable| &durable.log);
        return vec!["down".to_owned(), epoch.to_string(), backup_log(log)];
    };
    let role = if server.is_primary() { "primary" } else { "backup" };
    vec![
        format!("{role}{}", troubles(cluster.world(), node)),
        server.epoch().number.to_string(),
        backup_log(server.log()),
    ]
}

fn backup_log(log: &[backup::Entry<String, String>]) -> String {
    let entry = |entry: &backup::Entry<String, String>| match &entry.value {
        Some(value) => format!("{}={value}", entry.key),
        None => format!("delete {}", entry.key),
    };
    let shown: Vec<String> = log.iter().skip(log.len().saturating_sub(SHOWN)).map(entry).collect();
    or_none(shown)
}
