//! Appending: what is expected, what is refused, and what was there already.

use std::sync::Mutex;

use rift::event_store::*;

use super::account::*;

fn conflict(expected: Expected, actual: StreamState) -> AppendError {
    AppendError::Conflict { stream: "a".to_owned(), expected, actual }
}

fn written(version: u64, first: Option<Place>, last: Option<Place>) -> Appended {
    Appended { effect: Effect::Written, version, first, last }
}

fn repeated(version: u64, first: Option<Place>, last: Option<Place>) -> Appended {
    Appended { effect: Effect::Repeated, version, first, last }
}

/// Appends to stream `a`, and looks that nothing at all changes if that is refused (ES-2) or if
/// nothing is written.
fn append(
    store: &mut EventStore<Account>,
    expected: Expected,
    ids: &[u64],
) -> Result<Appended, AppendError> {
    let before = store.clone();
    let appended = store.append("a", expected, 1_000, deposits(ids.iter().copied()));
    if !matches!(appended, Ok(Appended { effect: Effect::Written, .. })) {
        assert_eq!(*store, before, "{appended:?} changed something");
        let names: Vec<&str> = before.stream_names().collect();
        assert_eq!(store.stream_names().collect::<Vec<_>>(), names);
    }
    appended
}

/// ES-1: a version counts events, positions count all events, and both begin at one.
#[test]
fn a_version_is_the_number_of_events() {
    let mut store = store(&[("a", &[1, 2]), ("b", &[3])]);
    assert_eq!(store.stream("a"), StreamState::Exists { version: 2, first: 1 });
    assert_eq!(store.stream("c").version(), 0);
    let appended = append(&mut store, Expected::Exact(2), &[4, 5]);
    assert_eq!(appended, Ok(written(4, place(3, 4), place(4, 5))));
    assert_eq!(store.last_position(), 5);
    let event = store.event(4).expect("it was just appended");
    assert_eq!((event.stream(), event.version(), event.position()), ("a", 3, 4));
}

/// ES-1: no stream is the same as version zero, by definition.
#[test]
fn exactly_zero_is_no_stream() {
    let batches: [&[(&str, &[u64])]; 3] = [&[], &[("a", &[1])], &[("a", &[1]), ("a", &[2])]];
    for batches in batches {
        for ids in [&[][..], &[1], &[2], &[1, 2], &[2, 1], &[1, 3], &[9]] {
            let (mut one, mut other) = (store(batches), store(batches));
            let answer = append(&mut one, Expected::NoStream, ids);
            let same = match append(&mut other, Expected::Exact(0), ids) {
                Err(AppendError::Conflict { stream, actual, .. }) => {
                    Err(AppendError::Conflict { stream, expected: Expected::NoStream, actual })
                }
                Err(AppendError::PartlyThere { stream, there, not_there, .. }) => {
                    let expected = Expected::NoStream;
                    Err(AppendError::PartlyThere { stream, expected, there, not_there })
                }
                same => same,
            };
            assert_eq!(answer, same);
            assert_eq!(one, other);
        }
    }
    let mut deleted = store(&[("a", &[1])]);
    deleted.delete("a", Expected::Exists).expect("it is there");
    assert!(deleted.clone().append("a", Expected::Exact(0), 0, [deposit(2)]).is_ok());
    assert!(deleted.append("a", Expected::NoStream, 0, [deposit(2)]).is_ok());
}

/// ES-2, ES-3: every expectation against every state; the refusal says what was expected and what
/// is there.
#[test]
fn what_is_not_as_expected_is_refused_and_changes_nothing() {
    use Expected::*;
    let missing = StreamState::Missing;
    let there = StreamState::Exists { version: 2, first: 1 };
    let deleted = StreamState::Deleted { version: 2 };
    for expected in [Any, NoStream, Exists, Exact(0), Exact(1), Exact(2), Exact(3), Exact(u64::MAX)]
    {
        for actual in [missing, there, deleted] {
            let mut store = match actual {
                StreamState::Missing => store(&[("b", &[1])]),
                _ => store(&[("b", &[1]), ("a", &[2, 3])]),
            };
            if actual == deleted {
                store.delete("a", Exists).expect("it is there");
            }
            let fits = match (expected, actual) {
                (Any, _) => true,
                (NoStream | Exact(0), actual) => !actual.exists(),
                (Exists, actual) => actual.exists(),
                (Exact(version), actual) => version == actual.version(),
            };
            let version = actual.version();
            let appended = append(&mut store, expected, &[9]);
            let place = place(version + 1, store.last_position());
            let right = match fits {
                true => Ok(written(version + 1, place, place)),
                false => Err(conflict(expected, actual)),
            };
            assert_eq!(appended, right, "{expected} of {actual}");
        }
    }
}

