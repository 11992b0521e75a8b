//! N, R and W: who is asked, who decides, and what counts once.

use rift::quorum::*;

use super::store::*;

/// Gifford 1979: two majorities have a member in common. With two replicas that is both of them,
/// so one that is down stops everything; four bear no more than three do.
#[test]
fn a_majority_is_more_than_half() {
    let majorities: Vec<usize> = (1..=7).map(majority).collect();
    assert_eq!(majorities, [1, 2, 2, 3, 3, 4, 4]);
    for n in 1..=9 {
        let quorum = Quorum::majorities(n).expect("there are replicas");
        assert!(quorum.overlaps() && 2 * quorum.w() > n);
    }
}

/// Dynamo §4.5: "the coordinator [...] sends the new version [...] to the N highest-ranked
/// reachable nodes. If at least W-1 nodes respond then the write is considered successful."
#[test]
fn a_write_goes_to_all_and_the_wth_acknowledgement_decides() {
    let mut store = Store::of(quiet(5, 5, 3, 3));
    let request = store.write(S1, ANN, 7);
    let to: Vec<ServerId> = store.in_flight.iter().map(|flight| flight.to).collect();
    assert_eq!(to, [S2, S3, S4, S5], "and itself");
    store.exchange(S1, S4);
    assert_eq!(store.answer(request), None, "two of three");
    store.exchange(S1, S2);
    assert_eq!(store.ok_by(request), [S1, S4, S2]);

    // Late ones still land, and are told.
    store.take_events(S1);
    store.exchange(S1, S5);
    assert_eq!(store.x(S5), [7]);
    let late = Event::LateAcknowledgement { request, from: S5, acks: 4 };
    assert_eq!(store.take_events(S1), [late]);
    store.exchange(S1, S3);
    assert_eq!(store.server(S1).operations().count(), 0, "nobody is left to be heard");
    assert_eq!(store.answers.len(), 1);
}

#[test]
fn acknowledgements_of_one_replica_count_once() {
    let mut store = Store::of(quiet(3, 3, 3, 3));
    let request = store.write(S1, ANN, 7);
    store.deliver(S1, S2);
    let acknowledgement = store.in_flight.last().expect("an acknowledgement").clone();
    store.in_flight.push(acknowledgement.clone());
    store.in_flight.push(acknowledgement);
    store.take_events(S1);
    for _ in 0..3 {
        store.deliver(S2, S1);
    }
    assert_eq!(store.answer(request), None, "two replicas, however often they say it");
    let (from, why) = (S2, NotCounted::Duplicate);
    let repeated = Event::NotCounted { request, from, why };
    let counted = Event::Acknowledged { request, from: S2, acks: 2, needed: 3 };
    assert_eq!(store.take_events(S1), [counted, repeated.clone(), repeated]);
    store.exchange(S1, S3);
    assert_eq!(store.ok_by(request), [S1, S2, S3]);
}

#[test]
fn an_acknowledgement_of_somebody_who_was_not_asked_does_not_count() {
    let mut store = Store::of(quiet(4, 3, 3, 3));
    let request = store.write(S1, ANN, 7);
    store.deliver(S1, S2);
    let message = store.in_flight.last().expect("an acknowledgement").message.clone();
    store.take_events(S1);
    store.handle(S1, Input::Message { from: S4, message });
    let (from, why) = (S4, NotCounted::NotAsked);
    assert_eq!(store.take_events(S1), [Event::NotCounted { request, from, why }]);
}

/// A message that the network repeats, or that comes after a later write, changes nothing.
#[test]
fn a_replica_applies_a_request_once() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.write(S1, ANN, 7);
    let copy = store.in_flight[0].clone();
    store.deliver_all();
    store.now_us += 10;
    store.write_through(S1, BOB, 8);
    store.take_events(S2);
    let before = store.server(S2).clone();
    store.handle(S2, Input::Message { from: S1, message: copy.message });
    assert_eq!(store.server(S2).cells().collect::<Vec<_>>(), before.cells().collect::<Vec<_>>());
    assert!(matches!(store.take_events(S2)[..], [Event::WriteRepeated { .. }]));
}

