//! The store against one that is too naive to be wrong in the same way: a list of events, searched
//! from its beginning for every answer.

use proptest::prelude::*;
use rift::event_store::file::Journal;
use rift::event_store::*;

use super::account::*;

const STREAMS: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug, Default)]
struct Model {
    events: Vec<Happened>,
    /// The versions at which streams were deleted last.
    deleted: [u64; 3],
}

#[derive(Clone, Debug)]
struct Happened {
    stream: usize,
    id: u64,
    recorded_at: u64,
    removed: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Append {
        stream: usize,
        expected: Expected,
        ids: Vec<u64>,
        now: u64,
    },
    Truncate {
        stream: usize,
        first_kept: u64,
    },
    Delete {
        stream: usize,
        expected: Expected,
    },
    /// Written down, and read again.
    Reopen,
    /// Written down anew from the store alone.
    Compact,
}

/// An answer, without the words.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Done { effect: Effect, version: u64, first: Option<Place>, last: Option<Place> },
    Conflict(StreamState),
    PartlyThere,
    Twice,
}

impl Model {
    /// All of a stream's events with their places, removed or not.
    fn of(&self, stream: usize) -> Vec<(Place, &Happened)> {
        let own = (1..).zip(&self.events).filter(|(_, event)| event.stream == stream);
        let place = |(version, (position, event))| (Place { version, position }, event);
        (1..).zip(own).map(place).collect()
    }

    fn state(&self, stream: usize) -> StreamState {
        let events = self.of(stream);
        let version = events.len() as u64;
        let there = events.iter().find(|(_, event)| !event.removed);
        match version {
            0 => StreamState::Missing,
            _ if version == self.deleted[stream] => StreamState::Deleted { version },
            _ => {
                let first = there.map_or(version + 1, |(place, _)| place.version);
                StreamState::Exists { version, first }
            }
        }
    }

    fn meets(&self, stream: usize, expected: Expected) -> bool {
        let state = self.state(stream);
        match expected {
            Expected::Any => true,
            Expected::Exists => state.exists(),
            Expected::NoStream | Expected::Exact(0) => !state.exists(),
            Expected::Exact(version) => version == state.version(),
        }
    }

    fn append(&mut self, stream: usize, expected: Expected, ids: &[u64], now: u64) -> Answer {
        if (1..ids.len()).any(|n| ids[..n].contains(&ids[n])) {
            return Answer::Twice;
        }
        let events = self.of(stream);
        let there: Vec<u64> = events.iter().map(|(_, event)| event.id).collect();
        let state = self.state(stream);
        let done = |effect, version, places: &[Place]| {
            let (first, last) = (places.first().copied(), places.last().copied());
            Answer::Done { effect, version, first, last }
        };
        let repeat = |start: usize| {
            let places: Vec<Place> =
                events[start..start + ids.len()].iter().map(|(place, _)| *place).collect();
            done(Effect::Repeated, (start + ids.len()) as u64, &places)
        };
        if ids.is_empty() {
            return match self.meets(stream, expected) {
                true => done(Effect::Checked, state.version(), &[]),
                false => Answer::Conflict(state),
            };
        }
        if matches!(expected, Expected::Any | Expected::Exists) {
            if let Some(start) = there.windows(ids.len()).position(|window| window == ids) {
                return repeat(start);
            }
            if ids.iter().any(|id| there.contains(id)) {
                return Answer::PartlyThere;
            }
        }
        let asked = match expected {
            Expected::NoStream | Expected::Exact(0) if state.exists() => Some(self.deleted[stream]),
            Expected::Exact(version) if version > 0 && version < state.version() => Some(version),
            _ => None,
        };
        if let Some(asked) = asked {
            let rest = &there[asked as usize..];
            return match rest.iter().zip(ids).take_while(|(one, other)| one == other).count() {
                0 => Answer::Conflict(state),
                same if same == ids.len() => repeat(asked as usize),
                _ => Answer::PartlyThere,
            };
        }
        if !self.meets(stream, expected) {
            return Answer::Conflict(state);
        }
        let recorded_at = self.events.last().map_or(0, |last| last.recorded_at).max(now);
        let (version, position) = (state.version(), self.events.len() as u64);
        let happened = |id: &u64| Happened { stream, id: *id, recorded_at, removed: false };
        self.events.extend(ids.iter().map(happened));
        let places: Vec<Place> = (1..=ids.len() as u64)
            .map(|n| Place { version: version + n, position: position + n })
            .collect();
        done(Effect::Written, version + ids.len() as u64, &places)
    }

    fn remove_before(&mut self, stream: usize, first_kept: u64) -> u64 {
        let own = self.events.iter_mut().filter(|event| event.stream == stream);
        let gone = own.zip(1..).filter(|(event, version)| *version < first_kept && !event.removed);
        gone.map(|(event, _)| event.removed = true).count() as u64
    }