/// ES-3: a stream that is not there is not a stream of no events.
#[test]
fn a_conflict_tells_a_missing_stream_from_every_version() {
    let error = append(&mut store(&[]), Expected::Exact(3), &[1]).expect_err("there is none");
    assert_eq!(error.to_string(), "stream `a`: expected version 3, actual no stream");
    let error = append(&mut store(&[("a", &[1, 2, 3, 4])]), Expected::Exact(3), &[9]);
    let error = error.expect_err("it is at version 4");
    assert_eq!(error.to_string(), "stream `a`: expected version 3, actual version 4");
}

/// ES-4, with a position: at exactly the positions asked for, it is a repeat.
#[test]
fn a_repeat_at_the_position_asked_for_gives_the_original_places() {
    let mut store = store(&[("b", &[7]), ("a", &[1, 2]), ("b", &[8]), ("a", &[3])]);
    let whole = append(&mut store, Expected::NoStream, &[1, 2]);
    assert_eq!(whole, Ok(repeated(2, place(1, 2), place(2, 3))));
    let later = append(&mut store, Expected::Exact(1), &[2, 3]);
    assert_eq!(later, Ok(repeated(3, place(2, 3), place(3, 5))));
    assert_eq!(store.last_position(), 5);
}

/// ES-4: the first id is not there, so it is somebody else's event that is: a conflict.
#[test]
fn another_event_at_the_position_asked_for_is_a_conflict() {
    let mut store = store(&[("a", &[1, 2, 3])]);
    let actual = store.stream("a");
    for ids in [&[9][..], &[2], &[9, 3], &[1, 2]] {
        let expected = Expected::Exact(1);
        if ids != [2] {
            assert_eq!(append(&mut store, expected, ids), Err(conflict(expected, actual)));
        }
    }
    // The right event at the wrong position is no repeat.
    let expected = Expected::Exact(2);
    assert_eq!(append(&mut store, expected, &[2]), Err(conflict(expected, actual)));
}

/// ES-4: some are there and some are not: never a partial append.
#[test]
fn a_batch_that_is_partly_there_is_refused() {
    let partly = |expected, there, not_there| {
        let (stream, there, not_there) = ("a".to_owned(), id(there), id(not_there));
        Err(AppendError::PartlyThere { stream, expected, there, not_there })
    };
    let mut store = store(&[("a", &[1, 2, 3])]);
    use Expected::*;
    // By position: a wrong one in the middle, and one too many at the end.
    assert_eq!(append(&mut store, NoStream, &[1, 9, 3]), partly(NoStream, 1, 9));
    assert_eq!(append(&mut store, Exact(1), &[2, 3, 4]), partly(Exact(1), 2, 4));
    // By id: more, less, and in another order.
    for expected in [Any, Exists] {
        assert_eq!(append(&mut store, expected, &[3, 4]), partly(expected, 3, 4));
        assert_eq!(append(&mut store, expected, &[4, 3]), partly(expected, 3, 4));
        assert_eq!(append(&mut store, expected, &[2, 1]), partly(expected, 2, 1));
        assert_eq!(append(&mut store, expected, &[1, 3]), partly(expected, 1, 3));
    }
    // Where an id stands twice, the place counts at which more of the batch is there.
    append(&mut store, Exact(3), &[1]).expect("at the end it is new");
    assert_eq!(append(&mut store, Any, &[1, 2, 9]), partly(Any, 1, 9));
}

/// ES-4: at the present version, it is the position that decides, so a known id is a new event.
#[test]
fn at_the_present_version_a_known_id_is_a_new_event() {
    let mut store = store(&[("a", &[1, 2])]);
    let appended = append(&mut store, Expected::Exact(2), &[1, 2]);
    assert_eq!(appended, Ok(written(4, place(3, 3), place(4, 4))));
    // From now on the id stands in two places. With `Any` the first counts that fits the batch.
    assert_eq!(store.find("a", id(1)), place(1, 1));
    let first = append(&mut store, Expected::Any, &[1, 2]);
    assert_eq!(first, Ok(repeated(2, place(1, 1), place(2, 2))));
    let second = append(&mut store, Expected::Any, &[2, 1]);
    assert_eq!(second, Ok(repeated(3, place(2, 2), place(3, 3))));
    assert_eq!(
        append(&mut store, Expected::Exact(4), &[3]),
        Ok(written(5, place(5, 5), place(5, 5)))
    );
    let later = append(&mut store, Expected::Any, &[2, 3]);
    assert_eq!(later, Ok(repeated(5, place(4, 4), place(5, 5))));
}

