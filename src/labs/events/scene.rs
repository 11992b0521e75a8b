//! How a shop looks: desks on the left, the log in the middle, read models on the right.

use super::super::LegendItem;
use super::super::partition::Cut;
use super::Cluster;
use super::system::Log;
use crate::scene::{Frame, Scene};

/// The picture at this instant.
pub(super) fn scene(_cluster: &Cluster, frame: Frame, _linger_us: u64) -> Scene {
    Scene {
        frame,
        nodes: Vec::new(),
        links: Vec::new(),
        tokens: Vec::new(),
        bursts: Vec::new(),
        tears: Vec::new(),
        clients: Vec::new(),
        headline: String::new(),
        network_line: None,
    }
}

/// What the shapes mean.
pub(super) fn legend(_log: Log) -> Vec<LegendItem> {
    Vec::new()
}

/// How to read the rest.
pub(super) fn reading(_log: Log) -> &'static str {
    ""
}

/// What a cut means, in a sentence without its full stop.
pub(super) fn sides(_cluster: &Cluster, _cut: &Cut<'_>) -> Option<String> {
    None
}
