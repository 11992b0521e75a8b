//! Small schedules in every order in which messages can arrive, or fail to.
//!
//! A message that is never delivered is as good as lost, so looking at every state on the way
//! covers losses, too. What reaches a coordinator after it has answered is taken to be lost: it
//! decides nothing any more.

use std::collections::BTreeSet;

use rift::quorum::*;
use rift::stable_hash::stable_hash;

use super::store::*;

/// What a client does, and when it may begin.
#[derive(Clone, Copy)]
struct Step {
    at: ServerId,
    client: u16,
    /// `None` reads.
    writes: Option<Value>,
    /// It begins after the step before it was answered; or at any time after that has begun.
    waits: bool,
}

/// What the steps were answered, as far as they were: what reads have found, nothing for writes.
type Answers = Vec<Option<Vec<Value>>>;

#[derive(Clone)]
struct State {
    store: Store,
    begun: Vec<RequestId>,
}

impl State {
    fn answers(&self) -> Answers {
        let found = |request: &RequestId| match self.store.answer(*request) {
            Some(Outcome::Ok { result: Success::Found(_), .. }) => Some(self.store.found(*request)),
            Some(Outcome::Ok { .. }) => Some(Vec::new()),
            Some(other) => panic!("time stands still, but: {other:?}"),
            None => None,
        };
        self.begun.iter().map(found).collect()
    }

    fn forget_what_is_late(&mut self, lost: Option<MessageKind>) {
        let store = &mut self.store;
        let answered: Vec<RequestId> = store.answers.iter().map(|(request, _)| *request).collect();
        store.in_flight.retain(|flight| match &flight.message {
            message if Some(message.kind()) == lost => false,
            Message::WriteAck { operation, .. }
            | Message::StampReply { operation, .. }
            | Message::ReadReply { operation, .. }
            | Message::Merged { purpose: Purpose::WriteBack(operation), .. } => {
                !answered.contains(&operation.request)
            }
            Message::Merged { .. } => false,
            _ => true,
        });
    }

    fn fingerprint(&self) -> u64 {
        let servers: Vec<_> = self.store.ids().iter().map(|id| self.store.server(*id)).collect();
        let flight = |flight: &Flight| stable_hash(&(flight.from, flight.to, &flight.message));
        // Messages overtake each other as they like, so their order is no part of the state.
        let mut flights: Vec<u64> = self.store.in_flight.iter().map(flight).collect();
        flights.sort();
        stable_hash(&(servers, flights, &self.store.answers, &self.begun))
    }

    fn next(&self, steps: &[Step], lost: Option<MessageKind>) -> Vec<State> {
        let mut next = Vec::new();
        for nth in 0..self.store.in_flight.len() {
            let mut state = self.clone();
            state.store.deliver_nth(nth);
            next.push(state);
        }
        let is_answered = self.answers().last().is_none_or(Option::is_some);
        if let Some(step) = steps.get(self.begun.len()).filter(|step| is_answered || !step.waits) {
            let mut state = self.clone();
            // By the clock, later steps come later.
            state.store.now_us += 10;
            let request = match step.writes {
                Some(value) => state.store.write(step.at, step.client, value),
                None => state.store.read(step.at, step.client),
            };
            state.begun.push(request);
            next.push(state);
        }
        for state in &mut next {
            state.forget_what_is_late(lost);
            state.store.ids().into_iter().for_each(|id| drop(state.store.take_events(id)));
        }
        next
    }
}

/// All ways in which these steps can end if all messages of one kind are lost, and how many states
/// there are on the way.
fn all_ends(store: Store, steps: &[Step], lost: Option<MessageKind>) -> (BTreeSet<Answers>, usize) {
    let mut stack = vec![State { store, begun: Vec::new() }];
    let (mut seen, mut ends) = (BTreeSet::new(), BTreeSet::new());
    while let Some(state) = stack.pop() {
        if !seen.insert(state.fingerprint()) {
            continue;
        }
        let answers = state.answers();
        let all = answers.len() == steps.len();
        if all && answers.last().is_some_and(Option::is_some) {
            ends.insert(answers);
        } else {
            stack.extend(state.next(steps, lost));
        }
    }
    (ends, seen.len())
}

const fn write(at: ServerId, client: u16, value: Value, waits: bool) -> Step {
    Step { at, client, writes: Some(value), waits }
}

const fn read(at: ServerId, client: u16, waits: bool) -> Step {
    Step { at, client, writes: None, waits }
}

/// One write under way, and two reads one after the other: every order of every message. Without
/// the write-back they may find the new value and then the old one; with it there is no such order.
#[test]
fn the_new_old_inversion_exists_without_write_back_and_nowhere_with_it() {
    // S4 is no replica: one that reads would repair itself at once.
    let steps = [write(S1, ANN, 2, true), read(S4, BOB, false), read(S3, EVE, true)];
    for (read_repair, inverts) in
        [(ReadRepair::Off, true), (ReadRepair::Async, true), (ReadRepair::Blocking, false)]
    {
        let mut store = Store::of(Settings { read_repair, ..quiet(4, 3, 2, 2) });
        store.write_through(S1, ANN, 1);
        store.answers.clear();
        // Nobody waits for the write.
        let (ends, states) = all_ends(store, &steps, Some(MessageKind::WriteAck));
        let reads: BTreeSet<(Value, Value)> = ends
            .iter()
            .map(|end| match &end[1..] {
                [Some(first), Some(second)] => (first[0], second[0]),
                other => panic!("{other:?}"),
            })
            .collect();
        for fine in [(1, 1), (1, 2), (2, 2)] {
            assert!(reads.contains(&fine), "{read_repair:?} has {reads:?}");
        }
        assert_eq!(reads.contains(&(2, 1)), inverts, "{read_repair:?} has {reads:?}");
        assert!(states > 400, "{states} states are not every order");
    }
}

/// Two writes one after the other through different servers, the first of which has a fast clock,
/// and then a read: by clocks it finds the first, whatever the order; by stamps of a quorum never.
#[test]
fn stamps_of_a_quorum_never_lose_the_later_write() {
    let steps = [write(S1, ANN, 1, true), write(S2, BOB, 2, true), read(S3, EVE, true)];
    for (stamping, found) in [(Stamping::Clock, 1), (Stamping::AskFirst, 2)] {
        let mut store = Store::of(Settings { stamping, ..quiet(3, 3, 2, 2) });
        store.set_clock(S1, 1_000_000);
        let (ends, states) = all_ends(store, &steps, None);
        let last: BTreeSet<&Option<Vec<Value>>> = ends.iter().map(|end| &end[2]).collect();
        assert_eq!(last, BTreeSet::from([&Some(vec![found])]), "{stamping:?}");
        assert!(states > 400, "{states} states are not every order");
    }
}

/// R + W > N: a read that begins after a write was acknowledged finds it, in every order. With
/// R + W = N there are orders in which it does not.
#[test]
fn a_read_finds_the_latest_acknowledged_write_if_quorums_overlap() {
    let steps = [write(S1, ANN, 1, true), read(S3, BOB, true)];
    for (r, w) in [(2, 2), (1, 3), (3, 1), (1, 2), (2, 1), (1, 1)] {
        let (ends, _) = all_ends(Store::of(quiet(3, 3, r, w)), &steps, None);
        let found: BTreeSet<&Option<Vec<Value>>> = ends.iter().map(|end| &end[1]).collect();
        assert!(found.contains(&Some(vec![1])));
        assert_eq!(found.contains(&Some(vec![])), r + w <= 3, "R = {r}, W = {w}");
    }
}
