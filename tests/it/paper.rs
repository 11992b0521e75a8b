//! What the Raft paper says, sentence by sentence. Sections are those of "In Search of an
//! Understandable Consensus Algorithm (Extended Version)".

mod durability;
mod elections;
mod figures;
mod hostility;
mod replication;
mod snapshots;
