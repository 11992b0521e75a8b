//! What a server is at the moment: follower, candidate or leader (§5.1, Figure 4).

use crate::sorted::{SortedMap, SortedSet};

use super::{LogIndex, PendingRead, Progress, RoleKind, ServerId, Transfer};

/// What a server is at the moment, and what it knows only while it is that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Passive: answers candidates and leaders.
    Follower {
        /// The leader of `current_term`, once it has been heard from.
        leader: Option<ServerId>,
    },
    /// Asks whether it could win an election, before it stands (thesis 9.6).
    PreCandidate {
        /// Who would vote for this server, itself among them.
        votes: SortedSet<ServerId>,
    },
    /// Gathers votes.
    Candidate {
        /// Who has voted for this server. Itself among them as soon as that vote is durable.
        votes: SortedSet<ServerId>,
    },
    /// Serves clients and replicates.
    Leader {
        /// Every other server.
        followers: SortedMap<ServerId, Progress>,
        /// What else it keeps for its term.
        leadership: Leadership,
    },
}

impl Role {
    /// The role without what belongs to it.
    pub fn kind(&self) -> RoleKind {
        match self {
            Role::Follower { .. } => RoleKind::Follower,
            Role::PreCandidate { .. } => RoleKind::PreCandidate,
            Role::Candidate { .. } => RoleKind::Candidate,
            Role::Leader { .. } => RoleKind::Leader,
        }
    }
}

/// What a leader keeps for its term besides its followers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Leadership {
    /// Where the entries of this term begin. Once it is committed, so is all before (§5.4.2).
    pub term_start: LogIndex,
    /// The log time when it was elected: that of the latest entry before its term that has one.
    pub log_time_at_election_us: u64,
    /// When it was elected, by its clock.
    pub elected_us: u64,
    /// The transfer in progress.
    pub transfer: Option<Transfer>,
    /// Whether a server was told to stand. It may do so late, so no lease holds any more.
    pub has_told_to_stand: bool,
    /// The number of the present round of heartbeats (thesis 6.4). 0 until one is needed.
    pub round: u64,
    /// When that round began.
    pub round_started_us: u64,
    /// The latest round that a majority has answered.
    pub confirmed_round: u64,
    /// When the latest round began that was confirmed while it was the present one.
    pub lease_from_us: Option<u64>,
    /// The reads to be answered, oldest first.
    pub reads: Vec<PendingRead>,
}

/// A running election timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElectionTimer {
    /// When it was last reset.
    pub started_us: u64,
    /// When it runs out.
    pub deadline_us: u64,
}
