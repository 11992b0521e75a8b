//! Deletes are writes. What is forgotten too early comes back.

use rift::quorum::*;

use super::store::*;

const GRACE_US: u64 = 1_000_000;

/// S3 has missed a delete. How the store looks after the grace, when S3 is back and compares notes.
fn after_a_delete_that_one_has_missed(away_us: u64) -> Store {
    let settings = Settings { tombstone_grace_us: Some(GRACE_US), ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    store.write_through(S1, ANN, 1);
    store.split(&[&[S1, S2], &[S3]]);
    store.delete(S1, ANN);
    store.deliver_all();
    assert_eq!(store.all_x(), [vec![], vec![], vec![1]]);
    store.run(away_us);
    store.heal();
    store.compare(S1, S3);
    store.compare(S1, S2);
    store
}

#[test]
fn a_deleted_key_is_found_as_a_tombstone() {
    let mut store = Store::of(quiet(3, 3, 2, 2));
    store.write_through(S1, ANN, 1);
    let delete = store.delete(S1, ANN);
    store.deliver_all();
    assert!(matches!(store.answer(delete), Some(Outcome::Ok { .. })), "a write like any other");
    let read = store.read(S2, BOB);
    store.deliver_all();
    assert_eq!(store.found(read), Vec::<Value>::new());
    assert_eq!(store.context(read), store.context(delete), "found, and as a tombstone");
    assert!(store.server(S1).cell(&'x').expect("it is kept").is_tombstone());
}

/// Within the grace the tombstone tells the late one.
#[test]
fn a_tombstone_that_is_kept_deletes_everywhere() {
    let store = after_a_delete_that_one_has_missed(GRACE_US / 2);
    assert_eq!(store.all_x(), vec![Vec::<Value>::new(); 3]);
    assert!(store.server(S3).cell(&'x').is_some_and(Cell::is_tombstone));
}

/// After it nothing tells any more that the value was deleted, and repair spreads it again.
#[test]
fn a_tombstone_that_is_collected_too_early_resurrects_the_value() {
    let mut store = after_a_delete_that_one_has_missed(2 * GRACE_US);
    assert_eq!(store.all_x(), [[1], [1], [1]]);
    let collected = |event: &Event<Key>| {
        let Event::TombstoneCollected { age_us, .. } = event else { return false };
        *age_us >= GRACE_US
    };
    assert_eq!(store.take_events(S1).iter().filter(|event| collected(event)).count(), 1);
}

/// Read repair resurrects as well as anti-entropy does.
#[test]
fn a_read_resurrects_too() {
    let settings = Settings {
        tombstone_grace_us: Some(GRACE_US),
        read_repair: ReadRepair::Async,
        ..quiet(3, 3, 2, 2)
    };
    let mut store = Store::of(settings);
    store.write_through(S1, ANN, 1);
    store.split(&[&[S1, S2], &[S3]]);
    store.delete(S1, ANN);
    store.run(2 * GRACE_US);
    store.heal();
    assert_eq!(store.read_through(S1, BOB), Vec::<Value>::new(), "S1 and S2 decide");
    assert_eq!(store.all_x(), [[1], [1], [1]], "and the repair spreads what S3 has");
    assert_eq!(store.read_through(S1, BOB), [1]);
}

/// When all replicas have the tombstone it can go without harm.
#[test]
fn a_tombstone_that_everybody_has_goes_without_a_trace() {
    let settings = Settings { tombstone_grace_us: Some(GRACE_US), ..quiet(3, 3, 2, 2) };
    let mut store = Store::of(settings);
    store.write_through(S1, ANN, 1);
    store.delete(S1, ANN);
    store.deliver_all();
    store.run(GRACE_US - 20);
    assert!(store.ids().into_iter().all(|id| store.server(id).cell(&'x').is_some()));
    store.run(GRACE_US);
    store.compare(S1, S3);
    for id in store.ids() {
        assert_eq!(store.server(id).cells().count(), 0);
        store.crash(id);
        store.restart(id);
        assert_eq!(store.server(id).cells().count(), 0, "from the disk, too");
    }
}

/// A hint that was kept for long loses by its stamp against the delete that came after it, and wins
/// if that is not known any more.
#[test]
fn a_stale_hint_loses_to_a_tombstone_and_wins_without() {
    for (grace_us, left) in [(None, vec![]), (Some(GRACE_US), vec![1])] {
        let settings = Settings {
            mode: Mode::Ap { sloppy: true },
            detector: Some(Detector { heartbeat_us: 50_000, suspect_after_us: 175_000 }),
            tombstone_grace_us: grace_us,
            ..quiet(4, 3, 1, 1)
        };
        let mut store = Store::of(settings);
        // S4 takes the write for S3, and then is away itself.
        store.crash(S3);
        store.run(500_000);
        store.write_through(S1, ANN, 1);
        assert_eq!(store.server(S4).hints().count(), 1);
        store.split(&[&[S1, S2, S3], &[S4]]);
        store.restart(S3);
        store.run(500_000);
        store.delete(S1, ANN);
        store.run(2 * GRACE_US);
        store.heal();
        store.run(500_000);
        assert_eq!(store.server(S4).hints().count(), 0, "delivered");
        assert_eq!(store.x(S3), left, "grace {grace_us:?}");
    }
}
