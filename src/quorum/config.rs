//! Settings, and those that are refused.

use std::fmt;

use crate::sorted::SortedSet;

use super::ServerId;

/// How many are more than half: ⌊n/2⌋ + 1.
pub fn majority(n: usize) -> usize {
    n / 2 + 1
}

/// N, R and W of an operation (Gifford, "Weighted Voting for Replicated Data", 1979; Dynamo §4.5):
/// how many replicas there are, and how many of them must answer a read or acknowledge a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quorum {
    n: usize,
    r: usize,
    w: usize,
}

impl Quorum {
    /// These numbers.
    ///
    /// # Errors
    ///
    /// If one of them is 0, or R or W more than N.
    pub fn new(n: usize, r: usize, w: usize) -> Result<Quorum, ConfigError> {
        if n == 0 {
            return Err(ConfigError::NoReplicas);
        }
        for (which, size) in [(Which::Read, r), (Which::Write, w)] {
            if size == 0 {
                return Err(ConfigError::EmptyQuorum { which });
            }
            if size > n {
                return Err(ConfigError::QuorumTooLarge { which, size, n });
            }
        }
        Ok(Quorum { n, r, w })
    }

    /// Majorities of `n` replicas for reads and writes.
    ///
    /// # Errors
    ///
    /// If `n` is 0.
    pub fn majorities(n: usize) -> Result<Quorum, ConfigError> {
        Quorum::new(n, majority(n), majority(n))
    }

    /// How many replicas a key has.
    pub fn n(self) -> usize {
        self.n
    }

    /// How many must answer a read.
    pub fn r(self) -> usize {
        self.r
    }

    /// How many must acknowledge a write.
    pub fn w(self) -> usize {
        self.w
    }

    /// Whether every read quorum and every write quorum have a replica in common: R + W > N.
    pub fn overlaps(self) -> bool {
        self.r + self.w > self.n
    }
}

/// Reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// R
    Read,
    /// W
    Write,
}

/// What is given up while the network is torn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Availability: reads and writes both need a majority of the replicas, so at most one side
    /// serves, and in an even split none.
    Cp,
    /// Consistency: R and W may be as small as one likes.
    Ap {
        /// Whether servers that are not replicas stand in for replicas that seem to be down, and
        /// keep hints for them (Dynamo §4.6).
        sloppy: bool,
    },
}

/// Which servers are the replicas of a key: the first N of its *preference list* (Dynamo §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placement {
    /// The servers in the order of the settings, for every key.
    Same,
    /// A ring of the servers, begun at a place that the key decides.
    Ring,
}

/// What becomes of concurrent writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// The one with the highest stamp stays.
    LastWriteWins,
    /// All stay, until a client writes that has seen them (version vectors; Dynamo §4.4).
    Siblings,
}

/// Where a write's stamp comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stamping {
    /// The coordinator's clock.
    Clock,
    /// R replicas are asked for their highest stamp first, and the write goes above it (Lynch and
    /// Shvartsman, "Robust Emulation of Shared Memory", 1997). Costs a round trip; wrong clocks do
    /// no harm any more.
    AskFirst,
}

/// What a read does for replicas that it finds behind (Dynamo §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadRepair {
    /// Nothing.
    Off,
    /// They are brought up to date; the answer does not wait.
    Async,
    /// The answer waits until W replicas hold what it tells: the write-back of Attiya, Bar-Noy and
    /// Dolev, "Sharing Memory Robustly in Message-Passing Systems", 1995.
    Blocking,
}

/// Whether a replica that has never heard of the key has answered a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotFound {
    /// It counts for R.
    Answers,
    /// It does not; if fewer than R replicas know the key, all have to be heard.
    DoesNotAnswer,
}

/// How a server finds out who is up: it says so itself at an interval, and takes for down from whom
/// it hears nothing. Any message counts. From a cut to the suspicion, operations are sent in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Detector {
    /// How often a server says that it is up, in microseconds.
    pub heartbeat_us: u64,
    /// After how much silence another server is taken for down, in microseconds.
    pub suspect_after_us: u64,
}

