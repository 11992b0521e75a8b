//! What a reader can do with a server, a link or the network.

use super::super::{Choice, Quorum, acts};
use super::Cluster;
use crate::scene::Target;
use crate::sim::NodeId;

/// The choices for `target`.
pub(super) fn choices(cluster: &Cluster, target: Target) -> Vec<Choice> {
    let world = cluster.world();
    match target {
        Target::Link(a, b) => acts::for_link(world, a, b),
        Target::Message(message) => acts::for_message(world, message),
        Target::Node(_) | Target::Client(..) | Target::More(..) | Target::Stage => Vec::new(),
    }
}

/// Who decides: a majority of the replicas.
pub(super) fn quorum(cluster: &Cluster) -> Quorum {
    let nodes: Vec<NodeId> = cluster.world().node_ids().collect();
    Quorum { sides: vec![nodes] }
}
