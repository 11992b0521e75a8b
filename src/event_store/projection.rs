//! Projections: a state made from many streams, kept up to date, with the position it is at.
//!
//! State and position are one value and move together: whoever stores the one stores the other.
//! Kept apart, a crash between the two writes would apply an event twice or never.

use std::hash::Hash;

use super::store::EventStore;
use super::{EventId, Evolve, Folded, Replay, ReplayError, SnapshotRefusal, Source, state_hash};

/// A state with the position it is at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Projection<S> {
    source: Source,
    folded: Folded<S>,
    /// The id of the event at the checkpoint's position; of no event 0.
    last_event: EventId,
    schema: u64,
}

/// A projection to be kept: state and position together, or it is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checkpoint<S> {
    /// Of which events.
    pub source: Source,
    /// The state, what was left out of it, and up to which position everything is in it.
    pub folded: Folded<S>,
    /// The id of the event at that position; of no event 0.
    pub last_event: EventId,
    /// The schema of the replay that made it.
    pub schema: u64,
    /// The hash of the state.
    pub state_hash: u64,
}

impl<S: Clone + Hash> Projection<S> {
    /// What to keep, to go on from here another time.
    pub fn checkpoint(&self) -> Checkpoint<S> {
        let Projection { source, folded, last_event, schema } = self.clone();
        let state_hash = state_hash(&folded.state);
        Checkpoint { source, folded, last_event, schema, state_hash }
    }

    /// A projection that was kept, to go on from there.
    ///
    /// # Errors
    ///
    /// [`SnapshotRefusal`] if it is of another history or schema, or was changed since.
    pub fn resume<E: Evolve<State = S>>(
        replay: &Replay<'_, E>,
        store: &EventStore<E::Payload>,
        checkpoint: Checkpoint<S>,
    ) -> Result<Projection<S>, SnapshotRefusal> {
        let (taken, found) = (checkpoint.state_hash, state_hash(&checkpoint.folded.state));
        if taken != found {
            return Err(SnapshotRefusal::Damaged { taken, found });
        }
        let Checkpoint { source, folded, last_event, schema, .. } = checkpoint;
        let projection = Projection { source, folded, last_event, schema };
        projection.check(replay, store).map(|()| projection)
    }
}

impl<S> Projection<S> {
    /// Of nothing yet.
    pub fn new<E: Evolve<State = S>>(replay: &Replay<'_, E>, source: Source) -> Projection<S> {
        let (folded, schema) = (replay.start(), replay.schema());
        Projection { source, folded, last_event: EventId::default(), schema }
    }

    /// The state, and what was left out of it.
    pub fn folded(&self) -> &Folded<S> {
        &self.folded
    }

    /// The state.
    pub fn state(&self) -> &S {
        &self.folded.state
    }

    /// Up to which position of the log everything is in it. Only ever goes forward, except when it
    /// is rebuilt on another log.
    pub fn position(&self) -> u64 {
        self.folded.through
    }

    /// How many events of the log it has yet to see, removed ones included.
    pub fn lag<P>(&self, store: &EventStore<P>) -> u64 {
        self.source.lag(store, self.position())
    }

    /// Takes in at most `limit` more positions of its source, and says how many events evolved the
    /// state.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Snapshot`] if it is of another history or schema; then nothing has changed.
    /// For an event that cannot be read, the error names it; state and position are those just
    /// before it.
    pub fn catch_up<E: Evolve<State = S>>(
        &mut self,
        replay: &Replay<'_, E>,
        store: &EventStore<E::Payload>,
        limit: u64,
    ) -> Result<u64, ReplayError> {
        self.check(replay, store).map_err(ReplayError::Snapshot)?;
        let before = self.folded.evolved;
        let done = self.take_in(replay, store, limit);
        done.map(|()| self.folded.evolved - before)
    }

    /// Makes it again from the first event. Removed events are not in it any more.
    ///
    /// # Errors
    ///
    /// [`ReplayError`] for an event that cannot be read; then it is as it was.
    pub fn rebuild<E: Evolve<State = S>>(
        &mut self,
        replay: &Replay<'_, E>,
        store: &EventStore<E::Payload>,
    ) -> Result<(), ReplayError> {
        let mut rebuilt = Projection::new(replay, self.source.clone());
        rebuilt.take_in(replay, store, u64::MAX)?;
        *self = rebuilt;
        Ok(())
    }

    /// Whether the log and the code are those that it was made from.
    ///
    /// # Errors
    ///
    /// [`SnapshotRefusal`] if not; then it can only be rebuilt.
    pub fn check<E: Evolve<State = S>>(
        &self,
        replay: &Replay<'_, E>,
        store: &EventStore<E::Payload>,
    ) -> Result<(), SnapshotRefusal> {
        let (at, code, log) = (self.position(), replay.schema(), store.last_position());
        if self.schema != code {
            return Err(SnapshotRefusal::OtherSchema { snapshot: self.schema, code });
        }
        if at > log {
            return Err(SnapshotRefusal::NewerThanLog { snapshot: at, log });
        }
        if store.id_at_position(at) != self.last_event {
            return Err(SnapshotRefusal::OtherHistory { at });
        }
        Ok(())
    }

    fn take_in<E: Evolve<State = S>>(
        &mut self,
        replay: &Replay<'_, E>,
        store: &EventStore<E::Payload>,
        limit: u64,
    ) -> Result<(), ReplayError> {
        let last = store.last_position();
        let (all, some, end) = match &self.source {
            Source::All => {
                let end = self.position().saturating_add(limit).min(last);
                (Some(self.position() as usize..end as usize), None, end)
            }
            Source::Stream(name) => {
                let version = store.stream(name).version();
                let low = store.version_at_position(name, self.position()) + 1;
                let high = (low - 1).saturating_add(limit).min(version);
                let place = store.find_stream(name).and_then(|found| found.at(high as u32));
                let end = match place {
                    Some(at) if high < version => self.position().max(u64::from(at) + 1),
                    _ if high < version => self.position(),
                    _ => last,
                };
                (None, Some(store.ranges(store.find_stream(name), low, high)), end)
            }
        };
        let ranges = all.into_iter().chain(some.into_iter().flatten());
        let mut through = self.position();
        let done = replay.fold(store, ranges, &mut self.folded, |_, at| through = at);
        self.folded.through = if done.is_ok() { end } else { through };
        self.last_event = store.id_at_position(self.folded.through);
        done
    }
}
