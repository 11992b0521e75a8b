//! The store without a leader, rule by rule. "Dynamo" is DeCandia et al., SOSP 2007; other sources
//! are named where they are used.

mod anti_entropy;
mod conflicts;
mod deletes;
mod durability;
mod every_order;
mod hostility;
mod outcomes;
mod properties;
mod quorums;
mod reads;
mod registers;
mod sessions;
mod settings;
mod sloppy;
mod store;
