//! What the event store costs, by its length: appends one event at a time, retries, replays, and
//! the file.
//!
//! `cargo bench --no-default-features --bench event_store`. What also runs in a browser is in
//! `benches/speed.rs`. On Linux only the time on the processor counts, for the machine may be busy
//! with something else.

mod ledger;

use std::fmt::Write;
use std::sync::LazyLock;
use std::time::Instant;

use ledger::{Entry, append, fold, ids};
use rift::event_store::file::{Journal, PayloadBytes};
use rift::event_store::{EventId, EventStore, Read};

/// How often everything is measured; the median counts.
const ROUNDS: usize = 7;

fn main() {
    println!("events a second: new stores filled one event at a time, and then used");
    println!("{:>9} {}", "events", HEADS.map(|head| format!("{head:>12}")).concat());
    for length in [1_000, 10_000, 100_000, 1_000_000] {
        let ids = ids(length);
        let store = append(&ids, 1);
        let bytes = write_down(&store);
        let measured = [
            rate(length, 1_000_000, || append(&ids, 1)),
            rate(length, 1_000_000, || append(&ids, 1_000)),
            rate(length, 5_000_000, || find(&store, &ids)),
            rate(length, 100_000_000, || fold(&store)),
            rate(length, 20_000_000, || read(&store)),
            rate(length, 1_000_000, || write_down(&store)),
            rate(length, 1_000_000, || recover(&bytes)),
        ];
        let mut line = String::new();
        for rate in measured {
            write!(line, "{:>10} M", format!("{rate:.1}")).expect("writing to a string");
        }
        println!("{length:>9} {line}");
    }
}

const HEADS: [&str; 7] =
    ["append", "1000 streams", "find", "replay", "read", "write file", "read file"];

/// Each event by its id.
fn find(store: &EventStore<Entry>, ids: &[EventId]) -> u64 {
    let is_there = |id: &&EventId| store.find("account-0", **id).is_some();
    let found = ids.iter().filter(is_there).count();
    assert_eq!(found, ids.len());
    found as u64
}

/// All events, one by one.
fn read(store: &EventStore<Entry>) -> u64 {
    let slice = store.read_stream("account-0", Read::forwards()).expect("it is there");
    let last = slice.iter().map(|event| event.version()).max();
    assert_eq!(last, Some(slice.len() as u64));
    slice.len() as u64
}

impl PayloadBytes for Entry {
    fn encode(&self, into: &mut Vec<u8>) {
        let (kind, cents) = match self {
            Entry::Deposited(cents) => (0, cents),
            Entry::Withdrawn(cents) => (1, cents),
        };
        into.push(kind);
        into.extend_from_slice(&cents.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Entry> {
        let (kind, cents) = bytes.split_first()?;
        let cents = u64::from_le_bytes(cents.try_into().ok()?);
        Some(if *kind == 0 { Entry::Deposited(cents) } else { Entry::Withdrawn(cents) })
    }
}

fn write_down(store: &EventStore<Entry>) -> Vec<u8> {
    let mut journal = Journal::of_store(store.clone()).expect("every event fits");
    journal.poll_write().expect("there is something to write").bytes
}

fn recover(bytes: &[u8]) -> u64 {
    let read = Journal::<Entry>::recover(bytes).expect("nothing was damaged");
    read.journal.store().last_position()
}

/// Millions a second. A work is done again until that makes `at_least` events; what it leaves is
/// dropped outside of the time.
fn rate<T>(count: u64, at_least: u64, work: impl Fn() -> T) -> f64 {
    let times = at_least.div_ceil(count);
    let round = || {
        let start = now_ns();
        let left: Vec<T> = (0..times).map(|_| work()).collect();
        let busy_ns = now_ns() - start;
        drop(left);
        busy_ns
    };
    let mut rounds: Vec<u64> = (0..ROUNDS).map(|_| round()).collect();
    rounds.sort_unstable();
    (count * times) as f64 * 1e3 / rounds[ROUNDS / 2] as f64
}

/// Time on the processor where that is known, otherwise time.
fn now_ns() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let schedule = std::fs::read_to_string("/proc/self/schedstat").ok();
    let on_processor = schedule.and_then(|line| line.split(' ').next()?.parse().ok());
    on_processor.unwrap_or_else(|| START.elapsed().as_nanos() as u64)
}
