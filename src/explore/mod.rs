//! Seeds by the thousand: worlds under a nemesis, judged after every event, and what breaks made
//! small.
//!
//! A seed only **generates a plan**: a [`Run`](crate::session::Run) of a lab, plain data. The plan
//! is what runs, replays and shrinks; whoever has it needs no generator any more, and a [`script`]
//! of it plays everywhere. Each concern (partitions, crashes, clocks, clients, …) draws from a
//! stream of its own, so that turning one off leaves the others as they were.
//!
//! ```text
//! let subject = RaftSubject::genuine();
//! let outcome = run(&subject, &subject.plan(seed));
//! assert!(outcome.verdicts.all_kept());
//! ```

mod clients;
mod nemesis;
mod raft;
mod run;
mod script;
mod shrink;
mod swarm;
mod sweep;

pub use nemesis::{NemesisSettings, Rest, Schedule, TICK_US, schedule, schedule_with};
pub use raft::{PATIENCE_US, RaftSubject, SAFETY_US};
pub use run::{Outcome, Plan, Stage, Subject, as_it_went, run, run_through, run_to, stage_after};
pub use script::script;
pub use shrink::{Shrunk, shrink};
pub use swarm::{PartitionMode, Swarm};
pub use sweep::{Tally, sweep};
