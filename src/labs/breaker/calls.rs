//! What became of the calls of every caller: a fold over the history.

use std::collections::VecDeque;

use super::system::{BreakerEvent, BreakerProcess, CallId, End, RequestId};
use crate::circuit_breaker::{Generation, Outcome, Reported};
use crate::sim::{Fault, Happening, NodeId, Record};
use crate::sorted::SortedMap;

/// So many of the late ones are remembered.
pub const LATE_KEPT: usize = 8;

/// What became of them.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    of: Vec<CallsOf>,
}

/// The calls of one caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallsOf {
    /// Requests that were begun.
    pub begun: u64,
    /// Requests that got what they asked for.
    pub served: u64,
    /// Requests that ended because a breaker or the bulkhead said no.
    pub rejected: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Calls that were let go.
    pub admitted: u64,
    /// Tries that a breaker rejected.
    pub bounced: u64,
    /// What came late, all together.
    pub late: u64,
    /// The latest of those, oldest first.
    pub latest_late: VecDeque<LateCall>,
    /// Calls under way.
    pub under_way: SortedMap<CallId, UnderWay>,
    /// When each of its breakers moved last, by its own clock, in microseconds; 0: never.
    pub moved_us: Vec<u64>,
}

/// A call under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// For which request.
    pub request: RequestId,
    /// To whom.
    pub to: NodeId,
    /// Which breaker has admitted it, if one has.
    pub door: Option<u8>,
    /// In which of its eras.
    pub era: Generation,
    /// Whether it is a probe.
    pub is_probe: bool,
    /// Which try it is, from 1.
    pub attempt: u32,
    /// When it began, in microseconds.
    pub since_us: u64,
}

/// Something that came late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateCall {
    /// When, in microseconds.
    pub at_us: u64,
    /// Which call.
    pub call: CallId,
    /// The era in which it was admitted; none for an answer to a call that was given up.
    pub era: Option<Generation>,
    /// How it ended; of an answer to a call that was given up nobody asked.
    pub outcome: Option<Outcome>,
}

impl Calls {
    pub(in crate::labs) fn new(callers: usize) -> Calls {
        Calls { of: vec![CallsOf::default(); callers] }
    }

    /// The calls of a caller; nothing of a node that is none.
    pub fn of(&self, caller: NodeId) -> Option<&CallsOf> {
        self.of.get(caller.index())
    }

    /// All callers, in order.
    pub fn all(&self) -> &[CallsOf] {
        &self.of
    }

    pub(super) fn read(&mut self, record: &Record<BreakerProcess>) {
        match &record.what {
            Happening::Decided { node, event } => self.hear(record.at_us, *node, event),
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
                self.forget(*node);
            }
            _ => {}
        }
    }

    /// A node has told of something.
    pub(in crate::labs) fn hear(&mut self, at_us: u64, node: NodeId, event: &BreakerEvent) {
        if let Some(of) = self.of.get_mut(node.index()) {
            of.read(at_us, event);
        }
    }

    /// A node has crashed.
    pub(in crate::labs) fn forget(&mut self, node: NodeId) {
        if let Some(of) = self.of.get_mut(node.index()) {
            of.under_way.clear();
            of.moved_us.clear();
        }
    }
}

impl CallsOf {
    fn read(&mut self, at_us: u64, event: &BreakerEvent) {
        match *event {
            BreakerEvent::Began { .. } => self.begun += 1,
            BreakerEvent::Admitted { request, call, to, door, era, is_probe, attempt } => {
                self.admitted += 1;
                let since_us = at_us;
                let under_way = UnderWay { request, to, door, era, is_probe, attempt, since_us };
                self.under_way.insert(call, under_way);
            }
            BreakerEvent::Rejected { .. } => self.bounced += 1,
            BreakerEvent::Ended { call, era, outcome, reported, .. } => {
                self.under_way.remove(&call);
                if let Some(Reported::Late(_)) = reported {
                    let (era, outcome) = (Some(era), Some(outcome));
                    self.came_late(LateCall { at_us, call, era, outcome });
                }
            }
            BreakerEvent::CameTooLate { call } => {
                self.came_late(LateCall { at_us, call, era: None, outcome: None });
            }
            BreakerEvent::Over { end, .. } => match end {
                End::Served => self.served += 1,
                End::Rejected => self.rejected += 1,
                End::Failed(_) => self.failed += 1,
            },
            BreakerEvent::Moved { door, transition } => {
                let place = usize::from(door);
                if self.moved_us.len() <= place {
                    self.moved_us.resize(place + 1, 0);
                }
                self.moved_us[place] = transition.at_us;
            }
            BreakerEvent::NewBreakers => self.moved_us.clear(),
            _ => {}
        }
    }

    fn came_late(&mut self, late: LateCall) {
        self.late += 1;
        self.latest_late.push_back(late);
        if self.latest_late.len() > LATE_KEPT {
            self.latest_late.pop_front();
        }
    }
}