/// ES-4, without a position: this store remembers all ids, however long ago.
#[test]
fn a_repeat_is_recognised_by_its_ids_for_ever() {
    let mut store = EventStore::new();
    for n in 0..5_000 {
        let stream = format!("stream-{}", n % 7);
        store.append(&stream, Expected::Any, n, [deposit(n)]).expect("anything goes");
    }
    let whole = store.clone();
    for n in 0..5_000 {
        for expected in [Expected::Any, Expected::Exists] {
            let stream = format!("stream-{}", n % 7);
            let appended = store.append(&stream, expected, 0, [deposit(n)]);
            let place = place(n / 7 + 1, n + 1);
            assert_eq!(appended, Ok(repeated(n / 7 + 1, place, place)));
        }
    }
    assert_eq!(store, whole);
}

/// ES-4: an id belongs to its stream.
#[test]
fn the_same_id_in_another_stream_is_no_repeat() {
    let mut store = store(&[("b", &[1, 2])]);
    let appended = append(&mut store, Expected::Any, &[1, 2]);
    assert_eq!(appended, Ok(written(2, place(1, 3), place(2, 4))));
    assert_eq!((store.find("a", id(2)), store.find("b", id(2))), (place(2, 4), place(2, 2)));
}

/// ES-5: KurrentDB writes both and cannot tell a retry any more; here it is refused at the door.
#[test]
fn the_same_id_twice_in_a_batch_is_refused() {
    let mut store = store(&[("a", &[1])]);
    let twice = |id, first, second| Err(AppendError::TwiceInBatch { id, first, second });
    for expected in [Expected::Any, Expected::Exact(1), Expected::Exact(7)] {
        assert_eq!(append(&mut store, expected, &[2, 3, 2]), twice(id(2), 0, 2));
        let mut many: Vec<u64> = (10..100).collect();
        many[80] = 55;
        assert_eq!(append(&mut store, expected, &many), twice(id(55), 45, 80));
    }
}

/// ES-6: an empty batch checks what is expected, writes nothing and creates no stream.
#[test]
fn an_empty_batch_only_checks() {
    let checked =
        |version| Ok(Appended { effect: Effect::Checked, version, first: None, last: None });
    let mut none = store(&[]);
    assert_eq!(append(&mut none, Expected::Any, &[]), checked(0));
    assert_eq!(append(&mut none, Expected::NoStream, &[]), checked(0));
    let missing = StreamState::Missing;
    assert_eq!(append(&mut none, Expected::Exists, &[]), Err(conflict(Expected::Exists, missing)));
    assert_eq!(none.stream("a"), missing, "it was not created");
    let mut three = store(&[("a", &[1, 2, 3])]);
    let actual = three.stream("a");
    assert_eq!(append(&mut three, Expected::Exact(3), &[]), checked(3));
    for expected in [Expected::Exact(2), Expected::Exact(4), Expected::NoStream] {
        assert_eq!(append(&mut three, expected, &[]), Err(conflict(expected, actual)));
    }
}

/// ES-7: existence is having been written, and ends with deletion.
#[test]
fn a_stream_exists_from_its_first_event_to_its_deletion() {
    let mut store = store(&[]);
    assert!(append(&mut store, Expected::Exists, &[1]).is_err());
    assert!(append(&mut store, Expected::NoStream, &[1]).is_ok());
    assert!(append(&mut store, Expected::Exists, &[2]).is_ok());
    store.delete("a", Expected::Exists).expect("it is there");
    let deleted = StreamState::Deleted { version: 2 };
    assert_eq!(
        append(&mut store, Expected::Exists, &[3]),
        Err(conflict(Expected::Exists, deleted))
    );
    // A retry from before is still a repeat: it must not bring anything back.
    let late = append(&mut store, Expected::Exists, &[2]);
    assert_eq!(late, Ok(repeated(2, place(2, 2), place(2, 2))));
}

