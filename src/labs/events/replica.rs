//! A server of the cluster: Raft, and on top of its log the shop. What is committed are commands;
//! every server carries them out in the same order, so its log of events and its state are those
//! of all others.

/// A server of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica {}
