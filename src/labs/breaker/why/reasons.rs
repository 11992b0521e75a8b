//! What led to a record, by the rules of the breaker: the causes that the history has, and those
//! that only callers know, such as all five failures and not just the last.

use super::{Look, Why};
use crate::circuit_breaker::{Cause, Outcome, Reported, State, Transition};
use crate::labs::breaker::system::{BreakerEvent, BreakerRequest, CallId};
use crate::labs::explaining::Reasons;
use crate::sim::{Happening, NodeId, RecordId};

/// At most so many failures stand for a rate.
const MOST_FAILURES: usize = 10;

impl Why<'_> {
    /// What led to the record `id`: first the main reason, one step back. All are earlier.
    pub(super) fn reasons(&self, id: RecordId) -> Vec<RecordId> {
        let mut reasons = Reasons::of(id);
        if let Some(Happening::Decided { node, event }) = self.what(id) {
            self.of_event(&mut reasons, *node, event);
        }
        for reason in self.history().reasons(&self.budget, id) {
            reasons.add(Some(reason));
        }
        reasons.found
    }

    fn of_event(&self, reasons: &mut Reasons, node: NodeId, event: &BreakerEvent) {
        let id = reasons.of;
        match event {
            BreakerEvent::Moved { door, transition } => {
                self.of_move(reasons, node, *door, transition);
            }
            BreakerEvent::Rejected { door, .. } => {
                reasons.add(self.moved(node, *door, id, |_| true));
            }
            BreakerEvent::Ended { call, door, reported, .. } => {
                // What was late was admitted before the breaker moved.
                if let (Some(Reported::Late(_)), Some(door)) = (reported, door) {
                    reasons.add(self.moved(node, *door, id, |_| true));
                }
                reasons.cause(self.history());
                reasons.add(self.admitted(node, *call, id));
            }
            BreakerEvent::CameTooLate { call } => {
                reasons.add(self.told(node, id, &mut |_, event| {
                    matches!(event, BreakerEvent::TimedOut { call: other } if other == call)
                }));
            }
            BreakerEvent::TimedOut { call } => reasons.add(self.admitted(node, *call, id)),
            BreakerEvent::Admitted { door: Some(door), is_probe: true, .. } => {
                reasons.add(self.moved(node, *door, id, |_| true));
            }
            BreakerEvent::NewBreakers => {
                reasons.add(
                    self.asked(node, id, &mut |request| matches!(request, BreakerRequest::GoBy(_))),
                );
            }
            BreakerEvent::Over { .. } => {
                reasons.add(self.told(node, id, &mut |_, event| {
                    matches!(event, BreakerEvent::Ended { .. } | BreakerEvent::Rejected { .. })
                }));
            }
            _ => {}
        }
    }

    fn of_move(&self, reasons: &mut Reasons, node: NodeId, door: u8, transition: &Transition) {
        let id = reasons.of;
        match transition.cause {
            Cause::ConsecutiveFailures { failures } => {
                self.failures(reasons, node, door, failures as usize);
            }
            Cause::FailureRate { failures, .. } => {
                self.failures(reasons, node, door, failures as usize);
            }
            Cause::SlowRate { .. } => {
                reasons.add(self.told(node, id, &mut |_, event| ended_at(event, door, |_| true)));
            }
            Cause::WaitOver => {
                let opened = |to| matches!(to, State::Open { .. });
                reasons.add(self.moved(node, door, id, opened));
            }
            Cause::ProbeFailed { .. }
            | Cause::ProbeSlow { .. }
            | Cause::ProbeFailureRate { .. }
            | Cause::ProbesSucceeded { .. } => {
                reasons.add(self.told(node, id, &mut |_, event| ended_at(event, door, |_| true)));
            }
            Cause::LeaseExpired { .. } => {
                reasons.add(self.told(node, id, &mut |_, event| {
                    matches!(event, BreakerEvent::Admitted { is_probe: true, .. })
                }));
            }
            Cause::ByHand => {
                reasons.add(
                    self.asked(node, id, &mut |request| {
                        matches!(request, BreakerRequest::ByHand(_))
                    }),
                );
            }
        }
    }

    /// The latest failures that a breaker counted, the last one first.
    fn failures(&self, reasons: &mut Reasons, node: NodeId, door: u8, most: usize) {
        let (id, mut found) = (reasons.of, Vec::new());
        self.told(node, id, &mut |at, event| {
            if ended_at(event, door, |outcome| outcome == Outcome::Failure) {
                found.push(at);
            }
            found.len() >= most.min(MOST_FAILURES)
        });
        found.into_iter().for_each(|at| reasons.add(Some(at)));
    }

    /// The latest move of a breaker to such a state.
    fn moved(
        &self,
        node: NodeId,
        door: u8,
        before: RecordId,
        is: impl Fn(State) -> bool,
    ) -> Option<RecordId> {
        self.told(node, before, &mut |_, event| match event {
            BreakerEvent::Moved { door: at, transition } => *at == door && is(transition.to),
            _ => false,
        })
    }

    fn admitted(&self, node: NodeId, call: CallId, before: RecordId) -> Option<RecordId> {
        self.told(node, before, &mut |_, event| {
            matches!(event, BreakerEvent::Admitted { call: other, .. } if *other == call)
        })
    }
}

/// Whether it is the end of a call that a breaker has counted.
fn ended_at(event: &BreakerEvent, place: u8, is: impl Fn(Outcome) -> bool) -> bool {
    match event {
        BreakerEvent::Ended { door, outcome, reported: Some(Reported::Counted), .. } => {
            *door == Some(place) && is(*outcome)
        }
        _ => false,
    }
}
