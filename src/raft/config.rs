//! What a server is started with.

use crate::sorted::SortedSet;
use std::fmt;

use super::majority::majority;
use super::{Bug, Planted, ServerId};

/// Settings of a cluster. All its servers are started with the same ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The members with which the cluster begins, each once. A server that is to be added later is
    /// started with the same list, without itself.
    pub servers: Vec<ServerId>,
    /// The shortest election timeout, in microseconds.
    pub election_timeout_low_us: u64,
    /// The longest election timeout, in microseconds. Each timeout is drawn anew from the whole
    /// range, both ends included (§5.2); the wider it is, the rarer are split votes.
    pub election_timeout_high_us: u64,
    /// How long a leader leaves a follower without any AppendEntries, in microseconds.
    pub heartbeat_interval_us: u64,
    /// The most entries that one AppendEntries carries.
    pub max_entries_per_append: usize,
    /// The most bytes of entries that one AppendEntries carries. An entry that is larger by itself
    /// goes alone, or nothing would ever get past it.
    pub max_append_bytes: u64,
    /// Whether a new leader starts its term with an empty entry. Figure 2 has none; §8 wants it,
    /// because without it entries of earlier terms wait for the next proposal to be committed.
    pub noop_on_election: bool,
    /// Whether a refused AppendEntries names the conflicting term and its first index, so that the
    /// leader bypasses all of that term at once (end of §5.3) instead of entry by entry.
    pub fast_back_up: bool,
    /// How many AppendEntries with entries may be under way to one follower. 1 is Figure 2's
    /// procedure call; more is pipelining (thesis 10.2.2).
    pub max_in_flight_appends: usize,
    /// With pipelining, no more is sent to a follower while this many entries are under way to it.
    pub max_in_flight_entries: u64,
    /// The most bytes of entries, or of a snapshot, that are under way to one follower. An entry
    /// that is larger by itself goes when nothing else is under way.
    pub max_in_flight_bytes: u64,
    /// A leader refuses proposals while so many of those it took are not answered. What it found
    /// in its log when it was elected does not count: those entries may need one more to be
    /// committed at all (§5.4.2).
    pub max_pending_proposals: usize,
    /// Likewise, the most bytes of entries that wait for their answer. One that is larger by itself
    /// is taken while no other waits.
    pub max_pending_bytes: u64,
    /// Whether a server asks if it could win before it stands for election (thesis 9.6).
    pub pre_vote: bool,
    /// Whether a leader steps down if it hears from no majority for the longest election timeout
    /// (thesis 6.2).
    pub check_quorum: bool,
    /// Whether votes are refused within the shortest election timeout of hearing from a leader
    /// (§6; thesis 4.2.3).
    pub leader_stickiness: bool,
    /// How a leader makes sure that what it reads is up to date.
    pub reads: ReadPolicy,
    /// The most clients that have a session at a time (thesis 6.3). The application's state machine
    /// keeps them, and must be the same everywhere.
    pub max_sessions: usize,
    /// After how much log time without use a client's session ends, in microseconds (thesis 6.3).
    /// Likewise the same everywhere.
    pub session_timeout_us: u64,
    /// After how many applied entries a server asks for a snapshot (§7). Never, if `None`.
    pub snapshot_after_entries: Option<usize>,
    /// The most bytes of a snapshot that one InstallSnapshot carries.
    pub snapshot_chunk_bytes: usize,
    /// A leader refuses proposals while its log has so many entries.
    pub max_log_entries: usize,
    /// Whether servers may be added and removed (§6; thesis, chapter 4). Goes well only together
    /// with [`leader_stickiness`](Config::leader_stickiness): without it servers that were removed,
    /// and do not know it, can depose leaders again and again (4.2.3).
    pub membership_changes: bool,
    /// What is wrong with every server of the cluster, for tests and lessons.
    pub planted: Planted,
}

/// How a leader makes sure that it still leads when it answers a read (thesis 6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadPolicy {
    /// A majority has to answer a round of heartbeats after the read came. Needs no clock.
    Round,
    /// An answer of a majority is good for a shortest election timeout (6.4.1). Faster, and safe
    /// only while clocks keep the bound.
    Lease {
        /// By how much one server's clock may run faster than another's, in parts per million.
        clock_drift_ppm: u32,
    },
}

