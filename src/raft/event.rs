//! Every decision that a reader may ask "why?" about, with its reason as data.
//!
//! What changes nothing tells nothing: a heartbeat that finds all in order, and its answer, emit no
//! event.

use super::{LogEnd, LogIndex, MessageKind, RequestId, ServerId, Term, WriteId};

/// A decision of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The election timer ran out in `term` (§5.2). `forced`: somebody asked for it.
    ElectionTimedOut { term: Term, forced: bool },
    /// The server stands for election in `term` (§5.2).
    BecameCandidate { term: Term },
    /// The server votes for `candidate`. `again`: it had before, and only repeats its answer.
    VoteGranted { candidate: ServerId, term: Term, again: bool },
    /// The server does not vote for `candidate`, which had asked in `term`.
    VoteDenied { candidate: ServerId, term: Term, reason: VoteDenial },
    /// A candidate counts an answer. `from` itself: its own vote, which counts once it is durable.
    VoteReceived { from: ServerId, term: Term, granted: bool, votes: usize, needed: usize },
    /// A candidate has won (§5.2).
    BecameLeader { term: Term, votes: usize },
    /// A follower hears from the leader of its term for the first time.
    LeaderFound { leader: ServerId, term: Term },
    /// The server asks whether it would be voted for in the term after `term` (thesis 9.6).
    BecamePreCandidate { term: Term },
    /// The server would vote for `candidate` in the term after `term`. No promise.
    PreVoteGranted { candidate: ServerId, term: Term },
    /// The server would not vote for `candidate`.
    PreVoteDenied { candidate: ServerId, term: Term, reason: VoteDenial },
    /// A pre-candidate counts an answer.
    PreVoteReceived { from: ServerId, term: Term, granted: bool, votes: usize, needed: usize },
    /// The configuration at `index` of the log is in force from now on, committed or not (§6).
    ConfigurationAdopted { index: LogIndex },
    /// The entry at `from` was truncated; the configuration at `to` is in force again.
    ConfigurationRolledBack { from: LogIndex, to: LogIndex },
    /// The cluster is not changed.
    ChangeRefused { request: RequestId, reason: ChangeRefusal },
    /// A round of catching up took less than an election timeout (thesis 4.2.1).
    LearnerCaughtUp { learner: ServerId, round_us: u64 },
    /// The leader begins to hand over (thesis 3.10): proposals are refused until it has.
    TransferStarted { to: ServerId, match_index: LogIndex, last_log_index: LogIndex },
    /// The leader was asked to hand over and does not.
    TransferRefused { to: ServerId, reason: TransferRefusal },
    /// The target has the whole log, and the leader tells it to stand.
    TimeoutNowSent { to: ServerId },
    /// The transfer took an election timeout, and the leader goes on leading.
    TransferAborted { to: ServerId },
    /// The leader of `term` wants this server to stand for election.
    ToldToStand { leader: ServerId, term: Term },
    /// A candidate, pre-candidate or leader is a follower from now on.
    SteppedDown { from: RoleKind, reason: StepDown },
    /// The server saw a later term in a message (§5.1).
    TermAdvanced { from: Term, to: Term, seen_from: ServerId },

    /// The leader took a command into its log.
    Proposed { request: RequestId, index: LogIndex, term: Term },
    /// The server took nothing into its log.
    ProposalRefused { request: RequestId, reason: ProposalRefusal },
    /// A new leader put an empty entry into its log (§8).
    NoopAppended { index: LogIndex, term: Term },

    /// The leader will answer a read once a majority has answered `round` and `read_index` is
    /// applied (thesis 6.4).
    ReadStarted { request: RequestId, read_index: LogIndex, round: u64 },
    /// The state machine is as far as the read needs, and still up to date.
    ReadReady { request: RequestId, read_index: LogIndex, by: ReadGuarantee },
    /// The read is not answered here.
    ReadRefused { request: RequestId, reason: ProposalRefusal },
    /// A follower refused an AppendEntries.
    AppendRejected { leader: ServerId, term: Term, reason: AppendRejection },
    /// A follower removed `count` entries, the first at `from_index`, because the leader has an
    /// entry of `new_term` where this log had one of `old_term` (§5.3).
    ConflictTruncated { from_index: LogIndex, old_term: Term, new_term: Term, count: usize },
    /// A follower took entries of the leader, both ends included.
    EntriesAppended { from_index: LogIndex, to_index: LogIndex },
    /// The leader knows that `follower` has everything up to `to`.
    MatchIndexAdvanced { follower: ServerId, to: LogIndex },
    /// The leader will try an earlier entry after a refusal (§5.3).
    NextIndexBackedUp { follower: ServerId, to: LogIndex },

    /// The log dropped `dropped` entries in favour of the application's state (§7).
    SnapshotTaken { last_included_index: LogIndex, dropped: u64 },
    /// The application's snapshot was of no use.
    SnapshotRefused { last_included_index: LogIndex, reason: SnapshotRefusal },
    /// `follower` needs entries that were dropped: the leader begins to send its snapshot (§7).
    SnapshotSent { follower: ServerId, last_included_index: LogIndex },
    /// A follower took a part of a snapshot, and needs what follows.
    SnapshotChunkTaken { leader: ServerId, offset: u64, next_offset: u64 },
    /// A part of a snapshot had no effect.
    SnapshotChunkRefused { leader: ServerId, reason: ChunkRefusal },
    /// A follower replaced its state by the leader's. `kept` entries follow it in the log.
    SnapshotInstalled { leader: ServerId, last_included_index: LogIndex, kept: usize },

    /// `commit_index` advanced to `through`.
    Committed { through: LogIndex, by: CommitRule },
    /// A majority has the entry at `index`, yet the leader does not commit it.
    NotCommittedYet { index: LogIndex, reason: NotCommitted },

    /// A message had no effect.
    MessageIgnored { from: ServerId, kind: MessageKind, reason: IgnoreReason },
    /// A time-out had no effect.
    TimeOutIgnored { reason: TimeOutRefusal },
    /// So many messages wait for the disk that this one was dropped.
    HeldMessageDropped { to: ServerId, kind: MessageKind },
    /// The disk reported a write that was never asked for.
    SyncIgnored { write: WriteId },
}

