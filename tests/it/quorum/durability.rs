//! What outlives a crash, and what waits for the disk.

use rift::quorum::*;

use super::store::*;

/// An acknowledgement is a promise, so it waits for the disk; the coordinator's own as well.
#[test]
fn acknowledgements_wait_for_the_disk() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.slow_disk(S1);
    store.slow_disk(S2);
    let request = store.write(S1, ANN, 7);
    store.deliver_all();
    assert_eq!(store.answer(request), None, "S3 alone is done");
    assert_eq!(store.server(S2).held_messages().count(), 1);
    store.sync(S2);
    store.deliver_all();
    assert_eq!(store.ok_by(request), [S3, S2]);
    // The coordinator's own copy comes last.
    store.take_events(S1);
    store.sync(S1);
    let late = Event::LateAcknowledgement { request, from: S1, acks: 3 };
    assert_eq!(store.take_events(S1), [late]);
}

/// What was acknowledged is there after a crash of everybody.
#[test]
fn an_acknowledged_write_survives_a_crash_of_all() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.write_through(S1, ANN, 7);
    for id in store.ids() {
        store.crash(id);
    }
    for id in store.ids() {
        store.restart(id);
    }
    assert_eq!(store.read_through(S2, BOB), [7]);
}

/// The trade that many stores make by default: fast, and a crash takes back what was acknowledged.
#[test]
fn acknowledging_before_the_disk_is_done_loses_acknowledged_writes() {
    for ack_before_sync in [false, true] {
        let mut store = Store::of(Settings { ack_before_sync, ..quiet(3, 3, 2, 2) });
        store.ids().into_iter().for_each(|id| store.slow_disk(id));
        let request = store.write(S1, ANN, 7);
        store.deliver_all();
        assert_eq!(store.answer(request).is_some(), ack_before_sync);
        for id in store.ids() {
            store.crash(id);
            store.restart(id);
        }
        assert_eq!(store.all_x(), vec![Vec::<Value>::new(); 3]);
    }
}

/// A read does not tell what a crash may take back.
#[test]
fn answers_to_reads_wait_for_the_disk_too() {
    let mut store = Store::of(quiet(3, 3, 1, 2));
    store.slow_disk(S3);
    store.write(S1, ANN, 7);
    store.deliver(S1, S3);
    let read = store.read(S3, BOB);
    assert_eq!(store.answer(read), None);
    store.sync(S3);
    assert_eq!(store.found(read), [7]);
}

/// A replica remembers across a crash which requests it has applied.
#[test]
fn a_restarted_replica_knows_its_requests_again() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    let request = store.write(S1, ANN, 1);
    let copy = store.in_flight[0].clone();
    assert_eq!(copy.to, S2);
    store.deliver_all();
    store.now_us += 10;
    store.write_through(S1, BOB, 2);
    store.crash(S2);
    store.restart(S2);
    store.handle(S2, Input::Message { from: S1, message: copy.message });
    let stamp = store.stamp(request);
    let repeated = Event::WriteRepeated { key: 'x', stamp, known: stamp };
    assert!(store.take_events(S2).contains(&repeated));
}

/// Memory of requests is bounded; the oldest go first.
#[test]
fn a_replica_remembers_so_many_requests() {
    let mut store = Store::of(Settings { remembered_requests: 2, ..quiet(3, 3, 2, 2) });
    let requests: Vec<RequestId> =
        (1..=4).map(|value| store.write_through(S1, ANN, value)).collect();
    store.crash(S2);
    store.restart(S2);
    let call = |value| WriteCall::blind('x', Some(value));
    // Through S2, which has answered none of them itself.
    for (request, value, is_known) in [(requests[3], 4, true), (requests[0], 1, false)] {
        store.take_events(S3);
        store.handle(S2, Input::Write { request, call: call(value) });
        store.deliver_all();
        let is_repeat = |event: &Event<Key>| matches!(event, Event::WriteRepeated { .. });
        assert_eq!(store.take_events(S3).iter().any(is_repeat), is_known, "{value}");
    }
}

/// A disk that tears a write keeps any number of its first changes: none of them alone does harm,
/// because a request is noted after the cell that it has changed.
#[test]
fn a_torn_write_is_as_if_the_rest_had_not_arrived() {
    let config = quiet(3, 3, 2, 2).check().expect("it can work");
    let stamp = |clock_us| {
        let request = RequestId { client: ClientId(ANN), sequence: clock_us };
        Stamp { clock_us, server: S1, request }
    };
    let sibling = Sibling {
        stamp: stamp(5),
        vector: [stamp(5).request].into_iter().collect(),
        value: Some(7),
    };
    let operation = OperationId { request: stamp(5).request, started_us: 5 };
    let message = Message::Write { operation, key: 'x', sibling, stands_in_for: None };
    let boot = |disk| Server::boot(S2, config.clone(), disk, Time::of(0));
    let mut server = boot(Durable::default());
    server.handle(Time::of(10), Input::Message { from: S1, message: message.clone() });
    let write = loop {
        match server.poll_output().expect("it writes") {
            Output::Write { write, .. } => break write,
            _ => continue,
        }
    };
    for kept in 0..=write.changes.len() {
        let mut disk = Durable::default();
        disk.apply(&Write { changes: write.changes[..kept].to_vec() });
        let mut server = boot(disk);
        server.handle(Time::of(20), Input::Message { from: S1, message: message.clone() });
        let values: Vec<&Value> = server.cell(&'x').expect("it is there").values().collect();
        assert_eq!(values, [&7], "{kept} changes kept");
    }
}

/// A replica that may hold no further key does not acknowledge it.
#[test]
fn a_replica_that_is_full_does_not_acknowledge() {
    let mut store = Store::of(Settings { max_keys: 1, ..quiet(3, 3, 2, 2) });
    let first = store.write_through(S1, ANN, 7);
    assert_eq!(store.ok_by(first).len(), 2);
    let second = store.write_call(S1, ANN, WriteCall::blind('y', Some(8)));
    store.deliver_all();
    assert_eq!(store.answer(second), None);
    assert!(store.take_events(S2).contains(&Event::Full { key: 'y', what: Full::Keys }));
}
