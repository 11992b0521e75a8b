//! What leaves a server, and what it waits for.
//!
//! Figure 2 demands that the persistent state is "updated on stable storage before responding to
//! RPCs". A disk takes its time, so this is where messages wait for it. The whole rule is
//! [`Outbox::must_be_durable_first`]; nothing else in the core thinks about it.
//!
//! A held message is sent as it was composed, even if the server has moved on to a later term in
//! the meantime. That is sound: it is a true statement about a moment that has passed, what it
//! states is durable by then, and a slow network could have delayed it just as long. Its term tells
//! the receiver how old it is. A crash loses what is held, like any message.
//!
//! While a disk stands still, messages pile up here. Beyond [`HELD_LIMIT`] further ones are
//! dropped, as a full network would drop them, and that is told.

use std::collections::VecDeque;

use super::{Bug, Event, LogIndex, Message, Output, Planted, ServerId, Write, WriteId};

/// The most messages that wait for the disk at a time.
pub(super) const HELD_LIMIT: usize = 1_024;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Outbox<C> {
    /// Ready to be polled.
    ready: VecDeque<Output<C>>,
    /// What the present input has changed; becomes one write when the input is dealt with.
    staged: Write<C>,
    /// What the present input wants sent.
    staged_sends: Vec<(ServerId, Message<C>)>,
    /// Messages that wait for the disk, oldest first.
    held: Vec<Held<C>>,
    /// Writes that are not durable yet, oldest first.
    unsynced: VecDeque<Unsynced>,
    /// The latest write.
    last_write: WriteId,
    /// The latest write that changed `current_term` or `voted_for`.
    last_vote_write: WriteId,
    /// This write and all before it are durable.
    synced: WriteId,
    /// The log's entries up to here are durable.
    durable_index: LogIndex,
    planted: Planted,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Held<C> {
    until: WriteId,
    to: ServerId,
    message: Message<C>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Unsynced {
    write: WriteId,
    /// Once the write is durable, the present log is durable up to here.
    log_through: LogIndex,
}

impl<C> Outbox<C> {
    /// For a server that has just read a log up to `durable_index` from its disk.
    pub(super) fn new(durable_index: LogIndex, planted: Planted) -> Outbox<C> {
        Outbox {
            ready: VecDeque::new(),
            staged: Write::default(),
            staged_sends: Vec::new(),
            held: Vec::new(),
            unsynced: VecDeque::new(),
            last_write: WriteId(0),
            last_vote_write: WriteId(0),
            synced: WriteId(0),
            durable_index,
            planted,
        }
    }

    /// The write that must be durable before `message` may leave.
    ///
    /// - A request for a vote, and every reply, wait for everything written so far: they tell
    ///   others what this server has promised or holds.
    /// - A leader's AppendEntries, or snapshot, waits only for its term. It may travel while the
    ///   leader's own disk is still busy with the same entries (thesis 10.2.1), because a leader
    ///   does not count itself for an entry before that entry is durable.
    fn must_be_durable_first(&self, message: &Message<C>) -> WriteId {
        let planted = |bug| self.planted.has(bug);
        match message {
            Message::RequestVote { .. } if planted(Bug::RequestBeforeSync) => self.synced,
            Message::RequestVoteReply { .. } if planted(Bug::VoteBeforeSync) => self.synced,
            Message::AppendEntriesReply { .. } if planted(Bug::AckBeforeSync) => self.synced,
            Message::InstallSnapshotReply { .. } if planted(Bug::SnapshotAckBeforeSync) => {
                self.synced
            }
            Message::AppendEntries { .. }
            | Message::InstallSnapshot { .. }
            | Message::TimeoutNow { .. } => self.last_vote_write,
            Message::RequestVote { .. }
            | Message::RequestVoteReply { .. }
            | Message::PreVote { .. }
            | Message::PreVoteReply { .. }
            | Message::InstallSnapshotReply { .. }
            | Message::AppendEntriesReply { .. } => self.last_write,
        }
    }

    pub(super) fn poll(&mut self) -> Option<Output<C>> {
        self.ready.pop_front()
    }

    /// Puts out what waits for nothing.
    pub(super) fn push(&mut self, output: Output<C>) {
        self.ready.push_back(output);
    }

    pub(super) fn event(&mut self, event: Event) {
        self.push(Output::Event(event));
    }

    /// Sends `message` after the writes that it needs.
    pub(super) fn send(&mut self, to: ServerId, message: Message<C>) {
        self.staged_sends.push((to, message));
    }

    /// Notes a change of the persistent state that the server's memory has just made.
    pub(super) fn stage(&mut self, change: Write<C>) {
        if let Some(first) = change.truncate_from
            && !self.planted.has(Bug::LateSyncVouches)
        {
            self.forget_durable_from(first);
        }
        if self.staged.is_empty() {
            self.staged = change;
        } else {
            self.staged.merge(change);
        }
    }

    /// Ends an input: its changes become one write, and its messages leave or wait. The log ends
    /// at `last_index` now.
    pub(super) fn flush(&mut self, last_index: LogIndex) {
        if !self.staged.is_empty() {
            let write = std::mem::take(&mut self.staged);
            self.last_write = WriteId(self.last_write.0 + 1);
            if write.vote.is_some() {
                self.last_vote_write = self.last_write;
            }
            let id = self.last_write;
            self.unsynced.push_back(Unsynced { write: id, log_through: last_index });
            self.push(Output::Write { id, write });
        }
        if self.staged_sends.is_empty() {
            return;
        }
        // Taken and put back: its memory serves the next input.
        let mut sends = std::mem::take(&mut self.staged_sends);
        for (to, message) in sends.drain(..) {
            let until = self.must_be_durable_first(&message);
            if until <= self.synced {
                self.push(Output::Send { to, message });
            } else if self.held.len() < HELD_LIMIT {
                self.held.push(Held { until, to, message });
            } else {
                self.event(Event::HeldMessageDropped { to, kind: message.kind() });
            }
        }
        self.staged_sends = sends;
    }

    /// Notes that `write` and all before it are durable, and lets go what waited for them. False
    /// if there is no such write.
    pub(super) fn sync(&mut self, write: WriteId) -> bool {
        if write > self.last_write {
            return false;
        }
        self.synced = self.synced.max(write);
        while self.unsynced.front().is_some_and(|first| first.write <= write) {
            if let Some(Unsynced { log_through, .. }) = self.unsynced.pop_front() {
                self.durable_index = self.durable_index.max(log_through);
            }
        }
        let synced = self.synced;
        let free = self.held.extract_if(.., |held| held.until <= synced);
        self.ready.extend(free.map(|Held { to, message, .. }| Output::Send { to, message }));
        true
    }

    /// Whether the present `current_term` and `voted_for` are durable.
    pub(super) fn vote_is_durable(&self) -> bool {
        self.staged.vote.is_none() && self.last_vote_write <= self.synced
    }

    pub(super) fn durable_index(&self) -> LogIndex {
        self.durable_index
    }

    pub(super) fn held(&self) -> impl Iterator<Item = (WriteId, ServerId, &Message<C>)> {
        self.held.iter().map(|held| (held.until, held.to, &held.message))
    }

    /// The log is cut before `first`: what the disk holds, or is about to hold, from there on is
    /// no longer part of it, whatever may be appended in its place.
    pub(super) fn forget_durable_from(&mut self, first: LogIndex) {
        let kept = first.previous();
        self.durable_index = self.durable_index.min(kept);
        for unsynced in &mut self.unsynced {
            unsynced.log_through = unsynced.log_through.min(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raft::{AppendResult, Entry, Payload, Term};

    fn append(count: usize) -> Write<u32> {
        Write::append(vec![Entry { term: Term(1), payload: Payload::Noop }.into(); count])
    }

    fn reply() -> Message<u32> {
        let result = AppendResult::Success { match_index: LogIndex(1) };
        Message::AppendEntriesReply { term: Term(1), result, round: 0 }
    }

    fn sends(outbox: &mut Outbox<u32>) -> usize {
        let outputs = std::iter::from_fn(|| outbox.poll());
        outputs.filter(|output| matches!(output, Output::Send { .. })).count()
    }

    #[test]
    fn a_reply_waits_for_every_write_before_it_and_a_heartbeat_only_for_the_term() {
        let mut outbox = Outbox::new(LogIndex(0), Planted::default());
        outbox.stage(Write::vote(Term(1), None));
        outbox.flush(LogIndex(0));
        outbox.stage(append(1));
        outbox.send(ServerId(1), reply());
        outbox.send(
            ServerId(2),
            Message::AppendEntries {
                term: Term(1),
                leader_id: ServerId(0),
                prev_log_index: LogIndex(0),
                prev_log_term: Term(0),
                entries: Vec::new(),
                leader_commit: LogIndex(0),
                round: 0,
            },
        );
        outbox.flush(LogIndex(1));
        assert_eq!(sends(&mut outbox), 0);
        assert!(outbox.sync(WriteId(1)));
        assert_eq!(sends(&mut outbox), 1, "the heartbeat");
        assert!(outbox.sync(WriteId(2)));
        assert_eq!(sends(&mut outbox), 1, "the reply");
        assert!(!outbox.sync(WriteId(3)), "there was no third write");
        assert!(outbox.sync(WriteId(1)), "late news of an old sync");
        assert_eq!(sends(&mut outbox), 0);
    }

    /// A write of entries that were truncated before it was durable makes nothing durable of what
    /// stands in their place.
    #[test]
    fn a_late_sync_does_not_vouch_for_entries_that_were_replaced() {
        let mut outbox = Outbox::new(LogIndex(2), Planted::default());
        outbox.stage(append(3));
        outbox.flush(LogIndex(5));
        outbox.stage(Write { truncate_from: Some(LogIndex(4)), ..append(4) });
        outbox.flush(LogIndex(7));
        assert_eq!(outbox.durable_index(), LogIndex(2));
        outbox.sync(WriteId(1));
        assert_eq!(outbox.durable_index(), LogIndex(3));
        outbox.sync(WriteId(2));
        assert_eq!(outbox.durable_index(), LogIndex(7));
        outbox.stage(Write { truncate_from: Some(LogIndex(2)), ..append(9) });
        outbox.flush(LogIndex(10));
        assert_eq!(outbox.durable_index(), LogIndex(1), "the disk still has what is gone here");
    }
}