/// A server's role without what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleKind {
    /// Passive: answers candidates and leaders.
    Follower,
    /// Asks whether it could win.
    PreCandidate,
    /// Gathers votes.
    Candidate,
    /// Serves clients and replicates.
    Leader,
}

/// Why a vote was denied. Checked in this order (RequestVote rules 1 and 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VoteDenial {
    /// The server heard from a leader less than the shortest election timeout ago, so it helps
    /// nobody to depose it, and does not adopt the candidate's term either (thesis 4.2.3).
    LeaderAlive { leader: ServerId, ago_us: u64 },
    /// The server started less than the shortest election timeout ago. It may have forgotten a
    /// leader whose lease rests on it (thesis 6.4.1).
    JustStarted { ago_us: u64 },
    /// The candidate's term has passed.
    StaleTerm { theirs: Term, mine: Term },
    /// This term's vote is taken: one server, one vote.
    AlreadyVoted { voted_for: ServerId },
    /// The candidate may lack committed entries (§5.4.1).
    LogOutOfDate { theirs: LogEnd, mine: LogEnd },
}

/// Why a proposal was not taken. It had no effect and may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProposalRefusal {
    /// Only leaders take proposals. `leader`: whom this server takes for one (§8).
    NotLeader { leader: Option<ServerId> },
    /// The leader is handing over (thesis 3.10).
    TransferInProgress { to: ServerId },
    /// The log has `limit` entries and no snapshot to replace them.
    LogFull { limit: usize },
    /// The leader has yet to answer `limit` proposals: more would come in than get done.
    TooManyPending { limit: usize },
    /// With this one, more than `limit_bytes` of proposals would wait for their answer.
    TooManyBytesPending { limit_bytes: u64 },
}

/// Why a snapshot of the application was of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SnapshotRefusal {
    /// It is said to cover more than was applied.
    NotApplied { last_applied: LogIndex },
    /// A snapshot covers as much already.
    CoveredAlready { last_included_index: LogIndex },
}

/// Why a part of a snapshot had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkRefusal {
    /// The leader's term has passed.
    StaleTerm { theirs: Term, mine: Term },
    /// All that the snapshot covers is committed here.
    CommittedAlready { commit_index: LogIndex },
    /// The part that comes next begins at `expected`.
    NotTheNext { offset: u64, expected: u64 },
}

/// Why the cluster is not changed. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeRefusal {
    /// Only leaders can. `leader`: whom this server takes for one.
    NotLeader { leader: Option<ServerId> },
    /// The settings do not allow changes.
    SwitchedOff,
    /// The leader is handing over.
    TransferInProgress { to: ServerId },
    /// The leader has yet to commit an entry of its term: it may not know of a change that its
    /// predecessor made (the correction of 2015).
    NothingOfThisTermCommitted,
    /// The configuration at `index` is not committed yet, or is joint.
    ChangePending { index: LogIndex },
    /// Who is to be added is there already.
    AlreadyMember,
    /// Only learners can be given a vote.
    NotALearner,
    /// Who does not belong to the cluster can neither go nor vote.
    NotAMember { server: ServerId },
    /// Its vote would be missed until it has caught up (thesis 4.2.1).
    NotCaughtUp { match_index: LogIndex, last_log_index: LogIndex },
    /// These are the voters already.
    NoChange,
    /// Somebody has to vote.
    NoVoterLeft,
}

