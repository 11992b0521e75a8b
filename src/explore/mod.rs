//! Seeds by the thousand: worlds under a nemesis, judged after every event, and what breaks made
//! small.
//!
//! A seed only **generates a schedule**: timed [`Action`]s, plain data. The schedule is what runs,
//! replays and shrinks; whoever has it needs no generator any more. Each concern (partitions,
//! crashes, clocks, …) draws from a stream of its own, so that turning one off leaves the others
//! as they were.

mod action;
mod nemesis;
mod swarm;

pub use action::{Act, Action};
pub use nemesis::{NemesisSettings, Rest, Schedule, TICK_US, schedule, schedule_with};
pub use swarm::{PartitionMode, Swarm};
