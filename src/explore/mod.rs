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
mod liveness;
mod nemesis;
mod partial_views;
mod partition;
mod raft;
mod rest;
mod run;
mod script;
mod shrink;
mod swarm;
mod sweep;

pub use action::{Act, Action, Fate};
pub use liveness::{PATIENCE_US, UNREST_US};
pub use nemesis::{NemesisSettings, Rest, Schedule, TICK_US, schedule, schedule_with};
pub use partial_views::{PartialViews, SETTLE_US, WINDOW_US};
pub use raft::{Keeps, RaftPanel, RaftSubject, SAFETY_US};
pub use run::{Outcome, Plan, Subject, resolved, run, run_through, run_to};
pub use script::{has_words, lab_run, script};
pub use shrink::{Shrunk, shrink, shrink_any};
pub use swarm::{Affliction, PartitionMode, Swarm};
pub use sweep::{Tally, sweep};
