//! AP: whoever is up serves, others stand in, and hints go home afterwards.

use rift::quorum::*;

use super::store::*;

fn sloppy(servers: u8, n: usize, r: usize, w: usize) -> Settings {
    Settings {
        mode: Mode::Ap { sloppy: true },
        detector: Some(Detector { heartbeat_us: 50_000, suspect_after_us: 175_000 }),
        ..quiet(servers, n, r, w)
    }
}

/// S1, S4 and S5 on one side; S2 and S3, replicas like S1, on the other. Noticed by all.
fn torn(settings: Settings) -> Store {
    let mut store = Store::of(settings);
    store.split(&[&[S1, S4, S5], &[S2, S3]]);
    store.run(500_000);
    store
}

/// Dynamo §4.6: "if node A is temporarily down or unreachable during a write operation then a
/// replica that would normally have lived on A will now be sent to node D", with a hint for whom it
/// is.
#[test]
fn stand_ins_take_the_places_of_those_who_seem_down() {
    let mut store = torn(sloppy(5, 3, 2, 2));
    let request = store.write_through(S1, ANN, 7);
    let Some(Outcome::Ok { acked_by, .. }) = store.answer(request) else { panic!("it is up") };
    let by = |by, stands_in_for| Ack { by, stands_in_for };
    assert_eq!(*acked_by, [by(S1, None), by(S4, Some(S2))]);
    let hints = |id| store.server(id).hints().map(|(whom, ..)| whom).collect::<Vec<_>>();
    assert_eq!((hints(S4), hints(S5)), (vec![S2], vec![S3]));
    assert!(store.x(S4).is_empty(), "what it keeps for others is not its own");
    // On this side reads find it, at whatever server.
    assert_eq!(store.read_through(S5, BOB), [7]);
}

/// R + W > N promises nothing while stand-ins acknowledge: no read quorum of the other side meets
/// them.
#[test]
fn with_stand_ins_overlapping_quorums_read_stale_values() {
    let mut store = Store::of(sloppy(5, 3, 2, 2));
    assert!(store.server(S1).config().quorum().overlaps());
    store.write_through(S1, ANN, 1);
    store.split(&[&[S1, S4, S5], &[S2, S3]]);
    store.run(500_000);
    let write = store.write_through(S1, ANN, 2);
    assert!(matches!(store.answer(write), Some(Outcome::Ok { .. })));
    assert_eq!(store.read_through(S2, BOB), [1], "from S2 and S3: two of three");
}

/// "Upon detecting that A has recovered, D will attempt to deliver the replica to A. Once the
/// transfer succeeds, D may delete the object from its local store" (Dynamo §4.6).
#[test]
fn hints_are_delivered_after_the_heal_and_dropped() {
    let mut store = torn(sloppy(5, 3, 2, 2));
    store.write_through(S1, ANN, 7);
    assert_eq!(store.all_x(), [vec![7], vec![], vec![], vec![], vec![]]);
    store.heal();
    store.run(50_000);
    assert_eq!(store.all_x(), [vec![7], vec![7], vec![7], vec![], vec![]]);
    for id in [S4, S5] {
        assert_eq!(store.server(id).hints().count(), 0);
        let dropped = |event: &Event<Key>| matches!(event, Event::HintDropped { key: 'x', .. });
        assert!(store.take_events(id).iter().any(dropped));
        store.crash(id);
        store.restart(id);
        assert_eq!(store.server(id).hints().count(), 0, "nor are they on disk");
    }
}

/// A handoff that is lost is tried again; hints outlive a crash of the stand-in.
#[test]
fn hints_survive_until_they_arrive() {
    let mut store = torn(sloppy(5, 3, 2, 2));
    store.write_through(S1, ANN, 7);
    store.crash(S4);
    store.restart(S4);
    assert_eq!(store.server(S4).hints().count(), 1);
    store.heal();
    // Time passes and everything is lost but the heartbeats, by which S5 learns that S3 is up.
    store.advance(50_000);
    store.in_flight.retain(|flight| flight.message.kind() == MessageKind::Heartbeat);
    let heartbeats = store.in_flight.len();
    (0..heartbeats).for_each(|_| store.deliver_nth(0));
    let handoffs = store.in_flight.iter().filter(|flight| (flight.from, flight.to) == (S5, S3));
    assert_eq!(handoffs.count(), 1);
    store.drop_all();
    assert_eq!(store.server(S5).hints().count(), 1);
    store.run(store.settings.handoff_retry_us);
    assert_eq!(store.all_x()[..3], [[7], [7], [7]]);
    assert_eq!(store.server(S5).hints().count() + store.server(S4).hints().count(), 0);
}

