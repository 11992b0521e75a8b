//! A server of the cluster on the network: Raft, and calls that are commands for its log.

use super::super::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use super::outbox::Outbox;
use super::system::{
    Answer, BreakerEvent, BreakerMessage, BreakerProcess, BreakerRequest, BreakerWrite, CallId,
};
use crate::circuit_breaker::Generation;
use crate::raft::{Durable, KeyValueCommand, Outcome, RequestId};
use crate::sim::{Input, NodeId, Output, Process};
use crate::sorted::SortedMap;

/// A server of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica {
    raft: RaftProcess,
    /// Calls that are on their way through the log: who called, and what.
    calls: SortedMap<RequestId, (NodeId, CallId, Generation)>,
    proposed: u64,
    outbox: Outbox,
}

/// Requests of people have lower numbers.
const FIRST_CALL: u64 = 1 << 32;

impl Replica {
    pub(super) fn boot(
        setup: &RaftSetup,
        node: NodeId,
        image: &Durable<KeyValueCommand>,
        now_us: u64,
        seed: u64,
    ) -> Replica {
        let raft = RaftProcess::boot(setup, node, image, now_us, seed);
        Replica { raft, calls: SortedMap::new(), proposed: 0, outbox: Outbox::default() }
    }

    /// The Raft server.
    pub fn raft(&self) -> &RaftProcess {
        &self.raft
    }

    pub(super) fn handle(&mut self, now_us: u64, input: Input<BreakerProcess>) {
        let input = match input {
            Input::Message { from, message: BreakerMessage::Raft(message) } => {
                Input::Message { from, message }
            }
            Input::Message { from, message: BreakerMessage::Call { call, era, .. } } => {
                self.proposed += 1;
                let request = RequestId(FIRST_CALL + self.proposed);
                self.calls.insert(request, (from, call, era));
                let (key, value) = ("call".to_owned(), call.number.to_string());
                let command = KeyValueCommand::Put { key, value };
                Input::Request(RaftRequest::Propose { request, command })
            }
            Input::Request(BreakerRequest::Raft(request)) => Input::Request(request),
            Input::Synced { write } => Input::Synced { write },
            Input::Deadline => Input::Deadline,
            Input::Message { .. } | Input::Request(_) => return,
        };
        self.raft.handle(now_us, input);
    }

    pub(super) fn poll(&mut self) -> Option<Output<BreakerProcess>> {
        if let Some(output) = self.outbox.poll() {
            return Some(output);
        }
        Some(match self.raft.poll()? {
            Output::Send { to, message } => {
                Output::Send { to, message: BreakerMessage::Raft(message) }
            }
            Output::Write { id, write } => Output::Write { id, write: BreakerWrite::Raft(write) },
            Output::Event(event) => {
                if let RaftEvent::Answered { request, outcome } = &event {
                    self.answer(*request, outcome);
                }
                Output::Event(BreakerEvent::Raft(event))
            }
        })
    }

    pub(super) fn deadline_us(&self) -> Option<u64> {
        self.raft.deadline_us()
    }

    /// Tells a caller what became of its call.
    fn answer(&mut self, request: RequestId, outcome: &Outcome) {
        let Some((to, call, era)) = self.calls.remove(&request) else { return };
        let answer = match outcome {
            Outcome::Committed { .. } => Answer::Done,
            Outcome::NotLeader { leader: Some(leader) } => {
                Answer::NotHere { leader: NodeId(leader.0) }
            }
            _ => Answer::Failed,
        };
        self.outbox.send(to, BreakerMessage::Answer { call, era, answer });
    }
}
