//! One thing lights up in every picture in which it is drawn.

use super::Target;
use crate::sim::{NodeId, RecordId};
use crate::sorted::SortedSet;

/// An entry of a replicated log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName {
    /// Its place, from 1.
    pub index: u64,
    /// The term in which it was made. Two entries may stand at one place, in different terms.
    pub term: u64,
}

/// What can be pointed at in one picture and found in the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// A server.
    Node(NodeId),
    /// A message, by the record of its sending.
    Message(RecordId),
    /// Something else that happened.
    Record(RecordId),
    /// An entry of a log.
    Entry(EntryName),
    /// What a client asked for, by its number, from 1 in the order in which clients asked.
    Request(u64),
}

impl Thing {
    /// What can be done with it, the stage has as this target. The stage itself: nothing.
    pub fn target(self) -> Target {
        match self {
            Thing::Node(node) => Target::Node(node),
            Thing::Message(message) => Target::Message(message),
            Thing::Record(_) | Thing::Entry(_) | Thing::Request(_) => Target::Stage,
        }
    }
}

/// What is lit. Nothing at all: then everything looks as always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Highlight {
    /// These things, and what belongs to them.
    pub things: SortedSet<Thing>,
    /// These records, such as the causes of one. A message is lit by the record of its sending.
    pub records: SortedSet<RecordId>,
    /// These servers, but not all that is theirs.
    pub servers: SortedSet<NodeId>,
}

impl Highlight {
    /// A single thing.
    pub fn of(thing: Thing) -> Highlight {
        Highlight { things: SortedSet::from([thing]), ..Highlight::default() }
    }

    /// Whether nothing is lit.
    pub fn is_empty(&self) -> bool {
        self.things.is_empty() && self.records.is_empty() && self.servers.is_empty()
    }

    /// Whether a server is lit.
    pub fn has_node(&self, node: NodeId) -> bool {
        self.things.contains(&Thing::Node(node))
    }

    /// Whether a message is lit by itself.
    pub fn has_message(&self, message: RecordId) -> bool {
        self.things.contains(&Thing::Message(message)) || self.records.contains(&message)
    }

    /// Whether something that happened is lit.
    pub fn has_record(&self, record: RecordId) -> bool {
        self.things.contains(&Thing::Record(record)) || self.records.contains(&record)
    }

    /// Whether what a client asked for is lit.
    pub fn has_request(&self, number: u64) -> bool {
        self.things.contains(&Thing::Request(number))
    }

    /// Whether an entry is lit.
    pub fn has_entry(&self, entry: EntryName) -> bool {
        self.things.contains(&Thing::Entry(entry))
    }
}
