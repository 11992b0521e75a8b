//! Seeds by the thousand: worlds under a nemesis, judged after every event, and what breaks made
//! small.
//!
//! A seed only **generates a plan**: a run of a lab that is still to be played, plain data. The
//! plan is what runs, replays and shrinks; whoever has it needs no generator any more, and a
//! [`script`] of it plays everywhere. Each concern (partitions, crashes, clocks, clients, …) draws
//! from a stream of its own, so that turning one off leaves the others as they were.
//!
//! ```text
//! let subject = RaftSubject::genuine();
//! let outcome = run(&subject, &subject.plan(seed));
//! assert!(outcome.verdicts.all_kept());
//! ```

mod action;
mod cap;
mod clients;
mod events;
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
pub use cap::CapSubject;
pub use events::EventsSubject;
pub use liveness::{PATIENCE_US, UNREST_US};
pub use nemesis::{NemesisSettings, Rest, Schedule, TICK_US, schedule, schedule_with};
pub use partial_views::{PartialViews, SETTLE_US, WINDOW_US};
pub use raft::{RaftSubject, SAFETY_US};
pub use run::{Outcome, Plan, Stage, Subject, as_it_went, run, run_through, run_to, stage_after};
pub use script::script;
pub use shrink::{Shrunk, shrink, shrink_any};
pub use swarm::{Affliction, PartitionMode, Swarm};
pub use sweep::{Tally, sweep};
