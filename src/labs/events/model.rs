//! A read model: it follows the log and keeps what it comes to, with its position.
//!
//! State and position belong together. Kept in two writes, a crash between them makes it apply
//! events twice, or leave them out.

use super::outbox::Outbox;
use super::shop::{self, Shop, ShopEvent};
use super::system::{
    CheckpointWrites, EventsEvent, EventsMessage, EventsProcess, EventsRequest, EventsWrite,
    KEEPER, ModelKind, Publish, Recorded, Rules,
};
use crate::event_store::{Event, Evolve};
use crate::sim::{Input, Output, WriteId};

/// So long after boot a read model asks for what it does not have.
const ASKS_AFTER_US: u64 = 500;

/// After so long without an answer it asks again; then after twice as long, and so on.
const ASKS_AGAIN_AFTER_US: u64 = 100_000;

/// It never waits for longer.
const ASKS_AT_LEAST_EVERY_US: u64 = 1_600_000;

/// A read model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Model {
    kind: ModelKind,
    rules: Rules,
    state: ModelState,
    through: u64,
    end: u64,
    /// What is on its disk, durably: position, and state.
    kept: u64,
    kept_shop: Shop,
    writing: Option<Checkpointing>,
    asking: bool,
    asks_at_us: Option<u64>,
    asks_after_us: u64,
    outbox: Outbox,
}

/// What a read model makes of events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModelState {
    /// The part of the shop that it is about; the rest is empty.
    pub shop: Shop,
    /// By position, the first at 0: how often the event is in the state. It is there for who
    /// watches; the read model does not go by it.
    pub taken: Vec<u8>,
}

/// A checkpoint on its way to the disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Checkpointing {
    state: ModelState,
    through: u64,
    /// The write that is to be durable next.
    write: WriteId,
    /// What follows that.
    then: Option<Half>,
    /// It is the first of two writes that is durable.
    is_between: bool,
    /// Something that the read model is about is in it.
    matters: bool,
}

/// Half of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Half {
    State,
    Position,
}

/// One change of what it keeps on its disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelWrite {
    /// The state, if it is in the write.
    pub state: Option<ModelState>,
    /// The position, if it is.
    pub position: Option<u64>,
}

/// What it keeps on its disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModelImage {
    /// The state.
    pub state: ModelState,
    /// The last position that is said to be in it.
    pub position: u64,
}

impl ModelState {
    /// How many events are in it, counting twice what is in it twice.
    pub fn events(&self) -> u64 {
        self.taken.iter().map(|times| u64::from(*times)).sum()
    }

    /// How often the event at a position is in it.
    pub fn times(&self, position: u64) -> u8 {
        let place = position.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| self.taken.get(place)).copied().unwrap_or(0)
    }

    fn take_in(&mut self, kind: ModelKind, position: u64, event: ShopEvent) {
        kind.apply(&mut self.shop, event);
        let places = usize::try_from(position).unwrap_or(usize::MAX);
        if self.taken.len() < places {
            self.taken.resize(places, 0);
        }
        if let Some(times) = places.checked_sub(1).and_then(|place| self.taken.get_mut(place)) {
            *times = times.saturating_add(1);
        }
    }
}

impl ModelKind {
    /// What follows from one more event, as far as it is about that.
    pub fn apply(self, shop: &mut Shop, event: ShopEvent) {
        let mut next = shop.clone();
        next.apply(event);
        match self {
            ModelKind::Stock => shop.left = next.left,
            ModelKind::Carts => {
                for (account, next) in shop.customers.iter_mut().zip(next.customers) {
                    account.cart = next.cart;
                }
            }
            ModelKind::Payments => {
                for (account, next) in shop.customers.iter_mut().zip(next.customers) {
                    (account.paid_cents, account.payments) = (next.paid_cents, next.payments);
                }
            }
        }
    }
}

/// As a projection of the log has it.
impl Evolve for ModelKind {
    type Payload = ShopEvent;
    type State = Shop;

    fn initial(&self) -> Shop {
        Shop::default()
    }

    fn evolve(&self, shop: &mut Shop, event: &Event<'_, ShopEvent>) {
        self.apply(shop, *event.payload());
    }

    fn knows(&self, event_type: &str) -> bool {
        shop::ShopRules.knows(event_type)
    }

    fn schema(&self) -> u64 {
        10 + *self as u64
    }
}

impl Model {
    pub(in crate::labs) fn boot(
        kind: ModelKind,
        rules: Rules,
        image: &ModelImage,
        now_us: u64,
    ) -> Model {
        let mut outbox = Outbox::default();
        let ModelImage { state, position } = image.clone();
        let state_of = state.events();
        outbox.tell(EventsEvent::Resumed { through: position, state_of });
        Model {
            kind,
            rules,
            through: position,
            end: position,
            kept: position,
            kept_shop: state.shop.clone(),
            state,
            writing: None,
            asking: false,
            asks_at_us: Some(now_us.saturating_add(ASKS_AFTER_US)),
            asks_after_us: ASKS_AGAIN_AFTER_US,
            outbox,
        }
    }

    /// What it is about.
    pub fn kind(&self) -> ModelKind {
        self.kind
    }

    /// What it goes by.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Its state, durable or not.
    pub fn state(&self) -> &ModelState {
        &self.state
    }

    /// The last position that it has taken in.
    pub fn through(&self) -> u64 {
        self.through
    }

    /// The last position that is on its disk.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// The last position of the log that it has heard of.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Whether of state and position one is on the disk and the other not yet, and that matters.
    pub fn is_between(&self) -> bool {
        self.writing.as_ref().is_some_and(|writing| writing.is_between && writing.matters)
    }

