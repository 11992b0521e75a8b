//! R + W > N is *regular* (Lamport 1986); the write-back makes it atomic (Attiya, Bar-Noy, Dolev
//! 1995): a reader writes what it returns, too.

use rift::quorum::*;

use super::store::*;

/// A write is under way and has reached S1 alone. One read meets S1, a later one does not.
/// What they found; `None` if a read is not answered.
fn two_reads_during_a_write(read_repair: ReadRepair) -> (Option<Vec<Value>>, Option<Vec<Value>>) {
    let mut store = Store::of(Settings { read_repair, ..quiet(3, 3, 2, 2) });
    store.write_through(S1, ANN, 1);
    store.write(S1, ANN, 2);
    assert_eq!(store.all_x(), [[2], [1], [1]]);
    store.drop_all();

    let answered = |store: &Store, read| store.answer(read).map(|_| store.found(read));
    let first = store.read(S1, BOB);
    store.exchange(S1, S2);
    if read_repair == ReadRepair::Blocking {
        assert_eq!(answered(&store, first), None, "only S1 holds it");
        // The read of S3 and the write-back to S2 are on their way.
        store.exchange(S1, S2);
    }
    let first = answered(&store, first);
    // Everything else that is under way is slow.
    store.drop_all();
    let second = store.read(S3, EVE);
    store.exchange(S3, S2);
    (first, answered(&store, second))
}

/// Reader 1 finds the new value, and then, later, reader 2 the old one: no single copy would do so,
/// although R + W > N.
#[test]
fn without_write_back_a_later_read_may_find_an_older_value() {
    for read_repair in [ReadRepair::Off, ReadRepair::Async] {
        let (first, second) = two_reads_during_a_write(read_repair);
        assert_eq!((first, second), (Some(vec![2]), Some(vec![1])), "{read_repair:?}");
    }
}

#[test]
fn with_write_back_it_does_not() {
    let (first, second) = two_reads_during_a_write(ReadRepair::Blocking);
    assert_eq!((first, second), (Some(vec![2]), Some(vec![2])));
}

/// R replicas that agree are not enough if W is more: a later read may ask others.
#[test]
fn the_write_back_reaches_w_even_if_all_answers_agree() {
    let settings = Settings { read_repair: ReadRepair::Blocking, ..quiet(4, 4, 2, 3) };
    let mut store = Store::of(settings);
    store.write(S1, ANN, 7);
    store.deliver(S1, S2);
    store.drop_all();
    assert_eq!(store.all_x(), [vec![7], vec![7], vec![], vec![]]);
    let read = store.read(S1, BOB);
    store.exchange(S1, S2);
    assert_eq!(store.answer(read), None);
    let started = Event::WriteBackStarted { request: read, holders: 2, needed: 3 };
    assert!(store.take_events(S1).contains(&started));
    store.deliver_all();
    assert_eq!(store.found(read), [7]);
    assert_eq!(store.all_x(), [[7], [7], [7], [7]]);
}

/// When all is in order a read takes one round trip.
#[test]
fn nothing_is_written_back_that_w_replicas_hold() {
    let settings = Settings { read_repair: ReadRepair::Blocking, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    store.write_through(S1, ANN, 7);
    let read = store.read(S1, BOB);
    store.exchange(S1, S2);
    assert_eq!(store.found(read), [7]);
    assert!(store.in_flight.iter().all(|flight| flight.message.kind() == MessageKind::Read));
    // Nor is there anything to write back of a key that nobody knows.
    let request = store.next_request(BOB);
    store.handle(S1, Input::Read { request, call: ReadCall::of('y') });
    store.deliver_all();
    assert_eq!(store.found(request), Vec::<Value>::new());
}

/// What was found during the write-back does not change it: the answer is what was written back.
#[test]
fn a_newer_value_that_comes_during_the_write_back_is_for_the_next_read() {
    let settings = Settings { read_repair: ReadRepair::Blocking, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    store.write(S1, ANN, 1);
    store.drop_all();
    store.now_us += 10;
    let read = store.read(S1, BOB);
    store.exchange(S1, S2);
    // S3 gets a newer one before it answers.
    store.write(S3, EVE, 2);
    store.in_flight.retain(|flight| flight.from != S3);
    store.exchange(S1, S3);
    assert_eq!(store.found(read), [1], "S3 has replaced it, so no later read will miss it");
    store.deliver_all();
    assert_eq!(store.all_x(), [[2], [2], [2]], "repaired with what is newest");
}

/// Two servers that are asked for stamps first order their writes whatever their clocks show
/// (Lynch and Shvartsman 1997): each goes above all that had ended.
#[test]
fn stamps_of_a_quorum_order_writes_by_different_servers() {
    let mut store = Store::of(Settings { stamping: Stamping::AskFirst, ..quiet(3, 3, 2, 2) });
    store.set_clock(S1, 60_000_000);
    let mut latest = None;
    for (at, value) in [(S1, 1), (S2, 2), (S3, 3), (S2, 4)] {
        let request = store.write_through(at, ANN, value);
        assert!(Some(store.stamp(request)) > latest);
        latest = Some(store.stamp(request));
        assert_eq!(store.read_through(S3, BOB), [value]);
    }
}
