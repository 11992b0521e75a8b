//! Seeds by the thousand: worlds under a nemesis, judged after every event, and what breaks made
//! small.
//!
//! A seed only **generates a plan**: timed [`Action`]s, plain data. The plan is what runs, replays
//! and shrinks; whoever has it needs no generator any more. Each concern (partitions, crashes,
//! clocks, clients, …) draws from a stream of its own, so that turning one off leaves the others
//! as they were.
//!
//! ```text
//! let subject = RaftSubject::genuine();
//! let outcome = run(&subject, &subject.plan(seed));
//! assert!(outcome.verdicts.all_kept());
//! ```

mod action;
mod clients;
mod nemesis;
mod raft;
mod run;
mod script;
mod shrink;
mod swarm;
mod sweep;

pub use action::{Act, Action};
pub use nemesis::{NemesisSettings, Rest, Schedule, TICK_US, schedule, schedule_with};
pub use raft::{Keeps, PATIENCE_US, RaftPanel, RaftSubject, SAFETY_US};
pub use run::{Outcome, Plan, Subject, run, run_through, run_to};
pub use script::{has_words, lab_run, script};
pub use shrink::{Shrunk, shrink};
pub use swarm::{PartitionMode, Swarm};
pub use sweep::{Tally, sweep};
