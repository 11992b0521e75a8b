//! The words that story, table, answers and promises have in common.

use super::super::Ask;
pub(super) use super::super::telling::Telling;
use super::super::telling::names;
use super::Cluster;
use super::clients::{Asked, Clients};
use super::system::{CapMessage, CapProcess};
use crate::check::consistency::Anomaly;
use crate::quorum::{Ack, Cell, Message, Mode, Purpose, RequestId, Settings, Stamp};
use crate::sim::NodeId;

/// Where the rules stand.
pub(super) const DYNAMO_PUT_GET: &str = "Dynamo §4.5";
pub(super) const DYNAMO_VERSIONS: &str = "Dynamo §4.4";
pub(super) const DYNAMO_HINTS: &str = "Dynamo §4.6";
pub(super) const DYNAMO_TREES: &str = "Dynamo §4.7";
pub(super) const DYNAMO_DETECTOR: &str = "Dynamo §4.8.3";
pub(super) const DYNAMO_REPAIR: &str = "Dynamo §5";
pub(super) const DYNAMO_LAST_WRITE: &str = "Dynamo §6";
pub(super) const WRITE_BACK: &str = "Attiya et al. 1995";
pub(super) const SESSIONS: &str = "Terry et al. 1994";
pub(super) const CAP: &str = "Gilbert & Lynch 2002, §3";
pub(super) const AVAILABLE: &str = "Gilbert & Lynch 2002, §2.2";
pub(super) const BACKUP: &str = "Alsberg & Day 1976";
pub(super) const RAFT_ELECTION: &str = "Raft §5.2";
pub(super) const RAFT_LOG: &str = "Raft §5.3";
pub(super) const RAFT_CLIENTS: &str = "Raft §8";

/// `x=1`, `delete x`, `x`: what was asked for, in a few letters.
pub(super) fn what(asked: &Asked) -> String {
    match &asked.what {
        Ask::Write { key, value } => format!("{key}={value}"),
        Ask::Delete { key } => format!("delete {key}"),
        _ => asked.key.clone(),
    }
}

/// `write of x=1`, `delete of x`, `read of x`.
pub(super) fn act(asked: &Asked) -> String {
    match &asked.what {
        Ask::Write { key, value } => format!("write of {key}={value}"),
        Ask::Delete { key } => format!("delete of {key}"),
        _ => format!("read of {}", asked.key),
    }
}

/// The latest request of that name.
pub(super) fn of_name(clients: &Clients, request: RequestId) -> Option<&Asked> {
    clients.asked().iter().rev().find(|asked| asked.request == request)
}

/// The write that a replica holds under a stamp, in a few letters.
pub(super) fn write_of(clients: &Clients, stamp: Stamp) -> String {
    clients.writer(stamp.request).map_or_else(|| "a write".to_owned(), what)
}

/// `C1`
pub(super) fn client_of(clients: &Clients, request: RequestId) -> String {
    clients.writer(request).map_or_else(|| "a client".to_owned(), |asked| asked.client.to_string())
}

/// `1`, `1 and 2`, or `nothing`.
pub(super) fn found(values: &[String]) -> String {
    match values {
        [] => "nothing".to_owned(),
        values => values.join(" and "),
    }
}

/// What a replica holds of a key: `1`, `1 and 2`, `deleted`.
pub(super) fn held(cell: &Cell<String>) -> String {
    let value = |value: Option<&String>| value.map_or("deleted", |value| value.as_str()).to_owned();
    let all: Vec<String> =
        cell.siblings().iter().map(|sibling| value(sibling.value.as_ref())).collect();
    all.join(" and ")
}

/// Those who acknowledged: `S1 and S3`, a stand-in as `S5 for S2`.
pub(super) fn acks(acked_by: &[Ack]) -> String {
    let nodes: Vec<NodeId> = acked_by.iter().map(|ack| NodeId(ack.by.0)).collect();
    let mut text = names(&nodes);
    for ack in acked_by {
        if let Some(replica) = ack.stands_in_for {
            text.push_str(&format!(" ({} for {replica})", ack.by));
        }
    }
    text
}

/// How far a stamp is off the true time at which the write was asked for, in microseconds.
pub(super) fn skew_us(clients: &Clients, stamp: Stamp) -> Option<i64> {
    let asked = clients.writer(stamp.request)?;
    Some(stamp.clock_us as i64 - asked.at_us as i64)
}

/// Why one write gave way to another that had not seen it.
pub(super) fn why_lost(clients: &Clients, loser: Stamp, winner: Stamp) -> String {
    let was_over = match (clients.writer(winner.request), clients.writer(loser.request)) {
        (Some(winner), Some(loser)) => winner.is_before(loser),
        _ => false,
    };
    if !was_over {
        let text = "neither client had seen the other’s write, and the higher stamp wins";
        return text.to_owned();
    }
    let by = write_of(clients, winner);
    let text = format!("{by} was over before, but has the higher stamp");
    let off = |stamp: Stamp| skew_us(clients, stamp).map_or(0, |us| us / 1_000);
    let clock = match (off(winner), off(loser)) {
        (ahead, behind) if ahead > 0 && ahead >= -behind => {
            format!(": {}’s clock was {ahead} ms ahead", winner.server)
        }
        (_, behind) if behind < 0 => {
            format!(": {}’s clock was {} ms behind", loser.server, -behind)
        }
        _ => String::new(),
    };
    text + &clock
}

