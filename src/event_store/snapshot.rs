//! Snapshots: a state, kept so that a replay need not begin at the beginning.
//!
//! The law is that they change nothing but the cost: for every version, a replay from a snapshot
//! of it gives what a replay of everything gives. A snapshot that could break it is refused, with
//! the reason, and the state is rebuilt.

use std::fmt;

use super::store::EventStore;
use super::stream::Stream;
use super::{EventId, Evolve, Folded, Replay, ReplayError, StreamState, state_hash};

/// A stream's state at a version. Plain data, to be kept wherever you like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot<S> {
    /// Whose state.
    pub stream: String,
    /// The state, how far it is, and what was left out of it.
    pub folded: Folded<S>,
    /// The id of the last event in it; of no events 0.
    pub last_event: EventId,
    /// The schema of the replay that made it.
    pub schema: u64,
    /// The hash of the state when it was taken.
    pub state_hash: u64,
}

/// Why a snapshot, or a projection's checkpoint, is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SnapshotRefusal {
    /// It is ahead of the log: the log is another one, or was restored from an older copy.
    NewerThanLog {
        /// How far the snapshot is.
        snapshot: u64,
        /// How far the log is.
        log: u64,
    },
    /// Where the snapshot ends, the log has another event: their histories differ.
    OtherHistory {
        /// Where.
        at: u64,
    },
    /// Code of another schema made it.
    OtherSchema {
        /// The snapshot's.
        snapshot: u64,
        /// That of the code.
        code: u64,
    },
    /// The stream was deleted since.
    Deleted {
        /// At what version.
        at: u64,
    },
    /// Events after the snapshot were truncated since.
    TailIsGone {
        /// How far the snapshot is.
        snapshot: u64,
        /// The number of the first event that is left.
        first: u64,
    },
    /// The state is not the one that was taken.
    Damaged {
        /// The hash when it was taken.
        taken: u64,
        /// The hash now.
        found: u64,
    },
}

/// A state, and why it was not taken from the snapshot that was there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loaded<S> {
    /// The state.
    pub folded: Folded<S>,
    /// Why the snapshot was refused, if it was.
    pub refused: Option<SnapshotRefusal>,
}

