//! Deciders, commands, and the kit that tests them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rift::event_store::testing::given;
use rift::event_store::*;

use super::account::{Account::*, *};

#[test]
fn given_what_happened_when_somebody_wants_something_then_this_happens() {
    given(&Bank, []).when(Want::Deposit(5)).then([Deposited(5)]);
    given(&Bank, []).when(Want::Deposit(0)).then_nothing();
    given(&Bank, [Deposited(5)]).when(Want::Withdraw(5)).then([Withdrawn(5)]);
    given(&Bank, [Deposited(5), Withdrawn(3)])
        .when(Want::Withdraw(3))
        .then_refused(No::NotEnough { there: 2 });
    given(&Bank, [Deposited(5)])
        .when(Want::Close)
        .then([Withdrawn(5), Closed])
        .then_state(|balance| balance.closed && Bank.is_terminal(balance));
    given(&Bank, [Closed]).when(Want::Deposit(1)).then_refused(No::Closed);
}

/// A kit that cannot fail proves nothing.
#[test]
fn the_kit_finds_what_is_wrong() {
    let panics = |test: &dyn Fn()| {
        let result = catch_unwind(AssertUnwindSafe(test));
        let panic = result.expect_err("it must be found");
        panic.downcast::<String>().map_or(String::new(), |text| *text)
    };
    let with = |text: String, part: &str| assert!(text.contains(part), "{text}");
    with(
        panics(&|| drop(given(&Bank, []).when(Want::Deposit(5)).then([Deposited(6)]))),
        "what happens (left) is not expected",
    );
    with(
        panics(&|| drop(given(&Bank, []).when(Want::Deposit(5)).then_refused(No::Closed))),
        "[Deposited(5)] instead of a refusal, Closed",
    );
    with(
        panics(&|| drop(given(&Bank, []).when(Want::Withdraw(1)).then_nothing())),
        "refused with NotEnough { there: 0 } instead of []",
    );
    with(
        panics(&|| drop(given(&Bank, []).when(Want::Withdraw(1)).then_refused(No::Closed))),
        "the refusal (left) is not expected",
    );
    panics(&|| {
        drop(given(&Bank, []).when(Want::Deposit(1)).then_state(|balance| balance.cents == 2));
    });
    let forgetful = Impure { evolves: Default::default(), counts_evolving: true };
    with(panics(&|| drop(given(&forgetful, [1, 2]))), "evolving twice gives two states");
    let moody = Impure { evolves: Default::default(), counts_evolving: false };
    with(panics(&|| drop(given(&moody, [1]).when(()).then([1]))), "deciding twice");
}

/// Breaks the rule that evolving or deciding depends on nothing else (ES-11).
#[derive(Debug)]
struct Impure {
    evolves: std::cell::Cell<u64>,
    counts_evolving: bool,
}

impl Evolve for Impure {
    type Payload = u64;
    type State = u64;

    fn initial(&self) -> u64 {
        0
    }

    fn evolve(&self, state: &mut u64, _: &Event<'_, u64>) {
        if self.counts_evolving {
            self.evolves.set(self.evolves.get() + 1);
        }
        *state += self.evolves.get();
    }

    fn schema(&self) -> u64 {
        1
    }
}

impl Decider for Impure {
    type Command = ();
    type Refusal = ();

    fn decide(&self, _: &u64, (): &()) -> Result<Vec<u64>, ()> {
        self.evolves.set(self.evolves.get() + 1);
        Ok(vec![self.evolves.get()])
    }

    fn event_type(&self, _: &u64) -> &'static str {
        "Happened"
    }
}

fn command(n: u64, wanted: Want) -> Command<Want> {
    Command { id: id(n), correlation: Some(id(77)), wanted }
}