#[test]
fn a_client_that_asks_again_gets_the_same_answer_and_no_second_write() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    let call = WriteCall::blind('x', Some(7));
    let request = store.write_call(S1, ANN, call.clone());
    // While it is under way: one answer will do.
    store.handle(S1, Input::Write { request, call: call.clone() });
    assert_eq!(store.in_flight.len(), 2);
    store.deliver_all();
    assert_eq!(store.answers.len(), 1);
    // Afterwards: the same answer again.
    store.handle(S1, Input::Write { request, call });
    assert!(store.in_flight.is_empty());
    assert_eq!(store.answers[0], store.answers[1]);
    let repeated = |answered| Event::RequestRepeated { request, answered };
    let events = store.take_events(S1);
    assert!(events.contains(&repeated(false)) && events.contains(&repeated(true)));
}

/// A retry through another server is the same write if it carries the stamp, and loses against what
/// was written since. Without the stamp it is another write, and overwrites that.
#[test]
fn a_retry_elsewhere_is_the_same_write_if_it_carries_its_stamp() {
    for carries in [true, false] {
        let mut store = Store::of(quiet(4, 3, 2, 2));
        store.split(&[&[S1], &[S2, S3, S4]]);
        let request = store.write(S1, ANN, 7);
        store.run(store.settings.timeout_us);
        let stamp = store.stamp(request);
        store.write_through(S2, BOB, 8);

        let retry_of = carries.then_some(stamp);
        let call = WriteCall { retry_of, ..WriteCall::blind('x', Some(7)) };
        store.handle(S4, Input::Write { request, call });
        store.deliver_all();
        assert_eq!(store.ok_by(request), [S2, S3]);
        assert_eq!(store.stamp(request) == stamp, carries);
        assert_eq!(store.x(S2), [if carries { 8 } else { 7 }]);
        store.heal();
        for to in [S2, S3] {
            store.handle(S1, Input::Compare { with: to });
            store.deliver_all();
        }
        assert_eq!(store.all_x()[..3], vec![store.x(S2); 3]);
    }
}

/// A replica that holds a request under one stamp does not vouch for it under another: an
/// acknowledgement would count for a write that it has not got.
#[test]
fn a_replica_does_not_acknowledge_a_request_under_a_second_stamp() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    let request = store.write_through(S1, ANN, 7);
    let stamp = store.stamp(request);
    store.take_events(S2);
    store.handle(S2, Input::Write { request, call: WriteCall::blind('x', Some(7)) });
    store.deliver_all();
    store.advance(store.settings.timeout_us);
    let outcome = store.answer(request).expect("given up");
    assert!(matches!(outcome, Outcome::Indeterminate { acked_by, .. } if acked_by.is_empty()));
    let why = NotCounted::OtherStamp;
    let events = store.take_events(S2);
    for from in [S1, S2, S3] {
        assert!(events.contains(&Event::NotCounted { request, from, why }), "{from}");
        assert_eq!(store.server(from).cell(&'x').and_then(Cell::latest), Some(stamp));
    }
}

