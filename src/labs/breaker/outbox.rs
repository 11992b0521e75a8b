//! What a node wants done, in order.

use std::collections::VecDeque;

use super::system::{BreakerEvent, BreakerMessage, BreakerProcess};
use crate::sim::{NodeId, Output};

/// What is to be done next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Outbox {
    ready: VecDeque<Output<BreakerProcess>>,
}

impl Outbox {
    pub(super) fn send(&mut self, to: NodeId, message: BreakerMessage) {
        self.ready.push_back(Output::Send { to, message });
    }

    pub(super) fn tell(&mut self, event: BreakerEvent) {
        self.ready.push_back(Output::Event(event));
    }

    pub(super) fn poll(&mut self) -> Option<Output<BreakerProcess>> {
        self.ready.pop_front()
    }
}
