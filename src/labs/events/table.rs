//! The same as the picture, as a table.

use super::super::Table;
use super::Cluster;

/// A row for each part.
pub(super) fn table(_cluster: &Cluster) -> Table {
    Table { caption: String::new(), head: Vec::new(), rows: Vec::new() }
}
