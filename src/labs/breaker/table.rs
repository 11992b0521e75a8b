//! The same as the picture, as a table.

use super::super::Table;
use super::Cluster;

/// A row for each node.
pub(super) fn table(cluster: &Cluster) -> Table {
    let row = |node: crate::sim::NodeId| vec![node.to_string()];
    Table {
        caption: "Every node as it stands.".to_owned(),
        head: vec!["Node"],
        rows: cluster.world().node_ids().map(row).collect(),
    }
}
