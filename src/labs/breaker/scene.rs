//! How it looks: callers with their breakers drawn on them, what they call, and calls on their way.

mod cells;
mod looks;
mod places;
mod tokens;
mod words;

pub(super) use tokens::legend_of as legend;
pub(super) use tokens::{dress, is_answer};
pub(super) use words::{is_used, reading, sides};

use super::super::stage::{Placing, links};
use super::Cluster;
use super::system::{BreakerEvent, BreakerProcess};
use super::table::headline;
use crate::circuit_breaker::Reported;
use crate::scene::{Burst, Frame, NodeView, Point, Scene, Token};
use crate::sim::{Flight, Happening, NodeId};

/// So many messages are drawn at most. Of more, every second, fourth or eighth one is.
const MOST_TOKENS: usize = 400;

/// So many calls that bounced off or came late are drawn at a time, the latest.
const MOST_BURSTS: usize = 24;

/// The picture at this instant.
pub(super) fn scene(cluster: &Cluster, frame: Frame, linger_us: u64) -> Scene {
    let (world, cast) = (cluster.world(), cluster.cast());
    let network = world.network();
    let stands = places::places(cast, frame);
    let mut links = links(world, &stands, &[]);
    links.retain(|link| is_used(cast, link.ends.0, link.ends.1));
    let rim = frame.node_radius() + 8.0;
    let place = Placing { world, stands: &stands, links: &links, rim };
    let nodes: Vec<NodeView> =
        world.node_ids().map(|id| looks::node(cluster, id, stands[id.index()], frame)).collect();
    let mut bursts = place.bursts(linger_us);
    bursts.extend(turned_away(cluster, &nodes, rim, linger_us));
    let (tokens, of_each) = tokens(&place);
    let sides = words::sides(cluster, &|from, to| network.is_cut(from, to));
    let drawn = (of_each > 1).then(|| format!("One in {of_each} messages is drawn"));
    Scene {
        frame,
        tokens,
        bursts,
        links,
        tears: Vec::new(),
        clients: Vec::new(),
        headline: headline(cluster),
        network_line: sides.or(drawn),
        nodes,
    }
}

/// The messages that are drawn, and of how many each is one.
fn tokens(place: &Placing<'_, BreakerProcess>) -> (Vec<Token>, usize) {
    let flights = place.world.network();
    let count = flights.in_flight().count();
    let mut of_each = 1;
    while count / of_each > MOST_TOKENS {
        of_each *= 2;
    }
    // By their numbers, so that the same ones are drawn all the way.
    let is_drawn = |flight: &&Flight| (flight.id.0 as usize / 2).is_multiple_of(of_each);
    let labelled = count <= tokens::MOST_LABELLED;
    let drawn = flights.in_flight().filter(is_drawn);
    (drawn.filter_map(|flight| tokens::token(place, flight, labelled)).collect(), of_each)
}

/// Calls that a breaker has just turned away, before its door, and results that came late, above
/// the tray.
fn turned_away(cluster: &Cluster, nodes: &[NodeView], rim: f32, linger_us: u64) -> Vec<Burst> {
    let history = cluster.world().history();
    let since_us = cluster.world().now_us().saturating_sub(linger_us);
    let latest = history.len() as u32;
    let at_door = |from: &NodeView, to: NodeId| {
        let to = nodes.get(to.index()).map_or(from.at, |node| node.at);
        from.at.moved(from.at.direction(to), rim + 10.0)
    };
    let burst = |back: u32, node: NodeId, event: &BreakerEvent| -> Option<Burst> {
        let from = nodes.get(node.index())?;
        let tray = |from: &NodeView| {
            let tray = from.tray.as_ref()?;
            Some(Point::new(from.at.x + tray.at.x, from.at.y + tray.at.y - 26.0))
        };
        let (at, reason) = match event {
            BreakerEvent::Rejected { to, .. } => (at_door(from, *to), "rejected"),
            BreakerEvent::Ended { reported: Some(Reported::Late(_)), .. }
            | BreakerEvent::CameTooLate { .. } => (tray(from)?, "late"),
            _ => return None,
        };
        // Its place in the history: no message has that number, as this is none.
        Some(Burst { id: latest.checked_sub(back + 1)?, at, reason })
    };
    let records = history.since(since_us).rev().enumerate();
    let told = records.filter_map(|(back, record)| match &record.what {
        Happening::Decided { node, event } => burst(back as u32, *node, event),
        _ => None,
    });
    told.take(MOST_BURSTS).collect()
}