/// Why a leader does not hand over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferRefusal {
    /// Only a leader can. `leader`: whom this server takes for one.
    NotLeader { leader: Option<ServerId> },
    /// It is handing over already.
    InProgress { to: ServerId },
    /// It leads already.
    ToItself,
    /// Who has no vote cannot lead.
    NotAVoter,
}

/// Why a follower refused an AppendEntries (AppendEntries rules 1 and 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppendRejection {
    /// The leader's term has passed.
    StaleTerm { theirs: Term, mine: Term },
    /// The log does not reach `prev_log_index`.
    NoEntry { prev_log_index: LogIndex, last_log_index: LogIndex },
    /// The log has an entry of another term at `prev_log_index`.
    TermMismatch { prev_log_index: LogIndex, theirs: Term, mine: Term },
}

/// Why a candidate or leader stepped down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepDown {
    /// A message carried a later term (§5.1).
    HigherTerm { term: Term, seen_from: ServerId },
    /// Another server has won this candidate's election (§5.2).
    LostTo { leader: ServerId },
    /// Fewer than a majority, this leader included, answered in an election timeout (thesis 6.2).
    NoMajority { heard: usize, needed: usize, within_us: u64 },
    /// The configuration at `index`, of which the leader is no part, is committed (thesis 4.2.2).
    Removed { index: LogIndex },
    /// This pre-candidate has voted for another.
    GaveVote { candidate: ServerId },
}

/// By which rule `commit_index` advanced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommitRule {
    /// A leader counted: `copies` servers have the entry on stable storage (§5.3, §5.4).
    Counted { copies: usize, needed: usize },
    /// A follower learned it from `leader_commit`.
    Learned { leader: ServerId },
    /// A follower got it with a snapshot.
    Installed { leader: ServerId },
}

/// Why a leader may take its state machine for up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadGuarantee {
    /// A majority has answered a round that began after the read came (thesis 6.4).
    Round { round: u64 },
    /// A majority has answered so recently that nobody else can lead before `until_us`, if clocks
    /// keep their bound (thesis 6.4.1).
    Lease { until_us: u64 },
}

/// Why an entry on a majority is not committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotCommitted {
    /// It is of an earlier term; counting is safe only for the leader's own (§5.4.2, Figure 8).
    OldTerm { entry_term: Term, current_term: Term },
}

/// Why a message had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IgnoreReason {
    /// The server got a message from itself.
    FromItself,
    /// The sender does not belong to the cluster.
    UnknownServer,
    /// The sender does not belong to the cluster any more.
    RemovedServer,
    /// The message names another sender than the network does.
    FalseName { claimed: ServerId },
    /// A reply from a term that has passed.
    StaleReply { theirs: Term, mine: Term },
    /// A leader of a term that has passed.
    StaleLeader { theirs: Term, mine: Term },
    /// An answer about a part of a snapshot that is not being sent any more.
    StaleChunk,
    /// An answer to a round of heartbeats that has not begun.
    RoundAhead { theirs: u64, mine: u64 },
    /// A vote came after the election was decided, or given up.
    NotCandidate,
    /// This voter's answer was counted before.
    CountedBefore,
    /// An answer to AppendEntries came to a server that leads no longer.
    NotLeader,
    /// A second leader in one term. Raft promises that this never happens (§5.2).
    SecondLeader { first: ServerId },
    /// A follower vouches for an entry that the leader does not have.
    MatchBeyondLog { match_index: LogIndex, last_log_index: LogIndex },
    /// A late or repeated refusal: the leader has moved on from `prev_log_index`.
    StaleRejection { prev_log_index: LogIndex, next_index: LogIndex },
    /// The entries contradict one that is committed. Raft promises that this never happens (§5.4).
    WouldEraseCommitted { index: LogIndex, commit_index: LogIndex },
}

/// Why a time-out had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeOutRefusal {
    /// A leader has no election timer.
    IsLeader,
    /// A server outside the cluster does not stand for election.
    NotAMember,
    /// With leases nobody stands before its timer would let it, or a read may be stale.
    LeaseAtStake,
    /// There is no term after this one.
    NoTermLeft,
}
