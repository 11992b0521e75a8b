//! What servers tell each other.
//!
//! The paper speaks of remote procedure calls: whoever gets an answer knows what it had asked. Here
//! messages travel on a network that may lose, repeat and reorder them, so a reply must say by
//! itself what it answers. Two things suffice, beyond Figure 2's `term`, `vote_granted` and
//! `success`:
//!
//! - [`AppendResult::Success`] carries the `match_index` it vouches for, so an answer to an older
//!   AppendEntries can never be taken for one to a newer;
//! - [`AppendResult::Failure`] carries the `prev_log_index` it refused, so a repeated or late
//!   refusal does not back `next_index` up a second time.
//!
//! A RequestVoteReply needs nothing: a vote is granted in the voter's term, which is then the
//! candidate's, and a candidate asks at most one question in a term.

use std::sync::Arc;

use super::{Chunk, Entry, LogEnd, LogIndex, ServerId, Term};

/// A message of Figure 2, or of the thesis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message<C> {
    /// A candidate asks for a vote (§5.2).
    RequestVote {
        /// The candidate's term.
        term: Term,
        /// The candidate. Always the sender; kept because Figure 2 has it.
        candidate_id: ServerId,
        /// The index of the candidate's last entry (§5.4).
        last_log_index: LogIndex,
        /// The term of the candidate's last entry (§5.4).
        last_log_term: Term,
        /// Whether the leader told it to stand, so that even those who hear the leader may vote
        /// (thesis 4.2.3, 3.10).
        leadership_transfer: bool,
    },
    /// The answer to a RequestVote.
    RequestVoteReply {
        /// The voter's term.
        term: Term,
        /// Whether the candidate got the vote.
        vote_granted: bool,
    },
    /// A server asks whether it would be voted for, before it stands (thesis 9.6).
    PreVote {
        /// The sender's present term. It would stand in the next.
        term: Term,
        /// The sender.
        candidate_id: ServerId,
        /// The index of its last entry.
        last_log_index: LogIndex,
        /// The term of its last entry.
        last_log_term: Term,
    },
    /// The answer to a PreVote.
    PreVoteReply {
        /// The voter's term.
        term: Term,
        /// Whether the candidate would get the vote.
        vote_granted: bool,
    },
    /// A leader wants the receiver to stand for election at once (thesis 3.10).
    TimeoutNow {
        /// The leader's term.
        term: Term,
        /// The leader.
        leader_id: ServerId,
    },
    /// A leader replicates entries; without entries it is a heartbeat (§5.2, §5.3).
    AppendEntries {
        /// The leader's term.
        term: Term,
        /// The leader. Always the sender; kept because Figure 2 has it.
        leader_id: ServerId,
        /// The index of the entry just before `entries`.
        prev_log_index: LogIndex,
        /// The term of that entry.
        prev_log_term: Term,
        /// Entries for the indices after `prev_log_index`.
        entries: Vec<Arc<Entry<C>>>,
        /// The leader's `commit_index`.
        leader_commit: LogIndex,
        /// The leader's present round of heartbeats, which the answer repeats (thesis 6.4).
        round: u64,
    },
    /// The answer to an AppendEntries.
    AppendEntriesReply {
        /// The follower's term.
        term: Term,
        /// Whether the follower now has the entries.
        result: AppendResult,
        /// The round of the AppendEntries that this answers; 0 if that was of an earlier term.
        round: u64,
    },
    /// A leader sends a part of its snapshot (§7).
    InstallSnapshot {
        /// The leader's term.
        term: Term,
        /// The leader.
        leader_id: ServerId,
        /// The part.
        chunk: Box<Chunk>,
        /// The leader's present round of heartbeats.
        round: u64,
    },
    /// The answer to an InstallSnapshot.
    InstallSnapshotReply {
        /// The follower's term.
        term: Term,
        /// The snapshot that this is about.
        last_included_index: LogIndex,
        /// The offset of the part that this answers.
        offset: u64,
        /// What the follower did with it.
        result: ChunkResult,
        /// The round of the InstallSnapshot that this answers; 0 if that was of an earlier term.
        round: u64,
    },
}

/// What a follower did with a part of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkResult {
    /// It has everything up to here and wants what follows.
    Continue {
        /// In bytes.
        next_offset: u64,
    },
    /// It has all that the snapshot covers, on stable storage.
    Installed,
    /// The leader's term has passed.
    Refused,
}

