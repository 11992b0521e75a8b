//! What readers are invited to do, and what they have done.

use super::super::Task;
use super::super::breaker::BreakerEvent;
use super::super::events::RequestOutcome;
use super::Cluster;
use super::judges::Word;
use super::orders::misled;
use super::promises::Kind;
use super::system::{WholeEvent, WholeProcess};
use crate::labs::breaker::End;
use crate::resilience::GiveUp;
use crate::sim::{Fault, Happening, NodeId, Record};
use crate::sorted::SortedMap;
use std::collections::VecDeque;

/// A step of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Refused,
    Crash,
    Stale,
    Storm,
    Budget,
    Twice,
    Oversold,
}

/// A step, its name, its title, and how.
type Line = (Step, &'static str, &'static str, &'static str);

const PATH: &[Line] = &[
    (
        Step::Crash,
        "survive",
        "Kill the leader, and lose no order",
        "Crash the server with the crown. Wait until another leads and has served ten more orders: \
         every customer who was told “done” is still right.",
    ),
    (
        Step::Refused,
        "at-once",
        "Say no at once instead of late",
        "Crash two of three servers, with the breakers on: five failures, and customers are turned \
         away in no time instead of waiting for a timeout.",
    ),
    (
        Step::Stale,
        "stale-page",
        "Sell what is no longer there",
        "Let the pages ask for news every 5 s. A customer orders what the stock page shows, and it \
         is gone: the shop says no, for it looks for itself.",
    ),
    (
        Step::Storm,
        "storm",
        "Start a retry storm",
        "Turn the breakers off, 5 tries, 40 customers a second, and kill the leader: while nobody \
         leads, far more is sent than is ordered.",
    ),
    (
        Step::Budget,
        "budget",
        "End the storm with a budget",
        "Give retries a budget of 10 %: with no success nothing is left to try again with.",
    ),
    (
        Step::Twice,
        "twice",
        "Charge somebody twice",
        "Turn the keys off and a front’s timeout down to 100 ms: the answer comes too late, and \
         the retry is another order.",
    ),
    (
        Step::Oversold,
        "oversold",
        "Sell more than there is",
        "Let the page decide what is left, with pages that ask every 5 s.",
    ),
];

/// So long a stretch is looked at for a storm.
const STRETCH_US: u64 = 1_000_000;
/// So many messages for an order are a storm, and as few as that are none: in tenths.
const STORMY_TENTHS: u64 = 20;
const CALM_TENTHS: u64 = 15;
/// With fewer orders a second nothing is told of them.
const LEAST_ORDERS: usize = 5;
/// So many orders are to be served after a crash.
const SERVED_AFTER: u64 = 10;

/// What was done, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskBoard {
    done: SortedMap<Step, u64>,
    /// The leader that was crashed, and how many orders had been served when another led.
    killed: Option<NodeId>,
    served_by_next: Option<u64>,
    /// When orders were made, and when any were sent, in the latest stretch.
    made: VecDeque<u64>,
    sent: VecDeque<u64>,
    /// Who led last.
    leader: Option<NodeId>,
    /// Whether a retry was refused by a budget since the storm.
    budget_empty: bool,
}

impl TaskBoard {
    pub(super) fn tasks(&self) -> Vec<Task> {
        let task = |&(step, name, title, hint): &Line| {
            let done_us = self.done.get(&step).copied();
            Task { name, title, hint, done_us, is_apart: false }
        };
        PATH.iter().map(task).collect()
    }

    /// Goes on by a record.
    pub(super) fn read(&mut self, cluster: &Cluster, record: &Record<WholeProcess>) {
        let at_us = record.at_us;
        match &record.what {
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. })
                if self.leader == Some(*node) =>
            {
                (self.killed, self.served_by_next) = (Some(*node), None);
            }
            Happening::Decided { event, .. } => match event {
                WholeEvent::Wanted { .. } => self.made.push_back(at_us),
                WholeEvent::Sent { .. } => self.sent.push_back(at_us),
                WholeEvent::Caller(BreakerEvent::Over { end, took_us, .. }) => match end {
                    // Nothing waited: not for an answer, nor for another try.
                    End::Rejected => {
                        let majority = cluster.cast().servers().len() / 2 + 1;
                        let up = cluster.servers().filter(|node| cluster.process(*node).is_some());
                        let few = up.count() < majority;
                        self.tick(Step::Refused, at_us, few && *took_us == 0);
                    }
                    End::Failed(GiveUp::BudgetEmpty) => self.budget_empty = true,
                    _ => {}
                },
                WholeEvent::Heard { done, shown, .. } => {
                    if let Some(RequestOutcome::Refused(refusal)) = done.outcome {
                        self.tick(Step::Stale, at_us, misled(*shown, refusal));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Takes a look at how things stand.
    pub(super) fn look(&mut self, cluster: &Cluster, word: &Word, at_us: u64) {
        let leader = cluster.leader();
        let done = cluster.orders().counts().done;
        if let (Some(killed), Some(leader)) = (self.killed, leader)
            && leader != killed
        {
            let since = *self.served_by_next.get_or_insert(done);
            let kept = word.breach(Kind::AcknowledgedStays).is_none();
            self.tick(Step::Crash, at_us, kept && done >= since + SERVED_AFTER);
        }
        self.leader = leader.or(self.leader);
        self.tick(Step::Twice, at_us, word.breach(Kind::OnceOnly).is_some());
        self.tick(Step::Oversold, at_us, word.breach(Kind::NeverBelowZero).is_some());
        for list in [&mut self.made, &mut self.sent] {
            while list.front().is_some_and(|us| us + STRETCH_US < at_us) {
                list.pop_front();
            }
        }
        if leader.is_some() || self.made.len() < LEAST_ORDERS {
            return;
        }
        let tenths = self.sent.len() as u64 * 10 / self.made.len() as u64;
        if tenths >= STORMY_TENTHS {
            self.tick(Step::Storm, at_us, true);
        }
        let stormed = self.done.get(&Step::Storm).is_some_and(|us| us + STRETCH_US < at_us);
        let calm = stormed && self.budget_empty && tenths <= CALM_TENTHS;
        self.tick(Step::Budget, at_us, calm);
    }

    fn tick(&mut self, step: Step, at_us: u64, done: bool) {
        if done && !self.done.contains_key(&step) {
            self.done.insert(step, at_us);
        }
    }
}