impl Config {
    /// A cluster of servers 0 to `servers - 1` with the election timeouts that §9.3 recommends, 150
    /// to 300 ms. Heartbeats come every 50 ms, so that one or two may be lost.
    pub fn of(servers: u8) -> Config {
        Config {
            servers: (0..servers).map(ServerId).collect(),
            election_timeout_low_us: 150_000,
            election_timeout_high_us: 300_000,
            heartbeat_interval_us: 50_000,
            max_entries_per_append: 64,
            max_append_bytes: 1 << 20,
            noop_on_election: true,
            fast_back_up: false,
            max_in_flight_appends: 1,
            max_in_flight_entries: 1_024,
            max_in_flight_bytes: 4 << 20,
            max_pending_proposals: 4_096,
            max_pending_bytes: 16 << 20,
            pre_vote: false,
            check_quorum: false,
            leader_stickiness: false,
            reads: ReadPolicy::Round,
            max_sessions: 64,
            session_timeout_us: 60_000_000,
            snapshot_after_entries: None,
            snapshot_chunk_bytes: 4_096,
            max_log_entries: 1 << 20,
            membership_changes: false,
            planted: Planted::default(),
        }
    }

    /// The same with everything switched on that this module has beyond Figure 2; except for lease
    /// reads, which trade safety for speed and have to be asked for.
    pub fn full(servers: u8) -> Config {
        Config {
            fast_back_up: true,
            max_in_flight_appends: 8,
            pre_vote: true,
            check_quorum: true,
            leader_stickiness: true,
            snapshot_after_entries: Some(64),
            membership_changes: true,
            ..Config::of(servers)
        }
    }

    /// How many servers are more than half of the cluster.
    pub fn majority(&self) -> usize {
        majority(self.servers.len())
    }

    /// Whether `bug` is planted.
    pub(super) fn has(&self, bug: Bug) -> bool {
        self.planted.has(bug)
    }

    /// Whether `server` belongs to the cluster.
    pub fn is_member(&self, server: ServerId) -> bool {
        self.servers.contains(&server)
    }

    /// Checks that a cluster with these settings can work.
    ///
    /// # Errors
    ///
    /// The first [`ConfigError`] found. A server booted with settings that were refused here never
    /// panics, but it need not make progress either.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.servers.is_empty() {
            return Err(ConfigError::NoServers);
        }
        let mut seen = SortedSet::new();
        if let Some(&twice) = self.servers.iter().find(|server| !seen.insert(**server)) {
            return Err(ConfigError::DuplicateServer(twice));
        }
        let (low_us, high_us) = (self.election_timeout_low_us, self.election_timeout_high_us);
        if low_us > high_us {
            return Err(ConfigError::ElectionTimeoutsSwapped { low_us, high_us });
        }
        let heartbeat_us = self.heartbeat_interval_us;
        if heartbeat_us == 0 {
            return Err(ConfigError::NoHeartbeatInterval);
        }
        if heartbeat_us >= low_us {
            return Err(ConfigError::HeartbeatTooSlow { heartbeat_us, low_us });
        }
        if self.max_entries_per_append == 0 || self.max_append_bytes == 0 {
            return Err(ConfigError::EmptyAppends);
        }
        if self.max_in_flight_appends == 0
            || self.max_in_flight_entries == 0
            || self.max_in_flight_bytes == 0
        {
            return Err(ConfigError::NothingInFlight);
        }
        if self.max_pending_proposals == 0 || self.max_pending_bytes == 0 {
            return Err(ConfigError::NothingPending);
        }
        if self.max_sessions == 0 || self.session_timeout_us == 0 {
            return Err(ConfigError::NoSessions);
        }
        if self.snapshot_after_entries == Some(0) || self.snapshot_chunk_bytes == 0 {
            return Err(ConfigError::EmptySnapshots);
        }
        if matches!(self.reads, ReadPolicy::Lease { .. }) && !self.leader_stickiness {
            return Err(ConfigError::LeaseWithoutStickiness);
        }
        Ok(())
    }
}

