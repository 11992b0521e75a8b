//! The keeper of the log: an event store with its file, desks that append, read models that follow.
//!
//! What was appended is answered when the file is durable, and told to the read models a little
//! later, from the log: what a read model has not acknowledged is sent again.

use std::sync::Arc;

use super::outbox::Outbox;
use super::shop::{self, BEFORE, ShopEvent};
use super::system::{
    CallId, EventsEvent, EventsImage, EventsMessage, EventsProcess, EventsRequest, EventsWrite,
    Publish, Recorded, Rules, StreamRead,
};
use crate::event_store::file::{Journal, JournalError, Recovered, Write};
use crate::event_store::{
    AppendError, Effect, Event, EventId, EventStore, Expected, Metadata, NewEvent, Read,
};
use crate::sim::{Input, NodeId, Output, WriteId};

/// The read models.
pub const MODELS: [NodeId; 3] = [NodeId(3), NodeId(4), NodeId(5)];

/// So long after events are durable the read models are told of them.
pub const PUBLISHES_AFTER_US: u64 = 2_000;

/// So long after boot the keeper says that it is there.
const GREETS_AFTER_US: u64 = 1_000;

/// After so long without word from a read model the keeper sends once more; then after twice as
/// long, and so on.
const RESENDS_AFTER_US: u64 = 100_000;

/// It never waits for longer.
const RESENDS_AT_LEAST_EVERY_US: u64 = 1_600_000;

/// The server that keeps the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Keeper {
    rules: Rules,
    journal: Journal<ShopEvent>,
    /// By write on its way to the disk: how long the file is then, and its last position.
    writing: Vec<(WriteId, u64, u64)>,
    durable_through: u64,
    published_through: u64,
    /// Answers that wait until the file is durable up to here.
    waiting: Vec<(u64, NodeId, EventsMessage)>,
    followers: [Follower; MODELS.len()],
    publishes_at_us: Option<u64>,
    resends_at_us: Option<u64>,
    resends_after_us: u64,
    outbox: Outbox,
}

/// What the keeper knows of a read model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Follower {
    /// Which.
    pub node: NodeId,
    /// Whether it was heard since the keeper booted.
    pub heard: bool,
    /// Up to which position it has said that it has everything.
    pub seen: u64,
    /// Up to which position it was sent everything.
    pub sent: u64,
}

impl Keeper {
    pub(in crate::labs) fn boot(rules: Rules, image: &EventsImage, now_us: u64) -> Keeper {
        let recovered = Journal::recover(&whole_file(image));
        // No fault of this world does damage that a recovery refuses.
        let (journal, torn) = match recovered {
            Ok(Recovered { journal, torn }) => (journal, torn),
            Err(_) => (Journal::new(), None),
        };
        let events = journal.store().last_position();
        let mut outbox = Outbox::default();
        let torn_bytes = torn.map_or(0, |torn| torn.bytes);
        outbox.tell(EventsEvent::Recovered { events, torn_bytes });
        Keeper {
            rules,
            journal,
            writing: Vec::new(),
            durable_through: events,
            published_through: events,
            waiting: Vec::new(),
            followers: MODELS.map(|node| Follower { node, heard: false, seen: 0, sent: 0 }),
            publishes_at_us: None,
            resends_at_us: Some(now_us.saturating_add(GREETS_AFTER_US)),
            resends_after_us: RESENDS_AFTER_US,
            outbox,
        }
    }

    /// What it goes by.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The log, durable or not.
    pub fn store(&self) -> &EventStore<ShopEvent> {
        self.journal.store()
    }

    /// Up to which position the log is durable.
    pub fn durable_through(&self) -> u64 {
        self.durable_through
    }

    /// Up to which position the read models were told of it, at least once.
    pub fn published_through(&self) -> u64 {
        self.published_through
    }

    /// The read models, as far as the keeper knows.
    pub fn followers(&self) -> &[Follower] {
        &self.followers
    }

