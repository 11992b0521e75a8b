//! What led to a record, by the rules: the causes that the history has, and those that only nodes
//! know, such as all five failures and not just the last.

use super::{Look, Why};
use crate::circuit_breaker::{Cause, Outcome, State};
use crate::event_store::EventId;
use crate::labs::breaker::BreakerEvent;
use crate::labs::events::EventsEvent;
use crate::labs::explaining::Reasons;
use crate::labs::whole::{WholeEvent, WholeRequest};
use crate::sim::{Happening, NodeId, RecordId};

/// At most so many failures stand for those that opened a breaker.
const MOST_FAILURES: u64 = 10;

impl Why<'_> {
    /// What led to the record `id`: first the main reason, one step back. All are earlier.
    pub(super) fn reasons(&self, id: RecordId) -> Vec<RecordId> {
        let mut reasons = Reasons::of(id);
        if let Some(Happening::Decided { node, event }) = self.what(id) {
            match event {
                WholeEvent::Caller(event) => self.of_caller(&mut reasons, *node, event),
                WholeEvent::Heard { order, .. } => {
                    reasons.cause(self.history());
                    reasons.add(self.wanted(*node, *order, id));
                }
                WholeEvent::Sent { order, .. } => reasons.add(self.wanted(*node, *order, id)),
                WholeEvent::Shop(EventsEvent::Appended { command, .. }) => {
                    reasons.cause(self.history());
                    reasons.add(self.sent(*command, id));
                }
                _ => {}
            }
        }
        for reason in self.history().reasons(&self.budget, id) {
            reasons.add(Some(reason));
        }
        reasons.found
    }

    fn of_caller(&self, reasons: &mut Reasons, node: NodeId, event: &BreakerEvent) {
        let id = reasons.of;
        let told = |is: &mut dyn FnMut(&BreakerEvent) -> bool, before: RecordId| {
            self.told(
                node,
                before,
                &mut |event| matches!(event, WholeEvent::Caller(event) if is(event)),
            )
        };
        match event {
            BreakerEvent::Moved { transition, .. } => match transition.cause {
                Cause::ConsecutiveFailures { .. } | Cause::FailureRate { .. } => {
                    let failures = match transition.cause {
                        Cause::ConsecutiveFailures { failures } => u64::from(failures),
                        Cause::FailureRate { failures, .. } => failures,
                        _ => 0,
                    };
                    let mut before = id;
                    for _ in 0..failures.min(MOST_FAILURES) {
                        let Some(found) = told(&mut failed, before) else { break };
                        reasons.add(Some(found));
                        before = found;
                    }
                }
                Cause::WaitOver => {
                    reasons.add(told(
                        &mut |event| {
                            matches!(event, BreakerEvent::Moved { transition, .. }
                                if matches!(transition.to, State::Open { .. }))
                        },
                        id,
                    ));
                }
                Cause::ByHand => {
                    reasons.add(self.asked(node, id, &mut |request| {
                        matches!(request, WholeRequest::ByHand(_))
                    }));
                }
                _ => reasons.add(told(&mut |it| matches!(it, BreakerEvent::Ended { .. }), id)),
            },
            BreakerEvent::Rejected { .. } => {
                reasons.add(told(&mut |it| matches!(it, BreakerEvent::Moved { .. }), id));
            }
            BreakerEvent::Ended { call, .. } => {
                reasons.cause(self.history());
                let admitted = &mut |it: &BreakerEvent| matches!(it, BreakerEvent::Admitted { call: other, .. } if other == call);
                reasons.add(told(admitted, id));
            }
            BreakerEvent::Over { .. } => {
                reasons.add(told(
                    &mut |it| {
                        matches!(it, BreakerEvent::Ended { .. } | BreakerEvent::Rejected { .. })
                    },
                    id,
                ));
            }
            BreakerEvent::NewBreakers => {
                let by = &mut |request: &WholeRequest| matches!(request, WholeRequest::GoBy(_));
                reasons.add(self.asked(node, id, by));
            }
            _ => {}
        }
    }

    /// When a customer ordered it.
    fn wanted(&self, node: NodeId, order: EventId, before: RecordId) -> Option<RecordId> {
        self.told(node, before, &mut |event| {
            matches!(event, WholeEvent::Wanted { order: other, .. } if *other == order)
        })
    }

    /// When a front sent the try with this id.
    fn sent(&self, id: EventId, before: RecordId) -> Option<RecordId> {
        self.find_back(RecordId(0), before, &mut |_, happened| match happened {
            Happening::Decided { event: WholeEvent::Sent { id: other, .. }, .. } => *other == id,
            _ => false,
        })
    }
}

fn failed(event: &BreakerEvent) -> bool {
    matches!(event, BreakerEvent::Ended { outcome: Outcome::Failure, .. })
}
