//! A run of nearly a million events: what each takes to keep, and how long the ways through it are.

use std::fmt::Write;
use std::hint::black_box;

use rift::labs::{Command, LABS, LabSettings};
use rift::link::Link;
use rift::random::Random;
use rift::sim::{Fault, NodeId};
use rift::timeline::{BranchId, Timeline, limits};

/// At one more than is kept the oldest eighth would be let go.
const EVENTS: usize = limits::KEPT_RECORDS - 10_000;
const SEEKS: usize = 2_000;
/// Every branch has all actions from the start, and there is a limit for all of them.
const FORKS: u64 = 6;
const LINKS: usize = 25;
const SERVERS: u8 = 5;

/// A line a measurement. `now_ms` is a clock, `memory` says how many bytes the program holds.
pub(crate) fn table(now_ms: fn() -> f64, memory: fn() -> usize) -> String {
    let before = memory();
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(SERVERS, 5));
    let mut random = Random::for_purpose(7, 1);
    while timeline.lab().history_len() < EVENTS {
        timeline.advance_to(timeline.now_us() + 2_000_000).expect("far from any limit");
        disturb(&mut timeline, &mut random);
    }
    let events = timeline.lab().history_len();
    let (bytes, keyframes) = (memory().saturating_sub(before), timeline.keyframes());
    let mut table = format!("a run of {events} events with its past, {keyframes} keyframes\n");
    let per_event = bytes as f64 / events as f64;
    let _ = writeln!(table, "{:<40} {per_event:>7.1} bytes", "  kept for an event");

    let end_us = timeline.now_us();
    let mut seeks = Vec::new();
    for _ in 0..SEEKS {
        let at_us = random.below(end_us);
        let begun = now_ms();
        timeline.seek(at_us).expect("far from any limit");
        seeks.push(now_ms() - begun);
        black_box(timeline.lab().history_hash());
    }
    table += &line("  to any instant of it", seeks);
    let mut forks = Vec::new();
    for number in 1..=FORKS {
        timeline.select(BranchId::FIRST).expect("it is there");
        timeline.seek(end_us / (FORKS + 1) * number).expect("far from any limit");
        let begun = now_ms();
        timeline.act(Command::Faults(vec![Fault::HealAll])).expect("always possible");
        forks.push(now_ms() - begun);
    }
    table += &line("  to begin a branch there", forks);
    drop(timeline);
    table + &line("a link of 20 actions, read and replayed", open_links(now_ms))
}

/// What a reader does now and then: one server is cut off or all are healed, and all are asked.
fn disturb(timeline: &mut Timeline, random: &mut Random) {
    let node = NodeId(random.below(SERVERS.into()) as u8);
    let others: Vec<NodeId> = (0..SERVERS).map(NodeId).filter(|other| *other != node).collect();
    let fault = match random.below(2) {
        0 => Fault::HealAll,
        _ => Fault::cut_between(&[node], &others),
    };
    timeline.act(Command::Faults(vec![fault])).expect("links exist");
    for via in 0..SERVERS {
        let write = Command::write(NodeId(via), "x", random.below(100).to_string());
        timeline.act(write).expect("every server runs");
    }
}

/// Ten seconds of a cluster, in which something is done every half second.
fn open_links(now_ms: fn() -> f64) -> Vec<f64> {
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(SERVERS, 5));
    for number in 0..20 {
        timeline.advance_to(timeline.now_us() + 500_000).expect("far from any limit");
        let command = match number % 4 {
            0 => Command::Faults(vec![Fault::cut_between(&[NodeId(0)], &[NodeId(1), NodeId(2)])]),
            2 => Command::Faults(vec![Fault::HealAll]),
            _ => Command::write(NodeId(number % SERVERS), "x", number.to_string()),
        };
        timeline.act(command).expect("it makes sense");
    }
    let (text, hash) =
        (Link::of_timeline(&timeline, None).to_text(), timeline.lab().history_hash());
    let mut times = Vec::new();
    for _ in 0..LINKS {
        let begun = now_ms();
        let link = Link::parse(&text).expect("it was just made");
        let mut opened = Timeline::of_tree(&LABS[0], link.settings, link.tree);
        opened.advance_to(link.at_us).expect("far from any limit");
        times.push(now_ms() - begun);
        assert_eq!(opened.lab().history_hash(), hash, "the same run");
    }
    times
}

fn line(name: &str, mut times_ms: Vec<f64>) -> String {
    times_ms.sort_by(f64::total_cmp);
    let at = |part: usize| times_ms[(times_ms.len() - 1) * part / 100];
    let [median, p95, longest] = [at(50), at(95), at(100)];
    format!("{name:<40} {median:>7.2} ms, p95 {p95:.2} ms, longest {longest:.2} ms\n")
}