    /// How many answers wait for the disk.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(in crate::labs) fn handle(&mut self, now_us: u64, input: Input<EventsProcess>) {
        match input {
            Input::Message { from, message: EventsMessage::Read { call, streams } } => {
                let found = streams.into_iter().map(|name| self.read(name)).collect();
                self.answer(from, EventsMessage::Streams { call, found });
            }
            Input::Message { from, message } => self.handle_message(now_us, from, message),
            Input::Synced { write } => self.handle_durable(now_us, write),
            Input::Deadline => {
                if self.publishes_at_us.is_some_and(|due_us| due_us <= now_us) {
                    self.publish(now_us);
                }
                if self.resends_at_us.is_some_and(|due_us| due_us <= now_us) {
                    self.resend(now_us);
                }
            }
            Input::Request(EventsRequest::GoBy(rules)) => self.go_by(now_us, rules),
            Input::Request(_) => {}
        }
    }

    pub(in crate::labs) fn poll(&mut self) -> Option<Output<EventsProcess>> {
        self.outbox.poll()
    }

    pub(in crate::labs) fn deadline_us(&self) -> Option<u64> {
        [self.publishes_at_us, self.resends_at_us].into_iter().flatten().min()
    }

    fn handle_message(&mut self, now_us: u64, from: NodeId, message: EventsMessage) {
        match message {
            EventsMessage::Append { call, stream, expected, event, command } => {
                let answer = self.append(now_us, call, (stream, expected), event, command);
                self.answer(from, answer);
            }
            EventsMessage::Seen { through, asks } => {
                self.handle_seen(from, through, asks);
                self.wait_for_word(now_us, true);
            }
            _ => {}
        }
    }

    fn append(
        &mut self,
        now_us: u64,
        call: CallId,
        (stream, expected): (&'static str, Expected),
        (id, event): (EventId, ShopEvent),
        command: EventId,
    ) -> EventsMessage {
        let metadata = Metadata { correlation: Some(command), causation: Some(command) };
        let new = NewEvent { id, event_type: event.event_type(), payload: event, metadata };
        let appended = match self.journal.append(stream, expected, now_us, [new]) {
            Ok(appended) => appended,
            Err(error) => {
                let error = Arc::new(match error {
                    JournalError::Append(error) => error,
                    JournalError::TooBig { .. } => AppendError::Full,
                });
                self.outbox.tell(EventsEvent::Refused { error: Arc::clone(&error) });
                return EventsMessage::NotAppended { call, error };
            }
        };
        let position = appended.last.map_or(0, |last| last.position);
        if appended.effect == Effect::Repeated {
            self.outbox.tell(EventsEvent::Recognised { position, id });
        } else if let Some(event) = self.store().event(position) {
            let recorded = recorded(event);
            self.outbox.tell(EventsEvent::Appended { recorded, expected, command });
        }
        if let Some(write) = self.journal.poll_write() {
            let write = self.outbox.write(EventsWrite::File(write));
            self.writing.push((write, self.journal.end(), self.store().last_position()));
        }
        EventsMessage::Appended { call, appended }
    }

    fn read(&self, stream: &'static str) -> StreamRead {
        let events = match self.store().read_stream(stream, Read::forwards()) {
            Ok(slice) => slice.iter().map(recorded).collect(),
            Err(_) => Vec::new(),
        };
        StreamRead { stream, version: self.store().stream(stream).version(), events }
    }

    /// Answers now, or once everything is durable that the answer may tell of.
    fn answer(&mut self, to: NodeId, message: EventsMessage) {
        let end = self.journal.end();
        if self.rules.durable_first && self.journal.durable() < end {
            self.waiting.push((end, to, message));
        } else {
            self.outbox.send(to, message);
        }
    }

    fn handle_durable(&mut self, now_us: u64, write: WriteId) {
        let done = self.writing.partition_point(|(other, ..)| *other <= write);
        let Some((_, end, position)) = self.writing.drain(..done).next_back() else { return };
        self.journal.handle_durable(end);
        self.durable_through = position;
        self.outbox.tell(EventsEvent::Durable { through: position });
        let ready = self.waiting.partition_point(|(needed, ..)| *needed <= end);
        for (_, to, message) in self.waiting.drain(..ready) {
            self.outbox.send(to, message);
        }
        let due_us = now_us.saturating_add(PUBLISHES_AFTER_US);
        self.publishes_at_us = self.publishes_at_us.or(Some(due_us));
    }

    /// Tells the read models of what is durable and new.
    fn publish(&mut self, now_us: u64) {
        self.publishes_at_us = None;
        let (before, through) = (self.published_through, self.durable_through);
        if before >= through {
            return;
        }
        self.published_through = through;
        for place in 0..self.followers.len() {
            let follower = self.followers[place];
            match self.rules.publish {
                Publish::Once => self.send_after(place, before),
                // Who has not been heard yet says first how far it is.
                Publish::FromTheLog if follower.heard => self.send_after(place, follower.sent),
                Publish::FromTheLog => {}
            }
        }
        self.outbox.tell(EventsEvent::Published { from: before + 1, through });
        self.wait_for_word(now_us, false);
    }

    /// Sends a read model what was published after a position.
    fn send_after(&mut self, place: usize, after: u64) {
        let end = self.published_through;
        let events = self.published(after);
        self.followers[place].sent = end;
        self.outbox.send(self.followers[place].node, EventsMessage::Publish { end, events });
    }

    fn published(&self, after: u64) -> Vec<Recorded> {
        let read = Read::forwards().from(after.saturating_add(1)).to(self.published_through);
        self.store().read_all(read).map_or(Vec::new(), |events| events.map(recorded).collect())
    }

    fn handle_seen(&mut self, from: NodeId, through: u64, asks: bool) {
        let Some(place) = self.followers.iter().position(|follower| follower.node == from) else {
            return;
        };
        let follower = &mut self.followers[place];
        let is_new = asks || !follower.heard;
        follower.heard = true;
        follower.seen = if is_new { through } else { follower.seen.max(through) };
        let from_log = self.rules.publish == Publish::FromTheLog;
        if asks || (from_log && is_new && through < self.published_through) {
            self.send_after(place, through);
        }
    }

    /// Sends once more what read models have not acknowledged, or says that it is there.
    fn resend(&mut self, now_us: u64) {
        self.resends_at_us = None;
        if self.rules.publish == Publish::Once {
            return;
        }
        for place in 0..self.followers.len() {
            let Follower { heard, seen, .. } = self.followers[place];
            if !heard {
                self.send_after(place, u64::MAX);
            } else if seen < self.published_through {
                self.send_after(place, seen);
            }
        }
        let longer_us = self.resends_after_us.saturating_mul(2);
        self.wait_for_word(now_us, false);
        self.resends_after_us = longer_us.min(RESENDS_AT_LEAST_EVERY_US);
    }

    /// Sees to it that what is not acknowledged is sent again; `anew`: read models can be heard.
    fn wait_for_word(&mut self, now_us: u64, anew: bool) {
        let through = self.published_through;
        let is_open = |follower: &Follower| !follower.heard || follower.seen < through;
        if self.rules.publish == Publish::Once || !self.followers.iter().any(is_open) {
            self.resends_at_us = None;
            self.resends_after_us = RESENDS_AFTER_US;
            return;
        }
        if anew {
            self.resends_at_us = None;
            self.resends_after_us = RESENDS_AFTER_US;
        }
        let due_us = now_us.saturating_add(self.resends_after_us);
        self.resends_at_us = self.resends_at_us.or(Some(due_us));
    }

    fn go_by(&mut self, now_us: u64, rules: Rules) {
        let was = std::mem::replace(&mut self.rules, rules).publish;
        if was == Publish::Once && rules.publish == Publish::FromTheLog {
            // Nobody knows what they have missed.
            self.followers.iter_mut().for_each(|follower| follower.heard = false);
            self.resends_at_us = Some(now_us.saturating_add(GREETS_AFTER_US));
        }
    }
}

