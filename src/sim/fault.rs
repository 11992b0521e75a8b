//! What can be done to the world from outside. Every fault is plain data, so it can be an action
//! of a run, a line of a script, and an edit of a shrinker.

use std::fmt;

use super::{LinkSettings, NodeId};

/// One thing done to the world. To add a fault, add a variant; the compiler lists the rest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Cuts directed links `(from, to)`. Links that are cut already stay as they are.
    Cut(Vec<(NodeId, NodeId)>),
    /// Heals directed links `(from, to)`.
    Heal(Vec<(NodeId, NodeId)>),
    /// Heals every link.
    HealAll,
    /// Changes delay and loss of directed links `(from, to)` for messages sent from now on.
    SetLinks(Vec<(NodeId, NodeId)>, LinkSettings),
    /// Stops a node at once. Its memory and its unsynced writes are gone.
    Crash(NodeId),
    /// Starts a crashed node from what its disk holds.
    Restart(NodeId),
}

impl Fault {
    /// Cuts both directions of every link between a node of `left` and a node of `right`.
    pub fn cut_between(left: &[NodeId], right: &[NodeId]) -> Fault {
        Fault::Cut(both_ways(left, right))
    }

    /// Heals both directions of every link between a node of `left` and a node of `right`.
    pub fn heal_between(left: &[NodeId], right: &[NodeId]) -> Fault {
        Fault::Heal(both_ways(left, right))
    }
}

fn both_ways(left: &[NodeId], right: &[NodeId]) -> Vec<(NodeId, NodeId)> {
    let pairs = left.iter().flat_map(|&a| right.iter().map(move |&b| (a, b)));
    pairs.filter(|(a, b)| a != b).flat_map(|(a, b)| [(a, b), (b, a)]).collect()
}

/// Why a fault or a request was refused. The world is then exactly as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultRefused {
    /// The world has no such node.
    UnknownNode(NodeId),
    /// A link from a node to itself does not exist.
    NoSuchLink(NodeId, NodeId),
    /// The node is down, so it cannot crash or take a request.
    NodeIsDown(NodeId),
    /// The node is running, so it cannot be restarted.
    NodeIsUp(NodeId),
    /// The history is full: nothing more can happen in this run.
    HistoryFull,
}

impl fmt::Display for FaultRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultRefused::UnknownNode(node) => write!(f, "there is no server {node}"),
            FaultRefused::NoSuchLink(from, to) => write!(f, "there is no link from {from} to {to}"),
            FaultRefused::NodeIsDown(node) => write!(f, "{node} is down"),
            FaultRefused::NodeIsUp(node) => write!(f, "{node} is running already"),
            FaultRefused::HistoryFull => write!(f, "this run has reached its longest length"),
        }
    }
}

impl std::error::Error for FaultRefused {}
