//! The keeper of the log: an event store with its file, desks that append, read models that follow.

/// The server that keeps the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Keeper {}
