//! Everything that happened, in order, each with its cause.

use std::hash::{Hash, Hasher};
use std::ops::Index;

use super::{Fault, Flight, NodeId, Process, WriteId};
use crate::shared_list::SharedList;
use crate::stable_hash::StableHasher;

/// A record's place in the history, from 0. A message is named by the record of its sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u32);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record<P: Process> {
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// The record without which this one would not be. `None` for what came from outside: the first
    /// boot, a person's or a script's act.
    pub cause: Option<RecordId>,
    /// What.
    pub what: Happening<P>,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Happening<P: Process> {
    /// A process started, for the `boot`-th time on this node (from 1).
    Booted { node: NodeId, boot: u32 },
    /// A fault was injected.
    Fault(Fault),
    /// An application's request reached a process.
    Requested { node: NodeId, request: P::Request },
    /// A message left. Unless something stops it, it arrives at `arrives_us`.
    Sent { from: NodeId, to: NodeId, arrives_us: u64, message: P::Message },
    /// A message will arrive twice: this record names the copy.
    Duplicated { message: RecordId, arrives_us: u64 },
    /// A message reached its process.
    Delivered { message: RecordId },
    /// A message did not reach its process.
    Lost { message: RecordId, reason: LossReason },
    /// A deadline that the process had asked for came.
    Deadline { node: NodeId },
    /// The process asked for a durable write.
    WriteStarted { node: NodeId, write: WriteId },
    /// A write, and those before it, became durable.
    WriteSynced { node: NodeId, write: WriteId },
    /// A crash left `whole` of the unsynced writes on the disk, and a part of the next if `torn`.
    WritesKept { node: NodeId, whole: u32, torn: bool },
    /// The process told of a decision.
    Decided { node: NodeId, event: P::Event },
}

/// Why a message did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LossReason {
    /// Its link was cut when it would have arrived.
    Cut,
    /// The link's loss rate took it.
    Chance,
    /// Nobody was running at the other end.
    NodeDown,
    /// The network already carried [`limits::IN_FLIGHT`](super::limits::IN_FLIGHT) messages.
    NetworkFull,
    /// The link's [`Capacity`](super::Capacity) was used up, and its queue full.
    QueueFull,
    /// Somebody took it off the network.
    Dropped,
}

/// The append-only list of records, and its hash. Copies are cheap: they share what they have in
/// common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<P: Process> {
    records: SharedList<Record<P>>,
    hasher: StableHasher,
}

impl<P: Process> Default for History<P> {
    fn default() -> Self {
        History { records: SharedList::default(), hasher: StableHasher::default() }
    }
}

impl<P: Process> History<P> {
    /// All records, oldest first.
    pub fn records(&self) -> &SharedList<Record<P>> {
        &self.records
    }

    /// The record `id`, if there is one.
    pub fn get(&self, id: RecordId) -> Option<&Record<P>> {
        self.records.get(id.0 as usize)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records that happened after `at_us`, oldest first.
    pub fn since(&self, at_us: u64) -> impl DoubleEndedIterator<Item = &Record<P>> {
        self.records.from(self.records.partition_point(|record| record.at_us <= at_us))
    }

    /// Lets whole blocks of records before this one go. They still count in the hash.
    pub(super) fn let_go_before(&mut self, id: RecordId) {
        self.records.let_go_before(id.0 as usize);
    }

    /// A number that two histories share only if they are the same, record by record.
    pub fn hash(&self) -> u64 {
        self.hasher.finish()
    }

    /// The message that the record `id` sent or copied, with its two ends.
    pub fn message(&self, id: RecordId) -> Option<(NodeId, NodeId, &P::Message)> {
        match &self.get(id)?.what {
            Happening::Sent { from, to, message, .. } => Some((*from, *to, message)),
            // A copy of a copy names the first message, so this goes down once.
            Happening::Duplicated { message, .. } => self.message(*message),
            _ => None,
        }
    }

    /// The record that sent what `id` sent or copied.
    pub(super) fn original(&self, id: RecordId) -> RecordId {
        match self.get(id).map(|record| &record.what) {
            Some(Happening::Duplicated { message, .. }) => *message,
            _ => id,
        }
    }

    /// The message `id` as it left, with when it was to arrive.
    pub fn flight(&self, id: RecordId) -> Option<Flight> {
        let record = self.get(id)?;
        let arrives_us = match record.what {
            Happening::Sent { arrives_us, .. } | Happening::Duplicated { arrives_us, .. } => {
                arrives_us
            }
            _ => return None,
        };
        let (from, to, _) = self.message(id)?;
        Some(Flight { id, from, to, sent_us: record.at_us, arrives_us })
    }

    pub(super) fn append(
        &mut self,
        at_us: u64,
        cause: Option<RecordId>,
        what: Happening<P>,
    ) -> RecordId {
        let id = RecordId(u32::try_from(self.records.len()).expect("limits::RECORDS fits u32"));
        let record = Record { at_us, cause, what };
        record.hash(&mut self.hasher);
        self.records.push(record);
        id
    }
}

impl<P: Process> Index<RecordId> for History<P> {
    type Output = Record<P>;

    fn index(&self, id: RecordId) -> &Record<P> {
        &self.records[id.0 as usize]
    }
}
