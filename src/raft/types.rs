//! The small values that everything else is made of.

use std::fmt;

use super::{ClientId, Configuration};

/// A server of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u8);

/// People count from one, as the paper does: server 0 is shown as `S1`.
impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{}", u16::from(self.0) + 1)
    }
}

/// Raft's logical clock (§5.1). 0 is before the first election; no entry carries it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(pub u64);

impl Term {
    /// The term after this one, or `None` after the last that a `u64` can hold.
    pub fn next(self) -> Option<Term> {
        self.0.checked_add(1).map(Term)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A place in the log. The first entry is at 1; 0 is the place before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogIndex(pub u64);

impl LogIndex {
    /// The place after this one. The last place a `u64` can hold has none and gives itself.
    pub fn next(self) -> LogIndex {
        self.plus(1)
    }

    /// The place before this one. 0 has none and gives itself.
    pub fn previous(self) -> LogIndex {
        LogIndex(self.0.saturating_sub(1))
    }

    /// The place `count` entries further on, or the last one a `u64` can hold.
    pub fn plus(self, count: usize) -> LogIndex {
        // `usize` is at most 64 bits on every target Rust supports, so nothing is cut off here.
        LogIndex(self.0.saturating_add(count as u64))
    }
}

impl fmt::Display for LogIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One entry of the log: what to do, and the term of the leader that received it (§5.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry<C> {
    /// The term in which a leader created the entry.
    pub term: Term,
    /// What the entry asks for.
    pub payload: Payload<C>,
}

/// What an entry asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payload<C> {
    /// Nothing. A leader may start its term with one, to commit what came before (§8).
    Noop,
    /// A command for the replicated state machine.
    Command(C),
    /// Who belongs to the cluster from here on (§6).
    Configuration(Box<Configuration>),
    /// A client wants a session (thesis 6.3). The index of the entry will be its name.
    RegisterClient {
        /// The leader's time, see [`Payload::log_time_us`].
        log_time_us: u64,
    },
    /// A command of a registered client, which takes effect once (thesis 6.3).
    ClientRequest {
        /// Whose.
        client: ClientId,
        /// Rises from command to command; a retry has the number of the first attempt.
        sequence: u64,
        /// What to do.
        command: C,
        /// The leader's time, see [`Payload::log_time_us`].
        log_time_us: u64,
    },
}

impl<C> Payload<C> {
    /// The time that the leader gave the entry, in microseconds of *log time* (thesis 6.3). Only
    /// entries of sessions have one, for nothing else asks for it.
    ///
    /// Log time begins at 0 and never decreases along a log. It goes on at the pace of the leader's
    /// clock and stands still while nobody leads.
    pub fn log_time_us(&self) -> Option<u64> {
        match self {
            Payload::RegisterClient { log_time_us }
            | Payload::ClientRequest { log_time_us, .. } => Some(*log_time_us),
            Payload::Noop | Payload::Command(_) | Payload::Configuration(_) => None,
        }
    }
}

/// Names a proposal, so that its answer can find the one who asked. Chosen by the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Numbers a server's writes to stable storage, from 1 upwards since its last boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_number_line_do_not_overflow() {
        assert_eq!(Term(u64::MAX).next(), None);
        assert_eq!(LogIndex(u64::MAX).next(), LogIndex(u64::MAX));
        assert_eq!(LogIndex(0).previous(), LogIndex(0));
        assert_eq!(ServerId(255).to_string(), "S256");
    }
}
