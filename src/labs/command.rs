//! What a reader, a script or a link can ask of a lab, as plain data.

use std::fmt;

use super::Setting;
use crate::scene::Target;
use crate::sim::{Fault, FaultRefused, NodeId};

/// Clients are numbered from 1 to this.
pub const MAX_CLIENTS: u8 = 9;

/// One thing asked. With its time it is an action of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Something is done to the world: one fault, or several that are about links alone, in this
    /// order, and all or nothing.
    Faults(Vec<Fault>),
    /// A server's election timer runs out now.
    TimeOut(NodeId),
    /// A client asks a server for something.
    Ask {
        /// Who asks.
        client: Client,
        /// The server that is asked.
        via: NodeId,
        /// For what.
        what: Ask,
    },
    /// A server is asked to change who belongs to the cluster.
    ChangeMembership {
        /// The server that is asked.
        via: NodeId,
        /// How.
        change: MembershipChange,
    },
    /// A server is asked to hand leadership over.
    TransferLeadership {
        /// The server that is asked.
        via: NodeId,
        /// To whom.
        to: NodeId,
    },
    /// The protocol goes by another value of a setting from now on, on all servers.
    Set(Setting),
}

impl Command {
    /// The first client asks for a write.
    pub fn write(via: NodeId, key: impl Into<String>, value: impl Into<String>) -> Command {
        let what = Ask::Write { key: key.into(), value: value.into() };
        Command::Ask { client: Client::FIRST, via, what }
    }
}

/// A client of the system, by its number from 1. It stands outside: the network and the faults of
/// the world do not reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client(pub u8);

impl Client {
    /// Who asks when nobody is named.
    pub const FIRST: Client = Client(1);
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{}", self.0)
    }
}

/// What a client can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// To set `key` to `value`; in its session if it has one.
    Write {
        /// What to set.
        key: String,
        /// To what.
        value: String,
    },
    /// To read `key` as it is now.
    Read {
        /// What to read.
        key: String,
    },
    /// To delete `key`; in its session if it has one.
    Delete {
        /// What to delete.
        key: String,
    },
    /// To open a session, so that what is asked for twice is done once.
    OpenSession,
    /// Its latest write once more, because it does not know what became of it.
    Retry,
    /// Something else, in the words that the lab has for it, such as `take tea`.
    Do {
        /// What.
        what: String,
    },
}

/// What is to become of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MembershipChange {
    /// This server gets what the others have, and has no vote yet.
    AddLearner(NodeId),
    /// This learner gets a vote.
    Promote(NodeId),
    /// This server goes.
    Remove(NodeId),
    /// From now on these have the votes, in one step for all.
    Replace(Vec<NodeId>),
}

/// Why a command was refused. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The world cannot do it.
    World(FaultRefused),
    /// This lab knows no such command.
    NotInThisLab,
    /// This client has written nothing that it could ask for again.
    NothingToRetry(Client),
    /// There is no such client: they are numbered from 1 to [`MAX_CLIENTS`].
    NoSuchClient(Client),
    /// The lab has no such words for what a client can ask for.
    NoSuchWords(String),
    /// The protocol cannot work with what was to be set: why, in words.
    Impossible(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::World(reason) => reason.fmt(f),
            Refused::NotInThisLab => f.write_str("this figure knows no such thing"),
            Refused::NothingToRetry(client) => {
                write!(f, "client {client} has written nothing that it could ask for again")
            }
            Refused::NoSuchWords(words) => write!(f, "nobody here can do “{words}”"),
            Refused::Impossible(why) => f.write_str(why),
            Refused::NoSuchClient(client) => {
                write!(f, "there is no client {client}: they are C1 to C{MAX_CLIENTS}")
            }
        }
    }
}

impl std::error::Error for Refused {}

impl From<FaultRefused> for Refused {
    fn from(reason: FaultRefused) -> Refused {
        Refused::World(reason)
    }
}

/// An entry of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it does, in a few words.
    pub label: String,
    /// What to expect, or why it cannot be chosen now.
    pub hint: String,
    /// What choosing it asks for.
    pub command: Option<Command>,
    /// The further choices that it leads to. Without these and a command it cannot be chosen now.
    pub opens: Option<Target>,
}

impl Choice {
    /// A choice that can be made.
    pub fn new(label: impl Into<String>, hint: impl Into<String>, command: Command) -> Choice {
        Choice { label: label.into(), hint: hint.into(), command: Some(command), opens: None }
    }

    /// A choice that cannot be made now, with the reason.
    pub fn unavailable(label: impl Into<String>, why: impl Into<String>) -> Choice {
        Choice { label: label.into(), hint: why.into(), command: None, opens: None }
    }

    /// A choice that leads to further ones.
    pub fn more(label: impl Into<String>, hint: impl Into<String>, opens: Target) -> Choice {
        Choice { label: label.into(), hint: hint.into(), command: None, opens: Some(opens) }
    }
}
