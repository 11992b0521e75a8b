//! How to read the picture, and what a cut means.

use super::super::super::partition::{Cut, Quorum, describe};
use super::super::{Cast, Cluster, Role};
use crate::sim::NodeId;

/// How to read what the legend leaves open.
pub(in crate::labs::breaker) fn reading(cast: Cast) -> &'static str {
    match cast {
        Cast::One => {
            "S1 calls S2 through its breaker, the switch. While that is open, the ring around S1 \
             runs down; while it is half-open, dots above S1 are sockets for probes, and the rings \
             around them their leases. Below is what it looks at: the failures in a row, or the \
             latest calls, and the line from which on it opens. Every call has the tint of the \
             era in which it was admitted, there and back. One that comes back in another era \
             falls into the tray, and moves nothing."
        }
        Cast::Fleet => {
            "S1 to S4 call S5, each through a breaker of its own, and S5 asks the database S6. \
             Under S5 stand how many calls are at work and how many wait. The ring around a caller \
             is the time that its breaker stays open; the dots above it are what that looks at, ✗ \
             a failure. Messages have the tint of the era of their caller’s breaker."
        }
        Cast::Shards => {
            "S1 calls S2, S3, S4 and S5 in turn. One of them can fail. With one breaker for all, \
             what one shard does wrong shuts the door to all; with one for each, the row under S1 \
             has a cell for each."
        }
        Cast::Network => {
            "S1 calls S2, S3 and S4, a Raft cluster, through one breaker. A crown marks the \
             leader, and under each server’s name stands how many entries it has committed. Draw a \
             line between S1 and the majority."
        }
    }
}

/// Which links anything is ever sent on.
pub(in crate::labs::breaker) fn is_used(cast: Cast, a: NodeId, b: NodeId) -> bool {
    let (a, b) = (cast.role(a.min(b)), cast.role(a.max(b)));
    matches!(
        (a, b),
        (Role::Caller, Role::Service | Role::Shard(_) | Role::Replica)
            | (Role::Service, Role::Database)
            | (Role::Replica, Role::Replica)
    )
}

/// What a cut means, in a sentence without its full stop.
pub(in crate::labs::breaker) fn sides(cluster: &Cluster, cut: &Cut<'_>) -> Option<String> {
    let (network, cast) = (cluster.world().network(), cluster.cast());
    if cast == Cast::Network {
        let is_replica = |node: &NodeId| cast.role(*node) == Role::Replica;
        let sides = vec![cluster.world().node_ids().filter(is_replica).collect()];
        return describe(network, &Quorum { sides }, cut);
    }
    let pairs = network.link_ends().filter(|(a, b)| a < b && is_used(cast, *a, *b));
    let told = pairs.filter_map(|(a, b)| match (cut(a, b), cut(b, a)) {
        (false, false) => None,
        (true, _) => Some(format!("{a} cannot reach {b}")),
        (false, true) => Some(format!("{a} does not hear {b}’s answers")),
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}
