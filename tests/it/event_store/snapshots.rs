//! Snapshots: the law, and everything that could break it.

use rift::event_store::*;

use super::account::*;

/// The same bank in its next release.
struct NewBank;

impl Evolve for NewBank {
    type Payload = Account;
    type State = Balance;

    fn initial(&self) -> Balance {
        Bank.initial()
    }

    fn evolve(&self, balance: &mut Balance, event: &Event<'_, Account>) {
        Bank.evolve(balance, event);
    }

    fn schema(&self) -> u64 {
        2
    }
}

fn snapshot_at(store: &EventStore<Account>, version: u64) -> Snapshot<Balance> {
    let replay = Replay::new(&Bank);
    let folded = replay.stream_to(store, "a", version).expect("the version is there");
    replay.snapshot(store, "a", folded)
}

/// The store up to a position, as an older copy would have it.
fn copy_up_to(store: &EventStore<Account>, position: u64) -> EventStore<Account> {
    let mut copy = EventStore::new();
    for event in store.read_all(Read::forwards().to(position)).expect("a good question") {
        let new = NewEvent::new(event.id(), event.event_type(), event.payload().clone());
        copy.append(event.stream(), Expected::Any, event.recorded_at(), [new]).expect("it is new");
    }
    copy
}

#[track_caller]
fn assert_refused(
    store: &EventStore<Account>,
    snapshot: &Snapshot<Balance>,
    refusal: SnapshotRefusal,
) {
    let replay = Replay::new(&Bank);
    let refused = replay.stream_from(store, snapshot);
    assert_eq!(refused, Err(ReplayError::Snapshot(refusal)));
    // Rebuilt instead, and it says so.
    let folded = replay.stream(store, "a").expect("all types are known");
    let loaded = Loaded { folded, refused: Some(refusal) };
    assert_eq!(replay.stream_from_or_rebuilt(store, snapshot), Ok(loaded));
}

/// ES-14: for every cut, fold(all) = fold(tail, snapshot), with later events and without.
#[test]
fn a_replay_from_any_snapshot_gives_what_a_whole_replay_gives() {
    let mut store = store(&[("a", &[5, 6]), ("b", &[7]), ("a", &[8]), ("b", &[9])]);
    store.append("a", Expected::Any, 50, [event(10, Account::Withdrawn(30))]).expect("it is new");
    store.append("a", Expected::Any, 60, [event(11, Account::Deposited(2))]).expect("it is new");
    let replay = Replay::new(&Bank);
    let whole = replay.stream(&store, "a").expect("all types are known");
    for cut in 0..=5 {
        let snapshot = snapshot_at(&store, cut);
        assert_eq!(replay.stream_from(&store, &snapshot), Ok(whole.clone()), "cut at {cut}");
        let loaded = replay.stream_from_or_rebuilt(&store, &snapshot);
        assert_eq!(loaded, Ok(Loaded { folded: whole.clone(), refused: None }));
    }
}

/// ES-14, for every cut and every version after it; ES-15 and ES-18 for what is not there.
#[test]
fn a_replay_from_a_snapshot_goes_to_any_version_after_it() {
    let store = store(&[("a", &[5, 6]), ("b", &[7]), ("a", &[8]), ("b", &[9])]);
    let replay = Replay::new(&Bank);
    for version in 0..=3 {
        let whole = replay.stream_to(&store, "a", version).expect("it is there");
        for cut in 0..=3 {
            let found = replay.stream_from_to(&store, &snapshot_at(&store, cut), version);
            let refusal = SnapshotRefusal::NewerThanLog { snapshot: cut, log: version };
            match cut <= version {
                true => assert_eq!(found, Ok(whole.clone()), "{cut} to {version}"),
                false => assert_eq!(found, Err(ReplayError::Snapshot(refusal))),
            }
        }
    }
    let beyond = replay.stream_from_to(&store, &snapshot_at(&store, 2), 4);
    assert_eq!(beyond, Err(ReplayError::Read(ReadError::BeyondEnd { asked: 4, end: 3 })));
}

