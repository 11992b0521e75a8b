//! The Raft lab: a cluster of [`raft`](crate::raft) servers in the [world](crate::sim).

mod world;

pub use world::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