/// What a store is started with; the same for all its servers. [`Settings::check`] makes a
/// [`Config`] of it, if it can work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// All servers, each once. Those beyond N can stand in for a key's replicas.
    pub servers: Vec<ServerId>,
    /// How many replicas a key has.
    pub n: usize,
    /// How many replicas answer a read, unless it says otherwise.
    pub r: usize,
    /// How many replicas acknowledge a write, unless it says otherwise.
    pub w: usize,
    /// What is given up while the network is torn.
    pub mode: Mode,
    /// Which servers are a key's replicas.
    pub placement: Placement,
    /// What becomes of concurrent writes.
    pub resolution: Resolution,
    /// Where stamps come from.
    pub stamping: Stamping,
    /// What reads do for replicas that are behind.
    pub read_repair: ReadRepair,
    /// Whether not to know a key is an answer.
    pub not_found: NotFound,
    /// After how long an operation is given up, in microseconds.
    pub timeout_us: u64,
    /// How servers find out who is up. `None`: everybody is taken to be, so nothing is known to be
    /// unavailable before it was tried.
    pub detector: Option<Detector>,
    /// How often a server compares notes with the next of the others, in microseconds (Dynamo
    /// §4.7). Never, if `None`.
    pub anti_entropy_us: Option<u64>,
    /// The height of the trees for that: 2 to this power are the leaves. 1 to 16.
    pub merkle_depth: u8,
    /// For how long by its stamp a tombstone is kept, in microseconds. For ever, if `None`. If this
    /// is less than a replica may be away, it may bring back what was deleted.
    pub tombstone_grace_us: Option<u64>,
    /// After how long a hint is sent once more to a server that is up again, in microseconds.
    pub handoff_retry_us: u64,
    /// Whether a replica acknowledges and answers before its disk is done. Fast, and a crash takes
    /// back what was acknowledged.
    pub ack_before_sync: bool,
    /// The most operations that a server coordinates at a time.
    pub max_operations: usize,
    /// The most keys that a server holds as a replica. Further ones are not acknowledged.
    pub max_keys: usize,
    /// The most hints that a server keeps. Likewise.
    pub max_hints: usize,
    /// How many of the latest requests a replica, and a coordinator, know again.
    pub remembered_requests: usize,
}

impl Settings {
    /// `servers` servers, all of them replicas of every key, that give up availability: majorities,
    /// write-back, and stamps above what was written before. Linearizable.
    pub fn cp(servers: u8) -> Settings {
        let n = usize::from(servers);
        Settings {
            servers: (0..servers).map(ServerId).collect(),
            n,
            r: majority(n),
            w: majority(n),
            mode: Mode::Cp,
            placement: Placement::Same,
            resolution: Resolution::LastWriteWins,
            stamping: Stamping::AskFirst,
            read_repair: ReadRepair::Blocking,
            not_found: NotFound::Answers,
            timeout_us: 200_000,
            detector: Some(Detector { heartbeat_us: 50_000, suspect_after_us: 175_000 }),
            anti_entropy_us: Some(1_000_000),
            merkle_depth: 4,
            tombstone_grace_us: None,
            handoff_retry_us: 200_000,
            ack_before_sync: false,
            max_operations: 256,
            max_keys: 4_096,
            max_hints: 1_024,
            remembered_requests: 128,
        }
    }

    /// `servers` servers, with `n` replicas of every key, that give up consistency: one replica is
    /// enough to read or write, the others hear of it in time, and stand-ins help out. Stamps come
    /// from clocks.
    pub fn ap(servers: u8, n: usize) -> Settings {
        Settings {
            n,
            r: 1,
            w: 1,
            mode: Mode::Ap { sloppy: true },
            stamping: Stamping::Clock,
            read_repair: ReadRepair::Async,
            ..Settings::cp(servers)
        }
    }

    /// The settings, if a store can work with them.
    ///
    /// # Errors
    ///
    /// The first [`ConfigError`] found.
    pub fn check(self) -> Result<Config, ConfigError> {
        if self.servers.is_empty() {
            return Err(ConfigError::NoServers);
        }
        let mut seen = SortedSet::new();
        if let Some(&twice) = self.servers.iter().find(|server| !seen.insert(**server)) {
            return Err(ConfigError::DuplicateServer(twice));
        }
        let quorum = Quorum::new(self.n, self.r, self.w)?;
        for (what, value) in [
            (Positive::Timeout, self.timeout_us),
            (Positive::HandoffRetry, self.handoff_retry_us),
            (Positive::AntiEntropy, self.anti_entropy_us.unwrap_or(1)),
            (Positive::Heartbeat, self.detector.map_or(1, |detector| detector.heartbeat_us)),
            (Positive::Operations, self.max_operations as u64),
            (Positive::Keys, self.max_keys as u64),
            (Positive::Requests, self.remembered_requests as u64),
        ] {
            if value == 0 {
                return Err(ConfigError::Zero(what));
            }
        }
        if let Some(Detector { heartbeat_us, suspect_after_us }) = self.detector
            && suspect_after_us <= heartbeat_us
        {
            return Err(ConfigError::HeartbeatTooSlow { heartbeat_us, suspect_after_us });
        }
        if self.mode == (Mode::Ap { sloppy: true }) && self.detector.is_none() {
            return Err(ConfigError::SloppyWithoutDetector);
        }
        if !(1..=16).contains(&self.merkle_depth) {
            return Err(ConfigError::MerkleDepth(self.merkle_depth));
        }
        let config = Config { settings: self, quorum };
        config.admit(quorum)?;
        Ok(config)
    }
}

/// Settings that a store can work with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    settings: Settings,
    quorum: Quorum,
}

