//! Projections.

use rift::event_store::*;

use super::account::*;

/// How much every stream was written, and in what order.
struct Traffic {
    knows_withdrawals: bool,
    schema: u64,
}

const TRAFFIC: Traffic = Traffic { knows_withdrawals: true, schema: 1 };

impl Evolve for Traffic {
    type Payload = Account;
    type State = Vec<(String, u64)>;

    fn initial(&self) -> Self::State {
        Vec::new()
    }

    fn evolve(&self, state: &mut Self::State, event: &Event<'_, Account>) {
        state.push((event.stream().to_owned(), event.position()));
    }

    fn knows(&self, event_type: &str) -> bool {
        self.knows_withdrawals || event_type != "Withdrawn"
    }

    fn schema(&self) -> u64 {
        self.schema
    }
}

fn positions(projection: &Projection<Vec<(String, u64)>>) -> Vec<u64> {
    projection.state().iter().map(|(_, at)| *at).collect()
}

fn both() -> EventStore<Account> {
    store(&[("a", &[1, 2]), ("b", &[3]), ("a", &[4]), ("b", &[5, 6])])
}

/// ES-21: state and position move together, so a checkpoint taken at any moment goes on exactly
/// where it was.
#[test]
fn going_on_from_any_checkpoint_gives_the_same_state() {
    let store = both();
    let replay = Replay::new(&TRAFFIC);
    for (source, end) in [(Source::All, vec![1, 2, 3, 4, 5, 6]), (in_a(), vec![1, 2, 4])] {
        for step in 1..8 {
            let mut projection = Projection::new(&replay, source.clone());
            let mut position = 0;
            while projection.lag(&store) > 0 {
                let checkpoint = projection.checkpoint();
                projection.catch_up(&replay, &store, step).expect("it is of this log");
                assert!(projection.position() > position, "it only goes forward");
                position = projection.position();
                // It crashes here, and what was kept is state and position from before.
                let restored = Projection::resume(&replay, &store, checkpoint);
                let mut restored = restored.expect("it is of this log");
                restored.catch_up(&replay, &store, step).expect("it is of this log");
                assert_eq!(restored, projection);
            }
            assert_eq!((positions(&projection), projection.position()), (end.clone(), 6));
            assert_eq!(projection.catch_up(&replay, &store, step), Ok(0));
        }
    }
}

fn in_a() -> Source {
    Source::Stream("a".to_owned())
}

#[test]
fn lag_counts_the_events_still_to_come() {
    let mut store = both();
    let replay = Replay::new(&TRAFFIC);
    let mut all = Projection::new(&replay, Source::All);
    let mut of_a = Projection::new(&replay, in_a());
    let lags = |all: &Projection<_>, of_a: &Projection<_>, store: &EventStore<Account>| {
        (all.lag(store), of_a.lag(store))
    };
    assert_eq!(lags(&all, &of_a, &store), (6, 3));
    assert_eq!(all.catch_up(&replay, &store, 4), Ok(4));
    assert_eq!(of_a.catch_up(&replay, &store, 2), Ok(2));
    assert_eq!(lags(&all, &of_a, &store), (2, 1));
    assert_eq!(of_a.catch_up(&replay, &store, u64::MAX), Ok(1));
    store.append("b", Expected::Any, 99, [deposit(7)]).expect("it is new");
    assert_eq!(lags(&all, &of_a, &store), (3, 0));
    assert_eq!(of_a.catch_up(&replay, &store, 0), Ok(0));
    assert_eq!(of_a.catch_up(&replay, &store, u64::MAX), Ok(0));
    assert_eq!(of_a.position(), 7);
}

#[test]
fn a_rebuilt_projection_is_what_it_was() {
    let store = both();
    let replay = Replay::new(&TRAFFIC);
    let mut projection = Projection::new(&replay, in_a());
    projection.catch_up(&replay, &store, 2).expect("it is of this log");
    let mut rebuilt = projection.clone();
    rebuilt.rebuild(&replay, &store).expect("all types are known");
    projection.catch_up(&replay, &store, u64::MAX).expect("it is of this log");
    assert_eq!(rebuilt, projection);
}

