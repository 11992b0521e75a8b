//! Primary-backup replication, for comparison: one server orders all writes and ships its log.
//!
//! After Alsberg and Day, "A Principle for Resilient Sharing of Distributed Resources", 1976, as
//! most databases have it today: the primary answers when its own disk is done and the backups hear
//! of it later ([`Config::acks`] = 0), or it waits for some of them first. Nobody votes. A backup
//! becomes the primary because somebody says so ([`Input::Promote`]), and then its log is the
//! truth:
//!
//! - what the old primary had answered and not shipped is gone ([`Event::TailLost`]);
//! - an old primary that has not heard of it goes on answering, and loses that, too;
//! - with `acks` = k an answered write is on k backups, and survives if one of those is promoted;
//!   the price is a round trip, and no answers while fewer than k can be reached.
//!
//! A [`Server`] is driven like those of the other cores: one input, then all outputs, then the
//! deadline. Time is in microseconds. Messages may be lost, late, repeated or out of order; an
//! acknowledgement leaves once what it vouches for is durable.
//!
//! Left out: choosing whom to promote, and snapshots: the whole log is kept, up to
//! [`Config::max_log_entries`], and shipped to whoever joins a new epoch.

mod server;

pub use server::Server;

use std::fmt;

use crate::sorted::SortedSet;

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u8);

/// People count from one: server 0 is shown as `S1`.
impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{}", u16::from(self.0) + 1)
    }
}

/// Names what a client asked. A retry has the number of the first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Numbers a server's writes to stable storage, from 1 upwards since its last boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub u64);

/// The reign of a primary. Of two that were promoted at the same number the higher server prevails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch {
    /// Rises with every promotion.
    pub number: u64,
    /// Who reigns.
    pub primary: ServerId,
}

/// Settings, the same for all servers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// All servers, each once. The first is the primary to begin with.
    pub servers: Vec<ServerId>,
    /// How many backups must hold a write before it is answered. 0: asynchronous.
    pub acks: usize,
    /// Whether backups answer reads, from what they have.
    pub backups_answer_reads: bool,
    /// After how long what was not acknowledged is shipped again, in microseconds.
    pub resend_us: u64,
    /// After how long a client is told that nobody knows, in microseconds.
    pub timeout_us: u64,
    /// A primary refuses writes while its log has so many entries.
    pub max_log_entries: usize,
}

impl Config {
    /// Servers 0 to `servers - 1`, asynchronous.
    pub fn of(servers: u8) -> Config {
        Config {
            servers: (0..servers).map(ServerId).collect(),
            acks: 0,
            backups_answer_reads: false,
            resend_us: 50_000,
            timeout_us: 200_000,
            max_log_entries: 1 << 16,
        }
    }

    /// Checks that servers with these settings can work.
    ///
    /// # Errors
    ///
    /// The first [`ConfigError`] found. A server booted with such settings does nothing.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let mut seen = SortedSet::new();
        if let Some(&twice) = self.servers.iter().find(|server| !seen.insert(**server)) {
            return Err(ConfigError::DuplicateServer(twice));
        }
        let backups = self.servers.len().checked_sub(1).ok_or(ConfigError::NoServers)?;
        if self.acks > backups {
            return Err(ConfigError::TooManyAcks { acks: self.acks, backups });
        }
        if self.resend_us == 0 || self.timeout_us == 0 || self.max_log_entries == 0 {
            return Err(ConfigError::Zero);
        }
        Ok(())
    }
}

/// Why settings cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigError {
    /// There must be at least a primary.
    NoServers,
    /// This server is listed twice.
    DuplicateServer(ServerId),
    /// More acknowledgements are asked for than there are backups.
    TooManyAcks {
        /// What is asked for.
        acks: usize,
        /// How many backups there are.
        backups: usize,
    },
    /// Neither times nor the length of the log may be 0.
    Zero,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoServers => write!(f, "there must be at least a primary"),
            ConfigError::DuplicateServer(server) => write!(f, "{server} is listed twice"),
            ConfigError::TooManyAcks { acks, backups } => {
                write!(f, "{acks} acknowledgements of {backups} backups cannot be had")
            }
            ConfigError::Zero => write!(f, "times and the length of the log must not be 0"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry<K, V> {
    /// Under whom it was taken.
    pub epoch: Epoch,
    /// Who asked for it.
    pub request: RequestId,
    /// The key.
    pub key: K,
    /// Its new value; `None`: deleted.
    pub value: Option<V>,
}

/// What a server that crashes starts again from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Durable<K, V> {
    /// The latest it has heard of; `None`: the first.
    pub epoch: Option<Epoch>,
    /// All writes, in order.
    pub log: Vec<Entry<K, V>>,
}

