//! How a store looks: replicas with what they hold, what coordinators wait for, messages by what
//! they are for.

mod cells;
mod tokens;
mod words;

pub(super) use tokens::legend_of as legend;
pub(super) use tokens::{in_words, is_answer};
pub(super) use words::reading;

use self::cells::Spread;
use super::super::stage::{Look, Placing, in_the_world, links, stands};
use super::sides::{backup_of, seen_alive};
use super::{CapProcess, Cluster, System, client_views, sides};
use crate::quorum::{Mode, Operation, Task};
use crate::scene::{
    Countdown, Density, Frame, NodeView, Outline, Pip, Point, Ring, Scene, Tone, tears,
};
use crate::sim::{NodeId, RecordId};

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
    let spread = Spread::of(cluster);
    let view = |id: NodeId| node(cluster, &spread, id, stands[id.index()], frame);
    // Signs of life die at a tear all the time, and the tear says so itself.
    let mut bursts = place.bursts(linger_us);
    bursts.retain(|burst| !tokens::is_sign_of_life(world, RecordId(burst.id)));
    bursts.extend(client_views::bursts(cluster, frame, linger_us));
    Scene {
        frame,
        nodes: world.node_ids().map(view).collect(),
        tokens: network.in_flight().filter_map(|flight| tokens::token(&place, flight)).collect(),
        bursts,
        links,
        tears,
        clients: client_views::views(cluster, frame, &stands),
        headline: words::headline(cluster),
        network_line: sides::in_words(cluster, &|from, to| network.is_cut(from, to)),
    }
}

fn node(cluster: &Cluster, spread: &Spread, id: NodeId, at: Point, frame: Frame) -> NodeView {
    let world = cluster.world();
    let held = cells::held(cluster, spread, id);
    let look = match world.node(id).and_then(|node| node.process()) {
        None => Look::new(Tone::Off, Outline::Thin, "down"),
        Some(CapProcess::Quorum(_)) => replica(cluster, id, frame),
        Some(CapProcess::Raft(process)) => super::super::raft::scene::look(process.server()),
        Some(CapProcess::PrimaryBackup(_)) => backup(cluster, id),
    };
    let strip = cells::strip(&held, frame, world.node_ids().count());
    look.view(world, id, at, frame, strip, &cells::in_words(&held))
}

/// A server of the store without a leader. While it coordinates something, that comes first.
fn replica(cluster: &Cluster, id: NodeId, frame: Frame) -> Look {
    let process = cluster.world().node(id).and_then(|node| node.process());
    let Some(CapProcess::Quorum(process)) = process else {
        return Look::new(Tone::Off, Outline::Thin, "");
    };
    let (server, quorum) = (process.server(), cluster.config().quorum.quorum());
    let seen = seen_alive(cluster, id).unwrap_or(0);
    let (reads, writes) = (seen >= quorum.r(), seen >= quorum.w());
    let is_replica = cluster.config().quorum.preference(0).take(quorum.n()).any(|it| it.0 == id.0);
    let mut look = match (reads, writes) {
        (true, true) if !is_replica => Look::new(Tone::Plain, Outline::Faint, "no replica"),
        (true, true) => Look::new(Tone::Calm, Outline::Thin, "serves"),
        (true, false) => Look::new(Tone::Calm, Outline::Dotted, "only reads"),
        (false, true) => Look::new(Tone::Calm, Outline::Dotted, "only writes"),
        (false, false) => Look::new(Tone::Bad, Outline::Dotted, "refuses"),
    };
    let few = if frame.density() == Density::Compact { "" } else { "sees " };
    look.detail = format!("{few}{seen}/{}", quorum.n());
    let operations = || server.operations();
    let shown = operations().filter(|operation| !operation.answered).last().or_else(|| {
        let writes = |operation: &&Operation<_, _>| matches!(operation.task, Task::Write { .. });
        operations().filter(writes).last()
    });
    if let Some(operation) = shown {
        let (what, sockets, filled) = sockets(operation);
        let pip = |place| if place < filled { Pip::Yes } else { Pip::Open };
        look.pips = (0..sockets).map(pip).collect();
        if !operation.answered {
            look.tone = Tone::Eager;
            look.word = format!("{what}: {filled} of {sockets}");
            look.short = format!("{filled} of {sockets}");
            let due_us = process.on_its_clock_us(operation.deadline_us);
            let started_us = process.on_its_clock_us(operation.id.started_us);
            let in_the_world = |local_us| in_the_world(cluster.world(), id, local_us);
            let (started_us, deadline_us) = (in_the_world(started_us), in_the_world(due_us));
            look.countdown = Some(Countdown { started_us, deadline_us });
        }
    }
    look
}

/// What an operation is at, how many places it needs filled, and how many are. Whoever answers
/// twice fills one.
fn sockets(operation: &Operation<String, String>) -> (String, usize, usize) {
    let key = &operation.key;
    let filled = |has: &dyn Fn(u8) -> bool| {
        let places = operation.places.iter();
        let is_filled = |place: &&crate::quorum::Place| {
            has(place.replica.0) || place.stand_in.is_some_and(|stand_in| has(stand_in.0))
        };
        places.filter(is_filled).count()
    };
    let (r, w) = (operation.quorum.r(), operation.quorum.w());
    let (what, needed, filled) = match &operation.task {
        Task::Ask { acks, .. } => {
            (format!("stamp of {key}"), r, filled(&|id| acks.iter().any(|ack| ack.by.0 == id)))
        }
        Task::Write { sibling, acks } => {
            let what = match &sibling.value {
                Some(value) => format!("{key}={value}"),
                None => format!("delete {key}"),
            };
            (what, w, filled(&|id| acks.iter().any(|ack| ack.by.0 == id)))
        }
        Task::Read { replies, found, writing_back: true, written_back, .. } => {
            let has_it = |id| {
                let told = replies.iter().any(|reply| reply.ack.by.0 == id && reply.cell == *found);
                told || written_back.iter().any(|server| server.0 == id)
            };
            (format!("writes {key} back"), w, filled(&has_it))
        }
        Task::Read { replies, .. } => {
            let has = |id| replies.iter().any(|reply| reply.ack.by.0 == id);
            (format!("reads {key}"), r, filled(&has))
        }
    };
    (what, needed, filled.min(needed))
}

fn backup(cluster: &Cluster, id: NodeId) -> Look {
    let server = backup_of(cluster, id);
    let mut look = match server.is_some_and(|server| server.is_primary()) {
        true => Look::new(Tone::Chief, Outline::Thick, "primary"),
        false => Look::new(Tone::Calm, Outline::Thin, "backup"),
    };
    look.crown = look.tone == Tone::Chief;
    look.detail = server.map_or(String::new(), |it| format!("epoch {}", it.epoch().number));
    look
}

/// Whether the store trades consistency for going on.
pub(super) fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Cp => "CP",
        Mode::Ap { sloppy: false } => "AP",
        Mode::Ap { sloppy: true } => "AP, sloppy",
    }
}
