//! A store together with the file that it is kept in, without the file: bytes come out, and word
//! of what became of them comes back.

use std::fmt;

use super::PayloadBytes;
use super::body;
use super::frame::{LONGEST_BODY_BYTES, begin_record, file_header, finish_record};
use crate::event_store::store::EventStore;
use crate::event_store::{
    AppendError, Appended, Effect, EventId, Expected, NewEvent, RemoveError, StreamState,
};

/// A store whose changes are to be written to a file.
///
/// What was appended is in [`store`](Journal::store) at once, but may only be acknowledged when it
/// is durable: after each change note [`end`](Journal::end), and wait until
/// [`durable`](Journal::durable) is that far. That also holds for an append that turned out to be a
/// repeat, for the first one may not be durable yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Journal<P> {
    store: EventStore<P>,
    /// What nobody has taken yet.
    unwritten: Vec<u8>,
    end: u64,
    durable: u64,
    /// The checksum of the last record.
    previous: u32,
}

/// The most events of a record that is written from a store.
const MOST_IN_RECORD: usize = 64;

/// Bytes to be written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Write {
    /// Where in the file.
    pub at: u64,
    /// What.
    pub bytes: Vec<u8>,
}

/// Why an append was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JournalError {
    /// By the store.
    Append(AppendError),
    /// The batch does not fit into a record, see
    /// [`LONGEST_BODY_BYTES`](super::LONGEST_BODY_BYTES).
    TooBig {
        /// How many bytes it would take.
        bytes: usize,
    },
}

impl<P: PayloadBytes> Default for Journal<P> {
    fn default() -> Journal<P> {
        Journal::new()
    }
}

impl<P: PayloadBytes> Journal<P> {
    /// Of a file that is empty.
    pub fn new() -> Journal<P> {
        let (store, unwritten) = (EventStore::new(), file_header().to_vec());
        let end = unwritten.len() as u64;
        Journal { store, unwritten, end, durable: 0, previous: 0 }
    }

    /// Where to read on in a file that has its header.
    pub(super) fn start_reading(&mut self) -> usize {
        self.unwritten.clear();
        self.durable = self.end;
        usize::try_from(self.end).unwrap_or(usize::MAX)
    }

    /// Notes that the file was read up to here, and the checksum of the last record.
    pub(super) fn note_read(&mut self, through: u64, checksum: u32) {
        (self.end, self.durable, self.previous) = (through, through, checksum);
    }

    pub(super) fn last_checksum(&self) -> u32 {
        self.previous
    }

    pub(super) fn store_mut(&mut self) -> &mut EventStore<P> {
        &mut self.store
    }

    /// A journal that writes down all of a store; of removed events, all but what they carried.
    ///
    /// # Errors
    ///
    /// [`JournalError::TooBig`] if an event does not fit into a record.
    pub fn of_store(store: EventStore<P>) -> Result<Journal<P>, JournalError> {
        let mut journal = Journal::new();
        let mut at = 0;
        while at < store.rows.len() {
            at = journal.write_rows(&store, at)?;
        }
        Ok(Journal { store, ..journal })
    }

    /// What it holds, durable or not.
    pub fn store(&self) -> &EventStore<P> {
        &self.store
    }

    /// The store alone.
    pub fn into_store(self) -> EventStore<P> {
        self.store
    }

