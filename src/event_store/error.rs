//! What can be refused, and why. Every error names the place.

use std::fmt;

use super::{EventId, Expected, StreamState};

/// Why an append was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AppendError {
    /// The stream is not as expected.
    Conflict {
        /// Which stream.
        stream: String,
        /// What was expected of it.
        expected: Expected,
        /// What it is.
        actual: StreamState,
    },
    /// Some events of the batch are in the stream, but not all of them one after the other where
    /// they were asked for: neither new nor a repeat.
    PartlyThere {
        /// Which stream.
        stream: String,
        /// What was expected of it.
        expected: Expected,
        /// One that is there.
        there: EventId,
        /// The first of the batch that is not where a repeat would have it.
        not_there: EventId,
    },
    /// Two events of the batch have the same id.
    TwiceInBatch {
        /// Which id.
        id: EventId,
        /// The place of the first in the batch, from 0.
        first: usize,
        /// The place of the second.
        second: usize,
    },
    /// A name is empty or too long.
    BadName(BadName),
    /// The store or the stream's numbering is full, see [`MOST_EVENTS`](super::MOST_EVENTS).
    Full,
}

/// A name that is empty or longer than [`LONGEST_NAME`](super::LONGEST_NAME).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BadName {
    /// The stream's.
    Stream {
        /// Its length.
        bytes: usize,
    },
    /// A type's.
    Type {
        /// The place of the event in the batch, from 0.
        event: usize,
        /// Its length.
        bytes: usize,
    },
}

/// Why a read was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReadError {
    /// The stream is not there: never written, or deleted.
    NoStream {
        /// Which stream.
        stream: String,
        /// What it is.
        actual: StreamState,
    },
    /// Events count from one, and reading was to start at zero.
    StartsAtZero,
    /// A read of at most no events.
    LimitIsZero,
    /// A version or a position after the last one.
    BeyondEnd {
        /// What was asked for.
        asked: u64,
        /// The last there is.
        end: u64,
    },
    /// A version whose events were truncated or deleted.
    Gone {
        /// What was asked for.
        asked: u64,
        /// The first version that can still be seen.
        first: u64,
    },
}

/// Why events were not removed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RemoveError {
    /// The stream is not as expected.
    Conflict {
        /// Which stream.
        stream: String,
        /// What was expected of it.
        expected: Expected,
        /// What it is.
        actual: StreamState,
    },
    /// The first event to keep is further away than the next one.
    BeyondEnd {
        /// What was asked for.
        asked: u64,
        /// The stream's version.
        end: u64,
    },
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendError::Conflict { stream, expected, actual } => {
                write!(f, "stream `{stream}`: expected {expected}, actual {actual}")
            }
            AppendError::PartlyThere { stream, expected, there, not_there } => {
                write!(f, "stream `{stream}`, expected {expected}: event {there} is there, but ")?;
                write!(f, "event {not_there} is not where a repeat would have it")
            }
            AppendError::TwiceInBatch { id, first, second } => {
                write!(f, "events {first} and {second} of the batch have the same id {id}")
            }
            AppendError::BadName(bad) => bad.fmt(f),
            AppendError::Full => f.write_str("the store is full"),
        }
    }
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadName::Stream { bytes } => write!(f, "the stream's name has {bytes} bytes")?,
            BadName::Type { event, bytes } => {
                write!(f, "the type of event {event} of the batch has a name of {bytes} bytes")?;
            }
        }
        write!(f, "; 1 to {} are possible", super::LONGEST_NAME)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NoStream { stream, actual } => write!(f, "stream `{stream}`: {actual}"),
            ReadError::StartsAtZero => f.write_str("events count from one"),
            ReadError::LimitIsZero => f.write_str("a read of at most no events"),
            ReadError::BeyondEnd { asked, end } => {
                write!(f, "{asked} is beyond the end, which is {end}")
            }
            ReadError::Gone { asked, first } => {
                write!(f, "events were removed: {asked} cannot be seen any more, {first} can")
            }
        }
    }
}

impl fmt::Display for RemoveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RemoveError::Conflict { stream, expected, actual } => {
                write!(f, "stream `{stream}`: expected {expected}, actual {actual}")
            }
            RemoveError::BeyondEnd { asked, end } => {
                write!(f, "event {asked} cannot be the first to keep: the last one is {end}")
            }
        }
    }
}

impl std::error::Error for AppendError {}
impl std::error::Error for ReadError {}
impl std::error::Error for RemoveError {}
