//! Runs whose history hashes native code and every browser must agree on.

use std::fmt::Write;

use rift::event_store::file::Journal;
use rift::event_store::{Event, EventId, Evolve, Expected, NewEvent, Replay};
use rift::explore::{CapSubject, EventsSubject, RaftSubject, Subject, run};
use rift::labs::{LABS, LabSettings, find_scripted};
use rift::random::Random;
use rift::scenario::{parse, play};
use rift::session::Session;
use rift::stable_hash::stable_hash;

/// How many runs under a nemesis, with faults of every kind.
const HOSTILE_RUNS: u64 = 50;

/// Likewise of the other labs. Servers that say that they are up make long histories.
const HOSTILE_STORES: u64 = 8;

/// A line a run: what it is, how much happened, and the hash of all of it.
pub(super) fn history_hashes() -> String {
    let mut lines = String::new();
    for servers in 3..=9 {
        let settings = LabSettings::new(servers, u64::from(servers));
        let mut session = Session::start(&LABS[0], settings);
        session.advance_to(2_000_000).expect("far from any limit");
        let lab = session.lab();
        let (length, hash) = (lab.history_len(), lab.history_hash());
        writeln!(lines, "quiet, {servers} servers: {length} records, {hash:016x}")
            .expect("writing to a string");
    }
    let subject = RaftSubject::genuine();
    for seed in 0..HOSTILE_RUNS {
        let outcome = run(&subject, &subject.plan(seed));
        let (events, hash) = (outcome.events, outcome.hash);
        writeln!(lines, "hostile, seed {seed}: {events} records, {hash:016x}")
            .expect("writing to a string");
    }
    stores(&mut lines);
    shops(&mut lines);
    scenarios(&mut lines, "breaker");
    scenarios(&mut lines, "whole");
    writeln!(lines, "{}", event_store()).expect("writing to a string");
    lines
}

/// Every scenario that ships with a lab.
fn scenarios(lines: &mut String, lab: &str) {
    let entry = find_scripted(lab).expect("it is in the registry");
    for shipped in entry.scenarios {
        let scenario = parse(shipped.text).expect("what ships can be read");
        let report = play(&scenario).expect("what can be read can be played");
        writeln!(lines, "{lab}, {}: {:016x}", shipped.name, report.history_hash)
            .expect("writing to a string");
    }
}

/// The CAP lab: every scenario, and stores under the nemesis.
fn stores(lines: &mut String) {
    scenarios(lines, "cap");
    let subject = CapSubject::genuine();
    for seed in 0..HOSTILE_STORES {
        let outcome = run(&subject, &subject.plan(seed));
        let (events, hash) = (outcome.events, outcome.hash);
        writeln!(lines, "cap, hostile, seed {seed}: {events} records, {hash:016x}")
            .expect("writing to a string");
    }
}

/// The event sourcing lab: every scenario, and shops under the nemesis.
fn shops(lines: &mut String) {
    scenarios(lines, "events");
    let subject = EventsSubject::genuine();
    for seed in 0..HOSTILE_STORES {
        let outcome = run(&subject, &subject.plan(seed));
        let (events, hash) = (outcome.events, outcome.hash);
        writeln!(lines, "events, hostile, seed {seed}: {events} records, {hash:016x}")
            .expect("writing to a string");
    }
}

/// What was said, and by whom last.
struct Talk;

impl Evolve for Talk {
    type Payload = String;
    type State = (String, u64);

    fn initial(&self) -> (String, u64) {
        (String::new(), 0)
    }

    fn evolve(&self, state: &mut (String, u64), event: &Event<'_, String>) {
        state.0.push_str(event.payload());
        state.1 = event.position();
    }

    fn schema(&self) -> u64 {
        1
    }
}

/// An event store with a few thousand events: the bytes of its file, and its states at every
/// version.
fn event_store() -> String {
    let (mut random, mut journal) = (Random::from_seed(6), Journal::new());
    for n in 0..3_000 {
        let id = EventId(u128::from(random.next_u64()) << 64 | u128::from(n));
        let stream = ["a", "b", "c", "a stream with a longer name"][random.below(4) as usize];
        let said = NewEvent::new(id, "Said", random.below(1_000).to_string());
        journal.append(stream, Expected::Any, random.below(9) + n, [said]).expect("it is new");
    }
    let file = stable_hash(&journal.poll_write().expect("there is something to write").bytes);
    let states = Replay::new(&Talk).hashes(journal.store(), "a").expect("all types are known");
    let (versions, states) = (states.len() - 1, stable_hash(&states));
    format!("event store: file {file:016x}, {versions} versions of states {states:016x}")
}
