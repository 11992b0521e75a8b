//! What is done to a world, and when.

use crate::sim::{Fault, NodeId};

/// Something done to a world at a virtual time. `R` is what the processes take as requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Action<R> {
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// What.
    pub act: Act<R>,
}

/// What can be done to a world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act<R> {
    /// A fault is injected.
    Fault(Fault),
    /// A process is asked for something.
    Request {
        /// Whose process.
        node: NodeId,
        /// What is asked.
        request: R,
    },
}

impl<R> Action<R> {
    /// A fault at `at_us`.
    pub fn fault(at_us: u64, fault: Fault) -> Action<R> {
        Action { at_us, act: Act::Fault(fault) }
    }
}
