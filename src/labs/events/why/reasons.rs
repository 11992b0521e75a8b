//! What led to a record, by the rules of the shop: the causes that the history has, and those that
//! only the shop knows, such as the event for which an append was refused.

use super::{Look, Why};
use crate::event_store::AppendError;
use crate::labs::events::KEEPER;
use crate::labs::events::narration::outcome_at;
use crate::labs::events::system::{EventsEvent, EventsMessage, Outcome};
use crate::labs::explaining::Reasons;
use crate::sim::{Fault, Happening, NodeId, RecordId};

/// At most so many losses stand for a silence.
const LOSSES: usize = 8;

impl Why<'_> {
    /// What led to the record `id`: first the main reason, one step back. All are earlier.
    pub(super) fn reasons(&self, id: RecordId) -> Vec<RecordId> {
        let mut reasons = Reasons::of(id);
        match self.what(id) {
            Some(Happening::Decided { node, event }) => self.of_told(&mut reasons, *node, event),
            Some(Happening::Sent { .. } | Happening::WriteStarted { .. }) => {
                let with = self.history().decided_with(&self.budget, id, &mut |_| true);
                reasons.add(with);
            }
            _ => {}
        }
        for reason in self.history().reasons(&self.budget, id) {
            reasons.add(Some(reason));
        }
        reasons.found
    }

    fn of_told(&self, reasons: &mut Reasons, node: NodeId, event: &EventsEvent) {
        let id = reasons.of;
        match event {
            EventsEvent::Decided { request, .. } => {
                reasons.cause(self.history());
                reasons.add(self.called(*request));
            }
            EventsEvent::Refused { error } => {
                if let AppendError::Conflict { stream, expected, .. } = &**error {
                    let version = expected_version(*expected);
                    reasons.add(self.quicker(stream, version).and_then(|at| self.appended(at)));
                }
            }
            EventsEvent::Conflicted { stream, expected, .. } => {
                reasons.cause(self.history());
                reasons.add(self.quicker(stream, *expected).and_then(|at| self.appended(at)));
            }
            EventsEvent::Appended { recorded, .. } => {
                reasons.cause(self.history());
                let decision = self.ledger().decision(recorded.id);
                reasons.add(decision.map(|decision| decision.record));
            }
            EventsEvent::Recognised { position, .. } => reasons.add(self.appended(*position)),
            EventsEvent::Published { through, .. } => {
                let is_durable = &mut |event: &EventsEvent| match event {
                    EventsEvent::Durable { through: to } => to >= through,
                    _ => false,
                };
                reasons.add(self.told_before(id, KEEPER, is_durable));
                reasons.add(self.appended(*through));
            }
            EventsEvent::TookIn { position, twice } => {
                if *twice {
                    self.why_twice(reasons, node, *position);
                }
                reasons.cause(self.history());
                reasons.add(self.appended(*position));
            }
            EventsEvent::PassedOver { waits_for, .. } => {
                reasons.add(self.loss_of_event(id, node, *waits_for));
                reasons.cause(self.history());
            }
            EventsEvent::Recovered { .. } | EventsEvent::Resumed { .. } => {
                reasons.cause(self.history());
                let stopped = &mut |fault: &Fault| fault.stops(node);
                let act = self.history().find_act(&self.budget, RecordId(0), id, stopped);
                reasons.add(act);
            }
            _ => {}
        }
        if let Some((asked, outcome)) = outcome_at(self.cluster, id, event) {
            match outcome {
                // What died on the way tells more than that time went by.
                Outcome::Unknown | Outcome::Unreachable => {
                    for loss in self.losses(asked, id) {
                        reasons.add(Some(loss));
                    }
                }
                Outcome::Conflict { .. } => {
                    let conflicted = &mut |event: &EventsEvent| {
                        matches!(event, EventsEvent::Conflicted { request, .. }
                            if *request == asked.request)
                    };
                    reasons.add(self.told_before(id, node, conflicted));
                }
                Outcome::Done { position, repeated: true } => {
                    reasons.cause(self.history());
                    reasons.add(self.appended(position));
                }
                _ => {}
            }
            reasons.cause(self.history());
            reasons.add(Some(asked.called));
        }
    }

    /// Why an event was taken in that was in the state already: the position on the disk was behind
    /// it, or it came twice.
    fn why_twice(&self, reasons: &mut Reasons, node: NodeId, position: u64) {
        let before = self.told_before(reasons.of, node, &mut |event| {
            matches!(event, EventsEvent::TookIn { position: at, .. } if *at == position)
        });
        let resumed = self.told_before(reasons.of, node, &mut |event| {
            matches!(event, EventsEvent::Resumed { .. })
        });
        if resumed > before {
            reasons.add(resumed);
        }
        reasons.add(before);
    }

    /// When a request was asked for.
    fn called(&self, request: crate::labs::events::RequestId) -> Option<RecordId> {
        self.requests().numbered(request).map(|asked| asked.called)
    }

    /// The position of the event that came right after a version of a stream.
    pub(super) fn quicker(&self, stream: &str, version: u64) -> Option<u64> {
        let ledger = self.ledger();
        let is_it = |position: &u64| {
            ledger
                .entry(*position)
                .is_some_and(|entry| entry.event.stream() == stream && entry.version == version + 1)
        };
        (1..=ledger.end()).rev().find(is_it)
    }

    /// The latest loss, before `before`, of a message that told `node` of an event.
    pub(super) fn loss_of_event(
        &self,
        before: RecordId,
        node: NodeId,
        position: u64,
    ) -> Option<RecordId> {
        self.find_back(RecordId(0), before, &mut |_, happened| match happened {
            Happening::Lost { message, .. } => match self.history().message(*message) {
                Some((_, to, EventsMessage::Publish { events, .. })) => {
                    to == node && events.iter().any(|event| event.position == position)
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// Messages of a request that died before `before`, the latest first.
    pub(super) fn losses(
        &self,
        asked: &crate::labs::events::Asked,
        before: RecordId,
    ) -> Vec<RecordId> {
        let mut losses = Vec::new();
        self.find_back(asked.called, before, &mut |id, happened| {
            if let Happening::Lost { message, .. } = happened
                && losses.len() < LOSSES
                && let Some((from, to, _)) = self.history().message(*message)
                && (from == asked.with || to == asked.with)
            {
                losses.push(id);
            }
            false
        });
        losses
    }
}

fn expected_version(expected: crate::event_store::Expected) -> u64 {
    match expected {
        crate::event_store::Expected::Exact(version) => version,
        _ => 0,
    }
}
