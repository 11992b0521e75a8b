//! What a server is started with.

use crate::sorted::SortedSet;
use std::fmt;

use super::ServerId;

/// Settings of a cluster. All its servers are started with the same ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The members of the cluster, each once.
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
    /// Whether a new leader starts its term with an empty entry. Figure 2 has none; §8 wants it,
    /// because without it entries of earlier terms wait for the next proposal to be committed.
    pub noop_on_election: bool,
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
            noop_on_election: true,
        }
    }

    /// How many servers are more than half of the cluster.
    pub fn majority(&self) -> usize {
        self.servers.len() / 2 + 1
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
        if self.max_entries_per_append == 0 {
            return Err(ConfigError::EmptyAppends);
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
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_majority_is_more_than_half() {
        let majorities: Vec<usize> = (1..=7).map(|n| Config::of(n).majority()).collect();
        assert_eq!(majorities, [1, 2, 2, 3, 3, 4, 4]);
    }

    #[test]
    fn every_mistake_has_its_own_error() {
        let refused = |change: fn(&mut Config)| {
            let mut config = Config::of(3);
            change(&mut config);
            config.validate().unwrap_err()
        };
        assert_eq!(Config::of(3).validate(), Ok(()));
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
    }
}
