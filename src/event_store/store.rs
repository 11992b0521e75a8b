//! The store: all events in one order, and what finds them.

use std::hash::{Hash, Hasher};

use super::event::Event;
use super::names::Names;
use super::stream::Stream;
use super::table::{Table, hash_of_id};
use super::{EventId, Metadata, Place, StreamState};
use crate::sorted::SortedMap;

/// Events in streams, and all of them in one order.
///
/// `P` is what an event carries: bytes, or an enum of your own. Two stores are equal if the same
/// was appended and removed in the same order; how that came about does not matter.
#[derive(Clone, Debug)]
pub struct EventStore<P> {
    pub(super) rows: Vec<Row>,
    /// What the events of `rows` carry; `None` once it was removed.
    pub(super) payloads: Vec<Option<P>>,
    /// Without those that are empty; one that is the same as the one before is not kept again.
    metadata: Vec<Metadata>,
    /// In the order of their names' numbers.
    pub(super) streams: Vec<Stream>,
    pub(super) stream_names: Names,
    pub(super) type_names: Names,
    /// Where each id was first used in its stream.
    ids: Table,
    /// Where else an id was used in its stream, by where it was first. Only who asks for a position
    /// by [`Expected::Exact`](super::Expected::Exact) can use an id again, so this is about empty.
    ids_again: SortedMap<u32, Vec<u32>>,
}

/// What is kept of an event beside its payload, even when it was removed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) id: [u64; 2],
    pub(super) recorded_at: u64,
    pub(super) stream: u32,
    pub(super) event_type: u32,
    pub(super) version: u32,
    /// A place in the store's list plus one; 0 is none.
    metadata: u32,
}

impl<P> Default for EventStore<P> {
    fn default() -> EventStore<P> {
        EventStore::new()
    }
}

impl<P> EventStore<P> {
    /// A store of nothing.
    pub fn new() -> EventStore<P> {
        EventStore {
            rows: Vec::new(),
            payloads: Vec::new(),
            metadata: Vec::new(),
            streams: Vec::new(),
            stream_names: Names::new(),
            type_names: Names::new(),
            ids: Table::new(),
            ids_again: SortedMap::new(),
        }
    }

    /// The position of the last event, removed or not; 0 if there never was one.
    pub fn last_position(&self) -> u64 {
        self.rows.len() as u64
    }

    /// What a stream is.
    pub fn stream(&self, stream: &str) -> StreamState {
        self.find_stream(stream).map_or(StreamState::Missing, Stream::state)
    }

    /// The names of all streams that ever were, deleted or not, in the order of their first events.
    pub fn stream_names(&self) -> impl Iterator<Item = &str> {
        self.stream_names.iter()
    }

    /// The names of all types of events, in the order in which they were first used.
    pub fn event_types(&self) -> impl Iterator<Item = &str> {
        self.type_names.iter()
    }

