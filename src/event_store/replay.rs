//! Replaying: a state is a fold over events.
//!
//! A replay works on a state of its own and gives it away only when it is done, so one that fails
//! leaves nothing behind: no half of a state, and no mode in which anything would go on.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::store::EventStore;
use super::{Event, Evolve, ReadError, SnapshotRefusal, StreamState, Upcasters, state_hash};
use crate::stable_hash::StableHasher;

/// What becomes of events whose type the code does not know, after upcasting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownTypes {
    /// The replay fails and names type and position.
    #[default]
    Fail,
    /// They are left out, and counted.
    Skip,
    /// They are left out, and their positions kept: whoever passes the state on can pass on what
    /// is not in it.
    KeepOpaque,
}

/// How to replay: what evolves, upcasters, and what becomes of unknown types.
pub struct Replay<'a, E: Evolve> {
    evolve: &'a E,
    upcasters: Option<&'a Upcasters<E::Payload>>,
    unknown: UnknownTypes,
}

/// What came of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Folded<S> {
    /// The state.
    pub state: S,
    /// How far it is: the number of the last event of the stream that counts, or of all events,
    /// whether or not `evolve` saw it.
    pub through: u64,
    /// How many events evolved it.
    pub evolved: u64,
    /// What was left out.
    pub left_out: LeftOut,
}

/// Events of unknown types that did not evolve a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LeftOut {
    /// How many were skipped.
    pub skipped: u64,
    /// The positions of those that were kept opaque.
    pub opaque: Vec<u64>,
}

/// Why a replay gave no state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReplayError {
    /// An event's type is unknown, and that is not allowed.
    UnknownType {
        /// Its type, after upcasting.
        event_type: String,
        /// Where it is.
        position: u64,
    },
    /// An event's payload could not be upcast.
    Upcast {
        /// The type whose step could not be done.
        event_type: String,
        /// Where it is.
        position: u64,
    },
    /// There is no such version.
    Read(ReadError),
    /// The snapshot is of no use.
    Snapshot(SnapshotRefusal),
}

/// What to do with events of a type.
#[derive(Clone, Copy)]
enum Plan {
    Evolve,
    Upcast,
    LeaveOut,
}

impl<'a, E: Evolve> Replay<'a, E> {
    /// Without upcasters; unknown types make it fail.
    pub fn new(evolve: &'a E) -> Replay<'a, E> {
        Replay { evolve, upcasters: None, unknown: UnknownTypes::default() }
    }

    /// With these upcasters.
    pub fn upcasting(self, upcasters: &'a Upcasters<E::Payload>) -> Replay<'a, E> {
        Replay { upcasters: Some(upcasters), ..self }
    }

    /// With another way of dealing with unknown types.
    pub fn unknown_types(self, unknown: UnknownTypes) -> Replay<'a, E> {
        Replay { unknown, ..self }
    }

    /// A number that is the same for replays that give the same state for the same events: the
    /// schema of what evolves, the upcasters, and what becomes of unknown types.
    pub fn schema(&self) -> u64 {
        let mut schema = StableHasher::default();
        (self.evolve.schema(), self.unknown).hash(&mut schema);
        if let Some(upcasters) = self.upcasters {
            upcasters.hash_into(&mut schema);
        }
        schema.finish()
    }

    /// A stream's present state. Of a stream that is not there it is the initial one.
    ///
    /// # Errors
    ///
    /// [`ReplayError`] for events that cannot be read.
    pub fn stream(
        &self,
        store: &EventStore<E::Payload>,
        stream: &str,
    ) -> Result<Folded<E::State>, ReplayError> {
        self.go_on(store, stream, self.start(), store.stream(stream).version())
    }

    /// A stream's state when it had this version.
    ///
    /// # Errors
    ///
    /// [`ReplayError`]; also for a version beyond the end, and for one whose events were removed.
    pub fn stream_to(
        &self,
        store: &EventStore<E::Payload>,
        stream: &str,
        version: u64,
    ) -> Result<Folded<E::State>, ReplayError> {
        store.check_version(stream, version).map_err(ReplayError::Read)?;
        self.go_on(store, stream, self.start(), version)
    }

    /// A stream's state at a time: of the events recorded until then. Any time will do.
    ///
    /// # Errors
    ///
    /// [`ReplayError`] for events that cannot be read, and if those until then were removed.
    pub fn stream_at(
        &self,
        store: &EventStore<E::Payload>,
        stream: &str,
        time: u64,
    ) -> Result<Folded<E::State>, ReplayError> {
        self.stream_to(store, stream, store.version_at(stream, time))
    }

    /// The state after all events of all streams up to a position.
    ///
    /// # Errors
    ///
    /// [`ReplayError`]; also for a position beyond the end.
    pub fn all_to(
        &self,
        store: &EventStore<E::Payload>,
        position: u64,
    ) -> Result<Folded<E::State>, ReplayError> {
        let end = store.last_position();
        if position > end {
            return Err(ReplayError::Read(ReadError::BeyondEnd { asked: position, end }));
        }
        let mut folded = self.start();
        self.fold(store, std::iter::once(0..position as usize), &mut folded, |_, _| {})?;
        folded.through = position;
        Ok(folded)
    }

    /// The hash of a stream's state at every version that can be seen: the first is that before
    /// the first event that was not removed.
    ///
    /// # Errors
    ///
    /// [`ReplayError`] for events that cannot be read.
    pub fn hashes(
        &self,
        store: &EventStore<E::Payload>,
        stream: &str,
    ) -> Result<Vec<u64>, ReplayError> {
        let mut folded = self.start();
        let mut hashes = vec![state_hash(&folded.state)];
        if let StreamState::Exists { version, first } = store.stream(stream) {
            let ranges = store.ranges(store.find_stream(stream), first, version);
            self.fold(store, ranges, &mut folded, |state, _| hashes.push(state_hash(state)))?;
        }
        Ok(hashes)
    }

    pub(super) fn decider(&self) -> &'a E {
        self.evolve
    }

