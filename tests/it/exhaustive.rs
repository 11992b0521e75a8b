//! The core under a model checker: every order of everything that can happen, within bounds.
//!
//! The servers are the very same code that runs in the world and on the page; the checker,
//! stateright, has no part in them. What happens around them is in [`cluster`], and what must hold
//! in [`promises`].
//!
//! Said once, so that the numbers below are worth something:
//!
//! - The network never forgets. What was sent once may arrive at any time, any number of times, or
//!   never. So loss, delay, reordering and repetition are all in, without bound.
//! - Every timer may run out at any moment, see [`cluster::END_OF_TIME`]. How often is bounded.
//! - Two states are the same only if the whole servers are, whatever their fields. Nothing is left
//!   out of the comparison and nothing is abstracted but time.
//! - What would be the same with other names is explored once, for servers to which nothing has
//!   happened yet; and answers that can change nothing are forgotten. Both are argued for where
//!   they are done, in [`cluster`].
//! - A write reaches the disk as a whole or not at all; torn writes are for the nemesis.
//! - States are told apart by 64 bits of hash. Two of a million share theirs with a probability of
//!   less than one in ten million.

mod cluster;
mod oracle;
mod promises;

use std::collections::BTreeSet;
use std::env;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use rift::stable_hash::stable_hash;
use stateright::{Checker, CheckerBuilder, HasDiscoveries, Model, Path};

use cluster::{Action, Bounds, Cluster, State, Tampering};
use promises::{
    ALL_APPLIED, COMMITTED, ELECTED, ELECTION_SAFETY, LEADER_COMPLETENESS, LOG_MATCHING, ONE_VOTE,
    STATE_MACHINE_SAFETY, TRUNCATED, TWO_LEAD,
};

/// Nothing may happen. The others say what may.
const NONE: Bounds = Bounds {
    elections: 0,
    heartbeats: 0,
    proposals: 0,
    restarts: 0,
    noop: false,
    batch: 1,
    slow_disks: false,
};

fn checker(cluster: Cluster) -> CheckerBuilder<Cluster> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    cluster.checker().threads(threads)
}

fn honest(bounds: Bounds) -> Cluster {
    Cluster { bounds, tampering: Tampering::Nothing, keeps_all_letters: false }
}

