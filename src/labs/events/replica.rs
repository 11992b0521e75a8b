//! A server of the cluster: Raft, and on top of its log the shop. What is committed are commands;
//! every server carries them out in the same order, so its log of events and its state are those
//! of all others.
//!
//! Events need no agreement of their own: they follow from the commands, for deciding is pure. Nor
//! can anybody be quicker: a command is decided when its turn has come, on the state of that turn.
//! A command's id is its key, so a command that stands in Raft's log twice happens once.

use super::super::Client;
use super::super::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use super::desk::PATIENCE_US;
use super::keeper::{before, recorded};
use super::outbox::Outbox;
use super::requests::customer;
use super::shop::{self, BEFORE, Shop, ShopCommand, ShopEvent};
use super::system::{
    EventsEvent, EventsImage, EventsMessage, EventsProcess, EventsRequest, EventsWrite, Outcome,
    RequestId,
};
use crate::event_store::{Effect, EventId, EventStore, Metadata, NewEvent};
use crate::raft::{self, KeyValueCommand, LogIndex, Payload};
use crate::sim::{Input, NodeId, Output, Process};

/// A server of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica {
    raft: RaftProcess,
    store: EventStore<ShopEvent>,
    shop: Shop,
    /// What became of each command, by its place in Raft's log.
    outcomes: Vec<(LogIndex, Outcome)>,
    /// After so long a customer is told that nobody knows; `None`: whoever waits knows how long.
    patience_us: Option<u64>,
    /// What customers wait for here, and until when, by the server's clock, in microseconds.
    open: Vec<(RequestId, u64)>,
    outbox: Outbox,
}

impl Replica {
    pub(in crate::labs) fn boot(
        setup: &RaftSetup,
        node: NodeId,
        image: &EventsImage,
        now_us: u64,
        seed: u64,
    ) -> Replica {
        let store = before();
        let mut shop = Shop::default();
        BEFORE.into_iter().for_each(|event| shop.apply(shop::upcast(event)));
        Replica {
            raft: RaftProcess::boot(setup, node, &image.raft, now_us, seed),
            store,
            shop,
            outcomes: Vec::new(),
            patience_us: Some(PATIENCE_US),
            open: Vec::new(),
            outbox: Outbox::default(),
        }
    }

    /// Never says by itself that it does not know.
    pub(in crate::labs) fn waits(self) -> Replica {
        Replica { patience_us: None, ..self }
    }

    /// Raft.
    pub fn raft(&self) -> &RaftProcess {
        &self.raft
    }

    /// The log of events, as far as commands were carried out.
    pub fn store(&self) -> &EventStore<ShopEvent> {
        &self.store
    }

    /// What it comes to.
    pub fn shop(&self) -> &Shop {
        &self.shop
    }

    pub(in crate::labs) fn handle(&mut self, now_us: u64, input: Input<EventsProcess>) {
        let input = match input {
            Input::Message { from, message: EventsMessage::Raft(message) } => {
                Input::Message { from, message }
            }
            Input::Deadline => {
                self.give_up(now_us);
                if self.raft.deadline_us().is_none_or(|due_us| due_us > now_us) {
                    return;
                }
                Input::Deadline
            }
            Input::Synced { write } => Input::Synced { write },
            Input::Request(EventsRequest::Raft(request)) => {
                if let (RaftRequest::Propose { request, .. }, Some(patience_us)) =
                    (&request, self.patience_us)
                {
                    let due_us = now_us.saturating_add(patience_us);
                    self.open.push((RequestId(request.0), due_us));
                }
                Input::Request(request)
            }
            Input::Message { .. } | Input::Request(_) => return,
        };
        self.raft.handle(now_us, input);
    }

    pub(in crate::labs) fn poll(&mut self) -> Option<Output<EventsProcess>> {
        if let Some(output) = self.outbox.poll() {
            return Some(output);
        }
        Some(match self.raft.poll()? {
            Output::Send { to, message } => {
                Output::Send { to, message: EventsMessage::Raft(message) }
            }
            Output::Write { id, write } => Output::Write { id, write: EventsWrite::Raft(write) },
            Output::Event(event) => {
                self.hear(&event);
                Output::Event(EventsEvent::Raft(event))
            }
        })
    }

