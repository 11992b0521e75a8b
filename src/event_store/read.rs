//! Reading, forwards and backwards, one stream or all events.

use std::ops::Range;

use super::event::Event;
use super::store::EventStore;
use super::stream::Stream;
use super::{ReadError, StreamState};

/// What to read: versions of a stream, or positions among all events. Both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// Which way.
    pub direction: Direction,
    /// Where to start, in the direction of reading. Backwards from beyond the end is from the end.
    pub from: u64,
    /// Where to stop.
    pub to: u64,
    /// At most so many events.
    pub limit: u64,
}

/// Which way to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Oldest first.
    Forwards,
    /// Newest first.
    Backwards,
}

impl Read {
    /// From the first event to the last.
    pub fn forwards() -> Read {
        Read { direction: Direction::Forwards, from: 1, to: u64::MAX, limit: u64::MAX }
    }

    /// From the last event to the first.
    pub fn backwards() -> Read {
        Read { direction: Direction::Backwards, from: u64::MAX, to: 1, limit: u64::MAX }
    }

    /// Starting here.
    pub fn from(self, from: u64) -> Read {
        Read { from, ..self }
    }

    /// Stopping here.
    pub fn to(self, to: u64) -> Read {
        Read { to, ..self }
    }

    /// At most so many.
    pub fn limit(self, limit: u64) -> Read {
        Read { limit, ..self }
    }

    /// What is asked for of the numbers `first..=last`, both of which fit in 32 bits.
    fn bounds(self, first: u64, last: u64) -> Result<(u64, u64), ReadError> {
        if self.from == 0 {
            return Err(ReadError::StartsAtZero);
        }
        if self.limit == 0 {
            return Err(ReadError::LimitIsZero);
        }
        let (low, high) = match self.direction {
            Direction::Forwards => (self.from, self.to),
            Direction::Backwards => (self.to, self.from),
        };
        Ok((low.max(first), high.min(last)))
    }
}

/// Some events of a stream.
#[derive(Debug)]
pub struct Slice<'a, P> {
    events: &'a EventStore<P>,
    stream: &'a Stream,
    direction: Direction,
    /// Both included; nothing if the first is the greater.
    low: u32,
    high: u32,
    first: u64,
}

impl<P> Copy for Slice<'_, P> {}

impl<P> Clone for Slice<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, P> Slice<'a, P> {
    /// The version of the stream, however little of it was read: what the next append may expect.
    pub fn stream_version(&self) -> u64 {
        self.stream.version().into()
    }

    /// The number of the first event of the stream that was not removed.
    pub fn first_available(&self) -> u64 {
        self.first
    }

    /// How many events these are.
    pub fn len(&self) -> usize {
        (u64::from(self.high) + 1).saturating_sub(self.low.into()) as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.low > self.high
    }

    /// The events, in the direction of reading.
    pub fn iter(&self) -> impl Iterator<Item = Event<'a, P>> + use<'a, P> {
        let Slice { events, stream, direction, low, high, .. } = *self;
        let mut left = self.len() as u32;
        let mut next = match direction {
            Direction::Forwards => low,
            Direction::Backwards => high,
        };
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let at = stream.at(next)?;
            next = match direction {
                Direction::Forwards => next + 1,
                Direction::Backwards => next - 1,
            };
            events.event_at(at as usize)
        })
    }
}

impl<P> EventStore<P> {
    /// Reads events of a stream by their versions. Past its end there are none.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoStream`] if the stream is not there, which is not the same as a slice of no
    /// events; [`ReadError::StartsAtZero`] and [`ReadError::LimitIsZero`].
    pub fn read_stream(&self, stream: &str, read: Read) -> Result<Slice<'_, P>, ReadError> {
        let actual = self.stream(stream);
        let (StreamState::Exists { version, first }, Some(found)) =
            (actual, self.find_stream(stream))
        else {
            // What is wrong with the question comes before what is wrong with the stream.
            read.bounds(1, 0)?;
            return Err(ReadError::NoStream { stream: stream.to_owned(), actual });
        };
        let (mut low, mut high) = read.bounds(first, version)?;
        let more = read.limit - 1;
        match read.direction {
            Direction::Forwards => high = high.min(low.saturating_add(more)),
            Direction::Backwards => low = low.max(high.saturating_sub(more)),
        }
        if low > high {
            (low, high) = (1, 0);
        }
        // Both are versions, so they fit.
        let (low, high) = (low as u32, high as u32);
        Ok(Slice { events: self, stream: found, direction: read.direction, low, high, first })
    }

    /// Reads events of all streams by their positions, in the order in which they were appended.
    /// Removed ones are not there and do not count.
    ///
    /// # Errors
    ///
    /// [`ReadError::StartsAtZero`] and [`ReadError::LimitIsZero`].
    pub fn read_all(
        &self,
        read: Read,
    ) -> Result<impl Iterator<Item = Event<'_, P>> + use<'_, P>, ReadError> {
        let (low, high) = read.bounds(1, self.last_position())?;
        // Both are positions, so they fit.
        let mut range = low as usize..(high + 1).max(low) as usize;
        let mut left = read.limit;
        Ok(std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            loop {
                let position = match read.direction {
                    Direction::Forwards => range.next(),
                    Direction::Backwards => range.next_back(),
                }?;
                if let Some(event) = self.event_at(position - 1) {
                    left -= 1;
                    return Some(event);
                }
            }
        }))
    }

    /// How many events had been recorded at a time: the position of the last of them. Before all
    /// times it is 0, after all times the last position.
    ///
    /// Time never runs back in the store, so these are all events up to that time, even if the
    /// clock of those who appended them did run back.
    pub fn position_at(&self, time: u64) -> u64 {
        self.rows.partition_point(|row| row.recorded_at <= time) as u64
    }

    /// The version that a stream had when the store had its first `position` events.
    pub fn version_at_position(&self, stream: &str, position: u64) -> u64 {
        let count = u32::try_from(position).unwrap_or(u32::MAX);
        self.find_stream(stream).map_or(0, |stream| stream.version_within(count).into())
    }

    /// The version that a stream had at a time: 0 before its first event, its version after its
    /// last one.
    pub fn version_at(&self, stream: &str, time: u64) -> u64 {
        self.version_at_position(stream, self.position_at(time))
    }

    /// Whether a version of a stream can be seen: it is not beyond the end, and what leads to it
    /// was
    /// not removed. Before the first event that is left, there is nothing to be seen but the
    /// beginning.
    ///
    /// # Errors
    ///
    /// [`ReadError::BeyondEnd`] and [`ReadError::Gone`].
    pub fn check_version(&self, stream: &str, asked: u64) -> Result<(), ReadError> {
        let state = self.stream(stream);
        let end = state.version();
        let first = match state {
            StreamState::Missing => 1,
            StreamState::Deleted { version } => version + 1,
            StreamState::Exists { first, .. } => first,
        };
        match asked {
            _ if asked > end => Err(ReadError::BeyondEnd { asked, end }),
            _ if asked + 1 < first => Err(ReadError::Gone { asked, first: first - 1 }),
            _ => Ok(()),
        }
    }

    /// Where the events of a stream are whose versions are `low..=high`, which exist.
    pub(super) fn ranges(
        &self,
        stream: Option<&Stream>,
        low: u64,
        high: u64,
    ) -> impl Iterator<Item = Range<usize>> {
        // Versions fit.
        let ranges = stream.map(|stream| stream.ranges(low as u32, high as u32));
        ranges.into_iter().flatten()
    }
}
