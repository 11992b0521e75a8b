//! The world: virtual time, a network, disks and faults, all deterministic.
//!
//! A [`World`] runs one [`Process`] on each of its nodes. It owns everything a process may not
//! have: the clock, the network between nodes, the disks under them, and chance. It knows no
//! protocol; a protocol is put into it by implementing [`Process`].
//!
//! # The rules of this world
//!
//! - Time is a `u64` of microseconds since the start of the run. Nothing reads a wall clock.
//! - What is due is ordered by `(time, sequence)`, the sequence being the order of scheduling.
//! - A message is judged when it would **arrive**: if its link is cut at that instant it dies at
//!   the cut; if the link was healed before, it arrives. Delay and chance loss are drawn when it is
//!   sent, from streams of their own.
//! - A write is durable once its sync is done, which takes time. A crash loses what the process
//!   held in memory, and the writes whose sync was not done: all of them, or all but the oldest,
//!   the next perhaps torn.
//! - A process knows the time only from its node's [`Clock`], which may be wrong. Everything else
//!   goes by the world's time.
//! - A paused node does nothing while its disk and its clock go on. A message that reaches it has
//!   left the network: it waits at the door, where no cut can take it, only a crash.
//! - Everything that happens is a [`Record`] in the [`History`], and each record names its cause.
//!   The history's running hash is the identity of a run: same seed, same setup and same actions
//!   at the same times give the same hash, natively and in wasm.
//!
//! # How to drive it
//!
//! ```text
//! world.advance_to(t)          everything due at or before t happens; the clock then shows t
//! world.inject(fault)          a fault, at the present instant
//! world.request(node, request) an application's request to one process, at the present instant
//! ```
//!
//! Who draws should look at [`World::network`], [`World::node`] and [`World::history`]; none of
//! them changes anything.

mod agenda;
mod carriage;
mod causes;
mod clock;
mod delay;
mod disk;
mod fault;
mod history;
mod injection;
mod network;
mod process;
mod world;

pub use causes::{Budget, CONE_RECORDS, Cone, LOOKED_AT};
pub use clock::{Clock, TRUE_RATE_PPM};
pub use delay::{CERTAIN, Delay, ImpossibleDelay, LONGEST_DELAY_US};
pub use disk::Disk;
pub use fault::{CLOCK_RATES_PPM, Fault, FaultRefused};
pub use history::{Happening, History, LossReason, Record, RecordId};
pub use network::{Capacity, Flight, ImpossibleLink, Link, LinkSettings, Network};
pub use process::{Input, NodeId, Output, Process, WriteId};
pub use world::{Halted, Node, World, WorldSettings, limits};