impl Config {
    /// The settings themselves.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// N, R and W of operations that do not bring their own.
    pub fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// Whether operations may have this quorum here.
    ///
    /// # Errors
    ///
    /// If there are not so many servers, or CP would not be CP.
    pub fn admit(&self, quorum: Quorum) -> Result<(), ConfigError> {
        let servers = self.settings.servers.len();
        if quorum.n > servers {
            return Err(ConfigError::MoreReplicasThanServers { n: quorum.n, servers });
        }
        let needed = majority(quorum.n);
        for (which, size) in [(Which::Read, quorum.r), (Which::Write, quorum.w)] {
            if self.settings.mode == Mode::Cp && size < needed {
                return Err(ConfigError::CpNeedsMajority { which, size, needed });
            }
        }
        Ok(())
    }

    /// All servers, in the order in which a key with this hash prefers them; the first N are its
    /// replicas.
    pub fn preference(&self, key_hash: u64) -> impl Iterator<Item = ServerId> {
        let servers = &self.settings.servers;
        let first = match self.settings.placement {
            Placement::Same => 0,
            // Less than the number of servers, which is at most 256.
            Placement::Ring => (key_hash % servers.len() as u64) as usize,
        };
        servers[first..].iter().chain(&servers[..first]).copied()
    }
}

/// Why settings cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigError {
    /// A store needs at least one server.
    NoServers,
    /// This server is listed twice, so its acknowledgement would count twice.
    DuplicateServer(ServerId),
    /// N = 0: nobody would hold anything.
    NoReplicas,
    /// N is more than there are servers.
    MoreReplicasThanServers {
        /// N
        n: usize,
        /// How many there are.
        servers: usize,
    },
    /// R = 0 or W = 0: reads would read nothing, or writes write nowhere and succeed.
    EmptyQuorum {
        /// Which.
        which: Which,
    },
    /// R or W is more than N, and can never be had.
    QuorumTooLarge {
        /// Which.
        which: Which,
        /// R or W.
        size: usize,
        /// N
        n: usize,
    },
    /// With less than a majority, both sides of a tear would serve: that is not CP.
    CpNeedsMajority {
        /// Reads or writes.
        which: Which,
        /// R or W.
        size: usize,
        /// The least it must be.
        needed: usize,
    },
    /// This must not be 0.
    Zero(Positive),
    /// Servers would be taken for down between two heartbeats.
    HeartbeatTooSlow {
        /// How often they come.
        heartbeat_us: u64,
        /// After how much silence a server is taken for down.
        suspect_after_us: u64,
    },
    /// Nobody can stand in if nobody is ever taken for down.
    SloppyWithoutDetector,
    /// A tree must have 1 to 16 levels below its root.
    MerkleDepth(u8),
}

/// What must not be 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Positive {
    /// [`Settings::timeout_us`]
    Timeout,
    /// [`Settings::handoff_retry_us`]
    HandoffRetry,
    /// [`Settings::anti_entropy_us`]
    AntiEntropy,
    /// [`Detector::heartbeat_us`]
    Heartbeat,
    /// [`Settings::max_operations`]
    Operations,
    /// [`Settings::max_keys`]
    Keys,
    /// [`Settings::remembered_requests`]
    Requests,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Which::Read => "R",
            Which::Write => "W",
        })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoServers => write!(f, "a store needs at least one server"),
            ConfigError::DuplicateServer(server) => write!(f, "{server} is listed twice"),
            ConfigError::NoReplicas => write!(f, "with N = 0 nobody would hold anything"),
            ConfigError::MoreReplicasThanServers { n, servers } => {
                write!(f, "N = {n}, but there are {servers} servers")
            }
            ConfigError::EmptyQuorum { which } => write!(f, "{which} = 0 asks nobody"),
            ConfigError::QuorumTooLarge { which, size, n } => {
                write!(f, "{which} = {size} is more than N = {n}")
            }
            ConfigError::CpNeedsMajority { which, size, needed } => {
                write!(f, "CP needs {which} ≥ {needed}, a majority, and {which} = {size}")
            }
            ConfigError::Zero(what) => f.write_str(match what {
                Positive::Timeout => "the timeout of operations is 0",
                Positive::HandoffRetry => "the time to the next attempt at a hint is 0",
                Positive::AntiEntropy => "the interval of anti-entropy is 0",
                Positive::Heartbeat => "the heartbeat interval is 0",
                Positive::Operations => "at least 1 operation must be allowed",
                Positive::Keys => "at least 1 key must be allowed",
                Positive::Requests => "at least 1 request must be remembered",
            }),
            ConfigError::HeartbeatTooSlow { heartbeat_us, suspect_after_us } => write!(
                f,
                "a heartbeat every {heartbeat_us} µs comes too late for {suspect_after_us} µs"
            ),
            ConfigError::SloppyWithoutDetector => {
                write!(f, "stand-ins need a detector that says for whom")
            }
            ConfigError::MerkleDepth(depth) => write!(f, "a tree of {depth} levels, not 1 to 16"),
        }
    }
}

impl std::error::Error for ConfigError {}
