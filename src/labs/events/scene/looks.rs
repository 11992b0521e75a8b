//! How each part stands: what it is at, how far it is, and what is wrong with it.

use super::super::super::raft::scene as raft;
use super::super::super::stage::{Look, in_the_world};
use super::super::Cluster;
use super::super::desk::{Desk, PATIENCE_US, Step, Work};
use super::super::model::{Model, ModelState};
use super::super::system::{self, EventsProcess, ModelKind, role};
use super::cells;
use super::words::brief;
use crate::raft::Role;
use crate::scene::{Countdown, Frame, NodeView, Outline, Pip, Point, Strip, Tone};
use crate::sim::NodeId;

/// So many events behind are counted one by one.
const COUNTED: u64 = 5;

/// A part, with what hangs below it.
pub(super) fn node(cluster: &Cluster, id: NodeId, at: Point, frame: Frame) -> NodeView {
    let process = cluster.process(id);
    let (look, strip, contents) = match (role(cluster.rules().log, id), process) {
        (system::Role::Desk, Some(EventsProcess::Desk(desk))) => {
            (desk_look(cluster, id, desk), Strip::default(), desk_at_work(desk))
        }
        (system::Role::Desk, _) => {
            (down(), Strip::default(), "nothing: it keeps nothing".to_owned())
        }
        (system::Role::Keeper, process) => keeper(cluster, process.is_some(), frame),
        (system::Role::Model(kind), Some(EventsProcess::Model(model))) => {
            model_look(cluster, kind, model, frame)
        }
        (system::Role::Model(kind), _) => asleep(cluster, kind, id, frame),
        (system::Role::Replica, _) => replica(cluster, id, frame),
    };
    look.view(cluster.world(), id, at, frame, strip, &contents)
}

fn down() -> Look {
    Look::new(Tone::Off, Outline::Thin, "down")
}

/// A desk; while it is at something, that comes first.
fn desk_look(cluster: &Cluster, id: NodeId, desk: &Desk) -> Look {
    let Some(work) = desk.works().first() else {
        return Look::new(Tone::Calm, Outline::Thin, "desk");
    };
    let mut look = Look::new(Tone::Eager, Outline::Dashed, doing(work));
    look.short = match work.step {
        Step::Reading => "reads".to_owned(),
        Step::Appending(_) => "appends".to_owned(),
    };
    if let Step::Appending(decided) = &work.step {
        look.detail = format!("on v{}", decided.version);
    }
    let in_the_world = |local_us| in_the_world(cluster.world(), id, local_us);
    let started_us = in_the_world(work.due_us.saturating_sub(PATIENCE_US));
    look.countdown = Some(Countdown { started_us, deadline_us: in_the_world(work.due_us) });
    look
}

fn doing(work: &Work) -> String {
    match &work.step {
        Step::Reading => format!("reads: {}", work.command),
        Step::Appending(decided) => format!("appends: {}", brief(decided.event)),
    }
}

/// What a desk is at.
pub(in crate::labs::events) fn desk_at_work(desk: &Desk) -> String {
    if desk.works().is_empty() {
        return "nobody waits".to_owned();
    }
    desk.works().iter().map(doing).collect::<Vec<_>>().join(", ")
}

/// The server with the log.
fn keeper(cluster: &Cluster, is_up: bool, frame: Frame) -> (Look, Strip, String) {
    let (log, durable) = (cluster.log(), cluster.durable_through());
    let end = log.last_position();
    let mut look = match is_up {
        false => down(),
        true => Look::new(Tone::Chief, Outline::Thick, "log"),
    };
    let open = end.saturating_sub(durable);
    if is_up && open > 0 {
        look.word = format!("log, {open} not durable");
        look.short = format!("log, {open} loose");
    }
    look.detail = format!("{end} events");
    let strip = cells::log(log, durable, frame, cells::most(frame));
    (look, strip, cells::log_in_words(log, 4))
}

/// A read model that is up.
fn model_look(
    cluster: &Cluster,
    kind: ModelKind,
    model: &Model,
    frame: Frame,
) -> (Look, Strip, String) {
    let name = kind_word(kind);
    let behind = cluster.log().last_position().saturating_sub(model.through());
    let wrong = wrong(model.state(), model.through());
    let mut look = match (&wrong, behind) {
        (Some(wrong), _) => Look::new(Tone::Bad, Outline::Dashed, format!("{name}, {wrong}")),
        (None, 0) => Look::new(Tone::Calm, Outline::Thin, name),
        (None, _) => Look::new(Tone::Eager, Outline::Thin, format!("{name}, {behind} behind")),
    };
    if wrong.is_none() && behind > 0 {
        look.short = format!("{name} −{behind}");
    }
    look.detail = format!("at {}", model.through());
    look.pips = vec![Pip::Open; behind.min(COUNTED) as usize];
    let shop = &model.state().shop;
    let strip = cells::model(kind, shop, model.kept() == model.through(), frame);
    (look, strip, cells::in_words(kind, shop))
}

/// A read model that is down, by what is on its disk.
fn asleep(cluster: &Cluster, kind: ModelKind, id: NodeId, frame: Frame) -> (Look, Strip, String) {
    let Some(node) = cluster.world().node(id) else {
        return (down(), Strip::default(), String::new());
    };
    let kept = &node.disk().image().model;
    let mut look = down();
    look.detail = format!("at {}", kept.position);
    if let Some(wrong) = wrong(&kept.state, kept.position) {
        look.word = format!("down, {wrong}");
        look.short = look.word.clone();
    }
    let shop = &kept.state.shop;
    (look, cells::model(kind, shop, true, frame), cells::in_words(kind, shop))
}

/// What a read model is about, in a word.
pub(in crate::labs) fn kind_word(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Carts => "carts",
        ModelKind::Stock => "stock",
        ModelKind::Payments => "payments",
    }
}

/// What is wrong with a read model's state: an event that is in it twice, that it lacks, or that it
/// has though its position says otherwise.
pub(in crate::labs::events) fn wrong(state: &ModelState, through: u64) -> Option<String> {
    let end = through.max(state.taken.len() as u64);
    (1..=end).find_map(|position| match state.times(position) {
        0 if position <= through => Some(format!("lacks {position}")),
        0 | 1 if position <= through => None,
        0 => None,
        1 => Some(format!("has {position}")),
        _ => Some(format!("{position} twice")),
    })
}

/// A server of a cluster, with the log of events that it has made of the commands.
fn replica(cluster: &Cluster, id: NodeId, frame: Frame) -> (Look, Strip, String) {
    let Some(replica) = cluster.process(id).and_then(EventsProcess::replica) else {
        let disk = cluster.world().node(id).map(|node| node.disk().image());
        let commands = disk.map_or(0, |image| image.raft.log.len());
        return (down(), Strip::default(), format!("{commands} entries of Raft’s log"));
    };
    let mut look = raft::look(replica.raft().server());
    let store = replica.store();
    look.detail = format!("{} events", store.last_position());
    let strip = cells::log(store, store.last_position(), frame, cells::MOST_ON_RING);
    (look, strip, cells::log_in_words(store, 4))
}

/// The newest leader, and its term.
pub(super) fn leader(cluster: &Cluster) -> Option<(NodeId, u64)> {
    let mut newest = None;
    for id in cluster.world().node_ids() {
        let replica = cluster.process(id).and_then(EventsProcess::replica);
        let Some(server) = replica.map(|replica| replica.raft().server()) else { continue };
        if matches!(server.role(), Role::Leader { .. }) {
            newest = newest.max(Some((server.current_term().0, id)));
        }
    }
    newest.map(|(term, id)| (id, term))
}
