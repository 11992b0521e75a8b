//! How a store looks: replicas with what they hold, messages as tokens.

use super::super::LegendItem;
use super::super::partition::describe;
use super::super::stage::{Placing, links, stands};
use super::Cluster;
use super::choices::quorum;
use crate::scene::{Frame, Ring, Scene, tears};

/// What the shapes mean.
pub(super) const LEGEND: &[LegendItem] = &[];

/// How to read the rest of the picture.
pub(super) const READING: &str = "";

/// The picture at this instant.
pub(super) fn scene(cluster: &Cluster, frame: Frame, linger_us: u64) -> Scene {
    let world = cluster.world();
    let ring = Ring::new(frame, world.node_ids().count());
    let network = world.network();
    let tears = tears(frame, &ring, &network.groups());
    let stands = stands(&ring, &tears);
    let links = links(world, &stands, &tears);
    let rim = frame.node_radius() + 8.0;
    let place = Placing { world, stands: &stands, links: &links, rim };
    Scene {
        frame,
        nodes: Vec::new(),
        tokens: Vec::new(),
        bursts: place.bursts(linger_us),
        links,
        tears,
        clients: Vec::new(),
        headline: String::new(),
        network_line: describe(network, &quorum(cluster), |from, to| network.is_cut(from, to)),
    }
}
