//! The state of the store as a table.

use super::super::Table;
use super::Cluster;

/// A row a server.
pub(super) fn table(_cluster: &Cluster) -> Table {
    Table { caption: "The replicas".to_owned(), head: Vec::new(), rows: Vec::new() }
}