    fn truncate(&mut self, stream: usize, first_kept: u64) -> Option<u64> {
        let state = self.state(stream);
        let possible = state.exists() && first_kept <= state.version() + 1;
        possible.then(|| self.remove_before(stream, first_kept))
    }

    fn delete(&mut self, stream: usize, expected: Expected) -> Option<u64> {
        let state = self.state(stream);
        self.meets(stream, expected).then(|| match state.exists() {
            true => {
                self.deleted[stream] = state.version();
                self.remove_before(stream, u64::MAX)
            }
            false => 0,
        })
    }

    /// What is to be read between two versions of a stream.
    fn read(&self, stream: usize, read: Read) -> Vec<u64> {
        let there = self.of(stream).into_iter().filter(|(_, event)| !event.removed);
        in_order(there.map(|(place, event)| (place.version, event.id)).collect(), read)
    }

    fn read_all(&self, read: Read) -> Vec<u64> {
        let there = (1..).zip(&self.events).filter(|(_, event)| !event.removed);
        in_order(there.map(|(position, event)| (position, event.id)).collect(), read)
    }
}

fn in_order(mut events: Vec<(u64, u64)>, read: Read) -> Vec<u64> {
    let (low, high) = match read.direction {
        Direction::Forwards => (read.from, read.to),
        Direction::Backwards => (read.to, read.from),
    };
    if read.direction == Direction::Backwards {
        events.reverse();
    }
    let within = events.into_iter().filter(|(number, _)| (low..=high).contains(number));
    within.take(read.limit.min(1_000) as usize).map(|(_, id)| id).collect()
}

