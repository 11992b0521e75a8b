//! A server of the cluster: the event sourcing lab's [`Replica`], which is Raft with the shop on
//! top, with fronts that call it and pages that follow it.

use super::super::Client;
use super::super::breaker::{Answer, CallId};
use super::super::events::keeper::recorded;
use super::super::events::replica::command_entry;
use super::super::events::shop::{Customer, ShopCommand};
use super::super::events::{
    EventsEvent, EventsImage, EventsMessage, EventsRequest, Replica, RequestOutcome,
};
use super::super::raft::{RaftEvent, RaftRequest};
use super::system::{
    Done, Outbox, WholeEvent, WholeMessage, WholeProcess, WholeRequest, WholeSetup,
};
use crate::circuit_breaker::Generation;
use crate::event_store::{EventId, Read};
use crate::raft::{LogIndex, Outcome, RequestId};
use crate::sim::{Input, NodeId, Output};
use crate::sorted::SortedMap;

/// So many events a page gets at once.
const MOST_EVENTS: u64 = 64;

/// Requests of people have lower numbers.
const FIRST_ORDER: u64 = 1 << 32;

/// A server of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    replica: Replica,
    /// Orders that are on their way through the log.
    open: SortedMap<RequestId, Open>,
    taken: u64,
    outbox: Outbox,
}

/// An order on its way through the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Open {
    from: NodeId,
    call: CallId,
    era: Generation,
    /// Where it stands in the log, once it is committed.
    index: Option<LogIndex>,
}

impl Server {
    pub(super) fn boot(
        setup: &WholeSetup,
        node: NodeId,
        image: &EventsImage,
        now_us: u64,
        seed: u64,
    ) -> Server {
        let replica = Replica::boot(&setup.raft, node, image, now_us, seed).waits();
        Server { replica, open: SortedMap::new(), taken: 0, outbox: Outbox::default() }
    }

    /// Raft, with the shop's event store on top.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// How many orders wait here for their turn.
    pub fn waiting(&self) -> usize {
        self.open.len()
    }

    pub(super) fn handle(&mut self, now_us: u64, input: Input<WholeProcess>) {
        let input = match input {
            Input::Message { from, message: WholeMessage::Raft(message) } => {
                Input::Message { from, message: EventsMessage::Raft(message) }
            }
            Input::Message { from, message: WholeMessage::Order { call, era, id, wish } } => {
                self.taken += 1;
                let request = RequestId(FIRST_ORDER + self.taken);
                self.open.insert(request, Open { from, call, era, index: None });
                let command = command_entry(client(wish), id, wish);
                Input::Request(EventsRequest::Raft(RaftRequest::Propose { request, command }))
            }
            Input::Message {
                from,
                message: WholeMessage::Feed(EventsMessage::Seen { through, .. }),
            } => {
                return self.feed(from, through);
            }
            Input::Request(WholeRequest::Raft(request)) => {
                Input::Request(EventsRequest::Raft(request))
            }
            Input::Synced { write } => Input::Synced { write },
            Input::Deadline => Input::Deadline,
            Input::Message { .. } | Input::Request(_) => return,
        };
        self.replica.handle(now_us, input);
    }

    pub(super) fn poll(&mut self) -> Option<Output<WholeProcess>> {
        if let Some(output) = self.outbox.poll() {
            return Some(output);
        }
        loop {
            return Some(match self.replica.poll()? {
                Output::Send { to, message: EventsMessage::Raft(message) } => {
                    Output::Send { to, message: WholeMessage::Raft(message) }
                }
                Output::Write { id, write } => Output::Write { id, write },
                Output::Event(EventsEvent::Raft(event)) => {
                    if let RaftEvent::Answered { request, outcome } = &event {
                        self.hear_raft(*request, outcome);
                    }
                    Output::Event(WholeEvent::Raft(event))
                }
                Output::Event(event) => {
                    if let EventsEvent::Answered { request, outcome } = &event {
                        self.hear_shop(RequestId(request.0), *outcome);
                    }
                    Output::Event(WholeEvent::Shop(event))
                }
                // A replica says nothing else.
                Output::Send { .. } => continue,
            });
        }
    }

    pub(super) fn deadline_us(&self) -> Option<u64> {
        self.replica.deadline_us()
    }

    /// What Raft made of an order; what the shop made of it comes after that.
    fn hear_raft(&mut self, request: RequestId, outcome: &Outcome) {
        match outcome {
            Outcome::Committed { index, .. } => {
                if let Some(open) = self.open.get_mut(&request) {
                    open.index = Some(*index);
                }
            }
            Outcome::NotLeader { leader: Some(leader) } => {
                self.answer(request, Answer::NotHere { leader: NodeId(leader.0) }, None);
            }
            Outcome::NotLeader { leader: None } => self.answer(request, Answer::Failed, None),
            _ => {}
        }
    }

    fn hear_shop(&mut self, request: RequestId, outcome: RequestOutcome) {
        let index = self.open.get(&request).and_then(|open| open.index);
        match (index, outcome) {
            // Whether the shop said yes or no, it is there and works.
            (Some(index), RequestOutcome::Done { .. } | RequestOutcome::Refused(_)) => {
                let done = Done { index, outcome: Some(outcome) };
                self.answer(request, Answer::Done, Some(done));
            }
            // It is said to be in the log for good, and was not carried out here.
            (Some(index), _) => {
                self.answer(request, Answer::Done, Some(Done { index, outcome: None }));
            }
            (None, _) => self.answer(request, Answer::Failed, None),
        }
    }

    fn answer(&mut self, request: RequestId, answer: Answer, done: Option<Done>) {
        let Some(Open { from, call, era, .. }) = self.open.remove(&request) else { return };
        self.outbox.send(from, WholeMessage::Answer { call, era, answer, done });
    }

    /// Tells a page the events after a position: of those that were carried out, and so committed.
    fn feed(&mut self, to: NodeId, through: u64) {
        let store = self.replica.store();
        let from = through.saturating_add(1);
        let read = Read::forwards().from(from).to(through.saturating_add(MOST_EVENTS));
        let events = store.read_all(read).map_or(Vec::new(), |all| all.map(recorded).collect());
        let end = store.last_position();
        self.outbox.send(to, WholeMessage::Feed(EventsMessage::Publish { end, events }));
    }
}

/// On whose account an order goes: that of a customer, as Raft's log has it.
fn client(wish: ShopCommand) -> Client {
    match wish {
        ShopCommand::Buy(Customer::Ben, _) | ShopCommand::BuyUnseen(Customer::Ben, _) => Client(2),
        _ => Client::FIRST,
    }
}

/// The id of an order, as the entry of Raft's log that carries it has it.
pub(super) fn order_of(
    entry: &crate::raft::Entry<crate::raft::KeyValueCommand>,
) -> Option<EventId> {
    use crate::raft::{KeyValueCommand, Payload};
    let Payload::Command(KeyValueCommand::Put { key, .. }) = &entry.payload else { return None };
    u128::from_str_radix(key, 16).ok().map(EventId)
}