/// How a session broke, after `C1’s session breaks: `.
pub(super) fn broke(anomaly: Anomaly) -> &'static str {
    match anomaly {
        Anomaly::OwnWriteMissed => "it does not see what it wrote itself (read your writes)",
        Anomaly::WentBack => "its reads go back (monotonic reads)",
        Anomaly::WritesOutOfOrder => {
            "it sees a write, but not what its client had written before (monotonic writes)"
        }
        Anomaly::EffectWithoutCause => {
            "it sees a write, but not what its client had read before (writes follow reads)"
        }
        _ => "it finds what no order explains",
    }
}

/// How something came that was not written there by a coordinator.
pub(super) fn way(purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::WriteBack(_) => ("a read writes back what it found", WRITE_BACK),
        Purpose::ReadRepair(_) => ("read repair", DYNAMO_REPAIR),
        Purpose::Handoff => ("it was kept while that server seemed to be down", DYNAMO_HINTS),
        Purpose::AntiEntropy { .. } => ("they compared what they hold", DYNAMO_TREES),
    }
}

/// `CP` or `AP`.
pub(super) fn mode(settings: &Settings) -> &'static str {
    match settings.mode {
        Mode::Cp => "CP",
        Mode::Ap { sloppy: false } => "AP",
        Mode::Ap { sloppy: true } => "AP with stand-ins",
    }
}

/// A running server’s sight: how many replicas it takes to be up, and how many an operation needs.
/// `None` if that hangs on the key, or nothing is refused for it.
pub(super) fn sight(cluster: &Cluster, node: NodeId) -> Option<(usize, usize)> {
    let server = cluster.world().node(node)?.process()?.quorum()?;
    let (settings, quorum) = (server.config().settings(), server.config().quorum());
    if settings.n != settings.servers.len() {
        return None;
    }
    let alive = settings.servers.iter().filter(|other| server.is_alive(**other)).count();
    Some((alive, quorum.r().max(quorum.w())))
}

/// What a message is, and what it says, in a few words.
pub(super) fn says(message: &CapMessage) -> String {
    match message {
        CapMessage::Quorum(message) => quorum_says(message),
        CapMessage::Raft(message) => format!("{:?}, {}", message.kind(), message.term()),
        CapMessage::PrimaryBackup(message) => match message {
            crate::primary_backup::Message::Ship { epoch, entries, .. } => {
                format!("the log of epoch {}, {} entries", epoch.number, entries.len())
            }
            crate::primary_backup::Message::Ack { epoch, held } => {
                format!("it holds {held} entries of epoch {}", epoch.number)
            }
        },
    }
}

fn quorum_says(message: &Message<String, String>) -> String {
    match message {
        Message::Write { key, sibling, stands_in_for, .. } => {
            let value = sibling.value.as_deref();
            let what = value.map_or(format!("delete {key}"), |value| format!("{key}={value}"));
            match stands_in_for {
                Some(replica) => format!("write {what}, in the place of {replica}"),
                None => format!("write {what}"),
            }
        }
        Message::WriteAck { .. } => "acknowledged".to_owned(),
        Message::AskStamp { key, .. } => format!("which stamp has {key}?"),
        Message::StampReply { latest: None, .. } => "no stamp".to_owned(),
        Message::StampReply { .. } => "its stamp".to_owned(),
        Message::Read { key, .. } => format!("what is {key}?"),
        Message::ReadReply { cell: None, .. } => "not found".to_owned(),
        Message::ReadReply { cell: Some(cell), .. } => format!("it is {}", held(cell)),
        Message::Merge { purpose, key, cell } => {
            format!("{key} is {}, for {}", held(cell), way(*purpose).0)
        }
        Message::Merged { .. } => "taken in".to_owned(),
        Message::Heartbeat => "a sign of life".to_owned(),
        Message::Tree { level, nodes, .. } => {
            format!("level {level} of its hash tree, {} hashes", nodes.len())
        }
        Message::Leaves { entries, .. } => format!("the hashes of {} keys", entries.len()),
        Message::Want { keys, .. } => format!("it wants {}", keys.join(", ")),
    }
}

/// The write that a message is about, if it is about one: the name that its coordinator gave it.
pub(super) fn subject(message: &CapMessage) -> Option<RequestId> {
    match message {
        CapMessage::Quorum(message) => match message {
            Message::Write { operation, .. }
            | Message::WriteAck { operation, .. }
            | Message::AskStamp { operation, .. }
            | Message::StampReply { operation, .. }
            | Message::Read { operation, .. }
            | Message::ReadReply { operation, .. }
            | Message::Merge { purpose: Purpose::WriteBack(operation), .. }
            | Message::Merged { purpose: Purpose::WriteBack(operation), .. } => {
                Some(operation.request)
            }
            Message::Merge { cell, .. } => cell.latest().map(|stamp| stamp.request),
            _ => None,
        },
        CapMessage::Raft(_) | CapMessage::PrimaryBackup(_) => None,
    }
}

/// Who leads, or is the primary, as far as anybody running says; and since which term or epoch.
pub(super) fn chief(cluster: &Cluster) -> Option<(NodeId, u64)> {
    let world = cluster.world();
    let reign = |node: NodeId| {
        let process: &CapProcess = world.node(node)?.process()?;
        if let Some(raft) = process.raft() {
            let server = raft.server();
            let leads = matches!(server.role(), crate::raft::Role::Leader { .. });
            return leads.then_some((server.current_term().0, node));
        }
        let backup = process.backup()?;
        backup.is_primary().then_some((backup.epoch().number, node))
    };
    world.node_ids().filter_map(reign).max().map(|(reign, node)| (node, reign))
}
