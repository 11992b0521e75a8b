//! Going to any instant of a run with a million events, and beginning a branch there.
//!
//! `cargo bench --no-default-features --bench timeline`

use std::hint::black_box;
use std::time::Instant;

use rift::labs::{Command, LABS, LabSettings};
use rift::random::Random;
use rift::sim::{Fault, NodeId};
use rift::timeline::Timeline;

const EVENTS: usize = 1_000_000;
const SEEKS: usize = 2_000;

fn main() {
    let before = resident_bytes();
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 5));
    let mut random = Random::for_purpose(7, 1);
    let mut isolated = false;
    let played = Instant::now();
    while timeline.lab().history_len() < EVENTS {
        timeline.advance_to(timeline.now_us() + 2_000_000).expect("far from any limit");
        // What a reader does now and then.
        let node = NodeId(random.below(5) as u8);
        let others: Vec<NodeId> = (0..5).map(NodeId).filter(|other| *other != node).collect();
        let fault = if isolated { Fault::HealAll } else { Fault::cut_between(&[node], &others) };
        isolated = !isolated;
        timeline.act(Command::Faults(vec![fault])).expect("links exist");
        for via in 0..5 {
            let write = Command::write(NodeId(via), "x", random.below(100).to_string());
            timeline.act(write).expect("every server runs");
        }
    }
    let (events, played) = (timeline.lab().history_len(), played.elapsed());
    println!("played {events} events in {played:.2?}, {} keyframes", timeline.keyframes());
    let bytes = resident_bytes().saturating_sub(before);
    println!("memory: {:.1} bytes an event, everything kept", bytes as f64 / events as f64);

    let end_us = timeline.now_us();
    let mut seeks = Vec::new();
    for _ in 0..SEEKS {
        let at_us = random.below(end_us);
        let begun = Instant::now();
        timeline.seek(at_us).expect("far from any limit");
        seeks.push(begun.elapsed());
        black_box(timeline.lab().history_hash());
    }
    seeks.sort();
    let (median, p95) = (seeks[SEEKS / 2], seeks[SEEKS * 95 / 100]);
    println!("seek: median {median:.2?}, p95 {p95:.2?}, longest {:.2?}", seeks[SEEKS - 1]);

    let mut forks = Vec::new();
    for _ in 0..50 {
        timeline.seek(random.below(end_us)).expect("far from any limit");
        let begun = Instant::now();
        timeline.act(Command::Faults(vec![Fault::HealAll])).expect("always possible");
        forks.push(begun.elapsed());
    }
    forks.sort();
    println!("fork: median {:.2?}, longest {:.2?}", forks[25], forks[49]);
}

/// What the process holds, in bytes; 0 where the system does not tell.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4_096
}