/// An event as it travels.
pub(in crate::labs) fn recorded(event: Event<'_, ShopEvent>) -> Recorded {
    Recorded {
        position: event.position(),
        version: event.version(),
        id: event.id(),
        recorded_at: event.recorded_at(),
        event: shop::upcast(*event.payload()),
    }
}

/// The log at the beginning of every run.
pub(in crate::labs) fn before() -> EventStore<ShopEvent> {
    let mut log = EventStore::new();
    for (n, event) in (1..).zip(BEFORE) {
        let new = NewEvent::new(EventId(n), event.event_type(), event);
        log.append(event.stream(), Expected::Any, 0, [new]).expect("it is new and well named");
    }
    log
}

/// What is on the keeper's disk. Before the first write of the run, that is the file with what had
/// happened before.
pub(in crate::labs) fn whole_file(image: &EventsImage) -> Vec<u8> {
    if image.file.is_empty() { file_of(before()) } else { image.file.clone() }
}

fn file_of(store: EventStore<ShopEvent>) -> Vec<u8> {
    let journal = Journal::of_store(store).ok();
    journal.and_then(|mut journal| journal.poll_write()).map_or(Vec::new(), |write| write.bytes)
}

/// The log as its file has it.
pub(in crate::labs) fn log_on_disk(image: &EventsImage) -> EventStore<ShopEvent> {
    let recovered = Journal::recover(&whole_file(image));
    recovered.map_or(EventStore::new(), |recovered| recovered.journal.into_store())
}

/// A write cuts off what was torn before.
pub(in crate::labs) fn apply_write(image: &mut EventsImage, write: &Write) {
    if image.file.is_empty() {
        image.file = whole_file(image);
    }
    image.file.truncate(usize::try_from(write.at).unwrap_or(usize::MAX));
    image.file.extend_from_slice(&write.bytes);
}

/// The first part of a write.
pub(in crate::labs) fn tear_write(write: &Write, part_ppm: u32) -> Option<Write> {
    let kept = write.bytes.len() as u64 * u64::from(part_ppm) / 1_000_000;
    let bytes = write.bytes[..(kept as usize).min(write.bytes.len())].to_vec();
    (kept > 0).then_some(Write { at: write.at, bytes })
}
