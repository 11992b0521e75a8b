//! How to read the picture, and what a cut means.

use super::super::super::partition::{Cut, Quorum, describe};
use super::super::{Cast, Cluster, Role};
use crate::labs::events::ModelKind;
use crate::sim::NodeId;

/// How to read what the legend leaves open.
pub(in crate::labs::whole) const READING: &str = "Customers come to S1 and S2. Each front looks at the stock page and calls the cluster through \
     its breaker, the switch; the ring around it runs down while that is open. The servers in the \
     middle are Raft’s: a crown marks the leader, and under each stand the last events that it has \
     made of the orders. The last two nodes are pages. Each shows what it has heard of, and the dots \
     above it are events that it does not know yet. Drag a line through links to cut them, and tap \
     anything to see what can be done to it.";

/// Which links anything is ever sent on.
pub(in crate::labs::whole) fn is_used(cast: Cast, a: NodeId, b: NodeId) -> bool {
    match (cast.role(a.min(b)), cast.role(a.max(b))) {
        (Role::Front | Role::Server, Role::Server) | (Role::Server, Role::Page(_)) => true,
        (Role::Front, Role::Page(kind)) => kind == ModelKind::Stock,
        _ => false,
    }
}

/// What a cut means, in a sentence without its full stop.
pub(in crate::labs::whole) fn sides(cluster: &Cluster, cut: &Cut<'_>) -> Option<String> {
    let sides = vec![cluster.servers().collect()];
    describe(cluster.world().network(), &Quorum { sides }, cut)
}
