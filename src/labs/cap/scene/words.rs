//! How things stand, and how to read the picture.

use super::super::{CapProcess, Cluster, System};
use super::mode_word;
use crate::quorum::{Because, Consistency};
use crate::raft::Role;
use crate::sim::NodeId;

/// How to read what the legend leaves open.
pub(in crate::labs::cap) fn reading(system: System) -> &'static str {
    match system {
        System::Quorum => {
            "Under each replica stands what it holds: a key with its value, or † where it was \
             deleted, and above it the stamp: what the clock of the server that took the write \
             showed, in ms. Dashed: not acknowledged yet. Hatched: its client was told “unknown”, \
             and too few replicas have it. ∥: values side by side, which nobody has merged yet. \
             Dotted with an arrow: kept for another replica. Above a server that coordinates, one \
             socket for every acknowledgement it needs; the arc is the time until it gives up. C1 \
             and C2 are clients: tap one to let it ask."
        }
        System::Raft => {
            "A crown marks the leader. Under each server stands what its log comes to, with the \
             term; dashed is not committed yet, hatched is what its client was told “unknown” of. \
             C1 and C2 are clients: tap one to let it ask."
        }
        System::PrimaryBackup => {
            "A crown marks who takes itself for the primary: there can be two. Under each server \
             stands what its log comes to, with the number of the request. C1 and C2 are clients: \
             tap one to let it ask."
        }
    }
}

/// One sentence on what holds now.
pub(super) fn headline(cluster: &Cluster) -> String {
    let world = cluster.world();
    let up = |id: &NodeId| world.node(*id).is_some_and(|node| node.process().is_some());
    if !world.node_ids().any(|id| up(&id)) {
        return "Every server is down. Restart one.".to_owned();
    }
    match cluster.system() {
        System::Quorum => promised(cluster),
        System::Raft => raft(cluster),
        System::PrimaryBackup => backup(cluster),
    }
}

/// What the settings promise.
fn promised(cluster: &Cluster) -> String {
    let config = &cluster.config().quorum;
    let (quorum, promise) = (config.quorum(), cluster.promise());
    let mode = mode_word(config.settings().mode);
    let (n, r, w) = (quorum.n(), quorum.r(), quorum.w());
    let sum = if quorum.overlaps() { "R + W > N" } else { "R + W ≤ N" };
    let says = match promise.consistency {
        _ if promise.because.contains(&Because::NoOverlap) => "reads may be stale",
        _ if promise.because.contains(&Because::SloppyQuorum) => {
            "yet stand-ins take writes, so reads may be stale"
        }
        Consistency::Eventual => "yet what is acknowledged may not be on disk",
        Consistency::Regular if promise.because.contains(&Because::Siblings) => {
            "reads see the last acknowledged write, or siblings"
        }
        Consistency::Regular => "reads see the last acknowledged write (regular)",
        Consistency::Linearizable => "as if on one copy (linearizable)",
    };
    let clocks = if promise.if_clocks_agree { ", if clocks agree" } else { "" };
    format!("{mode}, N {n}, R {r}, W {w}. {sum}: {says}{clocks}.")
}

fn raft(cluster: &Cluster) -> String {
    let world = cluster.world();
    let mut newest = None;
    for id in world.node_ids() {
        let process = world.node(id).and_then(|node| node.process()).and_then(CapProcess::raft);
        let Some(server) = process.map(|process| process.server()) else { continue };
        if matches!(server.role(), Role::Leader { .. }) {
            newest = newest.max(Some((server.current_term(), id)));
        }
    }
    match newest {
        Some((term, id)) => {
            format!("Raft: {id} leads term {term}. What a majority has is never lost.")
        }
        None => "Raft: no leader, so nobody is served until a majority elects one.".to_owned(),
    }
}

fn backup(cluster: &Cluster) -> String {
    let server = |id: NodeId| super::backup_of(cluster, id);
    let is_primary = |id: &NodeId| server(*id).is_some_and(|server| server.is_primary());
    let primaries: Vec<NodeId> = cluster.world().node_ids().filter(is_primary).collect();
    let waits = match cluster.config().backup.acks {
        0 => "It acknowledges before any backup has the write.",
        _ => "It acknowledges once a backup has the write.",
    };
    match &primaries[..] {
        [] => "Primary–backup: no primary is up. Promote a backup.".to_owned(),
        [one] => format!("Primary–backup: {one} orders all writes. {waits}"),
        several => {
            let names: Vec<String> = several.iter().map(NodeId::to_string).collect();
            format!("Primary–backup: {} take themselves for the primary.", names.join(" and "))
        }
    }
}
