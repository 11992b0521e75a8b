//! Appending: one step that checks and writes.

use super::store::{EventStore, Stored};
use super::stream::Stream;
use super::table::{Table, hash_of_id};
use super::{
    AppendError, Appended, BadName, Effect, EventId, Expected, NewEvent, Place, StreamState,
};

/// The longest name of a stream or of a type, in bytes.
pub const LONGEST_NAME: usize = 1_024;

/// The most events that a store ever has, removed ones included.
pub const MOST_EVENTS: u64 = u32::MAX as u64 - 1;

/// A batch of at most this many events is searched for equal ids pair by pair.
const FEW: usize = 8;

/// What becomes of a batch.
enum Admission {
    /// It is to be written. `ids_are_new` says that none of its ids is in the stream; otherwise
    /// that is not known.
    New { ids_are_new: bool },
    /// Nothing is to be written.
    Settled(Appended),
}

impl<P> EventStore<P> {
    /// Appends a batch of events to a stream: all of them, one after the other, or none.
    ///
    /// `recorded_at` is the present time in any unit, as long as it is always the same. If it is
    /// before that of the last event, the events get the time of that one: time never runs back in
    /// the store.
    ///
    /// A batch that was appended before is not appended again. With [`Expected::Exact`] and
    /// [`Expected::NoStream`] the position that is asked for decides: at the stream's end a batch
    /// is new, whatever its ids; before that it is a repeat if its ids stand at exactly those
    /// positions. With [`Expected::Any`] and [`Expected::Exists`] the ids decide: it is a repeat if
    /// they are in the stream one after the other, wherever that is. Another stream may have the
    /// same ids.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; then nothing at all has changed.
    pub fn append<'e, E>(
        &mut self,
        stream: &str,
        expected: Expected,
        recorded_at: u64,
        events: E,
    ) -> Result<Appended, AppendError>
    where
        E: AsRef<[NewEvent<'e, P>]> + IntoIterator<Item = NewEvent<'e, P>>,
        P: 'e,
    {
        let number = self.number_of_stream(stream);
        let ids_are_new = match self.admit(stream, number, expected, events.as_ref())? {
            Admission::Settled(appended) => return Ok(appended),
            Admission::New { ids_are_new } => ids_are_new,
        };
        let count = events.as_ref().len();
        let number = number.unwrap_or_else(|| self.stream_number(stream));
        let recorded_at = self.rows.last().map_or(0, |last| last.recorded_at).max(recorded_at);
        let first = self.rows.len() as u32;
        for NewEvent { id, event_type, payload, metadata } in events.into_iter().take(count) {
            let event = Stored { id, event_type, payload: Some(payload), metadata };
            self.push(number, recorded_at, event, ids_are_new);
        }
        let last = self.rows.len().saturating_sub(1) as u32;
        Ok(self.appended(Effect::Written, self.place(first), self.place(last)))
    }

    fn appended(&self, effect: Effect, first: Option<Place>, last: Option<Place>) -> Appended {
        Appended { effect, version: last.map_or(0, |last| last.version), first, last }
    }

    #[inline]
    fn admit(
        &self,
        name: &str,
        number: Option<u32>,
        expected: Expected,
        events: &[NewEvent<'_, P>],
    ) -> Result<Admission, AppendError> {
        if events.len() as u64 > MOST_EVENTS {
            return Err(AppendError::Full);
        }
        check_names(name, events)?;
        check_ids_differ(events)?;
        let stream = number.and_then(|number| Some((number, self.streams.get(number as usize)?)));
        let actual = stream.map_or(StreamState::Missing, |(_, stream)| stream.state());
        let admission = match (stream, expected) {
            _ if events.is_empty() => check_only(actual, expected),
            (None, _) => meets(actual, expected).then_some(NEW),
            (Some((number, stream)), Expected::Any | Expected::Exists) => {
                self.admit_by_id(name, number, stream, expected, events)?
            }
            (Some((_, stream)), Expected::NoStream | Expected::Exact(0)) => match actual {
                StreamState::Exists { .. } => {
                    self.admit_repeat(name, stream, stream.deleted_through, expected, events)?
                }
                _ => Some(Admission::New { ids_are_new: false }),
            },
            (Some((_, stream)), Expected::Exact(asked)) => {
                match u32::try_from(asked).map(|asked| (asked, asked.cmp(&stream.version()))) {
                    Ok((_, std::cmp::Ordering::Equal)) => {
                        Some(Admission::New { ids_are_new: false })
                    }
                    Ok((asked, std::cmp::Ordering::Less)) => {
                        self.admit_repeat(name, stream, asked, expected, events)?
                    }
                    _ => None,
                }
            }
        };
        let stream = || name.to_owned();
        match admission {
            None => Err(AppendError::Conflict { stream: stream(), expected, actual }),
            Some(Admission::New { .. }) if self.room() < events.len() as u64 => {
                Err(AppendError::Full)
            }
            Some(admission) => Ok(admission),
        }
    }

    fn room(&self) -> u64 {
        MOST_EVENTS - self.last_position()
    }

    /// With a position asked for that is before the end: a repeat if the ids stand there, partly
    /// there if some do, and a conflict if the first does not.
    fn admit_repeat(
        &self,
        name: &str,
        stream: &Stream,
        asked: u32,
        expected: Expected,
        events: &[NewEvent<'_, P>],
    ) -> Result<Option<Admission>, AppendError> {
        match self.stand_at(stream, asked, events) {
            Ok(appended) => Ok(Some(Admission::Settled(appended))),
            Err(0) => Ok(None),
            Err(missing) => Err(AppendError::PartlyThere {
                stream: name.to_owned(),
                expected,
                there: events[0].id,
                not_there: events[missing].id,
            }),
        }
    }

    /// Without a position: a repeat if the ids stand one after the other, new if none is there.
    #[inline]
    fn admit_by_id(
        &self,
        name: &str,
        number: u32,
        stream: &Stream,
        expected: Expected,
        events: &[NewEvent<'_, P>],
    ) -> Result<Option<Admission>, AppendError> {
        let there = events.iter().position(|event| self.find_id(number, event.id).is_some());
        let Some(there) = there else {
            return Ok(meets(stream.state(), expected).then_some(NEW));
        };
        let mut not_there = 0;
        if let Some(at) = self.find_id(number, events[0].id) {
            let places = std::iter::once(&at).chain(self.found_again(at));
            for version in places.filter_map(|at| Some(self.rows.get(*at as usize)?.version)) {
                match self.stand_at(stream, version - 1, events) {
                    Ok(appended) => return Ok(Some(Admission::Settled(appended))),
                    Err(missing) => not_there = not_there.max(missing),
                }
            }
        }
        Err(AppendError::PartlyThere {
            stream: name.to_owned(),
            expected,
            there: events[there].id,
            not_there: events[not_there].id,
        })
    }

    /// Whether these events stand in the stream right after `version`; if not, the place in the
    /// batch of the first that does not.
    fn stand_at(
        &self,
        stream: &Stream,
        version: u32,
        events: &[NewEvent<'_, P>],
    ) -> Result<Appended, usize> {
        let mut places = (None, None);
        for (index, event) in events.iter().enumerate() {
            let number = version.saturating_add(1).saturating_add(index as u32);
            if self.id_at(stream, number) != Some(event.id) {
                return Err(index);
            }
            let place = stream.at(number).and_then(|at| self.place(at));
            places = (places.0.or(place), place);
        }
        Ok(self.appended(Effect::Repeated, places.0, places.1))
    }
}

const NEW: Admission = Admission::New { ids_are_new: true };

fn check_only(actual: StreamState, expected: Expected) -> Option<Admission> {
    let (effect, version) = (Effect::Checked, actual.version());
    let appended = Appended { effect, version, first: None, last: None };
    meets(actual, expected).then_some(Admission::Settled(appended))
}

/// Whether a stream is as expected at this moment.
pub(super) fn meets(actual: StreamState, expected: Expected) -> bool {
    match expected {
        Expected::Any => true,
        Expected::NoStream | Expected::Exact(0) => !actual.exists(),
        Expected::Exists => actual.exists(),
        Expected::Exact(version) => actual.version() == version,
    }
}

fn check_names<P>(stream: &str, events: &[NewEvent<'_, P>]) -> Result<(), AppendError> {
    let is_good = |name: &str| (1..=LONGEST_NAME).contains(&name.len());
    if !is_good(stream) {
        return Err(AppendError::BadName(BadName::Stream { bytes: stream.len() }));
    }
    match events.iter().position(|event| !is_good(event.event_type)) {
        None => Ok(()),
        Some(event) => {
            let bytes = events[event].event_type.len();
            Err(AppendError::BadName(BadName::Type { event, bytes }))
        }
    }
}

fn check_ids_differ<P>(events: &[NewEvent<'_, P>]) -> Result<(), AppendError> {
    let twice = |id: EventId, first, second| AppendError::TwiceInBatch { id, first, second };
    if events.len() > FEW {
        let mut seen = Table::new();
        for (second, NewEvent { id, .. }) in events.iter().enumerate() {
            let hash = hash_of_id(0, id.words());
            if let Some(first) = seen.find(hash, |place| events[place as usize].id == *id) {
                return Err(twice(*id, first as usize, second));
            }
            seen.insert(hash, second as u32);
        }
        return Ok(());
    }
    for (second, NewEvent { id, .. }) in events.iter().enumerate() {
        if let Some(first) = events[..second].iter().position(|other| other.id == *id) {
            return Err(twice(*id, first, second));
        }
    }
    Ok(())
}
