//! A kit for testing deciders: given what happened, when somebody wants something, then this
//! happens.
//!
//! ```
//! use rift::event_store::testing::given;
//! # use rift::event_store::{Decider, Event, Evolve};
//! # struct Door;
//! # impl Evolve for Door {
//! #     type Payload = &'static str;
//! #     type State = bool;
//! #     fn initial(&self) -> bool { false }
//! #     fn evolve(&self, open: &mut bool, event: &Event<'_, &'static str>) {
//! #         *open = *event.payload() == "opened";
//! #     }
//! #     fn schema(&self) -> u64 { 1 }
//! # }
//! # impl Decider for Door {
//! #     type Command = &'static str;
//! #     type Refusal = &'static str;
//! #     fn decide(&self, open: &bool, command: &&'static str)
//! #         -> Result<Vec<&'static str>, &'static str> {
//! #         match (*command, *open) {
//! #             ("open", true) => Err("it is open"),
//! #             ("open", false) => Ok(vec!["opened"]),
//! #             (_, true) => Ok(vec!["closed"]),
//! #             (_, false) => Ok(vec![]),
//! #         }
//! #     }
//! #     fn event_type(&self, event: &&'static str) -> &'static str { event }
//! # }
//! given(&Door, ["opened"]).when("close").then(["closed"]);
//! given(&Door, ["opened", "closed"]).when("close").then_nothing();
//! given(&Door, ["opened"]).when("open").then_refused("it is open");
//! ```
//!
//! The events go through a real store, and each test also looks for what no example can show: that
//! deciding and evolving twice gives the same, at every version, and that the snapshot law holds
//! for every cut. Like all tests, these say what is wrong by panicking.

use std::fmt::Debug;

use super::{Command, CommandError, Decider, EventId, EventStore, Expected, NewEvent, Replay};

const STREAM: &str = "given";

/// What happened before.
#[derive(Debug)]
pub struct Given<'a, D: Decider> {
    decider: &'a D,
    store: EventStore<D::Payload>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome<'a, D: Decider> {
    decider: &'a D,
    store: EventStore<D::Payload>,
    decided: Result<usize, D::Refusal>,
}

/// These events happened, in this order.
///
/// # Panics
///
/// If evolving them twice gives two states, or the snapshot law does not hold.
#[track_caller]
pub fn given<D: Decider>(
    decider: &D,
    events: impl IntoIterator<Item = D::Payload>,
) -> Given<'_, D> {
    let mut store = EventStore::new();
    append(decider, &mut store, 0, events);
    assert_pure(decider, &store);
    Given { decider, store }
}

impl<'a, D: Decider> Given<'a, D> {
    /// Somebody wants this.
    ///
    /// # Panics
    ///
    /// If deciding twice gives two answers.
    #[track_caller]
    pub fn when(mut self, wanted: D::Command) -> Outcome<'a, D>
    where
        D::Payload: PartialEq + Debug,
        D::Refusal: PartialEq + Debug,
    {
        let (id, decider) = (EventId(u128::MAX), self.decider);
        let command = Command { id, correlation: None, wanted };
        let decide = || match Replay::new(decider).decide(&self.store, STREAM, &command) {
            Ok(decision) => Ok(decision.events.into_iter().map(|event| event.payload).collect()),
            Err(CommandError::Refused(refusal)) => Err(refusal),
            Err(CommandError::Replay(error)) => panic!("what is given cannot be replayed: {error}"),
            Err(CommandError::Append(error)) => panic!("nothing was appended, and yet: {error}"),
        };
        let decided: Result<Vec<D::Payload>, D::Refusal> = decide();
        assert_eq!(decided, decide(), "deciding twice gives two answers: it is not pure");
        let decided = decided.map(|events| {
            let count = events.len();
            let after = self.store.last_position();
            append(decider, &mut self.store, after, events);
            assert_pure(decider, &self.store);
            count
        });
        Outcome { decider, store: self.store, decided }
    }
}

impl<D: Decider> Outcome<'_, D>
where
    D::Payload: PartialEq + Debug,
    D::Refusal: PartialEq + Debug,
{
    /// Exactly these events happen.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = D::Payload>) -> Self {
        let expected: Vec<D::Payload> = expected.into_iter().collect();
        let expected: Vec<&D::Payload> = expected.iter().collect();
        match &self.decided {
            Ok(_) => assert_eq!(self.happened(), expected, "what happens (left) is not expected"),
            Err(refusal) => panic!("refused with {refusal:?} instead of {expected:?}"),
        }
        self
    }

    /// Nothing happens, and that is no refusal.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn then_nothing(self) -> Self {
        self.then([])
    }

    /// It is refused, for this reason.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn then_refused(self, expected: D::Refusal) -> Self {
        match &self.decided {
            Ok(_) => panic!("{:?} instead of a refusal, {expected:?}", self.happened()),
            Err(refusal) => assert_eq!(*refusal, expected, "the refusal (left) is not expected"),
        }
        self
    }

    /// This holds for the state afterwards.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn then_state(self, holds: impl FnOnce(&D::State) -> bool) -> Self {
        let folded = Replay::new(self.decider).stream(&self.store, STREAM);
        let state = folded.map(|folded| folded.state);
        assert!(state.is_ok_and(|state| holds(&state)), "this does not hold for the state");
        self
    }

    fn happened(&self) -> Vec<&D::Payload> {
        let count = *self.decided.as_ref().unwrap_or(&0) as u64;
        let first = self.store.last_position() - count + 1;
        let positions = first..=self.store.last_position();
        positions.filter_map(|at| Some(self.store.event(at)?.payload())).collect()
    }
}

#[track_caller]
fn append<D: Decider>(
    decider: &D,
    store: &mut EventStore<D::Payload>,
    after: u64,
    payloads: impl IntoIterator<Item = D::Payload>,
) {
    for (payload, n) in payloads.into_iter().zip(after + 1..) {
        let event_type = decider.event_type(&payload);
        let event = NewEvent::new(EventId(n.into()), event_type, payload);
        let appended = store.append(STREAM, Expected::Any, n, [event]);
        assert!(appended.is_ok(), "`{event_type}` is no name for a type of events");
    }
}

/// Evolving twice gives the same at every version, and the snapshot law holds.
#[track_caller]
fn assert_pure<D: Decider>(decider: &D, store: &EventStore<D::Payload>) {
    let replay = Replay::new(decider);
    let hashes = replay.hashes(store, STREAM);
    assert_eq!(hashes, replay.hashes(store, STREAM), "evolving twice gives two states");
    let last = hashes.ok().and_then(|hashes| hashes.last().copied());
    for version in 0..=store.last_position() {
        let folded = replay.stream_to(store, STREAM, version);
        let from = folded
            .and_then(|folded| replay.stream_from(store, &replay.snapshot(store, STREAM, folded)));
        let hash = from.ok().map(|folded| super::state_hash(&folded.state));
        assert_eq!(hash, last, "a replay from a snapshot of version {version} gives another state");
    }
}
