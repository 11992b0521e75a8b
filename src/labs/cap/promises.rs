//! What the store promises with the settings of the moment, and whether it kept its word.

use super::super::Promise;
use super::Cluster;

/// Every promise that is made.
pub(super) fn promises(_cluster: &Cluster) -> Vec<Promise> {
    Vec::new()
}
