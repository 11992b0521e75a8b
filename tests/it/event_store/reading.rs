//! Reading: both ways, in parts, and as of then.

use rift::event_store::*;

use super::account::*;

const NOTHING: [u64; 0] = [];

/// Two streams, interleaved.
fn interleaved() -> EventStore<Account> {
    store(&[("a", &[1, 2]), ("b", &[3]), ("a", &[4]), ("b", &[5, 6]), ("a", &[7, 8])])
}

#[test]
fn a_stream_is_read_in_both_directions_from_to_and_at_most_so_many() {
    let store = interleaved();
    let read = |read| ids(store.read_stream("a", read).expect("it is there").iter());
    assert_eq!(read(Read::forwards()), [1, 2, 4, 7, 8]);
    assert_eq!(read(Read::backwards()), [8, 7, 4, 2, 1]);
    assert_eq!(read(Read::forwards().from(2).to(4)), [2, 4, 7]);
    assert_eq!(read(Read::backwards().from(4).to(2)), [7, 4, 2]);
    assert_eq!(read(Read::forwards().from(3).limit(2)), [4, 7]);
    assert_eq!(read(Read::backwards().limit(2)), [8, 7]);
    assert_eq!(read(Read::backwards().from(99).limit(1)), [8]);
    assert_eq!(read(Read::forwards().from(4).to(2)), NOTHING);
    assert_eq!(read(Read::backwards().to(0)), [8, 7, 4, 2, 1]);
    let all = |read| ids(store.read_all(read).expect("a good question"));
    assert_eq!(all(Read::forwards().from(3).limit(3)), [3, 4, 5]);
    assert_eq!(all(Read::backwards().from(4).to(2)), [4, 3, 2]);
    assert_eq!(all(Read::backwards().limit(2)), [8, 7]);
    assert_eq!(all(Read::forwards().from(9)), NOTHING);
    assert_eq!(all(Read::forwards().from(u64::MAX)), NOTHING);
}

/// ES-8: past the end there is nothing, a missing stream is something else, and there is no event
/// number zero.
#[test]
fn an_empty_slice_is_not_a_missing_stream() {
    let store = interleaved();
    let past = store.read_stream("a", Read::forwards().from(6)).expect("the stream is there");
    assert!(past.is_empty() && past.iter().next().is_none());
    let actual = StreamState::Missing;
    let missing = store.read_stream("c", Read::forwards()).expect_err("the stream is not there");
    assert_eq!(missing, ReadError::NoStream { stream: "c".to_owned(), actual });
    for stream in ["a", "c"] {
        let error = |read| store.read_stream(stream, read).err();
        assert_eq!(error(Read::forwards().limit(0)), Some(ReadError::LimitIsZero));
        assert_eq!(error(Read::backwards().limit(0)), Some(ReadError::LimitIsZero));
        assert_eq!(error(Read::forwards().from(0)), Some(ReadError::StartsAtZero));
    }
    assert_eq!(store.read_all(Read::forwards().from(0)).err(), Some(ReadError::StartsAtZero));
    assert_eq!(store.read_all(Read::backwards().limit(0)).err(), Some(ReadError::LimitIsZero));
}

/// ES-19: what was read in part still says what the next append may expect.
#[test]
fn a_part_of_a_stream_knows_the_whole_streams_version() {
    let mut store = interleaved();
    let part = store.read_stream("a", Read::forwards().from(3).limit(1)).expect("it is there");
    assert_eq!((part.len(), part.stream_version(), part.first_available()), (1, 5, 1));
    let expected = Expected::Exact(part.stream_version());
    assert!(store.append("a", expected, 0, [deposit(9)]).is_ok());
}

