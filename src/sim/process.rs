//! What a node runs, seen from the world: a state machine without any input or output of its own.

use std::fmt;
use std::hash::Hash;

/// A node of the world. Numbered from 0 in the order of
/// [`World::node_ids`](super::World::node_ids).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u8);

impl NodeId {
    /// This node's place in an array of all nodes.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// People count from one: node 0 is shown as `S1`.
impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{}", u16::from(self.0) + 1)
    }
}

/// Numbers a process's writes, from 1 upwards since its last boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub u64);

/// A sans-IO state machine that the world can run on a node.
///
/// The contract: the world calls [`handle`](Process::handle) with one input, then
/// [`poll`](Process::poll) until it answers `None`, then reads
/// [`deadline_us`](Process::deadline_us), and only then hands over the next input. Time is what the
/// node's own clock shows. It never goes back between two calls on the same process.
///
/// A process is plain data. That makes a keyframe a clone and "the same state" a question with an
/// answer.
pub trait Process: Clone + Eq + Hash + fmt::Debug {
    /// What all processes of a world are started with.
    type Setup: Clone + Eq + Hash + fmt::Debug;
    /// What travels between nodes.
    type Message: Clone + Eq + Hash + fmt::Debug;
    /// What an application, or a person, asks of a process.
    type Request: Clone + Eq + Hash + fmt::Debug;
    /// A decision worth telling, with its reason.
    type Event: Clone + Eq + Hash + fmt::Debug;
    /// One change of what is on disk.
    type Write: Clone + Eq + Hash + fmt::Debug;
    /// What is on disk: every write applied in order to the default.
    type Image: Clone + Default + Eq + Hash + fmt::Debug;

    /// Starts on `node` from what its disk holds. `seed` is for this boot alone.
    fn boot(setup: &Self::Setup, node: NodeId, image: &Self::Image, now_us: u64, seed: u64)
    -> Self;

    /// Takes one input at `now_us`.
    fn handle(&mut self, now_us: u64, input: Input<Self>);

    /// The next thing the process wants done, until there is none.
    fn poll(&mut self) -> Option<Output<Self>>;

    /// When the process wants [`Input::Deadline`], if at all.
    fn deadline_us(&self) -> Option<u64>;

    /// Applies one write to what is on disk.
    fn apply_write(image: &mut Self::Image, write: &Self::Write);

    /// What is left of a write if the power goes while the disk is at it and only the first
    /// `part_ppm` millionths of it have arrived. `None`: nothing; so it is for a process whose
    /// writes are all or nothing.
    fn tear_write(write: &Self::Write, part_ppm: u32) -> Option<Self::Write> {
        let _ = (write, part_ppm);
        None
    }
}

/// Everything that can happen to a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input<P: Process> {
    /// A message arrived.
    Message {
        /// Who sent it.
        from: NodeId,
        /// What it says.
        message: P::Message,
    },
    /// The instant named by [`Process::deadline_us`] has come.
    Deadline,
    /// This write, and every one before it, is durable.
    Synced {
        /// The write.
        write: WriteId,
    },
    /// An application asks for something.
    Request(P::Request),
}

/// Everything a process can want done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output<P: Process> {
    /// Send a message.
    Send {
        /// To whom.
        to: NodeId,
        /// What it says.
        message: P::Message,
    },
    /// Make a write durable, after those before it.
    Write {
        /// Its number.
        id: WriteId,
        /// The change.
        write: P::Write,
    },
    /// Tell of a decision.
    Event(P::Event),
}
