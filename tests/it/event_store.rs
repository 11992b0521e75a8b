//! What the event store promises, rule by rule. ES numbers are those of the table in the module
//! docs of `rift::event_store`, which also names where each rule comes from.

mod account;
mod appending;
mod crashes;
mod deciding;
mod file;
mod killed;
mod model;
mod nonsense;
mod projecting;
mod reading;
mod removing;
mod replaying;
mod snapshots;
mod subscribing;
