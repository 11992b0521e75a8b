//! What clients saw, as the judges look at it: from some operation on, and by real time.

use super::super::Ask;
use super::clients::{Asked, Attempt, Clients, Fate};
use super::cluster::Cluster;
use crate::check::consistency::{Anomaly, Outcome, Watch};
use crate::check::linearizability::{
    Checker, Operation, Operations, Progress, Register, RegisterCall,
};
use crate::check::{Finding, Property};
use crate::sim::RecordId;
use crate::sorted::SortedMap;

/// Steps of the search for an order of what clients saw. A run that needs more is not judged by it.
const BUDGET: u64 = 1_000_000;

/// What became of a question to which there may be no answer in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    Kept,
    Broken(Finding),
    Undecided,
}

/// Whether a single copy could have answered all that was asked from the operation at `first` on.
/// What was written before may take effect at any time later, or never.
pub(super) fn linearizable(clients: &Clients, first: usize) -> Judgement {
    let (history, records) = operations(clients, first);
    match Checker::new(Register::default(), history).step(BUDGET) {
        Progress::Linearizable => Judgement::Kept,
        Progress::Broken(order) => {
            let operations = order.stuck.iter().filter_map(|at| records.get(*at).copied());
            let operations = operations.collect();
            Judgement::Broken(Finding::NotLinearizable { key: order.key, operations })
        }
        Progress::Searching | Progress::GaveUp => Judgement::Undecided,
    }
}

/// Times are places in the history, so nothing happens at the same time.
fn operations(
    clients: &Clients,
    first: usize,
) -> (Operations<String, Register<String>>, Vec<RecordId>) {
    let all = clients.asked();
    let mut kept = Vec::new();
    for (place, asked) in all.iter().enumerate() {
        let call = match &asked.what {
            Ask::Write { value, .. } => RegisterCall::Write(value.clone()),
            Ask::Delete { .. } => RegisterCall::Clear,
            _ => RegisterCall::Read,
        };
        let is_read = asked.written().is_none();
        let is_early = place < first;
        if !asked.may_have_happened() || (is_read && is_early) {
            continue;
        }
        let found = match &asked.fate {
            Fate::Done(found) => Some(found.last().cloned()),
            _ => None,
        };
        let mut answer = asked.answered.zip(found).map(|(at, found)| (u64::from(at.0), found));
        let attempt = clients.attempt(asked);
        match attempt {
            Attempt::First => {}
            // It was done when its first attempt or a later one was.
            Attempt::Again => continue,
            Attempt::Unclear => answer = None,
        }
        if !is_read && answer.is_none() && attempt == Attempt::First {
            let is_again = |later: &&Asked| clients.attempt(later) == Attempt::Again;
            let same = all.iter().filter(|later| later.request == asked.request);
            let later = same.filter(is_again);
            let done = later.filter(|later| later.is_done()).filter_map(|later| later.answered);
            answer = done.min().map(|at| (u64::from(at.0), None));
        }
        let called = if is_early { 0 } else { u64::from(asked.called.0) };
        let answer = if is_early { None } else { answer };
        kept.push(((asked.key.clone(), Operation { called, call, answer }), asked.called));
    }
    kept.into_iter().unzip()
}

/// A read that found less than had been acknowledged before it was asked for, both from the
/// operation at `first` on: whichever write it may have found, that was over before another began
/// that was over before the read.
///
/// Where siblings are kept, a delete takes away what its client had seen and nothing else, so that
/// nothing is known of keys that somebody has deleted.
pub(super) fn irregular(
    cluster: &Cluster,
    first: usize,
    siblings: bool,
) -> Option<(RecordId, Finding)> {
    let clients = cluster.clients();
    let (history, records) = operations(clients, first);
    for asked in clients.asked().from(first).filter(|asked| asked.written().is_none()) {
        let (Fate::Done(found), Some(at)) = (&asked.fate, asked.answered) else { continue };
        let of_key = || {
            let all = history.iter().enumerate().filter(|(_, (key, _))| *key == asked.key);
            all.map(|(place, (_, write))| (place, write))
        };
        let newer = || {
            let is_over = |(_, write): &(usize, &Write)| is_over(write, asked.called.0.into());
            of_key().filter(|(_, write)| write.call != RegisterCall::Read).filter(is_over)
        };
        let is_old = |write: &Write| newer().any(|(_, other)| is_over(write, other.called));
        // Who found nothing may have found what was there before the first write.
        let all_old = |call: &RegisterCall<String>, or: bool| {
            let mut writes = of_key().filter(|(_, write)| write.call == *call).peekable();
            if writes.peek().is_some() { writes.all(|(_, write)| is_old(write)) } else { or }
        };
        let has_deletes = || of_key().any(|(_, write)| write.call == RegisterCall::Clear);
        let Some((missed, _)) = newer().next_back() else { continue };
        let is_stale = match &found[..] {
            _ if siblings && has_deletes() => false,
            [] => all_old(&RegisterCall::Clear, true),
            values => values.iter().all(|it| all_old(&RegisterCall::Write(it.clone()), false)),
        };
        if is_stale {
            let (key, read, write) = (asked.key.clone(), asked.called, records[missed]);
            return Some((at, Finding::ReadMissed { key, read, write }));
        }
    }
    None
}

type Write = Operation<RegisterCall<String>, Option<String>>;

/// Whether it is known to have been over before something began.
fn is_over(write: &Write, begins: u64) -> bool {
    write.answer.as_ref().is_some_and(|(at, _)| *at < begins)
}

/// What clients that asked for all session guarantees from the start saw of each key, judged by
/// somebody who knows no stamps: the first break, if there is one. The store orders versions of a
/// key and nothing else, so each key is a history of its own.
pub(super) fn broken_session(cluster: &Cluster) -> Option<(Property, RecordId, Finding)> {
    let clients = cluster.clients();
    let seen = cluster.watch().history().operations();
    let mut keys: Vec<u64> = Vec::new();
    for operation in seen {
        if !keys.contains(&operation.key) {
            keys.push(operation.key);
        }
    }
    for key in keys {
        let of_key = || seen.iter().enumerate().filter(move |(_, other)| other.key == key);
        let mut events: SortedMap<u64, usize> = SortedMap::new();
        for (place, operation) in of_key() {
            for event in [Some(operation.called), operation.answered].into_iter().flatten() {
                events.insert(event, place);
            }
        }
        let mut watch = Watch::default();
        // By the place among all: that in this watch.
        let mut places: Vec<(usize, usize)> = Vec::new();
        for (event, place) in events.iter().map(|(event, place)| (*event, *place)) {
            let operation = &seen[place];
            if operation.called == event {
                let here = watch.call(operation.client, 0, operation.call.clone());
                places.push((place, here));
                if operation.outcome == Outcome::Failed {
                    watch.answer(here, Outcome::Failed);
                }
                continue;
            }
            let here = places.iter().find(|(other, _)| *other == place).map(|(_, here)| *here);
            let Some(breach) = watch.answer(here?, operation.outcome).first() else { continue };
            let property = match breach.anomaly {
                Anomaly::OwnWriteMissed => Property::OwnWritesAreRead,
                Anomaly::WentBack => Property::ReadsGoForward,
                Anomaly::WritesOutOfOrder => Property::WritesKeepOrder,
                _ => Property::EffectsFollowCauses,
            };
            let asked = &clients.asked()[place];
            let (client, key) = (asked.client.0, asked.key.clone());
            let finding = Finding::SessionBroken { client, key, operation: asked.called };
            return Some((property, asked.answered.unwrap_or(asked.called), finding));
        }
    }
    None
}
