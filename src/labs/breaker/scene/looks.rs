//! How each node stands: callers with their breakers drawn on them, and those that serve.

use super::super::super::raft::scene as raft;
use super::super::super::stage::Look;
use super::super::system::{BreakerProcess, Cast, Role};
use super::super::table::door as in_words;
use super::super::words::seconds;
use super::super::{Caller, Cluster, Door, Health, Service};
use super::{cells, places};
use crate::circuit_breaker::{Generation, Outcome, State};
use crate::scene::{Countdown, Frame, NodeView, Outline, Pip, Point, Strip, Tone, Tray};
use crate::sim::{Delay, NodeId};

/// So many sockets for probes are drawn.
const SOCKETS: u32 = 8;

/// A node, with what hangs below it.
pub(super) fn node(cluster: &Cluster, id: NodeId, at: Point, frame: Frame) -> NodeView {
    let (look, strip, contents) = match cluster.process(id) {
        None => (Look::new(Tone::Off, Outline::Thin, "down"), Strip::default(), nothing()),
        Some(BreakerProcess::Caller(caller)) => caller_look(cluster, id, caller, frame),
        Some(BreakerProcess::Service(service)) => service_look(cluster, id, service),
        Some(BreakerProcess::Replica(replica)) => {
            let server = replica.raft().server();
            let mut look = raft::look(server);
            look.detail = format!("{} done", server.commit_index().0);
            (look, Strip::default(), format!("{} entries committed", server.commit_index().0))
        }
    };
    look.view(cluster.world(), id, at, frame, strip, &contents)
}

fn nothing() -> String {
    "nothing: it keeps nothing".to_owned()
}

fn caller_look(
    cluster: &Cluster,
    id: NodeId,
    caller: &Caller,
    frame: Frame,
) -> (Look, Strip, String) {
    let world = cluster.world();
    let local_us = world.node(id).map_or(0, |node| node.clock().shows_us(world.now_us()));
    let (mut look, mut strip, contents) = match (caller.doors(), &caller.policy().breaker) {
        ([door], Some(policy)) => {
            let (strip, detail) = cells::window(door, policy, local_us, frame);
            let mut look = door_look(cluster, id, door, policy.config.half_open.probes);
            if look.detail.is_empty() {
                look.detail = detail;
            }
            (look, strip, in_words(door, local_us))
        }
        (doors @ [_, _, ..], _) => several(cluster, doors, frame, local_us),
        _ => {
            let mut look = Look::new(Tone::Plain, Outline::Faint, "no breaker");
            look.detail = format!("{} out", caller.in_flight());
            (look, Strip::default(), "it calls whatever happens".to_owned())
        }
    };
    if cluster.cast() == Cast::Fleet {
        // Four of them, one below the other, leave no room for rows.
        strip = Strip::default();
    }
    let (tray, aside) = tray(cluster, id, frame);
    look.tray = tray;
    (look, strip, contents + &aside)
}

/// A breaker on its caller: the ring runs down while it is open, and while a probe’s lease burns.
fn door_look(cluster: &Cluster, id: NodeId, door: &Door, probes: u32) -> Look {
    let ring = |from_us: u64, until_us: u64| Countdown {
        started_us: cells::at(cluster, id, from_us),
        deadline_us: cells::at(cluster, id, until_us),
    };
    match door.state() {
        State::Closed => Look::new(Tone::Calm, Outline::Thin, "closed"),
        State::Open { until_us } => {
            let calls = cluster.calls().of(id);
            let since_us = calls.and_then(|calls| calls.moved_us.first()).copied().unwrap_or(0);
            let mut look = Look::new(Tone::Bad, Outline::Thick, "open");
            look.countdown = Some(ring(since_us, until_us));
            look.detail = seconds(until_us.saturating_sub(since_us));
            look
        }
        State::HalfOpen => {
            let mut look = Look::new(Tone::Eager, Outline::Dashed, "half-open");
            let burning = door.probes();
            look.countdown = burning.first().map(|probe| ring(probe.admitted_us, probe.expires_us));
            let sockets = probes.max(burning.len() as u32).min(SOCKETS);
            let socket = |place: u32| {
                if (place as usize) < burning.len() { Pip::Yes } else { Pip::Open }
            };
            look.pips = (0..sockets).map(socket).collect();
            look.detail = match burning.len() {
                0 => "free".to_owned(),
                1 => "1 probe".to_owned(),
                several => format!("{several} probes"),
            };
            look
        }
        State::ForcedOpen => Look::new(Tone::Bad, Outline::Thick, "held open"),
        State::Disabled => Look::new(Tone::Off, Outline::Dotted, "disabled"),
        State::MetricsOnly => Look::new(Tone::Plain, Outline::Dotted, "watching"),
    }
}

