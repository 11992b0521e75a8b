//! Two writes of one key: the last one wins, or both are kept.

use rift::quorum::*;

use super::store::*;

fn siblings(n: usize) -> Settings {
    Settings { resolution: Resolution::Siblings, ..quiet(n as u8, n, majority(n), majority(n)) }
}

/// A clock that is ahead by s makes writes that follow within s disappear: both clients are told
/// "ok", and nobody is told that one of them was lost.
#[test]
fn a_skewed_clock_silently_loses_a_later_write() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.set_clock(S1, 1_000_000);
    let early = store.write_through(S1, ANN, 1);
    store.now_us += 500_000;
    let seen = store.read(S2, BOB);
    store.deliver_all();
    assert_eq!(store.found(seen), [1], "BOB knows of it and means to replace it");
    store.take_events(S3);
    let context = store.context(seen);
    let call = WriteCall { context, ..WriteCall::blind('x', Some(2)) };
    let late = store.write_call(S2, BOB, call);
    store.deliver_all();
    assert_eq!(store.ok_by(late), [S2, S1], "success");
    assert_eq!(store.all_x(), [[1], [1], [1]], "and no trace of it");
    assert_eq!(store.read_through(S3, EVE), [1]);
    // The replicas know, because the write had brought its context.
    let (loser, winner) = (store.stamp(late), store.stamp(early));
    let replaced = Replaced { loser, winner, why: WhyReplaced::ClockSkew };
    assert!(store.take_events(S3).contains(&Event::WriteReplaced { key: 'x', replaced }));
    // Once the others have caught up with that clock, writes count again.
    store.now_us += 600_000;
    store.write_through(S2, BOB, 3);
    assert_eq!(store.all_x(), [[3], [3], [3]]);
}

#[test]
fn asking_first_loses_nothing_to_a_skewed_clock() {
    let mut store = Store::of(Settings { stamping: Stamping::AskFirst, ..quiet(3, 3, 2, 2) });
    store.set_clock(S1, 1_000_000);
    store.write_through(S1, ANN, 1);
    store.write_through(S2, BOB, 2);
    assert_eq!(store.all_x(), [[2], [2], [2]]);
}

/// The same client, first through a fast clock and then through a slow one: its own order inverts.
#[test]
fn a_clients_own_order_can_invert() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.set_clock(S3, 1_000_000);
    store.write_through(S3, ANN, 1);
    store.write_through(S1, ANN, 2);
    assert_eq!(store.read_through(S2, ANN), [1]);
}

/// Equal readings need a tie-break that everybody makes alike: the server, then the request.
#[test]
fn equal_clocks_are_decided_by_the_server_wherever_they_meet() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.write(S2, ANN, 2);
    store.write(S3, BOB, 3);
    store.write(S1, EVE, 1);
    store.in_flight.reverse();
    store.deliver_all();
    assert_eq!(store.all_x(), [[3], [3], [3]]);
}

/// Concurrent writes under last write wins: one is lost, which is what the setting says.
#[test]
fn of_concurrent_writes_one_is_lost() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    let first = store.write(S1, ANN, 1);
    let second = store.write(S2, BOB, 2);
    store.deliver_all();
    assert_eq!((store.ok_by(first).len(), store.ok_by(second).len()), (2, 2), "both succeed");
    assert_eq!(store.all_x(), [[2], [2], [2]]);
    let (loser, winner) = (store.stamp(first), store.stamp(second));
    let replaced = Replaced { loser, winner, why: WhyReplaced::Concurrent };
    assert!(store.take_events(S3).contains(&Event::WriteReplaced { key: 'x', replaced }));
}