    pub(in crate::labs) fn deadline_us(&self) -> Option<u64> {
        let patience = self.open.iter().map(|(_, due_us)| *due_us).min();
        [patience, self.raft.deadline_us()].into_iter().flatten().min()
    }

    fn hear(&mut self, event: &RaftEvent) {
        match event {
            RaftEvent::Applied { index, entry } => {
                let Payload::Command(KeyValueCommand::Put { key, value }) = &entry.payload else {
                    return;
                };
                if let Some((id, command)) = read_command(key, value) {
                    let outcome = self.carry_out(*index, id, command);
                    self.outcomes.push((*index, outcome));
                }
            }
            RaftEvent::Answered { request, outcome } => {
                self.open.retain(|(open, _)| open.0 != request.0);
                let outcome = match outcome {
                    raft::Outcome::Committed { index, .. } => {
                        let place = self.outcomes.partition_point(|(other, _)| other < index);
                        let found = self.outcomes.get(place).filter(|(other, _)| other == index);
                        found.map_or(Outcome::Unknown, |(_, outcome)| *outcome)
                    }
                    raft::Outcome::Refused { .. } => Outcome::Impossible,
                    raft::Outcome::Unknown => Outcome::Unknown,
                    // Whoever passes requests on deals with that.
                    raft::Outcome::NotLeader { .. }
                    | raft::Outcome::Readable { .. }
                    | raft::Outcome::ChangeRefused { .. } => return,
                };
                self.outbox.tell(EventsEvent::Answered { request: RequestId(request.0), outcome });
            }
            _ => {}
        }
    }

    /// Decides and appends, unless that was done before. The same on every server.
    fn carry_out(&mut self, index: LogIndex, command: EventId, wanted: ShopCommand) -> Outcome {
        let (stream, id) = (wanted.streams()[0], EventId::of_command(command, 0));
        if let Some(place) = self.store.find(stream, id) {
            let position = place.position;
            self.outbox.tell(EventsEvent::Recognised { position, id });
            return Outcome::Done { position, repeated: true };
        }
        let event = match self.shop.decide(wanted) {
            Ok(event) => event,
            Err(refusal) => return Outcome::Refused(refusal),
        };
        let expected = self.store.stream(stream).as_expected();
        let metadata = Metadata { correlation: Some(command), causation: Some(command) };
        let new = NewEvent { id, event_type: event.event_type(), payload: event, metadata };
        let appended = self.store.append(stream, expected, index.0, [new]);
        let last = appended.ok().filter(|appended| appended.effect == Effect::Written);
        let place = last.and_then(|appended| appended.last);
        let Some(event) = place.and_then(|place| self.store.event(place.position)) else {
            return Outcome::Impossible;
        };
        let recorded = recorded(event);
        self.shop.apply(recorded.event);
        self.outbox.tell(EventsEvent::Appended { recorded, expected, command });
        Outcome::Done { position: recorded.position, repeated: false }
    }

    fn give_up(&mut self, now_us: u64) {
        let late: Vec<RequestId> = self
            .open
            .extract_if(.., |(_, due_us)| *due_us <= now_us)
            .map(|(request, _)| request)
            .collect();
        for request in late {
            let outcome = Outcome::Unknown;
            self.outbox.tell(EventsEvent::Answered { request, outcome });
        }
    }
}

/// A command as it stands in Raft's log: under its id, in hexadecimal, who wants what.
pub(in crate::labs) fn command_entry(
    client: Client,
    id: EventId,
    command: ShopCommand,
) -> KeyValueCommand {
    KeyValueCommand::Put { key: id.to_string(), value: format!("{client} {command}") }
}

/// The command that an entry of the log stands for; `None` if it is something else.
pub fn read_command(key: &str, value: &str) -> Option<(EventId, ShopCommand)> {
    let id = u128::from_str_radix(key, 16).ok()?;
    let (client, words) = value.split_once(' ')?;
    let client = Client(client.strip_prefix('C')?.parse().ok()?);
    Some((EventId(id), ShopCommand::parse(customer(client)?, words)?))
}
