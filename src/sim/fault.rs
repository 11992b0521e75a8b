//! What can be done to the world from outside. Every fault is plain data, so it can be an action
//! of a run, a line of a script, and an edit of a shrinker.

use std::fmt;

use super::{Delay, ImpossibleDelay, ImpossibleLink, LinkSettings, NodeId, RecordId};

/// One thing done to the world. To add a fault, add a variant; the compiler lists the rest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Cuts directed links `(from, to)`. Links that are cut already stay as they are.
    Cut(Vec<(NodeId, NodeId)>),
    /// Heals directed links `(from, to)`.
    Heal(Vec<(NodeId, NodeId)>),
    /// Heals every link.
    HealAll,
    /// Changes how directed links `(from, to)` treat messages sent from now on.
    SetLinks(Vec<(NodeId, NodeId)>, LinkSettings),
    /// Stops a node at once. Its memory and its unsynced writes are gone.
    Crash(NodeId),
    /// Stops a node at once while its disk is writing: the oldest `whole` of its unsynced writes
    /// have reached the disk all the same, and `part_ppm` millionths of the next.
    CrashTorn {
        /// The node.
        node: NodeId,
        /// How many unsynced writes survive; all, if there are fewer.
        whole: u32,
        /// How much of the next survives, in millionths.
        part_ppm: u32,
    },
    /// Starts a crashed node from what its disk holds.
    Restart(NodeId),
    /// A running node does nothing for a while, as in a long garbage collection. Its disk goes on,
    /// its clock too. What comes for it waits at its door.
    Pause(NodeId),
    /// A paused node goes on, and takes what has come meanwhile, in the order in which it came.
    Resume(NodeId),
    /// Changes how long a node's disk needs for a sync. A sync in progress ends no later than one
    /// that would begin now.
    SetSync(NodeId, Delay),
    /// Sets a node's clock. To make it true again: a rate of 1,000,000 and no offset.
    SetClock {
        /// The node.
        node: NodeId,
        /// How many microseconds it counts in a second of the world, from now on.
        rate_ppm: u32,
        /// How far it is ahead of the world now, in microseconds.
        offset_us: i64,
    },
    /// Takes a message off the network.
    DropMessage(RecordId),
    /// Lets a message arrive so many microseconds later.
    DelayMessage(RecordId, u64),
    /// Lets a message arrive twice, the copy after a delay of its own.
    DuplicateMessage(RecordId),
}

/// Rates that [`Fault::SetClock`] accepts: from a thousandth to a thousand times the true rate.
pub const CLOCK_RATES_PPM: std::ops::RangeInclusive<u32> = 1_000..=1_000_000_000;

impl Fault {
    /// Cuts both directions of every link between a node of `left` and a node of `right`.
    pub fn cut_between(left: &[NodeId], right: &[NodeId]) -> Fault {
        Fault::Cut(both_ways(left, right))
    }

    /// Heals both directions of every link between a node of `left` and a node of `right`.
    pub fn heal_between(left: &[NodeId], right: &[NodeId]) -> Fault {
        Fault::Heal(both_ways(left, right))
    }

    /// Makes a node's clock true again.
    pub fn true_clock(node: NodeId) -> Fault {
        Fault::SetClock { node, rate_ppm: super::TRUE_RATE_PPM, offset_us: 0 }
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
    /// The node is down, so it cannot crash, pause or take a request.
    NodeIsDown(NodeId),
    /// The node is running, so it cannot be restarted.
    NodeIsUp(NodeId),
    /// The node is paused, so it cannot be paused again.
    NodeIsPaused(NodeId),
    /// The node is not paused, so it cannot go on.
    NodeIsNotPaused(NodeId),
    /// No such message is on its way. It may have been, and have arrived or died.
    NotOnItsWay(RecordId),
    /// The network carries as much as it can: no room for a copy.
    NetworkFull,
    /// No link can be like this.
    Link(ImpossibleLink),
    /// No sync can take that long.
    Sync(ImpossibleDelay),
    /// No clock runs at this rate: see [`CLOCK_RATES_PPM`].
    ClockRate(u32),
    /// More than a whole write cannot have reached the disk.
    MoreThanWhole(u32),
    /// Several faults at once can only be about links.
    NotTogether,
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
            FaultRefused::NodeIsPaused(node) => write!(f, "{node} is paused already"),
            FaultRefused::NodeIsNotPaused(node) => write!(f, "{node} is not paused"),
            FaultRefused::NotOnItsWay(_) => write!(f, "that message is not on its way any more"),
            FaultRefused::NetworkFull => write!(f, "the network carries as much as it can"),
            FaultRefused::Link(reason) => reason.fmt(f),
            FaultRefused::Sync(reason) => reason.fmt(f),
            FaultRefused::ClockRate(ppm) => write!(f, "no clock runs at {ppm} millionths"),
            FaultRefused::MoreThanWhole(ppm) => {
                write!(f, "{ppm} millionths of a write are more than the whole")
            }
            FaultRefused::NotTogether => write!(f, "these cannot be done together"),
            FaultRefused::HistoryFull => write!(f, "this run has reached its longest length"),
        }
    }
}

impl std::error::Error for FaultRefused {}