/// Figure 2's `success`, and what a caller would know from having made the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppendResult {
    /// The follower's log agrees with the leader's up to `match_index`, on stable storage.
    Success {
        /// `prev_log_index` + the number of entries of the AppendEntries that this answers.
        match_index: LogIndex,
    },
    /// The term was stale, or the follower's log has no such entry before the new ones.
    Failure {
        /// The `prev_log_index` of the AppendEntries that this answers.
        prev_log_index: LogIndex,
        /// Where the follower suggests to try next, with
        /// [`fast_back_up`](super::Config::fast_back_up).
        conflict: Option<Conflict>,
    },
}

/// What a follower has instead of the entry at `prev_log_index` (end of §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conflict {
    /// The term of its entry there, or of its last entry if its log does not reach that far.
    pub term: Term,
    /// The first index it stores for that term, or the one after its last.
    pub first_index: LogIndex,
}

impl AppendResult {
    /// Figure 2's `success`.
    pub fn success(self) -> bool {
        matches!(self, AppendResult::Success { .. })
    }
}

/// What sort of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// [`Message::RequestVote`]
    RequestVote,
    /// [`Message::RequestVoteReply`]
    RequestVoteReply,
    /// [`Message::PreVote`]
    PreVote,
    /// [`Message::PreVoteReply`]
    PreVoteReply,
    /// [`Message::TimeoutNow`]
    TimeoutNow,
    /// [`Message::AppendEntries`]
    AppendEntries,
    /// [`Message::AppendEntriesReply`]
    AppendEntriesReply,
    /// [`Message::InstallSnapshot`]
    InstallSnapshot,
    /// [`Message::InstallSnapshotReply`]
    InstallSnapshotReply,
}

impl<C> Message<C> {
    /// The sender's term when it made the message. Every message has one (§5.1).
    pub fn term(&self) -> Term {
        match self {
            Message::RequestVote { term, .. }
            | Message::RequestVoteReply { term, .. }
            | Message::PreVote { term, .. }
            | Message::PreVoteReply { term, .. }
            | Message::TimeoutNow { term, .. }
            | Message::InstallSnapshot { term, .. }
            | Message::InstallSnapshotReply { term, .. }
            | Message::AppendEntries { term, .. }
            | Message::AppendEntriesReply { term, .. } => *term,
        }
    }

    /// What sort of message this is.
    pub fn kind(&self) -> MessageKind {
        match self {
            Message::RequestVote { .. } => MessageKind::RequestVote,
            Message::RequestVoteReply { .. } => MessageKind::RequestVoteReply,
            Message::PreVote { .. } => MessageKind::PreVote,
            Message::PreVoteReply { .. } => MessageKind::PreVoteReply,
            Message::TimeoutNow { .. } => MessageKind::TimeoutNow,
            Message::InstallSnapshot { .. } => MessageKind::InstallSnapshot,
            Message::InstallSnapshotReply { .. } => MessageKind::InstallSnapshotReply,
            Message::AppendEntries { .. } => MessageKind::AppendEntries,
            Message::AppendEntriesReply { .. } => MessageKind::AppendEntriesReply,
        }
    }

    /// The server that the message itself names as its sender. Replies name none.
    pub fn claimed_sender(&self) -> Option<ServerId> {
        match self {
            Message::RequestVote { candidate_id, .. } | Message::PreVote { candidate_id, .. } => {
                Some(*candidate_id)
            }
            Message::AppendEntries { leader_id, .. }
            | Message::InstallSnapshot { leader_id, .. }
            | Message::TimeoutNow { leader_id, .. } => Some(*leader_id),
            Message::RequestVoteReply { .. }
            | Message::PreVoteReply { .. }
            | Message::InstallSnapshotReply { .. }
            | Message::AppendEntriesReply { .. } => None,
        }
    }

    pub(super) fn request_vote(
        term: Term,
        candidate_id: ServerId,
        end: LogEnd,
        leadership_transfer: bool,
    ) -> Message<C> {
        let LogEnd { last_log_index, last_log_term } = end;
        Message::RequestVote {
            term,
            candidate_id,
            last_log_index,
            last_log_term,
            leadership_transfer,
        }
    }
}