    pub(super) fn start(&self) -> Folded<E::State> {
        let state = self.evolve.initial();
        Folded { state, through: 0, evolved: 0, left_out: LeftOut::default() }
    }

    /// Takes a stream's state on to a version, which is not beyond its end.
    pub(super) fn go_on(
        &self,
        store: &EventStore<E::Payload>,
        stream: &str,
        mut folded: Folded<E::State>,
        version: u64,
    ) -> Result<Folded<E::State>, ReplayError> {
        if let StreamState::Exists { first, .. } = store.stream(stream) {
            let low = first.max(folded.through + 1);
            let ranges = store.ranges(store.find_stream(stream), low, version);
            self.fold(store, ranges, &mut folded, |_, _| {})?;
        }
        folded.through = version;
        Ok(folded)
    }

    /// Folds the events at these places of the store. After an error, `folded` is what came of
    /// those before the one that the error names.
    pub(super) fn fold(
        &self,
        store: &EventStore<E::Payload>,
        ranges: impl Iterator<Item = Range<usize>>,
        folded: &mut Folded<E::State>,
        mut after_each: impl FnMut(&E::State, u64),
    ) -> Result<(), ReplayError> {
        let plans: Vec<Plan> = store.event_types().map(|name| self.plan(name)).collect();
        let all_known = plans.iter().all(|plan| matches!(plan, Plan::Evolve));
        for range in ranges {
            let first = range.start as u64 + 1;
            let (Some(rows), Some(payloads)) =
                (store.rows.get(range.clone()), store.payloads.get(range))
            else {
                continue;
            };
            for ((row, payload), position) in rows.iter().zip(payloads).zip(first..) {
                let Some(payload) = payload else { continue };
                let event = Event::new(store, row, payload, position);
                if all_known {
                    self.evolve.evolve(&mut folded.state, &event);
                    folded.evolved += 1;
                } else {
                    let plan = plans.get(event.type_number() as usize);
                    self.step(plan.copied(), event, folded)?;
                }
                after_each(&folded.state, position);
            }
        }
        Ok(())
    }

    fn plan(&self, event_type: &str) -> Plan {
        let newest = self.upcasters.map_or(event_type, |upcasters| upcasters.newest(event_type));
        if newest != event_type {
            Plan::Upcast
        } else if self.evolve.knows(event_type) {
            Plan::Evolve
        } else {
            Plan::LeaveOut
        }
    }

    #[inline(never)]
    fn step(
        &self,
        plan: Option<Plan>,
        event: Event<'_, E::Payload>,
        folded: &mut Folded<E::State>,
    ) -> Result<(), ReplayError> {
        match plan {
            Some(Plan::Evolve) => self.evolve.evolve(&mut folded.state, &event),
            Some(Plan::Upcast) => {
                let upcast = self
                    .upcasters
                    .and_then(|upcasters| upcasters.upcast(event.event_type(), event.payload()));
                let (event_type, payload) = match upcast {
                    Some(Ok(upcast)) => upcast,
                    Some(Err(event_type)) => {
                        let (event_type, position) = (event_type.to_owned(), event.position());
                        return Err(ReplayError::Upcast { event_type, position });
                    }
                    None => return self.leave_out(event, folded),
                };
                let event = event.upcast(event_type, &payload);
                if !self.evolve.knows(event_type) {
                    return self.leave_out(event, folded);
                }
                self.evolve.evolve(&mut folded.state, &event);
            }
            Some(Plan::LeaveOut) | None => return self.leave_out(event, folded),
        }
        folded.evolved += 1;
        Ok(())
    }

    fn leave_out(
        &self,
        event: Event<'_, E::Payload>,
        folded: &mut Folded<E::State>,
    ) -> Result<(), ReplayError> {
        match self.unknown {
            UnknownTypes::Fail => {
                let (event_type, position) = (event.event_type().to_owned(), event.position());
                return Err(ReplayError::UnknownType { event_type, position });
            }
            UnknownTypes::Skip => folded.left_out.skipped += 1,
            UnknownTypes::KeepOpaque => folded.left_out.opaque.push(event.position()),
        }
        Ok(())
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::UnknownType { event_type, position } => {
                write!(f, "position {position}: unknown type `{event_type}`")
            }
            ReplayError::Upcast { event_type, position } => {
                write!(f, "position {position}: no newer form of this `{event_type}`")
            }
            ReplayError::Read(error) => error.fmt(f),
            ReplayError::Snapshot(refusal) => refusal.fmt(f),
        }
    }
}

impl std::error::Error for ReplayError {}