/// ES-13, the wise split: live it skips what it does not know, a rebuild fails on it. ES-12: a
/// rebuild that fails leaves the projection as it was, and the next one is not the worse for it.
#[test]
fn a_failed_rebuild_leaves_the_old_projection() {
    let mut store = both();
    store.append("a", Expected::Any, 99, [event(7, Account::Withdrawn(1))]).expect("it is new");
    store.append("a", Expected::Any, 99, [deposit(8)]).expect("it is new");
    let blind = Traffic { knows_withdrawals: false, schema: 1 };
    let skipping = Replay::new(&blind).unknown_types(UnknownTypes::Skip);
    let mut projection = Projection::new(&skipping, Source::All);
    assert_eq!(projection.catch_up(&skipping, &store, u64::MAX), Ok(7));
    assert_eq!(projection.folded().left_out.skipped, 1);
    let before = projection.clone();
    let unknown = ReplayError::UnknownType { event_type: "Withdrawn".to_owned(), position: 7 };
    assert_eq!(projection.rebuild(&Replay::new(&blind), &store), Err(unknown));
    assert_eq!(projection, before);
    assert_eq!(projection.rebuild(&Replay::new(&TRAFFIC), &store), Ok(()));
    assert_eq!(positions(&projection), [1, 2, 3, 4, 5, 6, 7, 8]);
}

/// Live and strict: it stops before the event, with state and position that belong together.
#[test]
fn an_unknown_type_stops_a_projection_just_before_it() {
    let mut store = both();
    store.append("a", Expected::Any, 99, [event(7, Account::Withdrawn(1))]).expect("it is new");
    let blind = Traffic { knows_withdrawals: false, schema: 1 };
    let replay = Replay::new(&blind);
    for source in [Source::All, in_a()] {
        let mut projection = Projection::new(&replay, source);
        for _ in 0..2 {
            let stopped = projection.catch_up(&replay, &store, u64::MAX);
            assert!(matches!(stopped, Err(ReplayError::UnknownType { position: 7, .. })));
            let last = positions(&projection).last().copied();
            assert_eq!((projection.lag(&store), last), (1, Some(projection.position())));
        }
    }
}

/// ES-15 and ES-16 hold for projections, too.
#[test]
fn a_projection_of_another_log_or_schema_is_refused() {
    let store = both();
    let replay = Replay::new(&TRAFFIC);
    let mut projection = Projection::new(&replay, Source::All);
    projection.catch_up(&replay, &store, 5).expect("it is of this log");
    let before = projection.clone();
    let mut refused = |replay: &Replay<'_, Traffic>, store: &EventStore<Account>| {
        let refusal = match projection.catch_up(replay, store, 9) {
            Err(ReplayError::Snapshot(refusal)) => Some(refusal),
            _ => None,
        };
        assert_eq!(projection, before);
        refusal
    };
    let shorter = super::account::store(&[("a", &[1, 2])]);
    let newer = SnapshotRefusal::NewerThanLog { snapshot: 5, log: 2 };
    assert_eq!(refused(&replay, &shorter), Some(newer));
    let forked = super::account::store(&[("a", &[1, 2, 3, 4, 50, 60])]);
    assert_eq!(refused(&replay, &forked), Some(SnapshotRefusal::OtherHistory { at: 5 }));
    let next = Traffic { schema: 2, ..TRAFFIC };
    let next = Replay::new(&next);
    let (snapshot, code) = (replay.schema(), next.schema());
    assert_eq!(refused(&next, &store), Some(SnapshotRefusal::OtherSchema { snapshot, code }));
    // Nor can it be taken up again there, or after somebody changed it.
    let resume = |replay, store, checkpoint| Projection::resume(replay, store, checkpoint).err();
    let kept = projection.checkpoint();
    assert_eq!(resume(&replay, &store, kept.clone()), None);
    assert_eq!(resume(&replay, &shorter, kept.clone()), Some(newer));
    assert!(resume(&next, &store, kept.clone()).is_some());
    let mut changed = kept;
    changed.folded.state.pop();
    let refusal = resume(&replay, &store, changed);
    assert!(matches!(refusal, Some(SnapshotRefusal::Damaged { .. })));
    // A rebuild is the way out.
    projection.rebuild(&next, &forked).expect("all types are known");
    assert_eq!((projection.position(), projection.check(&next, &forked)), (6, Ok(())));
}

#[test]
fn removed_events_are_passed_over_and_gone_after_a_rebuild() {
    let mut store = both();
    let replay = Replay::new(&TRAFFIC);
    let mut projection = Projection::new(&replay, Source::All);
    projection.catch_up(&replay, &store, 2).expect("it is of this log");
    store.truncate("a", 4).expect("it is there");
    assert_eq!(projection.catch_up(&replay, &store, u64::MAX), Ok(3));
    assert_eq!(positions(&projection), [1, 2, 3, 5, 6]);
    projection.rebuild(&replay, &store).expect("all types are known");
    assert_eq!(positions(&projection), [3, 5, 6]);
}