/// An empty disk.
impl<K, V> Default for Durable<K, V> {
    fn default() -> Self {
        Durable { epoch: None, log: Vec::new() }
    }
}

/// One change of what is on disk, as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Write<K, V> {
    /// The epoch from now on.
    pub epoch: Epoch,
    /// How many entries stay.
    pub keep: usize,
    /// What follows them.
    pub append: Vec<Entry<K, V>>,
}

impl<K: Clone, V: Clone> Durable<K, V> {
    /// Makes one change.
    pub fn apply(&mut self, write: &Write<K, V>) {
        self.epoch = Some(write.epoch);
        self.log.truncate(write.keep);
        self.log.extend_from_slice(&write.append);
    }
}

/// What servers say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message<K, V> {
    /// The primary ships what follows the first `after` entries of its log. The first time in an
    /// epoch that is all of it.
    Ship {
        /// The primary's.
        epoch: Epoch,
        /// How many entries of it the receiver is known to have.
        after: u64,
        /// The rest.
        entries: Vec<Entry<K, V>>,
    },
    /// A backup has so many entries of the log on disk. Also the answer to an old primary, which
    /// learns its successor from it.
    Ack {
        /// The backup's.
        epoch: Epoch,
        /// How many entries of that epoch's log it has.
        held: u64,
    },
}

/// What can happen to a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input<K, V> {
    /// A message arrived.
    Message {
        /// Who sent it.
        from: ServerId,
        /// What it says.
        message: Message<K, V>,
    },
    /// The instant of [`Server::deadline_us`] has come. Harmless if it has not.
    Deadline,
    /// This write, and every one before it, is durable.
    Synced {
        /// The [`Output::Write`].
        write: WriteId,
    },
    /// A client wants a key written, or deleted.
    Write {
        /// Names the answer.
        request: RequestId,
        /// The key.
        key: K,
        /// Its new value; `None`: none.
        value: Option<V>,
    },
    /// A client wants to know a key.
    Read {
        /// Names the answer.
        request: RequestId,
        /// The key.
        key: K,
    },
    /// Be the primary from now on, with the log as it is here.
    Promote,
}

/// What a server wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output<K, V> {
    /// Send a message.
    Send {
        /// To whom.
        to: ServerId,
        /// What to say.
        message: Message<K, V>,
    },
    /// Make a change durable, after those before it, then report [`Input::Synced`].
    Write {
        /// Its number.
        id: WriteId,
        /// The change.
        write: Write<K, V>,
    },
    /// Tell a client.
    Answer {
        /// What it asked.
        request: RequestId,
        /// What became of it.
        outcome: Outcome<V>,
    },
    /// Tell of a decision.
    Event(Event),
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome<V> {
    /// Written: on the primary's disk, and on those of so many backups.
    Written {
        /// How many.
        backups: usize,
    },
    /// What the key holds here.
    Found(Option<V>),
    /// This server is not the primary.
    NotPrimary {
        /// Who is, as far as it knows.
        primary: ServerId,
    },
    /// Too few backups have acknowledged in time, or the primary was deposed. It may be there later
    /// or not.
    Indeterminate {
        /// How many backups have it for certain.
        backups: usize,
        /// How many would have been needed.
        needed: usize,
    },
    /// The log is full.
    Full,
}

/// A decision, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// This server is the primary from now on. Its `entries` entries are what counts.
    Promoted { epoch: Epoch, entries: usize },
    /// This server was the primary and learns that it is not any more.
    Deposed { was: Epoch, by: Epoch },
    /// These writes are not in the new primary's log, and go. Clients may have been told that they
    /// were written.
    TailLost { requests: Vec<RequestId>, epoch: Epoch },
    /// A backup holds so many entries now.
    Shipped { to: ServerId, held: u64 },
    /// The request stands in the log already, and is not written again.
    RequestRepeated { request: RequestId },
    /// A message of an earlier epoch, of a stranger, or with a gap before it has no effect.
    MessageIgnored { from: ServerId },
}