/// ES-9: positions are contiguous within an append, and nothing new ever appears at a position that
/// a reader has passed.
#[test]
fn positions_have_no_gaps_and_never_fill_up_later() {
    let mut store = EventStore::new();
    let mut seen = Vec::new();
    for n in 0..40 {
        let count = n % 4 + 1;
        let batch = deposits((0..count).map(|k| n * 10 + k));
        let stream = ["a", "b", "c"][n as usize % 3];
        let appended = store.append(stream, Expected::Any, n, batch).expect("anything goes");
        let (first, last) = (appended.first.expect("it is written"), appended.last.expect("same"));
        assert_eq!(last.position - first.position + 1, count);
        assert_eq!(first.position, seen.len() as u64 + 1);
        let now = ids(store.read_all(Read::forwards()).expect("a good question"));
        assert!(now.starts_with(&seen), "what was read before stays as it was");
        seen = now;
        assert_eq!(seen.len() as u64, store.last_position());
    }
}

/// ES-10: check and append are one step. Threads race for each version of a stream; exactly one
/// wins each, and nothing that was acknowledged is lost.
#[test]
fn of_writers_that_race_for_a_version_one_wins() {
    let store = Mutex::new(EventStore::new());
    let race = |writer: u64| {
        let (mut won, mut lost) = (Vec::new(), 0);
        for n in 0..200 {
            let version = store.lock().expect("nobody panics").stream("a").version();
            // Between reading and writing, the others may get in.
            std::thread::yield_now();
            let id = writer * 1_000 + n;
            let mut store = store.lock().expect("nobody panics");
            match store.append("a", Expected::Exact(version), n, [deposit(id)]) {
                Ok(appended) => won.push((appended.version, id)),
                Err(AppendError::Conflict { actual, .. }) => {
                    assert!(actual.version() > version);
                    lost += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
        (won, lost)
    };
    let outcomes: Vec<(Vec<(u64, u64)>, u64)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (1..=4).map(|writer| scope.spawn(move || race(writer))).collect();
        writers.into_iter().map(|writer| writer.join().expect("nobody panics")).collect()
    });
    let mut won: Vec<(u64, u64)> = outcomes.iter().flat_map(|(won, _)| won.clone()).collect();
    won.sort_unstable();
    let lost: u64 = outcomes.iter().map(|(_, lost)| lost).sum();
    assert_eq!(won.len() as u64 + lost, 800);
    let versions: Vec<u64> = won.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions, (1..=won.len() as u64).collect::<Vec<_>>());
    let ids: Vec<u64> = won.iter().map(|(_, id)| *id).collect();
    assert_eq!(ids_in(&store.into_inner().expect("nobody panics"), "a"), ids);
}

/// What a name may be, for streams and for types.
#[test]
fn names_have_bounds() {
    let mut store = EventStore::new();
    let long = "x".repeat(LONGEST_NAME);
    let too_long = format!("{long}x");
    assert!(
        store
            .append(&long, Expected::Any, 0, [NewEvent::new(id(1), &long, Account::Closed)])
            .is_ok()
    );
    for (name, bytes) in [("", 0), (&too_long, LONGEST_NAME + 1)] {
        let before = store.clone();
        let bad = Err(AppendError::BadName(BadName::Stream { bytes }));
        assert_eq!(store.append(name, Expected::Any, 0, [deposit(2)]), bad);
        let batch = [deposit(3), NewEvent::new(id(4), name, Account::Closed)];
        let bad = Err(AppendError::BadName(BadName::Type { event: 1, bytes }));
        assert_eq!(store.append("a", Expected::Any, 0, batch), bad);
        assert_eq!(store, before);
    }
}

/// Metadata, time and type come back as they were given.
#[test]
fn an_event_is_read_as_it_was_written() {
    let mut store = store(&[]);
    let metadata = Metadata { correlation: Some(id(70)), causation: Some(id(71)) };
    let with = |n, metadata| NewEvent { metadata, ..deposit(n) };
    let other = Metadata { correlation: None, causation: Some(id(0)) };
    let batch =
        [with(1, metadata), deposit(2), with(3, metadata), with(4, metadata), with(5, other)];
    store.append("a", Expected::Any, 12, batch).expect("anything goes");
    let read: Vec<Metadata> = (1..=5).filter_map(|at| Some(store.event(at)?.metadata())).collect();
    assert_eq!(read, [metadata, Metadata::default(), metadata, metadata, other]);
    let event = store.event(3).expect("it is there");
    assert_eq!((event.id(), event.recorded_at(), event.stream()), (id(3), 12, "a"));
    assert_eq!((event.event_type(), event.payload()), ("Deposited", &Account::Deposited(3)));
}
