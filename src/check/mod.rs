//! The judges: they read a world after every event and say whether a promise was broken.
//!
//! A judge never panics and never stops anything. A broken promise is data: a [`Violation`], which
//! names the [`Property`], the record at which it showed, and what exactly was found. Judges are
//! plain data too, so a keyframe keeps them with the world that they watch.
//!
//! Judges of servers are incremental: they look only at the servers that the new records touch, and
//! compare them with what they remember. Show them the world after **every** event, as
//! [`World::advance_watched`](crate::sim::World::advance_watched) does. Who shows it more rarely
//! hears nothing untrue, but misses what was wrong for a moment only. What clients were answered is
//! judged apart, for any store: [`linearizability`] by searching for an order, and [`consistency`]
//! for that and all weaker models, with the operations that break them.

pub mod consistency;
pub mod linearizability;
mod property;
pub mod raft;
mod verdicts;

pub use property::Property;
pub use verdicts::{Finding, Verdicts, Violation};
