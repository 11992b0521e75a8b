//! How it looks: fronts with their breakers on the left, the cluster in the middle, pages on the
//! right, and everything that they say to each other.

mod looks;
mod places;
mod tokens;
mod words;

pub(super) use tokens::{LEGEND, dress, is_answer, label};
pub(super) use words::{READING, is_used, sides};

use super::super::stage::{Placing, links};
use super::system::{Role, WholeEvent, WholeProcess};
use super::{Cluster, table};
use crate::circuit_breaker::State;
use crate::labs::breaker::BreakerEvent;
use crate::scene::{Burst, Frame, Lever, LinkView, NodeView, Scene, Switch, Token};
use crate::sim::{Flight, Happening, NodeId};

/// So many messages are drawn at most. Of more, every second, fourth or eighth one is.
const MOST_TOKENS: usize = 1_000;

/// So many orders that bounced off are drawn at a time, and so many records looked through for
/// them.
const MOST_BURSTS: usize = 24;
const MOST_READ: usize = 4_000;

/// The picture at this instant.
pub(super) fn scene(cluster: &Cluster, frame: Frame, linger_us: u64) -> Scene {
    let world = cluster.world();
    let network = world.network();
    let stands = places::places(cluster.cast(), frame);
    let mut links = links(world, &stands, &[]);
    links.retain(|link| is_used(cluster.cast(), link.ends.0, link.ends.1));
    links.iter_mut().for_each(|link| link.switch = switch(cluster, link, frame));
    let rim = frame.node_radius() + 8.0;
    let place = Placing { world, stands: &stands, links: &links, rim };
    let look = |id: NodeId| looks::node(cluster, id, stands[id.index()], frame);
    let nodes: Vec<NodeView> = world.node_ids().map(look).collect();
    let (tokens, of_each) = tokens(&place);
    let mut bursts = place.bursts(linger_us);
    bursts.extend(turned_away(cluster, &links, linger_us));
    let sides = words::sides(cluster, &|from, to| network.is_cut(from, to));
    let drawn = (of_each > 1).then(|| format!("One in {of_each} messages is drawn"));
    Scene {
        frame,
        tokens,
        bursts,
        links,
        tears: Vec::new(),
        clients: Vec::new(),
        headline: table::headline(cluster),
        network_line: sides.or(drawn),
        nodes,
    }
}

/// The messages that are drawn, and of how many each is one.
fn tokens(place: &Placing<'_, WholeProcess>) -> (Vec<Token>, usize) {
    let flights = place.world.network();
    let count = flights.in_flight().count();
    let mut of_each = 1;
    while count / of_each > MOST_TOKENS {
        of_each *= 2;
    }
    // By their numbers, so that the same ones are drawn all the way.
    let is_drawn = |flight: &&Flight| (flight.id.0 as usize / 2).is_multiple_of(of_each);
    let drawn = flights.in_flight().filter(is_drawn);
    (drawn.filter_map(|flight| tokens::token(place, flight, count)).collect(), of_each)
}

/// The switch of a front’s breaker stands on the link to the server that it asks.
fn switch(cluster: &Cluster, link: &LinkView, frame: Frame) -> Option<Switch> {
    let (from, to) = link.ends;
    let caller = cluster.process(from)?.front()?.caller();
    if cluster.cast().role(to) != Role::Server || caller.asks() != to {
        return None;
    }
    let lever = match caller.doors().first()?.state() {
        State::Closed | State::Disabled | State::MetricsOnly => Lever::Closed,
        State::HalfOpen => Lever::Ajar,
        State::Open { .. } | State::ForcedOpen => Lever::Open,
    };
    let way = frame.node_radius() + 16.0 + Switch::REACH;
    let at = way / link.from.distance(link.to).max(1.0);
    Some(Switch { at: at.min(0.5), lever })
}

/// Orders that a breaker has just turned away, each at its switch.
fn turned_away(cluster: &Cluster, links: &[LinkView], linger_us: u64) -> Vec<Burst> {
    let history = cluster.world().history();
    let since_us = cluster.world().now_us().saturating_sub(linger_us);
    let latest = history.len() as u32;
    let records = history.since(since_us).rev().take(MOST_READ).enumerate();
    let told = records.filter_map(|(back, record)| match &record.what {
        Happening::Decided { node, event: WholeEvent::Caller(BreakerEvent::Rejected { .. }) } => {
            let id = latest.checked_sub(back as u32 + 1)?;
            let here = |link: &&LinkView| link.ends.0 == *node && link.switch.is_some();
            let link = links.iter().find(here)?;
            let at = link.from.towards(link.to, link.switch.as_ref()?.at);
            Some(Burst { id, at: at.moved(link.upwards(), 22.0), reason: "" })
        }
        _ => None,
    });
    told.take(MOST_BURSTS).collect()
}
