//! Truncating and deleting.

use rift::event_store::*;

use super::account::*;

/// ES-22: numbering goes on.
#[test]
fn after_a_deletion_numbers_go_on() {
    let mut store = store(&[("a", &[1, 2]), ("b", &[3])]);
    assert_eq!(store.delete("a", Expected::Exact(2)), Ok(2));
    assert_eq!(store.stream("a"), StreamState::Deleted { version: 2 });
    let actual = StreamState::Deleted { version: 2 };
    let gone = store.read_stream("a", Read::forwards()).expect_err("it is deleted");
    assert_eq!(gone, ReadError::NoStream { stream: "a".to_owned(), actual });
    let appended = store.append("a", Expected::NoStream, 0, deposits([4, 5, 6]));
    let appended = appended.expect("there is no stream");
    assert_eq!((appended.first, appended.last), (place(3, 4), place(5, 6)));
    assert_eq!(store.stream("a"), StreamState::Exists { version: 5, first: 3 });
    assert_eq!(ids_in(&store, "a"), [4, 5, 6]);
    assert_eq!(ids(store.read_all(Read::forwards()).expect("a good question")), [3, 4, 5, 6]);
}

/// The first append of the new life is known by where it stands, like that of the first.
#[test]
fn a_stream_begun_anew_recognises_repeats_of_its_beginning() {
    let mut store = store(&[("a", &[1, 2])]);
    store.delete("a", Expected::Exists).expect("it is there");
    let first = store.append("a", Expected::NoStream, 0, deposits([3, 4])).expect("it is new");
    let again = store.append("a", Expected::NoStream, 9, deposits([3, 4])).expect("a repeat");
    assert_eq!(again, Appended { effect: Effect::Repeated, ..first });
    assert!(store.append("a", Expected::NoStream, 9, deposits([5])).is_err());
    // Late retries of the first life bring nothing back.
    let late = store.append("a", Expected::Any, 9, deposits([1, 2])).expect("a repeat");
    assert_eq!((late.effect, late.last), (Effect::Repeated, place(2, 2)));
    let late = store.append("a", Expected::Exact(1), 9, deposits([2])).expect("a repeat");
    assert_eq!(late.effect, Effect::Repeated);
}

#[test]
fn a_truncated_stream_keeps_its_version_and_the_rest() {
    let mut store = store(&[("a", &[1, 2]), ("b", &[3]), ("a", &[4, 5])]);
    assert_eq!(store.truncate("a", 4), Ok(3));
    assert_eq!(store.stream("a"), StreamState::Exists { version: 4, first: 4 });
    let slice = store.read_stream("a", Read::forwards()).expect("it is there");
    assert_eq!((slice.first_available(), slice.stream_version()), (4, 4));
    assert_eq!(ids(slice.iter()), [5]);
    assert_eq!(ids(store.read_all(Read::backwards()).expect("a good question")), [5, 3]);
    assert!(store.event(1).is_none() && store.event(5).is_some());
    // Once more, and less: nothing happens.
    assert_eq!((store.truncate("a", 4), store.truncate("a", 1)), (Ok(0), Ok(0)));
    // All of it: the stream is there, with nothing to read.
    assert_eq!(store.truncate("a", 5), Ok(1));
    assert_eq!(store.read_stream("a", Read::forwards()).map(|slice| slice.len()), Ok(0));
    assert!(store.append("a", Expected::Exists, 0, [deposit(6)]).is_ok());
    assert_eq!(ids_in(&store, "a"), [6]);
    assert_eq!(store.truncate("a", 7), Err(RemoveError::BeyondEnd { asked: 7, end: 5 }));
}

#[test]
fn what_cannot_be_removed_is_refused_and_changes_nothing() {
    let mut store = store(&[("a", &[1, 2])]);
    let before = store.clone();
    let conflict = |stream: &str, expected, actual| {
        Err(RemoveError::Conflict { stream: stream.to_owned(), expected, actual })
    };
    let there = store.stream("a");
    assert_eq!(store.delete("a", Expected::Exact(1)), conflict("a", Expected::Exact(1), there));
    assert_eq!(
        store.delete("b", Expected::Exists),
        conflict("b", Expected::Exists, StreamState::Missing)
    );
    assert_eq!(store.truncate("b", 1), conflict("b", Expected::Exists, StreamState::Missing));
    assert_eq!((store.delete("b", Expected::Any), store.truncate("a", 0)), (Ok(0), Ok(0)));
    assert_eq!(store, before);
}

/// Time travel to what was removed says so, rather than showing half of a state.
#[test]
fn a_state_that_needs_removed_events_is_not_made_up() {
    let mut store = store(&[("a", &[1, 2, 3, 4])]);
    store.truncate("a", 3).expect("it is there");
    let replay = Replay::new(&Bank);
    let to = |version| replay.stream_to(&store, "a", version).map(|folded| folded.state.cents);
    let gone = |asked| Err(ReplayError::Read(ReadError::Gone { asked, first: 2 }));
    assert_eq!((to(0), to(1)), (gone(0), gone(1)));
    assert_eq!((to(2), to(3), to(4)), (Ok(0), Ok(3), Ok(7)));
    store.delete("a", Expected::Any).expect("it is there");
    let gone = ReplayError::Read(ReadError::Gone { asked: 3, first: 4 });
    assert_eq!(replay.stream_to(&store, "a", 3).err(), Some(gone));
    assert_eq!(replay.stream(&store, "a").map(|folded| folded.through), Ok(4));
}
