//! The operator of primary-backup: somebody must say who the primary is.
//!
//! Nobody votes there, so without a person, or a script in a person's place, a lost primary means
//! the end of service. This one does what is usual, and what makes split brains: when for
//! [`PATIENCE_US`] fewer than a majority of the servers could reach a primary, it promotes the
//! server with the longest log among those that reach a majority. It cannot see what the old
//! primary has answered and not shipped, and it cannot tell it to stop.

use crate::labs::Command;
use crate::labs::cap::{CapProcess, Cluster};
use crate::sim::NodeId;

/// For so long a majority must have been without a primary before the operator acts, in
/// microseconds.
pub const PATIENCE_US: u64 = 1_000_000;

/// What the operator has seen and done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// Since when no primary was within reach of a majority.
    without_since_us: Option<u64>,
    /// Whom it has promoted, and when.
    promoted: Vec<(u64, NodeId)>,
}

impl Operator {
    /// Whom it has promoted so far, each with the instant in microseconds.
    pub fn promoted(&self) -> &[(u64, NodeId)] {
        &self.promoted
    }

    /// It looks at the servers; what it does then.
    pub fn look(&mut self, cluster: &Cluster) -> Option<Command> {
        let now_us = cluster.world().now_us();
        let servers = cluster.world().node_ids().count();
        let has_majority = |node: NodeId| 2 * reach(cluster, node) > servers;
        if primary(cluster).is_some_and(has_majority) {
            self.without_since_us = None;
            return None;
        }
        let since_us = *self.without_since_us.get_or_insert(now_us);
        if now_us - since_us < PATIENCE_US {
            return None;
        }
        let mut best: Option<(NodeId, usize)> = None;
        for node in cluster.world().node_ids().filter(|node| has_majority(*node)) {
            let Some(log) = backup(cluster, node).map(|server| server.log().len()) else {
                continue;
            };
            if best.is_none_or(|(_, longest)| log > longest) {
                best = Some((node, log));
            }
        }
        let (to, _) = best?;
        self.without_since_us = None;
        self.promoted.push((now_us, to));
        Some(Command::TransferLeadership { via: to, to })
    }
}

/// The server that reigns, if it runs: of several that think so, the one of the latest epoch.
pub(super) fn primary(cluster: &Cluster) -> Option<NodeId> {
    let running =
        cluster.world().node_ids().filter_map(|node| Some((node, backup(cluster, node)?)));
    let primaries = running.filter(|(_, server)| server.is_primary());
    primaries.max_by_key(|(_, server)| server.epoch()).map(|(node, _)| node)
}

/// How many running servers `node` reaches in both directions, itself included.
fn reach(cluster: &Cluster, node: NodeId) -> usize {
    let network = cluster.world().network();
    let reaches = |other: &NodeId| {
        let is_cut = network.is_cut(node, *other) || network.is_cut(*other, node);
        backup(cluster, *other).is_some() && (*other == node || !is_cut)
    };
    cluster.world().node_ids().filter(reaches).count()
}

/// The server on a node that runs and is not paused.
fn backup(
    cluster: &Cluster,
    node: NodeId,
) -> Option<&crate::primary_backup::Server<String, String>> {
    let node = cluster.world().node(node).filter(|node| node.paused_since_us().is_none())?;
    node.process().and_then(CapProcess::backup)
}
