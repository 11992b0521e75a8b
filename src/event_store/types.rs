//! What goes in and comes out.

use std::fmt;

use crate::stable_hash::stable_hash;

/// The id of an event, given by whoever appends it. A retry must use the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u128);

impl EventId {
    /// The id of the `n`th event that comes of a command: the same whenever it is decided again.
    pub fn of_command(command: EventId, n: u64) -> EventId {
        let half = |side: u64| u128::from(stable_hash(&(side, command, n)));
        EventId(half(0) << 64 | half(1))
    }

    #[inline]
    pub(super) fn words(self) -> [u64; 2] {
        [self.0 as u64, (self.0 >> 64) as u64]
    }

    #[inline]
    pub(super) fn from_words(words: [u64; 2]) -> EventId {
        EventId(u128::from(words[1]) << 64 | u128::from(words[0]))
    }
}

/// What else is known of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// What conversation it belongs to: the same in every event that comes of one request.
    pub correlation: Option<EventId>,
    /// The event or the command that caused it.
    pub causation: Option<EventId>,
}

/// An event to be appended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewEvent<'a, P> {
    /// Its id.
    pub id: EventId,
    /// The name of its type: 1 to [`LONGEST_NAME`](super::LONGEST_NAME) bytes.
    pub event_type: &'a str,
    /// What happened.
    pub payload: P,
    /// What else is known.
    pub metadata: Metadata,
}

impl<'a, P> NewEvent<'a, P> {
    /// An event without metadata.
    pub fn new(id: EventId, event_type: &'a str, payload: P) -> NewEvent<'a, P> {
        NewEvent { id, event_type, payload, metadata: Metadata::default() }
    }
}

/// What a writer expects of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expected {
    /// Nothing.
    Any,
    /// That it is not there: never written, or deleted.
    NoStream,
    /// That it is there.
    Exists,
    /// That it has this version. `Exact(0)` is the same as [`Expected::NoStream`].
    Exact(u64),
}

/// What a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamState {
    /// Nothing was ever appended.
    Missing,
    /// It was deleted, and nothing was appended since.
    Deleted {
        /// Its version, from which numbering goes on.
        version: u64,
    },
    /// It is there.
    Exists {
        /// How many events were ever appended: the number of the last one.
        version: u64,
        /// The number of the first event that was not truncated. One more than `version` if all
        /// were.
        first: u64,
    },
}

impl StreamState {
    /// How many events were ever appended.
    pub fn version(self) -> u64 {
        match self {
            StreamState::Missing => 0,
            StreamState::Deleted { version } | StreamState::Exists { version, .. } => version,
        }
    }

    /// Whether it is there.
    pub fn exists(self) -> bool {
        matches!(self, StreamState::Exists { .. })
    }

    /// What an append must expect that follows on what is now there.
    pub fn as_expected(self) -> Expected {
        match self {
            StreamState::Missing => Expected::NoStream,
            StreamState::Deleted { version } | StreamState::Exists { version, .. } => {
                Expected::Exact(version)
            }
        }
    }
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its number in its stream, from 1.
    pub version: u64,
    /// Its number among all events, from 1.
    pub position: u64,
}

/// The answer to an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Appended {
    /// Whether anything was written.
    pub effect: Effect,
    /// The stream's version when the last event of the batch was appended, which the next append
    /// may expect; of an empty batch, the present version.
    pub version: u64,
    /// Where the first event of the batch stands; `None` of an empty batch.
    pub first: Option<Place>,
    /// Where the last one stands.
    pub last: Option<Place>,
}

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It wrote its events.
    Written,
    /// They were there; nothing was written.
    Repeated,
    /// The batch is empty; nothing was written.
    Checked,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Any => f.write_str("anything"),
            Expected::NoStream => f.write_str("no stream"),
            Expected::Exists => f.write_str("a stream"),
            Expected::Exact(version) => write!(f, "version {version}"),
        }
    }
}

impl fmt::Display for StreamState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamState::Missing => f.write_str("no stream"),
            StreamState::Deleted { version } => write!(f, "deleted at version {version}"),
            StreamState::Exists { version, .. } => write!(f, "version {version}"),
        }
    }
}
