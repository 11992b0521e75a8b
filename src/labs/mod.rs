//! The labs: each puts a core into the world, and says how it looks and what it says.
//!
//! One folder a lab, one line here.

pub mod raft;