/// Why settings cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigError {
    /// A cluster needs at least one server.
    NoServers,
    /// This server is listed twice, so it would be counted twice in a majority.
    DuplicateServer(ServerId),
    /// The range of election timeouts ends before it begins.
    ElectionTimeoutsSwapped {
        /// The shortest.
        low_us: u64,
        /// The longest.
        high_us: u64,
    },
    /// A heartbeat interval of 0 would let a leader send without end and time stand still.
    NoHeartbeatInterval,
    /// Followers would time out between two heartbeats of a healthy leader.
    HeartbeatTooSlow {
        /// The heartbeat interval.
        heartbeat_us: u64,
        /// The shortest election timeout.
        low_us: u64,
    },
    /// An AppendEntries that may carry no entry replicates nothing.
    EmptyAppends,
    /// If no entries may be under way, nothing is replicated.
    NothingInFlight,
    /// If no proposal may wait for its answer, none can be taken.
    NothingPending,
    /// A session that ends at once, or for which there is no room, is of no use.
    NoSessions,
    /// A snapshot covers at least 1 entry, and a part of it has at least 1 byte.
    EmptySnapshots,
    /// A lease rests on the others refusing their votes to rivals.
    LeaseWithoutStickiness,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoServers => write!(f, "a cluster needs at least one server"),
            ConfigError::DuplicateServer(server) => write!(f, "{server} is listed twice"),
            ConfigError::ElectionTimeoutsSwapped { low_us, high_us } => {
                write!(f, "election timeouts from {low_us} µs to {high_us} µs are an empty range")
            }
            ConfigError::NoHeartbeatInterval => write!(f, "the heartbeat interval is 0"),
            ConfigError::HeartbeatTooSlow { heartbeat_us, low_us } => write!(
                f,
                "a heartbeat every {heartbeat_us} µs comes too late for timeouts of {low_us} µs"
            ),
            ConfigError::EmptyAppends => write!(f, "an AppendEntries must carry at least 1 entry"),
            ConfigError::NothingInFlight => write!(f, "at least 1 entry must be able to travel"),
            ConfigError::LeaseWithoutStickiness => {
                write!(f, "lease reads need servers that refuse votes while a leader lives")
            }
            ConfigError::NoSessions => {
                write!(f, "there must be room for at least 1 session, and at least 1 µs for it")
            }
            ConfigError::EmptySnapshots => {
                write!(f, "a snapshot covers at least 1 entry, and a part of it at least 1 byte")
            }
            ConfigError::NothingPending => {
                write!(f, "at least 1 proposal must be allowed to wait for its answer")
            }
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_has_its_own_error() {
        let refused = |change: fn(&mut Config)| {
            let mut config = Config::of(3);
            change(&mut config);
            config.validate().unwrap_err()
        };
        assert_eq!(Config::of(3).validate(), Ok(()));
        assert_eq!(Config::full(3).validate(), Ok(()));
        assert_eq!(refused(|c| c.servers.clear()), ConfigError::NoServers);
        assert_eq!(
            refused(|c| c.servers.push(ServerId(1))),
            ConfigError::DuplicateServer(ServerId(1))
        );
        assert_eq!(
            refused(|c| c.election_timeout_high_us = 1),
            ConfigError::ElectionTimeoutsSwapped { low_us: 150_000, high_us: 1 }
        );
        assert_eq!(refused(|c| c.heartbeat_interval_us = 0), ConfigError::NoHeartbeatInterval);
        assert_eq!(
            refused(|c| c.heartbeat_interval_us = 150_000),
            ConfigError::HeartbeatTooSlow { heartbeat_us: 150_000, low_us: 150_000 }
        );
        assert_eq!(refused(|c| c.max_entries_per_append = 0), ConfigError::EmptyAppends);
        assert_eq!(refused(|c| c.max_append_bytes = 0), ConfigError::EmptyAppends);
        assert_eq!(refused(|c| c.max_in_flight_appends = 0), ConfigError::NothingInFlight);
        assert_eq!(refused(|c| c.max_in_flight_bytes = 0), ConfigError::NothingInFlight);
        assert_eq!(refused(|c| c.max_pending_bytes = 0), ConfigError::NothingPending);
        assert_eq!(refused(|c| c.max_in_flight_entries = 0), ConfigError::NothingInFlight);
        assert_eq!(
            refused(|c| c.reads = ReadPolicy::Lease { clock_drift_ppm: 0 }),
            ConfigError::LeaseWithoutStickiness
        );
        assert_eq!(refused(|c| c.max_sessions = 0), ConfigError::NoSessions);
        assert_eq!(refused(|c| c.session_timeout_us = 0), ConfigError::NoSessions);
        assert_eq!(refused(|c| c.snapshot_after_entries = Some(0)), ConfigError::EmptySnapshots);
        assert_eq!(refused(|c| c.snapshot_chunk_bytes = 0), ConfigError::EmptySnapshots);
        assert_eq!(refused(|c| c.max_pending_proposals = 0), ConfigError::NothingPending);
    }
}
