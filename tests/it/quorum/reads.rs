//! What counts as an answer, and what a read does for those that are behind.

use rift::quorum::*;

use super::store::*;

/// Two of three hold the value; a read with R = 1 that hears the third first.
fn read_the_empty_one_first(not_found: NotFound) -> (Store, RequestId) {
    let mut store = Store::of(Settings { not_found, ..quiet(3, 3, 1, 2) });
    store.split(&[&[S1, S2], &[S3]]);
    store.write_through(S1, ANN, 7);
    store.heal();
    let read = store.read(S3, BOB);
    (store, read)
}

#[test]
fn not_to_know_the_key_is_an_answer_if_it_is_set_so() {
    let (store, read) = read_the_empty_one_first(NotFound::Answers);
    assert_eq!(store.found(read), Vec::<Value>::new(), "with two replicas holding the value");
}

#[test]
fn or_it_is_not_and_the_read_waits_for_one_that_knows() {
    let (mut store, read) = read_the_empty_one_first(NotFound::DoesNotAnswer);
    assert_eq!(store.answer(read), None);
    let (from, why) = (S3, NotCounted::NotFound);
    assert!(store.take_events(S3).contains(&Event::NotCounted { request: read, from, why }));
    store.exchange(S3, S1);
    assert_eq!(store.found(read), [7]);
}

/// When all have been heard there is nothing to wait for.
#[test]
fn a_key_that_nobody_knows_is_not_found_in_the_end() {
    let settings = Settings { not_found: NotFound::DoesNotAnswer, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    let read = store.read(S1, ANN);
    store.exchange(S1, S2);
    assert_eq!(store.answer(read), None);
    store.exchange(S1, S3);
    assert_eq!(store.found(read), Vec::<Value>::new());
    // A tombstone is something known.
    store.delete(S1, ANN);
    store.deliver_all();
    let read = store.read(S1, BOB);
    store.exchange(S1, S2);
    assert_eq!(store.ok_by(read), [S1, S2]);
}

/// Dynamo §4.5: a read is answered by R replies; R = 1 tells what the first one holds.
#[test]
fn r_answers_decide_and_the_newest_of_them_is_told() {
    for (r, found) in [(1, vec![1]), (2, vec![2])] {
        let mut store = Store::of(quiet(3, 3, r, 1));
        store.write_through(S1, ANN, 1);
        store.write(S2, BOB, 2);
        store.drop_all();
        let read = store.read(S3, EVE);
        if r == 2 {
            assert_eq!(store.answer(read), None);
            store.exchange(S3, S2);
        }
        assert_eq!(store.found(read), found, "R = {r}");
    }
}

/// An answer that comes when the client has its own may show that it was told something old.
#[test]
fn a_late_answer_tells_that_the_read_was_stale() {
    let mut store = Store::of(quiet(3, 3, 1, 1));
    store.write(S1, ANN, 7);
    store.drop_all();
    let read = store.read(S3, BOB);
    assert_eq!(store.found(read), Vec::<Value>::new());
    store.take_events(S3);
    store.deliver_all();
    let late = |from, newer| Event::LateAnswer { request: read, from, newer };
    assert_eq!(store.take_events(S3), [late(S1, true), late(S2, false)]);
    assert_eq!(store.all_x(), [vec![7], vec![], vec![]], "repair is off");
}

/// Dynamo §5: the coordinator "waits for a small period of time to receive any outstanding
/// responses. If stale versions were returned in any of the responses, the coordinator updates
/// those nodes with the latest version."
#[test]
fn read_repair_reaches_all_that_were_heard_and_behind() {
    for read_repair in [ReadRepair::Async, ReadRepair::Blocking] {
        let mut store = Store::of(Settings { read_repair, ..quiet(3, 3, 2, 2) });
        store.write(S1, ANN, 7);
        store.drop_all();
        let read = store.read(S1, BOB);
        store.exchange(S1, S2);
        assert_eq!(store.answer(read).is_some(), read_repair == ReadRepair::Async);
        store.deliver_all();
        assert_eq!(store.found(read), [7]);
        assert_eq!(store.all_x(), [[7], [7], [7]], "{read_repair:?}: the late S3 as well");
        let is_open = store.server(S1).operations().any(|operation| operation.id.request == read);
        assert!(!is_open, "all were heard");
    }
}

/// A reply that holds more than the answer repairs those that answered.
#[test]
fn a_late_and_newer_answer_repairs_the_early_ones() {
    let settings = Settings { read_repair: ReadRepair::Async, ..quiet(3, 3, 1, 1) };
    let mut store = Store::of(settings);
    store.write(S1, ANN, 7);
    store.drop_all();
    assert_eq!(store.read_through(S3, BOB), Vec::<Value>::new());
    assert_eq!(store.all_x(), [[7], [7], [7]]);
}

/// What is repaired is sent once, and to nobody that holds it.
#[test]
fn a_read_that_finds_all_equal_repairs_nothing() {
    let settings = Settings { read_repair: ReadRepair::Async, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    store.write_through(S1, ANN, 7);
    let read = store.read(S1, BOB);
    store.take_events(S1);
    store.deliver_all();
    let sent = |event: &Event<Key>| matches!(event, Event::RepairSent { .. });
    assert!(!store.take_events(S1).iter().any(sent));
    assert_eq!(store.ok_by(read), [S1, S2]);
}

/// A client that asks a read again, because the answer was lost, is answered the same.
#[test]
fn a_read_that_is_repeated_is_answered_the_same() {
    let mut store = Store::of(quiet(3, 3, 1, 1));
    let read = store.read(S1, ANN);
    store.write_through(S1, BOB, 7);
    store.handle(S1, Input::Read { request: read, call: ReadCall::of('x') });
    assert_eq!(store.answers[0], *store.answers.last().expect("an answer"));
}