    /// How long the file is once all is written.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Up to where the file is known to be durable.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// As [`EventStore::append`].
    ///
    /// # Errors
    ///
    /// [`JournalError`]; then nothing at all has changed.
    pub fn append<'e, E>(
        &mut self,
        stream: &str,
        expected: Expected,
        recorded_at: u64,
        events: E,
    ) -> Result<Appended, JournalError>
    where
        E: AsRef<[NewEvent<'e, P>]> + IntoIterator<Item = NewEvent<'e, P>>,
        P: 'e,
    {
        let start = self.unwritten.len();
        begin_record(&mut self.unwritten);
        let body = self.unwritten.len();
        let recorded_at =
            self.store.rows.last().map_or(0, |last| last.recorded_at).max(recorded_at);
        let (first, count) = (self.store.last_position() + 1, events.as_ref().len() as u32);
        body::put_events_head(&mut self.unwritten, stream, recorded_at, first, count);
        for event in events.as_ref() {
            let NewEvent { id, event_type, payload, metadata } = event;
            body::put_event(&mut self.unwritten, *id, event_type, *metadata, Some(payload));
        }
        let bytes = self.unwritten.len() - body;
        let appended = if bytes > LONGEST_BODY_BYTES {
            Err(JournalError::TooBig { bytes })
        } else {
            let appended = self.store.append(stream, expected, recorded_at, events);
            appended.map_err(JournalError::Append)
        };
        if appended.as_ref().is_ok_and(|appended| appended.effect == Effect::Written) {
            self.finish(start);
        } else {
            self.unwritten.truncate(start);
        }
        appended
    }

    /// As [`EventStore::truncate`].
    ///
    /// # Errors
    ///
    /// [`RemoveError`]; then nothing at all has changed.
    pub fn truncate(&mut self, stream: &str, first_kept: u64) -> Result<u64, RemoveError> {
        let removed = self.store.truncate(stream, first_kept)?;
        if removed > 0 {
            self.record(|into| body::put_truncate(into, stream, first_kept));
        }
        Ok(removed)
    }

    /// As [`EventStore::delete`].
    ///
    /// # Errors
    ///
    /// [`RemoveError`]; then nothing at all has changed.
    pub fn delete(&mut self, stream: &str, expected: Expected) -> Result<u64, RemoveError> {
        let before = self.store.stream(stream);
        let removed = self.store.delete(stream, expected)?;
        if let StreamState::Exists { version, .. } = before {
            self.record(|into| body::put_delete(into, stream, version));
        }
        Ok(removed)
    }

    /// Adds a record that only bears witness to what is durable by now. Before a file is closed
    /// for long, one such makes damage to any of the events recognisable as damage.
    pub fn mark(&mut self) {
        self.record(body::put_mark);
    }

    /// Everything that was not taken yet, to be written in one piece; `None` if there is nothing.
    pub fn poll_write(&mut self) -> Option<Write> {
        let bytes = std::mem::take(&mut self.unwritten);
        let at = self.end - bytes.len() as u64;
        (!bytes.is_empty()).then_some(Write { at, bytes })
    }

    /// Takes note that the file is durable up to here: nothing before it can be lost any more.
    pub fn handle_durable(&mut self, through: u64) {
        let written = self.end - self.unwritten.len() as u64;
        self.durable = self.durable.max(through.min(written));
    }

    fn record(&mut self, put: impl FnOnce(&mut Vec<u8>)) {
        let start = self.unwritten.len();
        begin_record(&mut self.unwritten);
        put(&mut self.unwritten);
        self.finish(start);
    }

    fn finish(&mut self, start: usize) {
        let (at, durable, previous) = (self.end, self.durable, self.previous);
        self.previous = finish_record(&mut self.unwritten, start, at, durable, previous);
        self.end += (self.unwritten.len() - start) as u64;
    }

    /// Writes down events of a store from a place on, as one record: those of one stream that were
    /// recorded at one time, as far as a batch could have had them. If the stream was deleted after
    /// the last of them, a record says so. Gives the place after them.
    fn write_rows(&mut self, store: &EventStore<P>, first: usize) -> Result<usize, JournalError> {
        let row = &store.rows[first];
        let stream = store.stream_names.name(row.stream);
        let deleted_through = store.streams[row.stream as usize].deleted_through;
        let mut end = first + 1;
        while let Some(next) = store.rows.get(end).filter(|_| end - first < MOST_IN_RECORD) {
            let goes_on = (next.stream, next.recorded_at) == (row.stream, row.recorded_at);
            let is_new = store.rows[first..end].iter().all(|other| other.id != next.id);
            if !goes_on || !is_new || store.rows[end - 1].version == deleted_through {
                break;
            }
            end += 1;
        }
        let start = self.unwritten.len();
        loop {
            begin_record(&mut self.unwritten);
            let into = &mut self.unwritten;
            let (position, count) = (first as u64 + 1, (end - first) as u32);
            body::put_events_head(into, stream, row.recorded_at, position, count);
            for at in first..end {
                let row = &store.rows[at];
                let event_type = store.type_names.name(row.event_type);
                let (id, metadata) = (EventId::from_words(row.id), store.metadata_of(row));
                body::put_event(into, id, event_type, metadata, store.payloads[at].as_ref());
            }
            let bytes = into.len() - start;
            if bytes <= LONGEST_BODY_BYTES {
                break;
            }
            if end == first + 1 {
                return Err(JournalError::TooBig { bytes });
            }
            into.truncate(start);
            end = first + 1;
        }
        self.finish(start);
        let version = store.rows[end - 1].version;
        if version == deleted_through {
            self.record(|into| body::put_delete(into, stream, version.into()));
        }
        Ok(end)
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JournalError::Append(error) => error.fmt(f),
            JournalError::TooBig { bytes } => {
                write!(f, "the batch takes {bytes} bytes, {LONGEST_BODY_BYTES} are possible")
            }
        }
    }
}

impl std::error::Error for JournalError {}
