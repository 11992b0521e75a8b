//! What people have callers do, as choices; and what became of requests, as a table.

use super::super::{Choice, Client, Table};
use super::{Cluster, table};
use crate::sim::NodeId;

/// What callers have asked for, and what became of it.
pub(super) fn table(cluster: &Cluster) -> Table {
    table::requests(cluster)
}

/// What can be done with a client: there is none, callers are nodes.
pub(super) fn choices(_cluster: &Cluster, _client: Client, _via: Option<NodeId>) -> Vec<Choice> {
    Vec::new()
}
