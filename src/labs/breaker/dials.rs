//! What readers press and turn while it runs.

use super::super::Dial;
use super::Cluster;

/// The dials, in order.
pub(super) fn dials(_cluster: &Cluster) -> Vec<Dial> {
    Vec::new()
}
