//! Linearizability where every value is written once, and why not.
//!
//! The operations on one version (its write and the reads that found it) must stand together in any
//! order. So two versions contradict each other if an operation on the first was answered before
//! one on the second was called, and the other way round; and if no two do, there is an order
//! (Gibbons and Korach, "Testing Shared Memories", 1997: their zones overlap in this case only). So
//! four operations are enough to show that there is none, often two or three.

use super::Anomaly;
use super::bits::in_order;
use super::facts::Facts;
use super::history::Source;

/// One version of a key: its operations, the write first if there is one.
struct Version {
    source: Source,
    operations: Vec<usize>,
    /// When the first of its operations was answered. Before the first write everything was.
    first_answered: u64,
    /// When the last of its operations was called.
    last_called: u64,
}

/// Why there is no order, and at least one of the fewest operations that show it.
pub(super) fn contradiction(facts: &Facts<'_>) -> Option<(Anomaly, Vec<usize>)> {
    let mut keys: Vec<u64> = Vec::new();
    for place in &facts.places {
        let key = facts.operation(*place).key;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let contradictions = keys.into_iter().filter_map(|key| of_key(facts, key));
    contradictions.min_by_key(|(_, operations)| operations.len())
}

fn of_key(facts: &Facts<'_>, key: u64) -> Option<(Anomaly, Vec<usize>)> {
    let versions = versions(facts, key);
    let mut best: Option<(Anomaly, Vec<usize>)> = None;
    for (at, one) in versions.iter().enumerate() {
        for other in &versions[..at] {
            if one.first_answered >= other.last_called || other.first_answered >= one.last_called {
                continue;
            }
            let mut ends = vec![in_time(facts, one, other)];
            // Everything is later than the start; that needs nobody to show it.
            if other.source != Source::Nothing {
                ends.push(in_time(facts, other, one));
            }
            let operations = in_order(ends.iter().flat_map(|(a, b)| [*a, *b]));
            if best.as_ref().is_none_or(|(_, fewest)| operations.len() < fewest.len()) {
                best = Some((name(facts, &ends), operations));
            }
        }
    }
    best
}

/// An operation on one version that was answered before one on the other was called, and that
/// one: writes if possible, else the first of their kind.
fn in_time(facts: &Facts<'_>, one: &Version, other: &Version) -> (usize, usize) {
    let called = |place: &usize| facts.operation(*place).called;
    let answered = |place: &usize| facts.operation(*place).answered.unwrap_or(u64::MAX);
    let is_read = |place: &usize| facts.operation(*place).written().is_none();
    let after = other.operations.iter().filter(|place| called(place) > one.first_answered);
    let after = after.min_by_key(|place| (is_read(place), called(place)));
    let after = *after.expect("its last call is late enough");
    let before = one.operations.iter().filter(|place| answered(place) < called(&after));
    let before = before.min_by_key(|place| (is_read(place), answered(place)));
    (*before.expect("its first answer is early enough"), after)
}

/// One read after another that found the newer version is an inversion; otherwise writes had been
/// answered, and the read was stale.
fn name(facts: &Facts<'_>, ends: &[(usize, usize)]) -> Anomaly {
    let is_read = |place: usize| facts.operation(place).written().is_none();
    let is_inversion = ends.iter().any(|(before, after)| is_read(*before) && is_read(*after));
    if is_inversion { Anomaly::NewOldInversion } else { Anomaly::StaleRead }
}

fn versions(facts: &Facts<'_>, key: u64) -> Vec<Version> {
    let (source, operations) = (Source::Nothing, Vec::new());
    let mut versions = vec![Version { source, operations, first_answered: 0, last_called: 0 }];
    for write in facts.writes_to(key) {
        let operation = facts.operation(write);
        versions.push(Version {
            source: Source::Write(write),
            operations: vec![write],
            first_answered: operation.answered.unwrap_or(u64::MAX),
            last_called: operation.called,
        });
    }
    for (read, source) in facts.reads().filter(|(read, _)| facts.operation(*read).key == key) {
        let operation = facts.operation(read);
        let Some(version) = versions.iter_mut().find(|version| version.source == source) else {
            continue;
        };
        version.operations.push(read);
        let answered = operation.answered.unwrap_or(u64::MAX);
        version.first_answered = version.first_answered.min(answered);
        version.last_called = version.last_called.max(operation.called);
    }
    versions
}
