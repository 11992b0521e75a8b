//! Subscriptions: events one after the other to a handler, first those that are there, then those
//! that come.
//!
//! A subscription is a position. What is there and what comes is read from the same log in the same
//! way, so between the two there is neither a gap nor an event twice. You call
//! [`poll`](Subscription::poll) whenever something may have been appended.
//!
//! A handler that acts on the world outside, and then loses the position (a crash in between), gets
//! the same event again: delivery is at least once. A [`Projection`](super::Projection) keeps state
//! and position together and is exempt from that.

use std::fmt;

use super::store::EventStore;
use super::{Event, SnapshotRefusal};

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// All.
    All,
    /// Those of a stream. It need not be there yet, and may be deleted and begun anew.
    Stream(String),
}

/// How far a reader is. Plain data: keep it, and go on from there later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subscription {
    source: Source,
    position: u64,
    status: Status,
}

/// What a subscription is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// There were more events than it has handled.
    CatchingUp,
    /// It has handled all there were.
    Live,
    /// The handler failed at this position. Nothing is handled until
    /// [`resume`](Subscription::resume).
    Stopped {
        /// The position of the event that was not handled.
        at: u64,
    },
}

/// Why polling ended early. Everything before was handled, and counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PollError<F> {
    /// The handler failed; the subscription has stopped before this event.
    Handler {
        /// The event's position.
        at: u64,
        /// What the handler said.
        failure: F,
    },
    /// It had stopped before.
    Stopped {
        /// The position of the event that was not handled.
        at: u64,
    },
    /// It is ahead of the log: another log, or one restored from an older copy.
    Refused(SnapshotRefusal),
}

impl Source {
    /// How many events after a position there are, removed ones included.
    pub(super) fn lag<P>(&self, store: &EventStore<P>, position: u64) -> u64 {
        match self {
            Source::All => store.last_position().saturating_sub(position),
            Source::Stream(name) => {
                let before = store.version_at_position(name, position);
                store.stream(name).version() - before
            }
        }
    }
}

impl Subscription {
    /// From the first event on.
    pub fn from_start(source: Source) -> Subscription {
        Subscription::after(source, 0)
    }

    /// From the event after a position on.
    pub fn after(source: Source, position: u64) -> Subscription {
        Subscription { source, position, status: Status::CatchingUp }
    }

    /// The position of the last event that was handled, or that of a later one of which it is known
    /// that it does not belong to the source.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What it is doing.
    pub fn status(&self) -> Status {
        self.status
    }

    /// How many events it has yet to handle.
    pub fn lag<P>(&self, store: &EventStore<P>) -> u64 {
        self.source.lag(store, self.position)
    }

    /// Hands over at most `limit` events, in order, each once, and says how many it was.
    ///
    /// # Errors
    ///
    /// [`PollError::Handler`] if the handler fails. The position is then that of the last event
    /// which it handled, and the next poll does nothing until [`resume`](Subscription::resume).
    pub fn poll<P, F>(
        &mut self,
        store: &EventStore<P>,
        limit: u64,
        mut handler: impl FnMut(Event<'_, P>) -> Result<(), F>,
    ) -> Result<u64, PollError<F>> {
        if let Status::Stopped { at } = self.status {
            return Err(PollError::Stopped { at });
        }
        let log = store.last_position();
        if self.position > log {
            let snapshot = self.position;
            return Err(PollError::Refused(SnapshotRefusal::NewerThanLog { snapshot, log }));
        }
        let mut handled = 0;
        while handled < limit {
            let Some(event) = self.next(store) else {
                self.position = log;
                break;
            };
            let at = event.position();
            if let Err(failure) = handler(event) {
                self.status = Status::Stopped { at };
                return Err(PollError::Handler { at, failure });
            }
            self.position = at;
            handled += 1;
        }
        let is_live = self.lag(store) == 0;
        self.status = if is_live { Status::Live } else { Status::CatchingUp };
        Ok(handled)
    }

    /// After a failure: the next poll begins with the event that the handler failed at.
    pub fn resume(&mut self) {
        self.status = Status::CatchingUp;
    }

    /// After a failure: gives up the event that the handler failed at.
    pub fn skip(&mut self) {
        if let Status::Stopped { at } = self.status {
            self.position = at;
        }
        self.resume();
    }

    /// The next event that was not removed.
    fn next<'a, P>(&self, store: &'a EventStore<P>) -> Option<Event<'a, P>> {
        match &self.source {
            Source::All => {
                (self.position..store.last_position()).find_map(|at| store.event(at + 1))
            }
            Source::Stream(name) => {
                let before = store.version_at_position(name, self.position);
                let stream = store.find_stream(name)?;
                let next = u32::try_from(before).ok()?.checked_add(1)?.max(stream.first());
                store.event_at(stream.at(next)? as usize)
            }
        }
    }
}

impl<F: fmt::Display> fmt::Display for PollError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PollError::Handler { at, failure } => {
                write!(f, "the handler failed at position {at}: {failure}")
            }
            PollError::Stopped { at } => write!(f, "it has stopped at position {at}"),
            PollError::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl<F: fmt::Debug + fmt::Display> std::error::Error for PollError<F> {}
