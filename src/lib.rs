//! Rift: distributed systems you can tear apart.
pub mod check;
#[cfg(feature = "web")]
pub mod embed;
pub mod explore;
pub mod labs;
pub mod raft;
pub mod random;
pub mod scene;
pub mod session;
pub mod sim;
pub mod sorted;
pub mod stable_hash;
#[cfg(feature = "web")]
pub mod ui;