/// ES-15: a backup was restored, so the log is behind the snapshot.
#[test]
fn a_snapshot_newer_than_the_log_is_refused() {
    let store = store(&[("a", &[1, 2, 3])]);
    let snapshot = snapshot_at(&store, 3);
    for position in 0..3 {
        let refusal = SnapshotRefusal::NewerThanLog { snapshot: 3, log: position };
        assert_refused(&copy_up_to(&store, position), &snapshot, refusal);
    }
    assert_eq!(Replay::new(&Bank).check(&copy_up_to(&store, 3), &snapshot), Ok(()));
}

/// ES-15: the log was forked before the snapshot, and has grown past it since.
#[test]
fn a_snapshot_of_another_history_is_refused() {
    let store = store(&[("a", &[1, 2, 3])]);
    let snapshot = snapshot_at(&store, 3);
    let mut fork = copy_up_to(&store, 2);
    fork.append("a", Expected::Exact(2), 90, deposits([4, 5])).expect("it is as expected");
    assert_refused(&fork, &snapshot, SnapshotRefusal::OtherHistory { at: 3 });
    // One from before the fork fits both.
    assert_eq!(Replay::new(&Bank).check(&fork, &snapshot_at(&store, 2)), Ok(()));
}

/// ES-16: other code made it, or other upcasters, or another way with unknown types.
#[test]
fn a_snapshot_of_another_schema_is_refused() {
    let store = store(&[("a", &[1, 2, 3])]);
    let folded = Replay::new(&NewBank).stream(&store, "a").expect("all types are known");
    let step =
        Upcaster { from: "Paid", to: "Deposited", upcast: |old: &Account| Some(old.clone()) };
    let upcasters = Upcasters::new(vec![step]).expect("it is one");
    let old = Replay::new(&Bank);
    let snapshots = [
        Replay::new(&NewBank).snapshot(&store, "a", folded.clone()),
        Replay::new(&Bank).upcasting(&upcasters).snapshot(&store, "a", folded.clone()),
        Replay::new(&Bank).unknown_types(UnknownTypes::Skip).snapshot(&store, "a", folded),
    ];
    for snapshot in snapshots {
        let code = old.schema();
        let refusal = SnapshotRefusal::OtherSchema { snapshot: snapshot.schema, code };
        assert_refused(&store, &snapshot, refusal);
    }
}

#[test]
fn a_snapshot_of_a_deleted_stream_is_refused() {
    let mut store = store(&[("a", &[1, 2])]);
    let snapshots: Vec<_> = (0..=2).map(|version| snapshot_at(&store, version)).collect();
    store.delete("a", Expected::Any).expect("it is there");
    for events in [&[][..], &[3], &[4, 5]] {
        store.append("a", Expected::Any, 0, deposits(events.iter().copied())).expect("new");
        for snapshot in &snapshots {
            assert_refused(&store, snapshot, SnapshotRefusal::Deleted { at: 2 });
        }
    }
    assert_eq!(Replay::new(&Bank).check(&store, &snapshot_at(&store, 4)), Ok(()));
}

/// A snapshot is what makes truncating safe, if it is not older than what is truncated.
#[test]
fn a_snapshot_bridges_a_truncation_but_not_a_gap() {
    let mut store = store(&[("a", &[1, 2, 3, 4])]);
    let replay = Replay::new(&Bank);
    let whole = replay.stream(&store, "a").expect("all types are known");
    let snapshots: Vec<_> = (0..=4).map(|version| snapshot_at(&store, version)).collect();
    store.truncate("a", 4).expect("it is there");
    for snapshot in &snapshots[..3] {
        let refusal = SnapshotRefusal::TailIsGone { snapshot: snapshot.folded.through, first: 4 };
        assert_refused(&store, snapshot, refusal);
    }
    for snapshot in &snapshots[3..] {
        assert_eq!(replay.stream_from(&store, snapshot), Ok(whole.clone()));
    }
}

#[test]
fn a_snapshot_whose_state_was_changed_is_refused() {
    let store = store(&[("a", &[1, 2, 3])]);
    let mut snapshot = snapshot_at(&store, 2);
    snapshot.folded.state.cents += 1;
    let (taken, found) = (snapshot.state_hash, state_hash(&snapshot.folded.state));
    assert_refused(&store, &snapshot, SnapshotRefusal::Damaged { taken, found });
}
