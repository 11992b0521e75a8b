//! What must hold for any input, found by drawing inputs, each against a model that is too naive to
//! be wrong in the same way.

mod log;
mod network;
mod quorums;
mod snapshots;
