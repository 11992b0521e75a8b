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
pub(super) fn node(
    cluster: &Cluster,
    id: NodeId,
    at: Point,
    frame: Frame,
    linger_us: u64,
) -> NodeView {
    let (look, strip, contents) = match cluster.process(id) {
        None => (Look::new(Tone::Off, Outline::Thin, "down"), Strip::default(), nothing()),
        Some(BreakerProcess::Caller(caller)) => caller_look(cluster, id, caller, frame, linger_us),
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
    linger_us: u64,
) -> (Look, Strip, String) {
    let world = cluster.world();
    let local_us = world.node(id).map_or(0, |node| node.clock().shows_us(world.now_us()));
    let (mut look, mut strip, contents) = match (caller.doors(), &caller.policy().breaker) {
        ([door], Some(policy)) => {
            let cells::Row { strip, detail, gauge } = cells::window(door, policy, local_us, frame);
            let moved = cluster.calls().of(id).and_then(|calls| calls.moved_us.first());
            let probes = policy.config.half_open.probes;
            let in_world = |us| cells::at(cluster, id, us);
            let mut look = door_look(door, probes, moved.copied().unwrap_or(0), &in_world);
            if look.detail.is_empty() {
                look.detail = detail;
            }
            // How many more it takes is over once it is open; how high a rate is stays of interest.
            let is_closed = door.state() == State::Closed;
            look.gauge = Some(gauge).filter(|gauge| is_closed || gauge.line.is_some());
            (look, strip, in_words(door, local_us))
        }
        (doors @ [_, _, ..], _) => several(cluster, doors, frame, local_us),
        _ => {
            let mut look = no_door();
            look.detail = format!("{} out", caller.in_flight());
            (look, Strip::default(), "it calls whatever happens".to_owned())
        }
    };
    let (tray, aside) = tray(cluster, id, frame, linger_us);
    look.tray = tray;
    if cluster.cast() == Cast::Fleet {
        // Four of them leave no room for rows of cells: dots above them stand for those.
        let cells = std::mem::take(&mut strip.cells);
        if look.pips.is_empty() {
            look.pips = cells.iter().map(cells::dot).collect();
        }
        look.gauge = None;
        look.word.push_str(&aside);
        if !aside.is_empty() {
            look.short.push_str(aside.trim_end_matches(" late"));
        }
    }
    (look, strip, contents + &aside)
}

/// A caller that has no breaker.
pub(in crate::labs) fn no_door() -> Look {
    Look::new(Tone::Plain, Outline::Faint, "no breaker")
}

/// A breaker on its caller, which has moved last at `since_us` on its clock: the ring runs down
/// while it is open, and while a probe’s lease burns.
pub(in crate::labs) fn door_look(
    door: &Door,
    probes: u32,
    since_us: u64,
    in_world: &dyn Fn(u64) -> u64,
) -> Look {
    let ring = |from_us: u64, until_us: u64| Countdown {
        started_us: in_world(from_us),
        deadline_us: in_world(until_us),
    };
    match door.state() {
        State::Closed => Look::new(Tone::Calm, Outline::Thin, "closed"),
        State::Open { until_us } => {
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
            let each = burning.iter().take(sockets as usize);
            look.burning = each.map(|probe| ring(probe.admitted_us, probe.expires_us)).collect();
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
fn tray(cluster: &Cluster, id: NodeId, frame: Frame, linger_us: u64) -> (Option<Tray>, String) {
    let Some(calls) = cluster.calls().of(id) else { return (None, String::new()) };
    let word = format!("{} late", calls.late);
    let aside = if calls.late > 0 { [", ", &word].concat() } else { String::new() };
    let Some(at) = places::tray(cluster.cast(), frame) else { return (None, aside) };
    // The latest are still falling.
    let is_in = |late: &&super::super::LateCall| {
        late.at_us.saturating_add(linger_us) <= cluster.world().now_us()
    };
    let latest = &calls.latest_late;
    let fallen = latest.iter().filter(is_in).count();
    let skipped = fallen.saturating_sub(Tray::PLACES);
    let item = |late: &super::super::LateCall| {
        let letter = match late.outcome {
            Some(Outcome::Success) => "✓",
            Some(_) => "✗",
            None => "·",
        };
        (late.era.map_or(NO_TINT, tint), letter.to_owned())
    };
    let items = latest.iter().take(fallen).skip(skipped).map(item).collect();
    (Some(Tray { at, word, items }), aside)
}

/// What has no era has none of the six tints.
const NO_TINT: u8 = 6;

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
