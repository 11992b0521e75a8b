//! How each node stands.

use super::super::super::breaker::scene::{door_look, no_door};
use super::super::super::breaker::table::door as in_words;
use super::super::super::events::scene::{holds, kind_word, log_in_words, log_strip, model_strip};
use super::super::super::raft::scene as raft;
use super::super::super::stage::{Look, in_the_world};
use super::super::system::{Role, WholeProcess};
use super::super::{Cluster, Front, Page, Server, words};
use crate::labs::events::shop::Item;
use crate::scene::{
    Cell, CellLook, Countdown, Density, Frame, NodeView, Outline, Pip, Point, Strip, Tone,
};
use crate::sim::NodeId;

/// So many events behind are counted one by one.
const COUNTED: u64 = 5;

/// So many events fit under a server.
const MOST_EVENTS: usize = 2;

/// A node, with what hangs below it.
pub(super) fn node(cluster: &Cluster, id: NodeId, at: Point, frame: Frame) -> NodeView {
    let (look, strip, contents) = match cluster.process(id) {
        None => asleep(cluster, id, frame),
        Some(WholeProcess::Front(front)) => front_look(cluster, id, front, frame),
        Some(WholeProcess::Server(server)) => server_look(server, frame),
        Some(WholeProcess::Page(page)) => page_look(cluster, id, page, frame),
    };
    look.view(cluster.world(), id, at, frame, strip, &contents)
}

/// One that is down, by what is on its disk.
fn asleep(cluster: &Cluster, id: NodeId, frame: Frame) -> (Look, Strip, String) {
    let mut look = Look::new(Tone::Off, Outline::Thin, "down");
    let image = cluster.world().node(id).map(|node| node.disk().image());
    match (cluster.cast().role(id), image) {
        (Role::Server, Some(image)) => {
            (look, Strip::default(), format!("{} entries of Raft’s log", image.raft.log.len()))
        }
        (Role::Page(kind), Some(image)) => {
            look.detail = format!("at {}", image.model.position);
            let shop = &image.model.state.shop;
            (look, model_strip(kind, shop, true, frame), holds(kind, shop))
        }
        _ => (look, Strip::default(), "nothing: it keeps nothing".to_owned()),
    }
}

/// A front: its breaker, and what its customers see of the stock.
fn front_look(cluster: &Cluster, id: NodeId, front: &Front, frame: Frame) -> (Look, Strip, String) {
    let world = cluster.world();
    let local_us = world.node(id).map_or(0, |node| node.clock().shows_us(world.now_us()));
    let caller = front.caller();
    let (mut look, breaker) = match caller.doors().first() {
        Some(door) => {
            let moved = cluster.orders().calls().of(id).and_then(|of| of.moved_us.first());
            let probes = caller.policy().breaker.as_ref();
            let probes = probes.map_or(1, |breaker| breaker.config.half_open.probes);
            let in_world = |us| in_the_world(world, id, us);
            let since_us = moved.copied().unwrap_or(0);
            (door_look(door, probes, since_us, &in_world), in_words(door, local_us))
        }
        None => (no_door(), "no breaker".to_owned()),
    };
    if look.detail.is_empty() {
        look.detail = match front.orders().len() {
            0 => "front".to_owned(),
            waiting => format!("{waiting} wait"),
        };
    }
    let shown = front.shown();
    let seen = shown.map_or(String::new(), |shown| {
        format!(", and shows {}, as of event {}", words::left(shown.left), shown.through)
    });
    let compact = frame.density() == Density::Compact;
    let cell = |item: Item| {
        let left = shown.map_or("?".to_owned(), |shown| shown.left[item as usize].to_string());
        let text = if compact { [&left, " ", item.name()].concat() } else { left };
        let tint = if item == Item::Tea { 3 } else { 1 };
        Cell { head: item.name().to_owned(), text, tint, look: CellLook::Loose }
    };
    let cells = Item::ALL.into_iter().map(cell).collect();
    (look, Strip { hidden: 0, wide: true, cells }, breaker + &seen)
}

/// A server: its role, and the last events that it has made.
fn server_look(server: &Server, frame: Frame) -> (Look, Strip, String) {
    let (raft, store) = (server.replica().raft().server(), server.replica().store());
    let mut look = raft::look(raft);
    look.detail = format!("{} events", store.last_position());
    let strip = log_strip(store, store.last_position(), frame, MOST_EVENTS);
    (look, strip, log_in_words(store, 4))
}

/// A page: what it shows, how far it is, and how long until it asks again.
fn page_look(cluster: &Cluster, id: NodeId, page: &Page, frame: Frame) -> (Look, Strip, String) {
    let model = page.model();
    let (kind, through) = (model.kind(), model.through());
    let name = match kind_word(kind) {
        "payments" => "sales",
        word => word,
    };
    let behind = cluster.last_position().saturating_sub(through);
    let mut look = match behind {
        0 => Look::new(Tone::Calm, Outline::Thin, format!("{name} page")),
        _ => Look::new(Tone::Eager, Outline::Thin, format!("{name} page, {behind} behind")),
    };
    look.short = if behind == 0 { name.to_owned() } else { format!("{name} −{behind}") };
    look.detail = format!("at {through}");
    look.pips = vec![Pip::Open; behind.min(COUNTED) as usize];
    // A ring that begins anew several times a second would only flicker.
    const SLOW_US: u64 = 500_000;
    let refresh_us = page.conduct().refresh_us;
    if refresh_us >= SLOW_US {
        let in_world = |us| in_the_world(cluster.world(), id, us);
        let started_us = in_world(page.asks_at_us().saturating_sub(refresh_us));
        let deadline_us = in_world(page.asks_at_us());
        look.countdown = Some(Countdown { started_us, deadline_us });
    }
    let shop = &model.state().shop;
    let strip = model_strip(kind, shop, model.kept() == through, frame);
    (look, strip, holds(kind, shop))
}
