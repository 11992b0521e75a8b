//! What people have callers do, as a table and as choices.

use super::super::{Choice, Client, Table};
use super::Cluster;
use crate::sim::NodeId;

/// What callers have asked for, and what became of it.
pub(super) fn table(_cluster: &Cluster) -> Table {
    Table { caption: String::new(), head: Vec::new(), rows: Vec::new() }
}

/// What can be done with a client.
pub(super) fn choices(_cluster: &Cluster, _client: Client, _via: Option<NodeId>) -> Vec<Choice> {
    Vec::new()
}
