//! How it looks: callers with their breakers, what they call, and calls on their way.

mod tokens;

pub(super) use tokens::{dress, is_answer, legend};

use super::super::stage::{Look, Placing, links, stands};
use super::table::headline;
use super::{Cast, Cluster, Role};
use crate::scene::{Frame, Outline, Point, Ring, Scene, Strip, Tone};
use crate::sim::NodeId;

/// The picture at this instant.
pub(super) fn scene(cluster: &Cluster, frame: Frame, linger_us: u64) -> Scene {
    let world = cluster.world();
    let network = world.network();
    let ring = Ring::new(frame, world.node_ids().count());
    let stands: Vec<Point> = stands(&ring, &[]);
    let links = links(world, &stands, &[]);
    let rim = frame.node_radius() + 8.0;
    let place = Placing { world, stands: &stands, links: &links, rim };
    let node = |id: NodeId| {
        let look = Look::new(Tone::Calm, Outline::Thin, word(cluster.cast().role(id)));
        look.view(world, id, stands[id.index()], frame, Strip::default(), "")
    };
    Scene {
        frame,
        nodes: world.node_ids().map(node).collect(),
        tokens: network.in_flight().filter_map(|flight| tokens::token(&place, flight)).collect(),
        bursts: place.bursts(linger_us),
        links,
        tears: Vec::new(),
        clients: Vec::new(),
        headline: headline(cluster),
        network_line: sides(cluster, &|from, to| network.is_cut(from, to)),
    }
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Caller => "caller",
        Role::Service => "service",
        Role::Database => "database",
        Role::Shard(_) => "shard",
        Role::Replica => "server",
    }
}

/// How to read the rest of the picture.
pub(super) fn reading(_cast: Cast) -> &'static str {
    ""
}

/// What a cut means, in a sentence.
pub(super) fn sides(
    _cluster: &Cluster,
    _is_cut: &dyn Fn(NodeId, NodeId) -> bool,
) -> Option<String> {
    None
}