impl<E: Evolve> Replay<'_, E> {
    /// A snapshot of a state that this replay made from a stream.
    pub fn snapshot(
        &self,
        store: &EventStore<E::Payload>,
        stream: &str,
        folded: Folded<E::State>,
    ) -> Snapshot<E::State> {
        let version = u32::try_from(folded.through).unwrap_or(u32::MAX);
        let found = store.find_stream(stream);
        let last_event = found.and_then(|found| store.id_at(found, version)).unwrap_or_default();
        let state_hash = state_hash(&folded.state);
        Snapshot {
            stream: stream.to_owned(),
            folded,
            last_event,
            schema: self.schema(),
            state_hash,
        }
    }

    /// The present state of the snapshot's stream, from the snapshot on.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Snapshot`] if the snapshot is of no use, and other [`ReplayError`]s for
    /// events that cannot be read.
    pub fn stream_from(
        &self,
        store: &EventStore<E::Payload>,
        snapshot: &Snapshot<E::State>,
    ) -> Result<Folded<E::State>, ReplayError> {
        self.check(store, snapshot).map_err(ReplayError::Snapshot)?;
        let stream = &snapshot.stream;
        let version = store.stream(stream).version();
        self.go_on(store, stream, snapshot.folded.clone(), version)
    }

    /// The state of the snapshot's stream when it had this version, from the snapshot on.
    ///
    /// # Errors
    ///
    /// As [`stream_to`](Replay::stream_to) and [`stream_from`](Replay::stream_from); and the
    /// snapshot is refused as newer than the log if it is newer than that version.
    pub fn stream_from_to(
        &self,
        store: &EventStore<E::Payload>,
        snapshot: &Snapshot<E::State>,
        version: u64,
    ) -> Result<Folded<E::State>, ReplayError> {
        store.check_version(&snapshot.stream, version).map_err(ReplayError::Read)?;
        self.check(store, snapshot).map_err(ReplayError::Snapshot)?;
        let covers = snapshot.folded.through;
        if covers > version {
            let refusal = SnapshotRefusal::NewerThanLog { snapshot: covers, log: version };
            return Err(ReplayError::Snapshot(refusal));
        }
        self.go_on(store, &snapshot.stream, snapshot.folded.clone(), version)
    }

    /// The present state of the snapshot's stream, from the snapshot on if it is of use, and
    /// otherwise rebuilt from all events. Which of the two it was is part of the answer.
    ///
    /// # Errors
    ///
    /// [`ReplayError`] for events that cannot be read.
    pub fn stream_from_or_rebuilt(
        &self,
        store: &EventStore<E::Payload>,
        snapshot: &Snapshot<E::State>,
    ) -> Result<Loaded<E::State>, ReplayError> {
        match self.stream_from(store, snapshot) {
            Ok(folded) => Ok(Loaded { folded, refused: None }),
            Err(ReplayError::Snapshot(refusal)) => {
                let folded = self.stream(store, &snapshot.stream)?;
                Ok(Loaded { folded, refused: Some(refusal) })
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a snapshot may stand for the events that it covers.
    ///
    /// # Errors
    ///
    /// [`SnapshotRefusal`] if it may not.
    pub fn check(
        &self,
        store: &EventStore<E::Payload>,
        snapshot: &Snapshot<E::State>,
    ) -> Result<(), SnapshotRefusal> {
        let (covers, code) = (snapshot.folded.through, self.schema());
        if snapshot.schema != code {
            return Err(SnapshotRefusal::OtherSchema { snapshot: snapshot.schema, code });
        }
        let (taken, found) = (snapshot.state_hash, state_hash(&snapshot.folded.state));
        if taken != found {
            return Err(SnapshotRefusal::Damaged { taken, found });
        }
        let state = store.stream(&snapshot.stream);
        let log = state.version();
        if covers > log {
            return Err(SnapshotRefusal::NewerThanLog { snapshot: covers, log });
        }
        let stream = store.find_stream(&snapshot.stream);
        let deleted = stream.map_or(0, |stream| stream.deleted_through);
        if deleted > 0 && covers <= deleted.into() {
            return Err(SnapshotRefusal::Deleted { at: deleted.into() });
        }
        // It is at most the stream's version, so it fits.
        let id = |stream: &Stream| store.id_at(stream, covers as u32);
        if stream.and_then(id).unwrap_or_default() != snapshot.last_event {
            return Err(SnapshotRefusal::OtherHistory { at: covers });
        }
        match state {
            StreamState::Exists { first, .. } if covers + 1 < first => {
                Err(SnapshotRefusal::TailIsGone { snapshot: covers, first })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for SnapshotRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotRefusal::NewerThanLog { snapshot, log } => {
                write!(f, "the snapshot is at {snapshot}, the log only at {log}")
            }
            SnapshotRefusal::OtherHistory { at } => {
                write!(f, "at {at} the log has another event than the snapshot")
            }
            SnapshotRefusal::OtherSchema { snapshot, code } => {
                write!(f, "the snapshot's schema is {snapshot:016x}, the code's {code:016x}")
            }
            SnapshotRefusal::Deleted { at } => {
                write!(f, "the stream was deleted at version {at}")
            }
            SnapshotRefusal::TailIsGone { snapshot, first } => {
                write!(f, "the snapshot is at {snapshot}, but the first event left is {first}")
            }
            SnapshotRefusal::Damaged { taken, found } => {
                write!(f, "the state's hash was {taken:016x} and is {found:016x}")
            }
        }
    }
}

impl std::error::Error for SnapshotRefusal {}
