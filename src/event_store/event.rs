//! An event as it is read.

use super::store::{EventStore, Row};
use super::{EventId, Metadata};

/// An event of a store, to be looked at: a handle, as cheap to copy as a few references.
#[derive(Debug)]
pub struct Event<'a, P> {
    store: &'a EventStore<P>,
    row: &'a Row,
    payload: &'a P,
    position: u64,
    /// The type that an upcaster gave it.
    upcast_type: Option<&'a str>,
}

impl<P> Copy for Event<'_, P> {}

impl<P> Clone for Event<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, P> Event<'a, P> {
    #[inline]
    pub(super) fn new(
        store: &'a EventStore<P>,
        row: &'a Row,
        payload: &'a P,
        position: u64,
    ) -> Event<'a, P> {
        Event { store, row, payload, position, upcast_type: None }
    }

    /// The same event with another type and payload: position, version and id stay.
    pub(super) fn upcast<'b>(self, event_type: &'b str, payload: &'b P) -> Event<'b, P>
    where
        'a: 'b,
    {
        let Event { store, row, position, .. } = self;
        Event { store, row, payload, position, upcast_type: Some(event_type) }
    }

    /// Its number among all events, from 1.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Its number in its stream, from 1: the stream's version when it was the last one.
    pub fn version(&self) -> u64 {
        self.row.version.into()
    }

    /// Its id.
    pub fn id(&self) -> EventId {
        EventId::from_words(self.row.id)
    }

    /// The name of its stream.
    pub fn stream(&self) -> &'a str {
        self.store.stream_names.name(self.row.stream)
    }

    /// The name of its type.
    pub fn event_type(&self) -> &'a str {
        self.upcast_type.unwrap_or_else(|| self.store.type_names.name(self.row.event_type))
    }

    /// When it was appended: what the caller said, or the time of the event before if that is
    /// later.
    pub fn recorded_at(&self) -> u64 {
        self.row.recorded_at
    }

    /// What else is known of it.
    pub fn metadata(&self) -> Metadata {
        self.store.metadata_of(self.row)
    }

    /// What happened.
    #[inline]
    pub fn payload(&self) -> &'a P {
        self.payload
    }

    #[inline]
    pub(super) fn type_number(&self) -> u32 {
        self.row.event_type
    }
}
