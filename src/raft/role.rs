//! What a server is at the moment: follower, candidate or leader (§5.1, Figure 4).

use crate::sorted::{SortedMap, SortedSet};

use super::{Progress, RoleKind, ServerId};

/// What a server is at the moment, and what it knows only while it is that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Passive: answers candidates and leaders.
    Follower {
        /// The leader of `current_term`, once it has been heard from.
        leader: Option<ServerId>,
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
    },
}

impl Role {
    /// The role without what belongs to it.
    pub fn kind(&self) -> RoleKind {
        match self {
            Role::Follower { .. } => RoleKind::Follower,
            Role::Candidate { .. } => RoleKind::Candidate,
            Role::Leader { .. } => RoleKind::Leader,
        }
    }
}

/// A running election timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElectionTimer {
    /// When it was last reset.
    pub started_us: u64,
    /// When it runs out.
    pub deadline_us: u64,
}