/// ES-18: a clock that steps back does not take the log with it.
#[test]
fn a_prefix_by_time_is_a_prefix_by_position_even_if_the_clock_steps_back() {
    let mut store = EventStore::new();
    let clock = [100, 200, 50, 60, 200, 300, 0];
    for (n, now) in (1..).zip(clock) {
        let stream = if n % 2 == 0 { "b" } else { "a" };
        store.append(stream, Expected::Any, now, [deposit(n)]).expect("anything goes");
    }
    let times: Vec<u64> = (1..=7).filter_map(|at| Some(store.event(at)?.recorded_at())).collect();
    assert_eq!(times, [100, 200, 200, 200, 200, 300, 300]);
    for time in 0..400 {
        let position = store.position_at(time);
        assert!(times[..position as usize].iter().all(|at| *at <= time));
        assert!(times[position as usize..].iter().all(|at| *at > time));
        let of_a = (1..=position).filter(|at| at % 2 == 1).count() as u64;
        assert_eq!(store.version_at("a", time), of_a);
    }
    assert_eq!((store.version_at("a", u64::MAX), store.version_at("c", u64::MAX)), (4, 0));
}

/// ES-18: beyond the end, a version is an error and a time is not.
#[test]
fn time_travel_goes_to_any_time_but_not_to_versions_that_are_not_there() {
    let store = interleaved();
    let replay = Replay::new(&Bank);
    let cents = |folded: Result<Folded<Balance>, ReplayError>| folded.map(|f| f.state.cents);
    let to: Vec<_> = (0..=5).map(|v| cents(replay.stream_to(&store, "a", v))).collect();
    assert_eq!(to, [0, 1, 3, 7, 14, 22].map(Ok));
    let beyond = ReplayError::Read(ReadError::BeyondEnd { asked: 6, end: 5 });
    assert_eq!(cents(replay.stream_to(&store, "a", 6)), Err(beyond));
    let beyond = ReplayError::Read(ReadError::BeyondEnd { asked: 1, end: 0 });
    assert_eq!(cents(replay.stream_to(&store, "c", 1)), Err(beyond));
    // Batches were recorded at ten times the position before them.
    assert_eq!(cents(replay.stream_at(&store, "a", 29)), Ok(3));
    assert_eq!(cents(replay.stream_at(&store, "a", 30)), Ok(7));
    assert_eq!(cents(replay.stream_at(&store, "a", u64::MAX)), Ok(22));
    assert_eq!(cents(replay.stream_at(&store, "c", 5)), Ok(0));
    assert_eq!(cents(replay.all_to(&store, 3)), Ok(6));
    let beyond = ReplayError::Read(ReadError::BeyondEnd { asked: 9, end: 8 });
    assert_eq!(cents(replay.all_to(&store, 9)), Err(beyond));
}

#[test]
fn an_event_is_found_by_position_and_by_id() {
    let store = interleaved();
    assert_eq!(store.event(5).map(|event| event.version()), Some(2));
    assert!([0, 9, u64::MAX].iter().all(|at| store.event(*at).is_none()));
    assert_eq!(store.find("b", id(6)), place(3, 6));
    assert_eq!((store.find("a", id(6)), store.find("c", id(6))), (None, None));
}

/// The same beginning, and from then on another history.
#[test]
fn a_fork_begins_as_the_store_did_and_goes_on_by_itself() {
    let mut store = interleaved();
    let mut fork = store.fork(4).expect("it had four events");
    assert_eq!((ids_in(&fork, "a"), ids_in(&fork, "b")), (vec![1, 2, 4], vec![3]));
    fork.append("a", Expected::Exact(3), 99, [deposit(70)]).expect("it is as expected");
    store.append("b", Expected::Exact(3), 99, [deposit(80)]).expect("it is as expected");
    assert_eq!((ids_in(&fork, "a"), ids_in(&store, "a")), (vec![1, 2, 4, 70], vec![1, 2, 4, 7, 8]));
    assert_eq!(store.fork(0), Ok(EventStore::new()));
    assert_eq!(store.fork(10), Err(ReadError::BeyondEnd { asked: 10, end: 9 }));
    // What was removed since is in no fork.
    store.delete("b", Expected::Any).expect("it is there");
    let fork = store.fork(4).expect("it had four events");
    assert_eq!(fork.stream("b"), StreamState::Deleted { version: 1 });
    assert!(fork.event(3).is_none());
}
