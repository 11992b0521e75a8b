//! Snapshots: the log does not grow for ever (§7).
//!
//! Each server takes its own. When enough entries are applied, it asks the application for its
//! state ([`Output::TakeSnapshot`](super::Output::TakeSnapshot)); once that is handed over, the
//! entries it covers are dropped from the log. What is left begins after the *last included* entry,
//! of which index and term are kept for the consistency check of AppendEntries. The snapshot also
//! has the configuration and the log time as of that entry.
//!
//! A snapshot and the dropping of entries are one write, so a crash finds either both or neither.
//! Only applied entries are covered, so nothing that could still be taken back.

use super::server::Server;
use super::{
    Bug, CommandSize, Configuration, Event, LogEnd, LogIndex, Output, Role, SendMode,
    SnapshotRefusal, Term, Write,
};

/// What replaces the beginning of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// The last entry that the snapshot covers.
    pub last_included_index: LogIndex,
    /// The term of that entry.
    pub last_included_term: Term,
    /// The configuration as of that entry.
    pub configuration: Configuration,
    /// The log time of the latest covered entry that has one (thesis 6.3); 0 if none has. The next
    /// leader goes on from there.
    pub log_time_us: u64,
    /// The state of the application after that entry. The core never looks into it.
    pub state: Vec<u8>,
}

impl Snapshot {
    /// The last entry that the snapshot covers.
    pub fn end(&self) -> LogEnd {
        LogEnd { last_log_term: self.last_included_term, last_log_index: self.last_included_index }
    }
}

impl<C: CommandSize> Server<C> {
    /// Asks for a snapshot when the log is long enough, unless one is being made.
    ///
    /// A leader that is sending its snapshot keeps it for a while: if it took another one, the
    /// follower would have to begin anew, and perhaps never come to an end.
    pub(super) fn ask_for_snapshot(&mut self) {
        let Some(after) = self.config.snapshot_after_entries else {
            return;
        };
        let applied = self.last_applied.0.saturating_sub(self.log().base().last_log_index.0);
        let patience = if self.is_sending_snapshot() { 4 } else { 1 };
        let enough = (after.max(1) as u64).saturating_mul(patience);
        if self.snapshot_asked_for.is_none() && applied >= enough {
            let last_included_index = self.last_applied;
            self.snapshot_asked_for = Some(last_included_index);
            self.outbox.push(Output::TakeSnapshot { last_included_index });
        }
    }

    fn is_sending_snapshot(&self) -> bool {
        let since_us = self.now_us.saturating_sub(self.config.election_timeout_high_us);
        match &self.role {
            Role::Leader { followers, .. } => followers
                .values()
                .any(|f| matches!(f.mode, SendMode::Snapshot { .. }) && f.heard_us >= since_us),
            _ => false,
        }
    }

    /// The application has handed over its state after the entry at `last_included_index`. It may
    /// also do so without having been asked.
    pub(super) fn handle_snapshot_taken(&mut self, last_included_index: LogIndex, state: Vec<u8>) {
        self.snapshot_asked_for = None;
        let (last_applied, base) = (self.last_applied, self.log().base().last_log_index);
        let refusal = if last_included_index > last_applied {
            Some(SnapshotRefusal::NotApplied { last_applied })
        } else if last_included_index <= base {
            Some(SnapshotRefusal::CoveredAlready { last_included_index: base })
        } else {
            None
        };
        if let Some(reason) = refusal {
            let event = Event::SnapshotRefused { last_included_index, reason };
            return self.outbox.event(event);
        }
        let last_included_term = match self.log().term_at(last_included_index) {
            _ if self.config.has(Bug::SnapshotOfWrongTerm) => self.current_term(),
            term => term.unwrap_or_default(),
        };
        let configuration = match self.configuration_at(last_included_index) {
            _ if self.config.has(Bug::SnapshotOfLaterMembers) => self.configuration(),
            configuration => configuration,
        };
        let configuration = configuration.clone();
        let log_time_us = self.log_time_through(last_included_index);
        let snapshot =
            Snapshot { last_included_index, last_included_term, configuration, log_time_us, state };
        self.write(Write::snapshot(snapshot));
        let dropped = last_included_index.0 - base.0;
        self.outbox.event(Event::SnapshotTaken { last_included_index, dropped });
    }
}
