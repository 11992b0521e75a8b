//! Crashes between two steps that belong together: armed by the reader, and the power goes the next
//! time that a part is between them.

use crate::sim::NodeId;

/// Between which two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrashSpot {
    /// The keeper has appended, durably, and told no read model yet.
    AfterAppend,
    /// The keeper has taken an append in, and it is not durable yet.
    BeforeDurable,
    /// This read model has written the first of state and position, and not the second.
    BetweenStateAndPosition(NodeId),
}
