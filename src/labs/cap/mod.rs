//! The CAP lab: a replicated key-value store under the reader's cuts, and what each choice costs.
//!
//! Three systems can be put under the same acts: a store without a leader
//! ([`quorum`](crate::quorum)), [`raft`](crate::raft) and
//! [`primary_backup`](crate::primary_backup).

mod availability;
mod clients;
mod cluster;
mod counters;
mod losses;
mod riddle;
mod settings;
pub mod staleness;
mod system;
pub mod systems;
#[cfg(test)]
mod tests;

pub use availability::{Availability, SLOT_US, Silence, Slot};
pub use clients::{Asked, Clients, Fate, WhyRefused};
pub use cluster::Cluster;
pub use counters::Counters;
pub use riddle::{riddle, solution};
pub use settings::{CapConfig, cap_config};
pub use system::{
    CapEvent, CapImage, CapMessage, CapProcess, CapRequest, CapSetup, CapWrite, QuorumProcess,
    System,
};
pub use systems::{Comparison, Counted, Report, ServerSign, Sides};

use super::raft::{RaftEvent, RaftRequest};
use crate::sim::{Delay, LinkSettings};

/// How links behave when nothing else is asked for.
const LINKS: LinkSettings =
    LinkSettings::with_delay(Delay::Uniform { low_us: 6_000, high_us: 12_000 });

/// How long disks need when nothing else is asked for.
const SYNC: Delay = Delay::Uniform { low_us: 200, high_us: 500 };
