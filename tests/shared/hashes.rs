//! Runs whose history hashes native code and every browser must agree on.

use std::fmt::Write;

use rift::explore::{RaftSubject, Subject, run};
use rift::labs::{LABS, LabSettings};
use rift::session::Session;

/// How many runs under a nemesis, with faults of every kind.
const HOSTILE_RUNS: u64 = 50;

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
    lines
}
