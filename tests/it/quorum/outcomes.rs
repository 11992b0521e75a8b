//! The three outcomes, and what the third one means: sent, and nobody knows.

use rift::quorum::*;

use super::store::*;

/// Known before sending: nothing is written, so to ask again elsewhere is safe.
#[test]
fn what_is_known_to_be_in_vain_is_not_even_sent() {
    let mut store = Store::of(Settings { stamping: Stamping::Clock, ..Settings::cp(3) });
    store.crash(S2);
    store.crash(S3);
    store.run(500_000);
    let (write, read) = (store.write(S1, ANN, 7), store.read(S1, ANN));
    let unavailable = Outcome::Unavailable { alive: vec![S1], needed: 2 };
    assert_eq!(store.answer(write), Some(&unavailable));
    assert_eq!(store.answer(read), Some(&unavailable));
    assert!(store.in_flight.is_empty() && store.x(S1).is_empty());
}

/// A timeout and a partition look the same to the coordinator: before the detector has noticed, an
/// operation is sent, and comes to nothing that anybody knows.
#[test]
fn before_the_tear_is_noticed_a_minority_does_not_know() {
    let mut store = Store::of(Settings { stamping: Stamping::Clock, ..Settings::cp(3) });
    store.run(100_000);
    store.split(&[&[S1], &[S2, S3]]);
    let (write, read) = (store.write(S1, ANN, 7), store.read(S1, ANN));
    store.run(store.settings.timeout_us);
    let acked_by = vec![Ack { by: S1, stands_in_for: None }];
    let stamp = Some(store.stamp(write));
    let unknown = |stamp| Outcome::Indeterminate { acked_by: acked_by.clone(), needed: 2, stamp };
    assert_eq!(store.answer(write), Some(&unknown(stamp)));
    assert_eq!(store.answer(read), Some(&unknown(None)), "no stale answer from its own copy");
}

/// "Failed to achieve consensus" is no failure: the write stays on a minority, is read, is not
/// read, and in the end wins.
#[test]
fn an_indeterminate_write_is_read_and_vanishes_and_comes_back() {
    let settings = Settings { read_repair: ReadRepair::Async, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    store.write_through(S1, ANN, 1);
    store.split(&[&[S1], &[S2, S3]]);
    let request = store.write(S1, BOB, 2);
    store.run(store.settings.timeout_us);
    assert!(matches!(store.answer(request), Some(Outcome::Indeterminate { .. })));
    assert_eq!(store.all_x(), [[2], [1], [1]], "nothing is rolled back");

    // Read: by whoever meets S1. The repair is lost on its way.
    store.heal();
    let read = store.read(S1, EVE);
    store.exchange(S1, S2);
    assert_eq!(store.found(read), [2]);
    store.drop_all();
    // Vanished: for whoever does not.
    let read = store.read(S3, EVE);
    store.exchange(S3, S2);
    assert_eq!(store.found(read), [1]);
    store.drop_all();
    // And back, for good: this time the repair arrives.
    let read = store.read(S1, EVE);
    store.deliver_all();
    assert_eq!(store.found(read), [2]);
    assert_eq!(store.all_x(), [[2], [2], [2]]);
}

/// A late acknowledgement after the timeout changes the data, not the answer.
#[test]
fn an_answer_stays_as_it_was_given() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    let request = store.write(S1, ANN, 7);
    store.advance(store.settings.timeout_us);
    let answer = store.answer(request).cloned();
    assert!(matches!(answer, Some(Outcome::Indeterminate { needed: 2, .. })));
    store.take_events(S1);
    store.deliver_all();
    assert_eq!(store.all_x(), [[7], [7], [7]]);
    assert_eq!((store.answers.len(), store.answer(request)), (1, answer.as_ref()));
    let late = |from, acks| Event::LateAcknowledgement { request, from, acks };
    assert_eq!(store.take_events(S1), [late(S2, 2), late(S3, 3)]);
}

#[test]
fn what_comes_when_the_operation_is_forgotten_is_ignored() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.write(S1, ANN, 7);
    store.deliver(S1, S2);
    store.advance(2 * store.settings.timeout_us);
    assert_eq!(store.server(S1).operations().count(), 0);
    store.take_events(S1);
    store.deliver(S2, S1);
    let (from, kind, reason) = (S2, MessageKind::WriteAck, IgnoreReason::NoSuchOperation);
    assert_eq!(store.take_events(S1), [Event::MessageIgnored { from, kind, reason }]);
}

/// The next attempt at the same server is the same write, and counts the acknowledgements of its
/// own messages alone.
#[test]
fn an_indeterminate_write_keeps_its_stamp_in_the_next_attempt() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    let call = WriteCall::blind('x', Some(7));
    let request = store.write_call(S1, ANN, call.clone());
    store.deliver(S1, S2);
    store.advance(store.settings.timeout_us);
    let stamp = store.stamp(request);
    store.handle(S1, Input::Write { request, call });
    // The acknowledgement of the first attempt comes now.
    store.take_events(S1);
    store.deliver(S2, S1);
    assert!(matches!(store.take_events(S1)[..], [Event::MessageIgnored { .. }]));
    store.deliver_all();
    assert_eq!(store.ok_by(request)[0], S1);
    assert_eq!(store.stamp(request), stamp);
}

/// Asking for stamps writes nothing yet: a timeout then is known to have done nothing.
#[test]
fn a_write_that_does_not_get_beyond_asking_has_not_happened() {
    let settings = Settings { stamping: Stamping::AskFirst, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    store.split(&[&[S1], &[S2, S3]]);
    let request = store.write(S1, ANN, 7);
    store.run(store.settings.timeout_us);
    let unavailable = Outcome::Unavailable { alive: vec![S1], needed: 2 };
    assert_eq!(store.answer(request), Some(&unavailable));
    assert_eq!(store.all_x(), vec![Vec::<Value>::new(); 3]);
    assert_eq!(store.server(S1).operations().count(), 0);
}

/// A read whose write-back does not reach W has nothing to tell: it may not show what the next read
/// may miss.
#[test]
fn a_read_that_cannot_write_back_is_indeterminate() {
    let settings = Settings { read_repair: ReadRepair::Blocking, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    let write = store.write(S1, ANN, 7);
    store.drop_all();
    let read = store.read(S1, BOB);
    store.exchange(S1, S2);
    store.advance(store.settings.timeout_us);
    assert!(matches!(store.answer(write), Some(Outcome::Indeterminate { .. })));
    let by = |by| Ack { by, stands_in_for: None };
    let acked_by = vec![by(S1), by(S2)];
    let outcome = Outcome::Indeterminate { acked_by, needed: 2, stamp: None };
    assert_eq!(store.answer(read), Some(&outcome));
}

/// Clients of a coordinator that crashes are left without an answer: they do not know either.
#[test]
fn a_crash_of_the_coordinator_answers_nobody() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    let request = store.write(S1, ANN, 7);
    store.crash(S1);
    store.deliver_all();
    store.restart(S1);
    store.advance(2 * store.settings.timeout_us);
    assert_eq!(store.answer(request), None);
    assert_eq!(store.all_x(), [[7], [7], [7]]);
}
