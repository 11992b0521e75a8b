//! Removing events. What they carried is gone from memory; ids, types, times and places stay, so
//! that repeats are still recognised and every other event keeps its numbers.

use super::append::meets;
use super::store::EventStore;
use super::{Expected, RemoveError, StreamState};

impl<P> EventStore<P> {
    /// Removes a stream's events before the one with the number `first_kept`, and says how many
    /// they were. The stream stays, even if none is left; its version does not change.
    ///
    /// # Errors
    ///
    /// [`RemoveError::Conflict`] if the stream is not there; [`RemoveError::BeyondEnd`] if
    /// `first_kept` is more than one after the last event.
    pub fn truncate(&mut self, stream: &str, first_kept: u64) -> Result<u64, RemoveError> {
        match self.stream(stream) {
            StreamState::Exists { version, first } if first_kept <= version + 1 => {
                let last_gone = first_kept.saturating_sub(1).max(first - 1);
                Ok(self.remove(stream, first, last_gone))
            }
            StreamState::Exists { version, .. } => {
                Err(RemoveError::BeyondEnd { asked: first_kept, end: version })
            }
            actual => Err(conflict(stream, Expected::Exists, actual)),
        }
    }

    /// Deletes a stream with all of its events, and says how many they were. Whoever appends to it
    /// again begins it anew, with numbers that go on after the last one.
    ///
    /// Deleting what is not there succeeds and changes nothing, if that is expected.
    ///
    /// # Errors
    ///
    /// [`RemoveError::Conflict`] if the stream is not as expected.
    pub fn delete(&mut self, stream: &str, expected: Expected) -> Result<u64, RemoveError> {
        let actual = self.stream(stream);
        if !meets(actual, expected) {
            return Err(conflict(stream, expected, actual));
        }
        let StreamState::Exists { version, first } = actual else {
            return Ok(0);
        };
        let removed = self.remove(stream, first, version);
        let number = self.number_of_stream(stream);
        if let Some(found) = number.and_then(|number| self.streams.get_mut(number as usize)) {
            found.deleted_through = found.version();
        }
        Ok(removed)
    }

    /// Removes the events `low..=high` of a stream; says how many.
    fn remove(&mut self, stream: &str, low: u64, high: u64) -> u64 {
        let Some(number) = self.number_of_stream(stream) else {
            return 0;
        };
        let ranges: Vec<_> = self.ranges(self.streams.get(number as usize), low, high).collect();
        for range in ranges {
            self.payloads[range].iter_mut().for_each(|payload| *payload = None);
        }
        if let Some(found) = self.streams.get_mut(number as usize) {
            found.remove_through(high as u32);
        }
        (high + 1).saturating_sub(low)
    }
}

fn conflict(stream: &str, expected: Expected, actual: StreamState) -> RemoveError {
    RemoveError::Conflict { stream: stream.to_owned(), expected, actual }
}
