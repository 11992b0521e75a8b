//! What a part of the shop wants done, in order.

use std::collections::VecDeque;

use super::system::{EventsEvent, EventsMessage, EventsProcess, EventsWrite};
use crate::sim::{NodeId, Output, WriteId};

/// What is to be done next, and how many writes there were since boot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Outbox {
    ready: VecDeque<Output<EventsProcess>>,
    writes: u64,
}

impl Outbox {
    pub(super) fn send(&mut self, to: NodeId, message: EventsMessage) {
        self.ready.push_back(Output::Send { to, message });
    }

    pub(super) fn tell(&mut self, event: EventsEvent) {
        self.ready.push_back(Output::Event(event));
    }

    /// The number of the write.
    pub(super) fn write(&mut self, write: EventsWrite) -> WriteId {
        self.writes += 1;
        let id = WriteId(self.writes);
        self.ready.push_back(Output::Write { id, write });
        id
    }

    pub(super) fn poll(&mut self) -> Option<Output<EventsProcess>> {
        self.ready.pop_front()
    }
}
