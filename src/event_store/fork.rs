//! Forks: another history with the same beginning.

use super::store::{EventStore, Stored};
use super::{EventId, ReadError};

impl<P: Clone> EventStore<P> {
    /// The store as it was when it had its first `position` events, to go on differently. What was
    /// removed since is not in it.
    ///
    /// # Errors
    ///
    /// [`ReadError::BeyondEnd`] if it never had so many.
    pub fn fork(&self, position: u64) -> Result<EventStore<P>, ReadError> {
        let end = self.last_position();
        if position > end {
            return Err(ReadError::BeyondEnd { asked: position, end });
        }
        let mut fork = EventStore::new();
        for (row, payload) in self.rows.iter().zip(&self.payloads).take(position as usize) {
            let number = fork.stream_number(self.stream_names.name(row.stream));
            let event = Stored {
                id: EventId::from_words(row.id),
                event_type: self.type_names.name(row.event_type),
                payload: payload.clone(),
                metadata: self.metadata_of(row),
            };
            fork.push(number, row.recorded_at, event, false);
            if let Some(stream) =
                fork.streams.get_mut(number as usize).filter(|_| payload.is_none())
            {
                stream.remove_through(row.version);
            }
        }
        // Streams have the same numbers in both, for they are numbered by their first events.
        for (stream, original) in fork.streams.iter_mut().zip(&self.streams) {
            stream.deleted_through = original.deleted_through.min(stream.version());
        }
        Ok(fork)
    }
}