/// Goes through every state within the bounds. No promise may be broken in any, and each of
/// `happens` must be the case in some.
fn holds_everywhere(bounds: Bounds, happens: &[&'static str]) {
    let began = Instant::now();
    let checked = checker(honest(bounds)).spawn_bfs().join();
    let (states, took) = (checked.unique_state_count(), began.elapsed());
    println!("{states} states, depth {}, {took:.1?}: {bounds:?}", checked.max_depth());
    for promise in [ELECTION_SAFETY, LOG_MATCHING, LEADER_COMPLETENESS, STATE_MACHINE_SAFETY] {
        checked.assert_no_discovery(promise);
    }
    checked.assert_no_discovery(ONE_VOTE);
    for name in happens {
        checked.assert_any_discovery(name);
    }
    assert!(checked.is_done());
}

/// Whether to go further than every run of the tests can wait for.
fn deep() -> bool {
    env::var("RIFT_EXHAUSTIVE").is_ok_and(|how| how == "deep")
}

/// Two leaders, each with its empty entry: what one has alone the other removes.
#[test]
fn two_elections_and_a_crash() {
    let bounds = Bounds { elections: 2, restarts: 1, noop: true, ..NONE };
    holds_everywhere(bounds, &[ELECTED, COMMITTED, TRUNCATED, TWO_LEAD]);
}

/// Figure 2 as it stands, without empty entries.
#[test]
fn two_elections_and_a_command() {
    let bounds = Bounds { elections: 2, proposals: 1, ..NONE };
    holds_everywhere(bounds, &[ELECTED, COMMITTED, TWO_LEAD]);
}

/// A server forgets what it had not synced, and nothing that others were told.
#[test]
fn a_command_on_slow_disks_and_a_crash() {
    let bounds = Bounds { elections: 1, proposals: 1, restarts: 1, slow_disks: true, ..NONE };
    holds_everywhere(bounds, &[ELECTED, COMMITTED]);
}

#[test]
fn two_elections_on_slow_disks_and_a_crash() {
    let bounds = Bounds { elections: 2, restarts: 1, slow_disks: true, ..NONE };
    holds_everywhere(bounds, &[ELECTED, TWO_LEAD]);
}

/// Leaders repeat themselves, and tell what is committed.
#[test]
fn commands_and_heartbeats() {
    let bounds = Bounds { elections: 1, heartbeats: 1, proposals: 2, noop: true, batch: 2, ..NONE };
    holds_everywhere(bounds, &[ELECTED, COMMITTED, ALL_APPLIED]);
}

/// The same further: `RIFT_EXHAUSTIVE=deep`. What it took stands in `benches/RESULTS.md`.
#[test]
fn deeper() {
    if !deep() {
        return;
    }
    let two = Bounds { elections: 2, ..NONE };
    let bounds = Bounds { proposals: 1, restarts: 1, ..two };
    holds_everywhere(bounds, &[ELECTED, COMMITTED, TWO_LEAD]);
    let bounds = Bounds { heartbeats: 1, noop: true, ..two };
    holds_everywhere(bounds, &[ELECTED, COMMITTED, ALL_APPLIED, TRUNCATED, TWO_LEAD]);
    let bounds = Bounds { elections: 3, ..NONE };
    holds_everywhere(bounds, &[ELECTED, TWO_LEAD]);
}

/// The check bites: a cluster with something wrong is found out, and by the promise it breaks.
fn is_found(tampering: Tampering, bounds: Bounds, broken: &'static str) {
    let cluster = Cluster { tampering, ..honest(bounds) };
    let until = HasDiscoveries::AnyOf(BTreeSet::from([broken]));
    let checked = checker(cluster).finish_when(until).spawn_bfs().join();
    let path = checked.discovery(broken).unwrap_or_else(|| panic!("{tampering:?} was not seen"));
    let (steps, states) = (path.into_actions(), checked.unique_state_count());
    println!("{tampering:?} breaks {broken} in {} steps, {states} states seen", steps.len());
}

#[test]
fn a_disk_that_forgets_votes_is_found() {
    let bounds = Bounds { elections: 2, restarts: 1, ..NONE };
    is_found(Tampering::ForgetsVotes, bounds, ONE_VOTE);
    let bounds = Bounds { noop: true, ..bounds };
    is_found(Tampering::ForgetsVotes, bounds, ELECTION_SAFETY);
}

#[test]
fn a_disk_that_loses_an_entry_is_found() {
    let bounds = Bounds { elections: 2, restarts: 1, noop: true, ..NONE };
    is_found(Tampering::LosesLastEntry, bounds, LEADER_COMPLETENESS);
}

#[test]
fn candidates_that_boast_are_found() {
    let bounds = Bounds { elections: 2, noop: true, ..NONE };
    is_found(Tampering::Boasts, bounds, LEADER_COMPLETENESS);
    is_found(Tampering::Boasts, bounds, STATE_MACHINE_SAFETY);
}

#[test]
fn followers_that_vouch_for_more_are_found() {
    let bounds = Bounds { elections: 2, proposals: 1, noop: true, ..NONE };
    is_found(Tampering::VouchesForMore, bounds, LEADER_COMPLETENESS);
}

/// Answers that can change nothing any more are forgotten, for a fifth of the states. The same
/// clusters are reached without forgetting them.
#[test]
fn forgetting_dead_letters_loses_nothing() {
    let reached = |cluster: Cluster| {
        let clusters = Arc::new(Mutex::new(BTreeSet::new()));
        let into = Arc::clone(&clusters);
        let visitor = move |path: Path<State, Action>| {
            let State { nodes, applied, applied_otherwise, truncated, .. } = path.last_state();
            let servers = nodes.each_ref().map(|node| stable_hash(&node.server));
            let key = stable_hash(&(servers, applied, applied_otherwise, truncated));
            into.lock().expect("nobody panics here").insert(key);
        };
        let checked = checker(cluster).visitor(visitor).spawn_bfs().join();
        let clusters = clusters.lock().expect("all have ended").clone();
        (checked.unique_state_count(), clusters)
    };
    let bounds = [
        Bounds { elections: 2, ..NONE },
        Bounds { elections: 1, heartbeats: 2, proposals: 1, noop: true, ..NONE },
        Bounds { elections: 1, restarts: 1, noop: true, slow_disks: true, ..NONE },
    ];
    for bounds in bounds {
        let (states, clusters) = reached(honest(bounds));
        let kept = Cluster { keeps_all_letters: true, ..honest(bounds) };
        let (more_states, same_clusters) = reached(kept);
        assert!(states < more_states, "{states} of {more_states}");
        assert!(!clusters.is_empty() && clusters == same_clusters);
    }
}
