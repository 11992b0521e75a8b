//! Rift: distributed systems you can tear apart.
pub mod labs;
pub mod raft;
pub mod random;
pub mod sim;
pub mod stable_hash;