/// Dynamo §4.4, Figure 3, with clients in place of servers: D1, D2 replaces it, D3 and D4 fork from
/// D2, and D5 reconciles them.
#[test]
fn figure_3_versions_fork_and_are_reconciled() {
    let mut store = Store::of(siblings(3));
    let write = |store: &mut Store, client, value, context: &Context| {
        let context = context.clone();
        let call = WriteCall { context, ..WriteCall::blind('x', Some(value)) };
        let request = store.write_call(S1, client, call);
        store.deliver_all();
        store.now_us += 10;
        store.context(request)
    };
    let d1 = write(&mut store, ANN, 1, &Context::default());
    let d2 = write(&mut store, ANN, 2, &d1);
    assert_eq!(store.all_x(), [[2], [2], [2]]);
    let d3 = write(&mut store, BOB, 3, &d2);
    let d4 = write(&mut store, EVE, 4, &d2);
    assert_eq!(store.all_x(), [[3, 4], [3, 4], [3, 4]], "neither had seen the other");
    assert!(!d3.vector.covers(&d4.vector) && !d4.vector.covers(&d3.vector));

    let read = store.read(S2, ANN);
    store.deliver_all();
    assert_eq!(store.found(read), [3, 4], "a read returns all of them, and their common context");
    let seen = store.context(read);
    assert!(seen.vector.covers(&d3.vector) && seen.vector.covers(&d4.vector));
    let d5 = write(&mut store, ANN, 5, &seen);
    assert_eq!(store.all_x(), [[5], [5], [5]]);
    assert!(d5.vector.covers(&d4.vector));
}

/// Two clients that write through one server are two entries of the vector. With one entry a server
/// the second would seem to have seen the first.
#[test]
fn concurrent_writes_through_one_server_are_siblings() {
    let mut store = Store::of(siblings(3));
    store.write_through(S1, ANN, 1);
    store.write_through(S1, BOB, 2);
    assert_eq!(store.all_x(), [[1, 2], [1, 2], [1, 2]]);
    // One client's writes follow each other, though.
    store.write_through(S2, ANN, 3);
    assert_eq!(store.all_x(), [[2, 3], [2, 3], [2, 3]]);
}

/// A wrong clock does no harm to siblings.
#[test]
fn siblings_do_not_go_by_clocks() {
    let mut store = Store::of(siblings(3));
    store.set_clock(S1, 1_000_000);
    let first = store.write_through(S1, ANN, 1);
    let context = store.context(first);
    let call = WriteCall { context, ..WriteCall::blind('x', Some(2)) };
    store.write_call(S2, BOB, call);
    store.deliver_all();
    assert_eq!(store.all_x(), [[2], [2], [2]]);
}

/// A delete leaves what it had not seen: a value that was added meanwhile stays. (The other way
/// round, Dynamo §4.4 says of carts that clients merge: "deleted items can resurface".)
#[test]
fn a_delete_and_a_concurrent_write_are_siblings() {
    let mut store = Store::of(siblings(3));
    let first = store.write_through(S1, ANN, 1);
    let context = store.context(first);
    let delete = WriteCall { context: context.clone(), ..WriteCall::blind('x', None) };
    let write = WriteCall { context, ..WriteCall::blind('x', Some(2)) };
    store.write_call(S1, ANN, delete);
    store.write_call(S2, BOB, write);
    store.deliver_all();
    assert_eq!(store.read_through(S3, EVE), [2]);
    let cell = store.server(S3).cell(&'x').expect("it is known");
    assert_eq!(cell.siblings().len(), 2, "the tombstone is one of them");
}

/// Vectors are kept under last write wins, too, so the resolution may change while the store runs.
#[test]
fn the_resolution_can_be_switched_live() {
    let mut store = Store::of(siblings(3));
    store.write_through(S1, ANN, 1);
    store.write_through(S1, BOB, 2);
    let config = quiet(3, 3, 2, 2).check().expect("it can work");
    for id in store.ids() {
        let mut server = store.server(id).clone();
        server.configure(config.clone());
        store.replace(id, server);
    }
    store.write_through(S1, EVE, 3);
    assert_eq!(store.all_x(), [[3], [3], [3]]);
}
