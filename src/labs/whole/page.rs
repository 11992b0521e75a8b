//! A page: the event sourcing lab's read model, which asks one server after the other for the
//! events that it does not have. What it shows is as old as its last question.

use super::super::events::{EventsImage, EventsMessage, EventsRequest, Model, ModelKind};
use super::system::{
    Cast, Conduct, Outbox, Shown, WholeEvent, WholeMessage, WholeProcess, WholeRequest, WholeSetup,
};
use crate::sim::{Input, NodeId, Output};

/// After so long without an answer it asks another server.
const PATIENCE_US: u64 = 500_000;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    cast: Cast,
    conduct: Conduct,
    model: Model,
    /// Whom it asks.
    asks: NodeId,
    asks_at_us: u64,
    /// Since when it waits for an answer.
    waits_since_us: Option<u64>,
    outbox: Outbox,
}

impl Page {
    pub(super) fn boot(
        setup: &WholeSetup,
        kind: ModelKind,
        image: &EventsImage,
        now_us: u64,
    ) -> Page {
        let WholeSetup { cast, conduct, .. } = setup;
        let model = Model::boot(kind, conduct.of_pages(), &image.model, now_us);
        // Not both begin with the same one.
        let servers = cast.servers();
        let asks = if kind == ModelKind::Stock { servers.start } else { servers.start + 1 };
        Page {
            cast: *cast,
            conduct: conduct.clone(),
            model,
            asks: NodeId(asks),
            asks_at_us: now_us.saturating_add(1_000),
            waits_since_us: None,
            outbox: Outbox::default(),
        }
    }

    /// What it goes by.
    pub fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    /// The read model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The server that it asks.
    pub fn asks(&self) -> NodeId {
        self.asks
    }

    /// When it asks next, by its clock.
    pub fn asks_at_us(&self) -> u64 {
        self.asks_at_us
    }

    /// What it shows.
    pub fn shows(&self) -> Shown {
        Shown { through: self.model.through(), left: self.model.state().shop.left }
    }

    pub(super) fn handle(&mut self, now_us: u64, input: Input<WholeProcess>) {
        let input = match input {
            Input::Message { from, message: WholeMessage::Look } => {
                let shown = self.shows();
                return self.outbox.send(from, WholeMessage::Shown(shown));
            }
            Input::Message { from, message: WholeMessage::Feed(message) } => {
                self.waits_since_us = None;
                Input::Message { from, message }
            }
            Input::Request(WholeRequest::Rebuild) => Input::Request(EventsRequest::Rebuild),
            Input::Request(WholeRequest::GoBy(conduct)) => {
                let sooner_us = now_us.saturating_add(conduct.refresh_us);
                self.asks_at_us = self.asks_at_us.min(sooner_us);
                self.conduct = *conduct;
                Input::Request(EventsRequest::GoBy(self.conduct.of_pages()))
            }
            Input::Synced { write } => Input::Synced { write },
            Input::Deadline => {
                if self.asks_at_us <= now_us {
                    self.ask(now_us);
                }
                Input::Deadline
            }
            Input::Message { .. } | Input::Request(_) => return,
        };
        self.model.handle(now_us, input);
    }

    pub(super) fn poll(&mut self) -> Option<Output<WholeProcess>> {
        if let Some(output) = self.outbox.poll() {
            return Some(output);
        }
        loop {
            return Some(match self.model.poll()? {
                Output::Write { id, write } => Output::Write { id, write },
                Output::Event(event) => Output::Event(WholeEvent::Shop(event)),
                // A read model speaks to the one that keeps the log; here several do, and the page
                // asks them in its own time.
                Output::Send { .. } => continue,
            });
        }
    }

    pub(super) fn deadline_us(&self) -> Option<u64> {
        [Some(self.asks_at_us), self.model.deadline_us()].into_iter().flatten().min()
    }

    fn ask(&mut self, now_us: u64) {
        self.asks_at_us = now_us.saturating_add(self.conduct.refresh_us.max(1));
        if self.waits_since_us.is_some_and(|since_us| now_us >= since_us + PATIENCE_US) {
            self.waits_since_us = None;
            let (servers, next) = (self.cast.servers(), self.asks.0 + 1);
            self.asks = NodeId(if servers.contains(&next) { next } else { servers.start });
            self.outbox.tell(WholeEvent::Turned { to: self.asks });
        }
        self.waits_since_us = self.waits_since_us.or(Some(now_us));
        let seen = EventsMessage::Seen { through: self.model.through(), asks: true };
        self.outbox.send(self.asks, WholeMessage::Feed(seen));
    }
}