/// One breaker for each that is called.
fn several(
    cluster: &Cluster,
    doors: &[Door],
    frame: Frame,
    local_us: u64,
) -> (Look, Strip, String) {
    let closed = doors.iter().filter(|door| door.state() == State::Closed).count();
    let mut look = match doors.len() - closed {
        0 => Look::new(Tone::Calm, Outline::Thin, "all closed"),
        shut => Look::new(Tone::Eager, Outline::Thin, format!("{shut} of {} shut", doors.len())),
    };
    look.detail = format!("{} doors", doors.len());
    let first = cluster.cast().target(0).0;
    let each = doors.iter().enumerate().map(|(place, door)| {
        format!("{}: {}", NodeId(first + place as u8), in_words(door, local_us))
    });
    (look, cells::doors(cluster, doors, frame), each.collect::<Vec<_>>().join("; "))
}

/// What came late, and the same in words.
fn tray(cluster: &Cluster, id: NodeId, frame: Frame) -> (Option<Tray>, String) {
    let Some(calls) = cluster.calls().of(id) else { return (None, String::new()) };
    let word = format!("{} late", calls.late);
    let aside = if calls.late > 0 { [", ", &word].concat() } else { String::new() };
    let Some(at) = places::tray(cluster.cast(), frame) else { return (None, aside) };
    let latest = &calls.latest_late;
    let skipped = latest.len().saturating_sub(Tray::PLACES);
    let item = |late: &super::super::LateCall| {
        let letter = match late.outcome {
            Some(Outcome::Success) => "✓",
            Some(_) => "✗",
            None => "·",
        };
        (late.era.map_or(0, tint), letter.to_owned())
    };
    let items = latest.iter().skip(skipped).map(item).collect();
    (Some(Tray { at, word, items }), aside)
}

/// The tint of an era: six in turn.
pub(super) fn tint(era: Generation) -> u8 {
    (era.0 % 6) as u8
}

fn service_look(cluster: &Cluster, id: NodeId, service: &Service) -> (Look, Strip, String) {
    let health = service.health();
    let (busy, waiting) = (service.busy(), service.waiting());
    let all = 1_000_000;
    let name = match cluster.cast().role(id) {
        Role::Database => "database",
        Role::Shard(_) => "shard",
        _ => "service",
    };
    let (tone, word) = match (health.errors_ppm, health.hangs_ppm) {
        (errors, _) if errors >= all => (Tone::Bad, "every call fails".to_owned()),
        (_, hangs) if hangs >= all => (Tone::Bad, "every call hangs".to_owned()),
        (0, 0) if waiting > 0 => (Tone::Eager, [name, ", ", &takes(health)].concat()),
        (0, 0) => (Tone::Calm, [name, ", ", &takes(health)].concat()),
        (errors, 0) => (Tone::Eager, format!("{} % fail", errors / 10_000)),
        (_, hangs) => (Tone::Eager, format!("{} % hang", hangs / 10_000)),
    };
    let outline = if tone == Tone::Bad { Outline::Dashed } else { Outline::Thin };
    let mut look = Look::new(tone, outline, word);
    look.short = match tone {
        Tone::Bad if health.errors_ppm >= all => "all fail".to_owned(),
        Tone::Bad => "all hang".to_owned(),
        _ if (health.errors_ppm, health.hangs_ppm) == (0, 0) => takes(health),
        _ => look.word.clone(),
    };
    let count = busy + waiting;
    look.detail = if count == 0 { "idle".to_owned() } else { format!("has {count}") };
    let contents = format!("{busy} at work, {waiting} of {} wait", health.queue);
    let strip = match cluster.cast() {
        Cast::One | Cast::Fleet if cluster.cast().role(id) == Role::Service => {
            cells::load(busy, health.workers, waiting, health.queue)
        }
        _ => Strip::default(),
    };
    (look, strip, contents)
}

/// `200 ms`
fn takes(health: &Health) -> String {
    match health.work {
        Delay::Uniform { low_us, high_us } => seconds(low_us.midpoint(high_us)),
        Delay::Constant { us } => seconds(us),
        _ => "?".to_owned(),
    }
}