    pub(in crate::labs) fn handle(&mut self, now_us: u64, input: Input<EventsProcess>) {
        match input {
            Input::Message { message: EventsMessage::Publish { end, events }, .. } => {
                self.handle_publish(end, &events);
            }
            Input::Synced { write } => self.handle_synced(write),
            Input::Deadline if self.asks_at_us.is_some_and(|due_us| due_us <= now_us) => {
                self.ask(now_us);
            }
            Input::Request(EventsRequest::Rebuild) => self.rebuild(now_us),
            Input::Request(EventsRequest::GoBy(rules)) => self.rules = rules,
            Input::Message { .. } | Input::Request(_) | Input::Deadline => {}
        }
    }

    pub(in crate::labs) fn poll(&mut self) -> Option<Output<EventsProcess>> {
        self.outbox.poll()
    }

    pub(in crate::labs) fn deadline_us(&self) -> Option<u64> {
        self.asks_at_us
    }

    /// Asks for what comes after its position, until it hears something. Where events are
    /// published once, only who has none knows that there must be some.
    fn ask(&mut self, now_us: u64) {
        if self.rules.publish == Publish::Once && self.through > 0 {
            (self.asking, self.asks_at_us) = (false, None);
            return;
        }
        self.asking = true;
        self.outbox.send(KEEPER, EventsMessage::Seen { through: self.through, asks: true });
        self.asks_at_us = Some(now_us.saturating_add(self.asks_after_us));
        self.asks_after_us = self.asks_after_us.saturating_mul(2).min(ASKS_AT_LEAST_EVERY_US);
    }

    fn handle_publish(&mut self, end: u64, events: &[Recorded]) {
        // What begins later than it asked for is no answer: its question may be lost.
        let answers = match events.first() {
            Some(first) => first.position <= self.through.saturating_add(1),
            None => end <= self.through,
        };
        let asked = self.asking;
        if answers {
            (self.asking, self.asks_at_us) = (false, None);
            self.asks_after_us = ASKS_AGAIN_AFTER_US;
        }
        self.end = self.end.max(end);
        let mut took_in = false;
        for recorded in events {
            took_in |= self.take_in(recorded);
        }
        if took_in {
            self.checkpoint();
        } else if self.writing.is_none() && !self.asking && !(asked && events.is_empty()) {
            self.acknowledge();
        }
    }

    /// Whether the event was taken in.
    fn take_in(&mut self, recorded: &Recorded) -> bool {
        let Recorded { position, event, .. } = *recorded;
        let next = self.through + 1;
        if self.rules.in_order && position != next {
            // What it has already is no news.
            if position > next {
                self.outbox.tell(EventsEvent::PassedOver { position, waits_for: next });
            }
            return false;
        }
        let twice = self.state.times(position) > 0;
        self.state.take_in(self.kind, position, event);
        self.through = self.through.max(position);
        self.outbox.tell(EventsEvent::TookIn { position, twice });
        true
    }

    /// Begins to keep what it has taken in, unless it is at it.
    fn checkpoint(&mut self) {
        if self.writing.is_some() {
            return;
        }
        let (first, then) = match self.rules.checkpoint {
            CheckpointWrites::Together => (None, None),
            CheckpointWrites::StateFirst => (Some(Half::State), Some(Half::Position)),
            CheckpointWrites::PositionFirst => (Some(Half::Position), Some(Half::State)),
        };
        let (state, through) = (self.state.clone(), self.through);
        let matters = state.shop != self.kept_shop;
        let write = write(&mut self.outbox, first, &state, through);
        self.writing =
            Some(Checkpointing { state, through, write, then, is_between: false, matters });
    }

    fn handle_synced(&mut self, synced: WriteId) {
        let Some(mut writing) = self.writing.take_if(|writing| writing.write <= synced) else {
            return;
        };
        if let Some(half) = writing.then.take() {
            writing.write = write(&mut self.outbox, Some(half), &writing.state, writing.through);
            writing.is_between = true;
            self.writing = Some(writing);
            return;
        }
        let Checkpointing { state, through, .. } = writing;
        (self.kept, self.kept_shop) = (through, state.shop);
        self.outbox.tell(EventsEvent::Checkpointed { through });
        self.acknowledge();
        if self.state.taken != state.taken {
            self.checkpoint();
        }
    }

    /// Tells the keeper how far it is, durably. Where events are published once, nobody asks.
    fn acknowledge(&mut self) {
        if self.rules.publish == Publish::FromTheLog {
            self.outbox.send(KEEPER, EventsMessage::Seen { through: self.kept, asks: false });
        }
    }

    fn rebuild(&mut self, now_us: u64) {
        self.outbox.tell(EventsEvent::Rebuilding);
        (self.state, self.through) = (ModelState::default(), 0);
        let state = self.state.clone();
        let write = write(&mut self.outbox, None, &state, 0);
        let (then, is_between, matters) = (None, false, false);
        self.writing = Some(Checkpointing { state, through: 0, write, then, is_between, matters });
        self.asks_after_us = ASKS_AGAIN_AFTER_US;
        self.ask(now_us);
    }
}

/// Writes half of a checkpoint, or both halves in one.
fn write(outbox: &mut Outbox, half: Option<Half>, state: &ModelState, through: u64) -> WriteId {
    let state = (half != Some(Half::Position)).then(|| state.clone());
    let position = (half != Some(Half::State)).then_some(through);
    outbox.write(EventsWrite::Model(ModelWrite { state, position }))
}

pub(in crate::labs) fn apply_write(image: &mut ModelImage, write: &ModelWrite) {
    if let Some(state) = &write.state {
        image.state.clone_from(state);
    }
    if let Some(position) = write.position {
        image.position = position;
    }
}
