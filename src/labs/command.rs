//! What a reader, a script or a link can ask of a lab, as plain data.

use std::fmt;

use crate::sim::{Fault, FaultRefused, NodeId};

/// One thing asked. With its time it is an action of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Something is done to the world: one fault, or several that are about links alone, in this
    /// order, and all or nothing.
    Faults(Vec<Fault>),
    /// A server's election timer runs out now.
    TimeOut(NodeId),
    /// A client asks the server `via` to set `key` to `value`.
    Write {
        /// The server that is asked.
        via: NodeId,
        /// What to set.
        key: String,
        /// To what.
        value: String,
    },
}

/// Why a command was refused. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The world cannot do it.
    World(FaultRefused),
    /// This lab knows no such command.
    NotInThisLab,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::World(reason) => reason.fmt(f),
            Refused::NotInThisLab => f.write_str("this figure knows no such thing"),
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
    /// What choosing it asks for; `None` if it cannot be chosen now.
    pub command: Option<Command>,
}

impl Choice {
    /// A choice that can be made.
    pub fn new(label: impl Into<String>, hint: impl Into<String>, command: Command) -> Choice {
        Choice { label: label.into(), hint: hint.into(), command: Some(command) }
    }

    /// A choice that cannot be made now, with the reason.
    pub fn unavailable(label: impl Into<String>, why: impl Into<String>) -> Choice {
        Choice { label: label.into(), hint: why.into(), command: None }
    }
}