/// What was added to a hint while it was on its way is not dropped with it.
#[test]
fn a_hint_that_has_changed_since_it_was_sent_is_kept() {
    let mut store = torn(sloppy(5, 3, 2, 2));
    store.write_through(S1, ANN, 1);
    store.heal();
    store.advance(50_000);
    let is_heartbeat = |flight: &Flight| flight.message.kind() == MessageKind::Heartbeat;
    store.in_flight.retain(|flight| is_heartbeat(flight) && (flight.from, flight.to) == (S2, S4));
    store.deliver(S2, S4);
    // S1 does not know yet that S2 is up, and S4 gets a further hint for it.
    store.now_us += 10;
    store.write(S1, ANN, 2);
    store.deliver(S1, S4);
    store.exchange(S4, S2);
    assert_eq!((store.x(S2), store.server(S4).hints().count()), (vec![1], 1));
    store.drop_all();
    store.run(500_000);
    assert_eq!((store.x(S2), store.server(S4).hints().count()), (vec![2], 0));
}

/// A replica and its stand-in fill one place between them.
#[test]
fn a_replica_and_its_stand_in_count_as_one() {
    let mut store = torn(sloppy(4, 3, 3, 3));
    // S4 is the only spare: three places, of which it fills that of S2.
    let request = store.write(S1, ANN, 7);
    assert!(matches!(store.answer(request), Some(Outcome::Unavailable { needed: 3, .. })));
    let mut store = torn(sloppy(5, 3, 3, 3));
    let request = store.write(S1, ANN, 7);
    store.heal();
    store.exchange(S1, S4);
    // S2 was not dead, and is asked like all N.
    store.take_events(S1);
    store.exchange(S1, S2);
    let (from, why) = (S2, NotCounted::PlaceTaken);
    let events = store.take_events(S1);
    assert!(events.contains(&Event::NotCounted { request, from, why }), "{events:?}");
    assert_eq!(store.answer(request), None);
    store.exchange(S1, S5);
    assert_eq!(store.ok_by(request), [S1, S4, S2, S5]);
}

/// With R = W = 1 and stand-ins every live server answers, alone if need be (Gilbert and Lynch
/// 2002).
#[test]
fn with_one_and_one_every_live_server_answers() {
    let settings = Settings { anti_entropy_us: Some(100_000), ..sloppy(5, 3, 1, 1) };
    let mut store = Store::of(settings);
    store.split(&[&[S1], &[S2], &[S3], &[S4], &[S5]]);
    store.run(500_000);
    for (id, value) in store.ids().into_iter().zip(1..) {
        let write = store.write_through(id, value as u16, value);
        assert_eq!(store.ok_by(write), [id]);
        assert_eq!(store.read_through(id, ANN), [value]);
    }
    // And afterwards they agree on the last one.
    store.heal();
    store.run(2_000_000);
    assert_eq!(store.all_x()[..3], [[5], [5], [5]]);
}

/// Nobody is a stand-in for ever: hints are bounded, and one too many is not acknowledged.
#[test]
fn a_stand_in_that_is_full_does_not_acknowledge() {
    let mut store = torn(Settings { max_hints: 1, ..sloppy(4, 3, 2, 2) });
    let first = store.write_through(S1, ANN, 7);
    assert_eq!(store.ok_by(first), [S1, S4]);
    let second = store.write_call(S1, ANN, WriteCall::blind('y', Some(8)));
    store.run(store.settings.timeout_us);
    assert!(matches!(store.answer(second), Some(Outcome::Indeterminate { needed: 2, .. })));
    let full = Event::Full { key: 'y', what: Full::Hints };
    assert!(store.take_events(S4).contains(&full));
    // The same key again is no further hint.
    let third = store.write_through(S1, ANN, 9);
    assert_eq!(store.ok_by(third), [S1, S4]);
}

/// Silence is suspicious, any message is a sign of life, and an opinion is only that.
#[test]
fn suspicion_comes_with_silence_and_goes_with_a_message() {
    let mut store = Store::of(sloppy(3, 3, 1, 1));
    store.run(1_000_000);
    assert!(store.server(S1).is_alive(S2) && store.server(S1).is_alive(S1));
    // One way only: S1 hears nothing of S2, and S2 hears all.
    store.in_flight.clear();
    store.crash(S2);
    store.run(170_000);
    assert!(store.server(S1).is_alive(S2));
    store.run(30_000);
    assert!(!store.server(S1).is_alive(S2) && store.server(S1).is_alive(S3));
    let suspected = |event: &Event<Key>| matches!(event, Event::Suspected { server: S2, .. });
    assert!(store.take_events(S1).iter().any(suspected));
    store.restart(S2);
    store.run(50_000);
    assert!(store.server(S1).is_alive(S2));
    assert!(store.take_events(S1).contains(&Event::HeardAgain { server: S2 }));
}
