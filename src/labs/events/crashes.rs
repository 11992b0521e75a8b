//! Crashes between two steps that belong together: armed by the reader, and the power goes the next
//! time that a part is between them.

use super::system::{EventsProcess, KEEPER};
use crate::sim::{NodeId, World};

/// Between which two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrashSpot {
    /// The keeper has appended, durably, and told no read model yet.
    AfterAppend,
    /// The keeper has taken an append in, and it is not durable yet.
    BeforeDurable,
    /// A read model has written the first of state and position, and not the second.
    BetweenStateAndPosition,
}

impl CrashSpot {
    /// The part that is between these two steps now, if one is.
    pub(super) fn who(self, world: &World<EventsProcess>) -> Option<NodeId> {
        let process = |node| world.node(node)?.process();
        let keeper = process(KEEPER).and_then(EventsProcess::keeper);
        let is_there = match self {
            CrashSpot::AfterAppend => {
                keeper.is_some_and(|keeper| keeper.published_through() < keeper.durable_through())
            }
            CrashSpot::BeforeDurable => keeper
                .is_some_and(|keeper| keeper.durable_through() < keeper.store().last_position()),
            CrashSpot::BetweenStateAndPosition => {
                let model = |node: &NodeId| process(*node).and_then(EventsProcess::model);
                let is_between =
                    |node: &NodeId| model(node).is_some_and(|model| model.is_between());
                return world.node_ids().find(is_between);
            }
        };
        is_there.then_some(KEEPER)
    }
}