    /// The event at a position; `None` if there is none or it was removed.
    pub fn event(&self, position: u64) -> Option<Event<'_, P>> {
        self.event_at(usize::try_from(position.checked_sub(1)?).ok()?)
    }

    /// Where an id was first used in a stream. Ids of removed events are known, too.
    pub fn find(&self, stream: &str, id: EventId) -> Option<Place> {
        let stream = self.number_of_stream(stream)?;
        self.find_id(stream, id).and_then(|at| self.place(at))
    }

    #[inline]
    pub(super) fn event_at(&self, at: usize) -> Option<Event<'_, P>> {
        let row = self.rows.get(at)?;
        let payload = self.payloads.get(at)?.as_ref()?;
        Some(Event::new(self, row, payload, at as u64 + 1))
    }

    #[inline]
    pub(super) fn find_stream(&self, stream: &str) -> Option<&Stream> {
        self.number_of_stream(stream).and_then(|number| self.streams.get(number as usize))
    }

    /// Often the stream is the one that was written last, and then there is little to look up.
    #[inline]
    pub(super) fn number_of_stream(&self, stream: &str) -> Option<u32> {
        self.stream_names.find(stream, self.rows.last().map(|row| row.stream))
    }

    #[inline]
    pub(super) fn find_id(&self, stream: u32, id: EventId) -> Option<u32> {
        let words = id.words();
        self.ids.find(hash_of_id(stream, words), |at| {
            let row = &self.rows[at as usize];
            row.id == words && row.stream == stream
        })
    }

    /// The other places of an id that was first used at `at`.
    pub(super) fn found_again(&self, at: u32) -> &[u32] {
        self.ids_again.get(&at).map_or(&[], Vec::as_slice)
    }

    #[inline]
    pub(super) fn place(&self, at: u32) -> Option<Place> {
        let row = self.rows.get(at as usize)?;
        Some(Place { version: row.version.into(), position: u64::from(at) + 1 })
    }

    /// The id of an event of a stream, removed or not.
    #[inline]
    pub(super) fn id_at(&self, stream: &Stream, version: u32) -> Option<EventId> {
        let row = self.rows.get(stream.at(version)? as usize)?;
        Some(EventId::from_words(row.id))
    }

    /// The id of the event at a position, removed or not; 0 where there is none.
    pub(super) fn id_at_position(&self, position: u64) -> EventId {
        let at = position.checked_sub(1).and_then(|at| usize::try_from(at).ok());
        let row = at.and_then(|at| self.rows.get(at));
        row.map_or(EventId::default(), |row| EventId::from_words(row.id))
    }

    pub(super) fn metadata_of(&self, row: &Row) -> Metadata {
        let place = row.metadata.checked_sub(1);
        place.and_then(|place| self.metadata.get(place as usize)).copied().unwrap_or_default()
    }

    /// The number of a stream, which begins to be known if it is not.
    pub(super) fn stream_number(&mut self, stream: &str) -> u32 {
        let number = self.stream_names.number_of(stream, []);
        if self.streams.len() < self.stream_names.len() {
            self.streams.push(Stream::new());
        }
        number
    }

    /// Adds an event at the end. There is room, and `stream` is the number of a stream. `id_is_new`
    /// says that the stream has no event with this id.
    #[inline]
    pub(super) fn push(
        &mut self,
        stream: u32,
        recorded_at: u64,
        event: Stored<'_, P>,
        id_is_new: bool,
    ) {
        let at = self.rows.len() as u32;
        let known = if id_is_new { None } else { self.find_id(stream, event.id) };
        let words = event.id.words();
        match known {
            None => self.ids.insert(hash_of_id(stream, words), at),
            Some(first) => self.note_again(first, at),
        }
        let recent = self.rows.iter().rev().take(2).map(|row| row.event_type);
        let event_type = self.type_names.number_of(event.event_type, recent);
        let metadata = self.metadata_number(event.metadata);
        let place = &mut self.streams[stream as usize];
        place.push(at);
        let version = place.version();
        self.rows.push(Row { id: words, recorded_at, stream, event_type, version, metadata });
        self.payloads.push(event.payload);
    }

    #[cold]
    fn note_again(&mut self, first: u32, at: u32) {
        match self.ids_again.get_mut(&first) {
            Some(places) => places.push(at),
            None => {
                self.ids_again.insert(first, vec![at]);
            }
        }
    }

    #[inline]
    fn metadata_number(&mut self, metadata: Metadata) -> u32 {
        if metadata == Metadata::default() {
            return 0;
        }
        if self.metadata.last() != Some(&metadata) {
            self.metadata.push(metadata);
        }
        self.metadata.len() as u32
    }
}

/// An event to be added, with or without what it carried.
pub(super) struct Stored<'a, P> {
    pub(super) id: EventId,
    pub(super) event_type: &'a str,
    pub(super) payload: Option<P>,
    pub(super) metadata: Metadata,
}

// What finds things follows from the rest, and is left out.
impl<P: PartialEq> PartialEq for EventStore<P> {
    fn eq(&self, other: &EventStore<P>) -> bool {
        self.rows == other.rows
            && self.payloads == other.payloads
            && self.metadata == other.metadata
            && self.streams == other.streams
            && self.stream_names.iter().eq(other.stream_names.iter())
            && self.type_names.iter().eq(other.type_names.iter())
    }
}

impl<P: Eq> Eq for EventStore<P> {}

impl<P: Hash> Hash for EventStore<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rows.hash(state);
        self.payloads.hash(state);
        self.metadata.hash(state);
        self.streams.hash(state);
        self.stream_names.iter().for_each(|name| name.hash(state));
        self.type_names.iter().for_each(|name| name.hash(state));
    }
}
