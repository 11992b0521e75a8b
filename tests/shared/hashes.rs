//! Runs whose history hashes native code and every browser must agree on.

use std::fmt::Write;

use rift::explore::{CapSubject, RaftSubject, Subject, run};
use rift::labs::{LABS, LabSettings, find_scripted};
use rift::scenario::{parse, play};
use rift::session::Session;

/// How many runs under a nemesis, with faults of every kind.
const HOSTILE_RUNS: u64 = 50;

/// Likewise of the CAP lab. Servers that say that they are up make long histories.
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
    lines
}

/// The CAP lab: every scenario that ships, and stores under the nemesis.
fn stores(lines: &mut String) {
    let entry = find_scripted("cap").expect("it is in the registry");
    for shipped in entry.scenarios {
        let scenario = parse(shipped.text).expect("what ships can be read");
        let report = play(&scenario).expect("what can be read can be played");
        writeln!(lines, "cap, {}: {:016x}", shipped.name, report.history_hash)
            .expect("writing to a string");
    }
    let subject = CapSubject::genuine();
    for seed in 0..HOSTILE_STORES {
        let outcome = run(&subject, &subject.plan(seed));
        let (events, hash) = (outcome.events, outcome.hash);
        writeln!(lines, "cap, hostile, seed {seed}: {events} records, {hash:016x}")
            .expect("writing to a string");
    }
}