fn any_expected() -> impl Strategy<Value = Expected> {
    prop_oneof![
        3 => Just(Expected::Any),
        1 => Just(Expected::NoStream),
        1 => Just(Expected::Exists),
        4 => (0..12_u64).prop_map(Expected::Exact),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    // Few ids, so that many are repeats, in part or as a whole; most batches count up.
    let few = (0..20_u64, 0..4_u64).prop_map(|(first, count)| (first..first + count).collect());
    let some = prop::collection::vec(0..20_u64, 0..4);
    let many = (20..40_u64, 9..20_u64).prop_map(|(first, n)| (first..first + n).collect());
    let ids = prop_oneof![6 => few, 2 => some, 1 => many];
    let append = (0..3_usize, any_expected(), ids, 0..100_u64)
        .prop_map(|(stream, expected, ids, now)| Step::Append { stream, expected, ids, now });
    let truncate = (0..3_usize, 0..12_u64)
        .prop_map(|(stream, first_kept)| Step::Truncate { stream, first_kept });
    let delete = (0..3_usize, any_expected())
        .prop_map(|(stream, expected)| Step::Delete { stream, expected });
    prop_oneof![
        20 => append,
        2 => truncate,
        1 => delete,
        1 => Just(Step::Reopen),
        1 => Just(Step::Compact),
    ]
}

fn any_read() -> impl Strategy<Value = Read> {
    let number = || prop_oneof![9 => 1..30_u64, 1 => Just(u64::MAX)];
    let limit = prop_oneof![4 => 1..9_u64, 1 => Just(u64::MAX)];
    (any::<bool>(), number(), number(), limit).prop_map(|(forwards, from, to, limit)| {
        let read = if forwards { Read::forwards() } else { Read::backwards() };
        read.from(from).to(to).limit(limit)
    })
}

/// Store and model, and the file.
#[derive(Default)]
struct Pair {
    journal: Journal<Account>,
    file: Vec<u8>,
    model: Model,
}

impl Pair {
    fn take(&mut self, step: &Step) {
        let before = self.journal.store().clone();
        let changed = match step {
            Step::Append { stream, expected, ids, now } => {
                let batch = deposits(ids.iter().copied());
                let appended = self.journal.append(STREAMS[*stream], *expected, *now, batch);
                let answer = match appended {
                    Ok(Appended { effect, version, first, last }) => {
                        Answer::Done { effect, version, first, last }
                    }
                    Err(error) => classify(&error),
                };
                assert_eq!(answer, self.model.append(*stream, *expected, ids, *now), "{step:?}");
                matches!(answer, Answer::Done { effect: Effect::Written, .. })
            }
            Step::Truncate { stream, first_kept } => {
                let removed = self.journal.truncate(STREAMS[*stream], *first_kept).ok();
                assert_eq!(removed, self.model.truncate(*stream, *first_kept));
                removed.is_some_and(|removed| removed > 0)
            }
            Step::Delete { stream, expected } => {
                let state = before.stream(STREAMS[*stream]);
                let removed = self.journal.delete(STREAMS[*stream], *expected).ok();
                assert_eq!(removed, self.model.delete(*stream, *expected));
                removed.is_some() && state.exists()
            }
            Step::Reopen => {
                self.write();
                self.journal = self.read();
                false
            }
            Step::Compact => {
                let journal = Journal::of_store(self.journal.store().clone());
                self.journal = journal.expect("every event fits");
                self.file.clear();
                self.write();
                self.journal = self.read();
                false
            }
        };
        let store = self.journal.store();
        assert_eq!(*store != before, changed, "{step:?}");
        if !matches!(step, Step::Truncate { .. } | Step::Delete { .. }) {
            assert_eq!(store.fork(before.last_position()), Ok(before), "{step:?}");
        }
    }

    fn write(&mut self) {
        if let Some(write) = self.journal.poll_write() {
            assert_eq!(write.at, self.file.len() as u64);
            self.file.extend(write.bytes);
        }
        self.journal.handle_durable(self.file.len() as u64);
        assert_eq!(self.journal.durable(), self.journal.end());
    }

    fn read(&self) -> Journal<Account> {
        let read = Journal::recover(&self.file).expect("nothing was damaged");
        assert_eq!(read.torn, None);
        assert_eq!(read.journal.store(), self.journal.store());
        read.journal
    }

    /// Asks both everything there is to ask.
    fn ask(&self, read: Read) {
        let (store, model) = (self.journal.store(), &self.model);
        assert_eq!(store.last_position(), model.events.len() as u64);
        let all = store.read_all(read).expect("a good question");
        assert_eq!(ids(all), model.read_all(read));
        for (number, name) in STREAMS.into_iter().enumerate() {
            let state = model.state(number);
            assert_eq!(store.stream(name), state);
            match store.read_stream(name, read) {
                Ok(slice) => {
                    let expected = model.read(number, read);
                    assert_eq!((slice.len(), ids(slice.iter())), (expected.len(), expected));
                    assert_eq!(slice.stream_version(), state.version());
                }
                Err(error) => {
                    let (stream, actual) = (name.to_owned(), state);
                    assert_eq!(error, ReadError::NoStream { stream, actual });
                    assert!(!state.exists());
                }
            }
            self.ask_about_times(number, name);
            self.ask_for_states(number, name);
        }
    }

    fn ask_about_times(&self, number: usize, name: &str) {
        let (store, events) = (self.journal.store(), self.model.of(number));
        for time in (0..110).chain([u64::MAX]) {
            let version = events.iter().filter(|(_, event)| event.recorded_at <= time).count();
            assert_eq!(store.version_at(name, time), version as u64);
        }
        for id_asked in 0..40 {
            let found = events.iter().find(|(_, event)| event.id == id_asked);
            assert_eq!(store.find(name, id(id_asked)), found.map(|(place, _)| *place));
        }
    }

    /// States at every version, by way of snapshots too.
    fn ask_for_states(&self, number: usize, name: &str) {
        let (store, replay) = (self.journal.store(), Replay::new(&Bank));
        let events = self.model.of(number);
        let whole = replay.stream(store, name).expect("all types are known");
        for version in 0..=events.len() as u64 {
            let up_to = events.iter().filter(|(place, _)| place.version <= version);
            let cents: u64 =
                up_to.filter(|(_, event)| !event.removed).map(|(_, event)| event.id).sum();
            let Ok(folded) = replay.stream_to(store, name, version) else {
                assert!(events[version as usize].1.removed, "nothing was removed at {version}");
                continue;
            };
            assert_eq!((folded.state.cents, folded.through), (cents, version));
            let snapshot = replay.snapshot(store, name, folded);
            let loaded = replay.stream_from_or_rebuilt(store, &snapshot);
            assert_eq!(loaded.map(|loaded| loaded.folded), Ok(whole.clone()));
        }
    }
}

fn classify(error: &file::JournalError) -> Answer {
    match error {
        file::JournalError::Append(AppendError::Conflict { actual, .. }) => {
            Answer::Conflict(*actual)
        }
        file::JournalError::Append(AppendError::PartlyThere { .. }) => Answer::PartlyThere,
        file::JournalError::Append(AppendError::TwiceInBatch { .. }) => Answer::Twice,
        error => panic!("{error}"),
    }
}

/// Where the number line ends there are no events; nothing panics all the same.
#[test]
fn numbers_at_the_end_of_the_number_line_do_no_harm() {
    let edges =
        [0, 1, 2, u64::from(u32::MAX) - 1, u32::MAX.into(), 1 << 32, u64::MAX - 1, u64::MAX];
    let replay = Replay::new(&Bank);
    for batches in [&[][..], &[("a", &[1, 2][..])], &[("b", &[3]), ("a", &[1, 2]), ("b", &[4])]] {
        let mut store = store(batches);
        let end = store.last_position();
        for at in edges {
            assert_eq!(store.event(at).is_some(), (1..=end).contains(&at));
            assert_eq!(store.fork(at).is_ok(), at <= end);
            assert_eq!(replay.all_to(&store, at).is_ok(), at <= end);
            let version = store.stream("a").version();
            assert_eq!(replay.stream_to(&store, "a", at).is_ok(), at <= version);
            assert!(store.version_at_position("a", at) <= version);
            assert!(store.version_at("a", at) <= version && store.position_at(at) <= end);
            for source in [Source::All, Source::Stream("a".to_owned())] {
                let mut subscription = Subscription::after(source, at);
                assert!(subscription.lag(&store) <= end);
                let polled = subscription.poll(&store, at, |_| Ok::<(), ()>(()));
                assert_eq!(polled.is_ok(), at <= end);
            }
            for (to, limit) in edges.into_iter().flat_map(|to| edges.map(|limit| (to, limit))) {
                for read in [Read::forwards(), Read::backwards()] {
                    let read = read.from(at).to(to).limit(limit);
                    let is_good = at > 0 && limit > 0;
                    assert_eq!(store.read_all(read).map(Iterator::count).is_ok(), is_good);
                    let slice = store.read_stream("a", read).map(|slice| slice.iter().count());
                    assert_eq!(slice.is_ok(), is_good && version > 0);
                }
            }
            let folded = Folded {
                state: Balance::default(),
                through: at,
                evolved: at,
                left_out: LeftOut::default(),
            };
            let snapshot = replay.snapshot(&store, "a", folded);
            assert_eq!(replay.check(&store, &snapshot).is_ok(), at <= version);
        }
        for at in edges {
            let (before, version) = (store.clone(), store.stream("a").version());
            let appended = store.append("a", Expected::Exact(at), at, [deposit(90 + at % 10)]);
            assert_eq!(appended.is_ok(), at == version);
            assert_eq!(store != before, at == version);
            assert_eq!(store.clone().truncate("a", at).is_ok(), {
                let version = store.stream("a").version();
                version > 0 && at <= version + 1
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_store_is_a_list_of_events(
        steps in prop::collection::vec(any_step(), 0..40),
        reads in prop::collection::vec(any_read(), 1..4),
    ) {
        let mut pair = Pair::default();
        for step in &steps {
            pair.take(step);
        }
        for read in reads {
            pair.ask(read);
        }
        pair.take(&Step::Reopen);
    }

    /// However polls, appends and removals mix: everything that was there when it was its turn is
    /// delivered once and in order; a projection sees the same.
    #[test]
    fn subscriptions_and_projections_see_every_event_once(
        steps in prop::collection::vec((any_step(), 0..5_u64), 0..40),
        stream in prop::option::of(0..3_usize),
    ) {
        let source = match stream {
            Some(stream) => Source::Stream(STREAMS[stream].to_owned()),
            None => Source::All,
        };
        let (mut pair, replay) = (Pair::default(), Replay::new(&Bank));
        let mut subscription = Subscription::from_start(source.clone());
        let mut projection = Projection::new(&replay, source);
        let (mut seen, mut cents) = (Vec::new(), 0);
        for (step, limit) in steps.iter().chain([&(Step::Reopen, u64::MAX)]) {
            pair.take(step);
            let store = pair.journal.store();
            let from = subscription.position() as usize;
            let of_source = pair.model.events[from..].iter().filter(|event| {
                !event.removed && stream.is_none_or(|stream| stream == event.stream)
            });
            let due: Vec<u64> =
                of_source.map(|event| event.id).take((*limit).min(1_000) as usize).collect();
            let mut now = Vec::new();
            let handled = subscription.poll(store, *limit, |event| {
                now.push(event.id().0 as u64);
                Ok::<(), ()>(())
            });
            prop_assert_eq!(handled, Ok(due.len() as u64));
            prop_assert_eq!(&now, &due);
            seen.extend(now);
            // Both at one pace, for what is removed in between the one would see and not the other.
            while projection.position() < subscription.position() {
                let caught_up = projection.catch_up(&replay, store, 1);
                prop_assert!(caught_up.is_ok_and(|evolved| evolved <= 1));
            }
            cents = seen.iter().sum();
            prop_assert!(projection.position() >= subscription.position());
        }
        prop_assert_eq!(subscription.status(), Status::Live);
        prop_assert_eq!(subscription.lag(pair.journal.store()), 0);
        prop_assert_eq!(projection.state().cents, cents);
    }
}