/// Asking for stamps finds the first attempt as well, so with it a retry needs no stamp.
#[test]
fn asking_first_finds_an_earlier_attempt_elsewhere() {
    let settings = Settings { stamping: Stamping::AskFirst, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    let request = store.write_through(S1, ANN, 7);
    let stamp = store.stamp(request);
    store.write_through(S1, BOB, 8);
    store.handle(S2, Input::Write { request, call: WriteCall::blind('x', Some(7)) });
    store.deliver_all();
    assert_eq!(store.stamp(request), stamp);
    assert_eq!(store.all_x(), [[8], [8], [8]]);
}

/// Dynamo §4.5: "Any storage node [...] is eligible to receive client get and put operations for
/// any key."
#[test]
fn a_server_that_is_no_replica_coordinates_as_well() {
    let mut store = Store::of(quiet(5, 3, 2, 2));
    let request = store.write_through(S5, ANN, 7);
    assert_eq!(store.ok_by(request), [S1, S2]);
    assert_eq!(store.all_x(), [vec![7], vec![7], vec![7], vec![], vec![]]);
    assert_eq!(store.read_through(S4, BOB), [7]);
}

/// Dynamo §4.3: the replicas of a key are the first N of its preference list, wherever on the ring
/// that begins; everybody knows them.
#[test]
fn keys_are_spread_over_the_ring() {
    let settings = Settings { placement: Placement::Ring, ..quiet(5, 3, 2, 2) };
    let mut store = Store::of(settings);
    for key in 'a'..='z' {
        store.write_call(S1, ANN, WriteCall::blind(key, Some(1)));
    }
    store.deliver_all();
    for id in store.ids() {
        let held = store.server(id).cells().count();
        assert!((1..26).contains(&held), "{id} holds {held}");
        for (key, _) in store.server(id).cells() {
            assert!(store.server(S5).replicas(key).any(|replica| replica == id));
        }
    }
    let copies: usize = store.ids().iter().map(|id| store.server(*id).cells().count()).sum();
    assert_eq!(copies, 26 * 3);
}

/// An operation may bring its own N, R and W, if they can be had.
#[test]
fn every_operation_may_have_a_quorum_of_its_own() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    let quorum = |n, r, w| Some(Quorum::new(n, r, w).expect("it makes sense"));
    let all = WriteCall { quorum: quorum(3, 1, 3), ..WriteCall::blind('x', Some(7)) };
    let request = store.write_call(S1, ANN, all);
    store.exchange(S1, S2);
    assert_eq!(store.answer(request), None);
    store.exchange(S1, S3);
    assert_eq!(store.ok_by(request), [S1, S2, S3]);

    let one = WriteCall { quorum: quorum(2, 1, 1), ..WriteCall::blind('x', Some(8)) };
    store.now_us += 10;
    let request = store.write_call(S1, ANN, one);
    assert_eq!(store.ok_by(request), [S1]);
    store.deliver_all();
    assert_eq!(store.all_x(), [[8], [8], [7]], "N = 2 is the first two");

    let request = store.next_request(ANN);
    let call = ReadCall { quorum: quorum(4, 1, 1), ..ReadCall::of('x') };
    store.handle(S1, Input::Read { request, call });
    let reason = Refusal::Quorum(ConfigError::MoreReplicasThanServers { n: 4, servers: 3 });
    assert_eq!(store.answer(request), Some(&Outcome::Refused { reason }));
}

/// What a tear does to majorities: the larger side serves, the smaller one neither writes nor
/// reads, and of two halves none does. A "CP" store that answers reads on the smaller side is none.
#[test]
fn in_cp_only_a_majority_serves() {
    for (servers, left, serves) in [(3, 1, false), (3, 2, true), (4, 2, false), (5, 2, false)] {
        let mut store = Store::of(Settings::cp(servers));
        let ids = store.ids();
        let (ours, theirs) = ids.split_at(left);
        store.split(&[ours, theirs]);
        store.run(500_000);
        let read = store.read(S1, ANN);
        let write = store.write(S1, ANN, 7);
        store.deliver_all();
        for request in [read, write] {
            match store.answer(request).expect("at once") {
                Outcome::Ok { .. } => assert!(serves, "{servers} servers, {left} of them here"),
                Outcome::Unavailable { alive, needed } => {
                    assert!(!serves, "{servers} servers, {left} of them here");
                    assert_eq!((alive.len(), *needed), (left, majority(servers.into())));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// A small W lets both sides of a tear take writes of the same key.
#[test]
fn a_w_of_half_or_less_lets_both_sides_write() {
    let mut store = Store::of(quiet(4, 4, 3, 2));
    store.split(&[&[S1, S2], &[S3, S4]]);
    let left = store.write_through(S1, ANN, 7);
    let right = store.write_through(S4, BOB, 8);
    assert_eq!((store.ok_by(left), store.ok_by(right)), (vec![S1, S2], vec![S4, S3]));
    assert_eq!(store.all_x(), [[7], [7], [8], [8]]);
}

#[test]
fn a_coordinator_takes_no_more_than_it_may() {
    let settings = Settings { max_operations: 2, ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    store.write(S1, ANN, 1);
    store.write(S1, BOB, 2);
    let third = store.write(S1, EVE, 3);
    assert_eq!(store.answer(third), Some(&Outcome::Refused { reason: Refusal::Busy }));
    // One that is answered and only listens for late ones makes room.
    store.exchange(S1, S2);
    let fourth = store.write(S1, EVE, 4);
    assert_eq!(store.answer(fourth), None);
}
