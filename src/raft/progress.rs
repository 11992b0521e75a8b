//! What a leader knows of each follower, and how much it sends before it is answered.
//!
//! Figure 2 has procedure calls: a leader sends, waits for the answer, sends on. That is
//! [`SendMode::Probe`], and all there is with
//! [`max_in_flight_appends`](super::Config::max_in_flight_appends) of 1. With more, a leader that
//! has found where the logs agree sends on without waiting (thesis 10.2.2): it takes success for
//! granted and moves `next_index` as it sends. A refusal shows that something was lost or
//! overtaken; then it goes back to probing. What waits meanwhile goes together in one message.

use super::{CatchUp, LogIndex};

/// What a leader knows of one follower.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    /// The index of the next entry to send. A guess until the first success.
    pub next_index: LogIndex,
    /// The highest index known to be replicated there, on stable storage.
    pub match_index: LogIndex,
    /// How entries are sent at the moment.
    pub mode: SendMode,
    /// The AppendEntries with entries that were sent and not answered yet, lowest first. Never more
    /// than [`max_in_flight_appends`](super::Config::max_in_flight_appends).
    pub in_flight: Vec<InFlight>,
    /// When the follower gets the next AppendEntries if nothing calls for one before.
    pub heartbeat_due_us: u64,
    /// When it last answered in this term; at first, when the term began.
    pub heard_us: u64,
    /// The latest round of heartbeats that it has answered (thesis 6.4).
    pub acked_round: u64,
    /// How it catches up, as long as it is a learner.
    pub catch_up: CatchUp,
}

/// An AppendEntries that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InFlight {
    /// The index of its last entry.
    pub through: LogIndex,
    /// The size of its entries, see [`Entry::size_bytes`](super::Entry::size_bytes).
    pub bytes: u64,
}

/// How a leader sends entries to a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SendMode {
    /// One AppendEntries at a time, from `next_index`, which moves when it is answered.
    Probe,
    /// Several at a time; `next_index` moves when they are sent (thesis 10.2.2).
    Pipeline,
    /// The entries it needs were dropped: it gets the snapshot, one part at a time (§7).
    Snapshot {
        /// Which snapshot.
        last_included_index: LogIndex,
        /// Where the part begins that it has yet to confirm.
        offset: u64,
        /// The size of that part.
        bytes: u64,
    },
}

impl Progress {
    /// Of a follower of whom a new leader knows nothing yet.
    pub(super) fn new(next_index: LogIndex, now_us: u64) -> Progress {
        Progress {
            next_index,
            match_index: LogIndex(0),
            mode: SendMode::Probe,
            in_flight: Vec::new(),
            heartbeat_due_us: now_us,
            heard_us: now_us,
            acked_round: 0,
            catch_up: CatchUp {
                round_end: next_index.previous(),
                round_started_us: now_us,
                was_fast: false,
            },
        }
    }

    /// How many entries were sent and not answered yet.
    pub fn entries_in_flight(&self) -> u64 {
        let through = self.in_flight.last().map_or(LogIndex(0), |sent| sent.through);
        through.0.saturating_sub(self.match_index.0)
    }

    /// How many bytes of entries or of a snapshot were sent and not answered yet.
    pub fn bytes_in_flight(&self) -> u64 {
        match self.mode {
            SendMode::Snapshot { bytes, .. } => bytes,
            _ => self.in_flight.iter().map(|sent| sent.bytes).fold(0, u64::saturating_add),
        }
    }

    /// Notes that these entries were sent. A probe is a retry: what was under way counts as lost.
    pub(super) fn note_sent(&mut self, sent: InFlight) {
        match self.mode {
            SendMode::Snapshot { .. } => {}
            SendMode::Probe => {
                self.in_flight.clear();
                self.in_flight.push(sent);
            }
            SendMode::Pipeline => {
                self.in_flight.push(sent);
                self.next_index = sent.through.next();
            }
        }
    }

    /// Notes that everything up to `match_index` is there. `false` if that was known.
    pub(super) fn note_match(&mut self, match_index: LogIndex, pipeline: bool) -> bool {
        self.in_flight.retain(|sent| sent.through > match_index);
        if match_index <= self.match_index {
            return false;
        }
        self.match_index = match_index;
        self.next_index = self.next_index.max(match_index.next());
        if let SendMode::Snapshot { last_included_index, .. } = self.mode {
            if match_index < last_included_index {
                return true;
            }
            self.probe_from(self.next_index);
        }
        if pipeline {
            self.mode = SendMode::Pipeline;
            // What a probe has under way is not sent again.
            if let Some(sent) = self.in_flight.last() {
                self.next_index = self.next_index.max(sent.through.next());
            }
        }
        true
    }

    /// Whether a refusal of `prev_log_index` is late or repeated.
    ///
    /// Only the refusal of the very place that is being tried says something new; in a pipeline,
    /// that of any place that is under way. What matched once cannot be refused later, so such a
    /// refusal was on its way for longer than that.
    pub(super) fn is_stale_refusal(&self, prev_log_index: LogIndex) -> bool {
        prev_log_index <= self.match_index
            || match self.mode {
                SendMode::Probe => prev_log_index.next() != self.next_index,
                SendMode::Pipeline => prev_log_index >= self.next_index,
                SendMode::Snapshot { .. } => true,
            }
    }

    /// Goes back to probing at `next_index`, but never to what is known to be there.
    pub(super) fn probe_from(&mut self, next_index: LogIndex) {
        self.next_index = next_index.max(self.match_index.next());
        self.mode = SendMode::Probe;
        self.in_flight.clear();
    }
}