#[test]
fn a_command_is_decided_on_the_present_state_and_appended() {
    let mut store = EventStore::new();
    let replay = Replay::new(&Bank);
    replay.carry_out(&mut store, "a", &command(1, Want::Deposit(9)), 10).expect("it is open");
    let closed = replay.carry_out(&mut store, "a", &command(2, Want::Close), 20);
    let closed = closed.expect("it is open");
    assert_eq!((closed.first, closed.last), (place(2, 2), place(3, 3)));
    let event = store.event(3).expect("it is there");
    let metadata = Metadata { correlation: Some(id(77)), causation: Some(id(2)) };
    assert_eq!((event.payload(), event.metadata(), event.recorded_at()), (&Closed, metadata, 20));
    let refused = replay.carry_out(&mut store, "a", &command(3, Want::Deposit(1)), 30);
    assert_eq!(refused, Err(CommandError::Refused(No::Closed)));
    let nothing = replay.carry_out(&mut store, "b", &command(4, Want::Deposit(0)), 30);
    assert_eq!(nothing.map(|appended| appended.effect), Ok(Effect::Checked));
    assert_eq!(store.last_position(), 3);
}

/// Two writers read version 3 and decide. The loser is told, and decides again on what is there.
#[test]
fn of_two_decisions_on_one_version_the_second_is_refused_and_decided_again() {
    let mut store = store(&[("a", &[10, 20, 30])]);
    let replay = Replay::new(&Bank);
    let (one, two) = (command(1, Want::Withdraw(50)), command(2, Want::Withdraw(40)));
    let first = replay.decide(&store, "a", &one).expect("there is enough");
    let second = replay.decide(&store, "a", &two).expect("there is enough");
    assert_eq!((first.expected, second.expected), (Expected::Exact(3), Expected::Exact(3)));
    store.append("a", first.expected, 9, first.events).expect("nobody came before");
    let lost = store.append("a", second.expected, 9, second.events.clone());
    let (stream, expected) = ("a".to_owned(), Expected::Exact(3));
    let actual = StreamState::Exists { version: 4, first: 1 };
    assert_eq!(lost, Err(AppendError::Conflict { stream, expected, actual }));
    let again = replay.carry_out(&mut store, "a", &two, 9);
    assert_eq!(again, Err(CommandError::Refused(No::NotEnough { there: 10 })));
    // Without the check, more is withdrawn than there was.
    store.append("a", Expected::Any, 9, second.events).expect("anything goes");
    let withdrawn: u64 = store
        .read_stream("a", Read::forwards())
        .expect("it is there")
        .iter()
        .map(|event| if let Withdrawn(cents) = event.payload() { *cents } else { 0 })
        .sum();
    assert_eq!(withdrawn, 90);
}

/// ES-4, end to end: the reply is lost, the command comes again. The same id pays once, a fresh
/// one twice.
#[test]
fn a_command_that_comes_again_happens_once() {
    let mut store = store(&[("a", &[100])]);
    let replay = Replay::new(&Bank);
    let pay = command(1, Want::Close);
    let first = replay.carry_out(&mut store, "a", &pay, 10).expect("it is open");
    store.append("a", Expected::Any, 11, [deposit(7)]).expect("it is new");
    // Decided again it would be refused: the account is closed by now.
    let again = replay.carry_out(&mut store, "a", &pay, 20);
    assert_eq!(again, Ok(Appended { effect: Effect::Repeated, ..first }));
    assert_eq!(store.last_position(), 4);
    let deposit = |n| command(n, Want::Deposit(5));
    for (n, balance) in [(8, 5), (8, 5), (9, 10)] {
        replay.carry_out(&mut store, "b", &deposit(n), 30).expect("it is open");
        let folded = replay.stream(&store, "b").expect("all types are known");
        assert_eq!(folded.state.cents, balance);
    }
}

#[test]
fn the_ids_of_a_commands_events_differ_and_never_change() {
    let ids: Vec<EventId> =
        (0..50).flat_map(|c| (0..50).map(move |n| EventId::of_command(id(c), n))).collect();
    let mut distinct = ids.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len());
    assert_eq!(EventId::of_command(id(1), 2), EventId::of_command(id(1), 2));
}
