//! What became of every order: a fold over what fronts tell.

use super::super::breaker::{BreakerEvent, Calls, End, RequestId};
use super::super::events::RequestOutcome;
use super::super::events::shop::{ShopCommand, ShopRefusal};
use super::system::{FRONTS, Shown, WholeEvent, WholeProcess};
use crate::event_store::EventId;
use crate::shared_list::SharedList;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};
use crate::sorted::SortedMap;

/// All orders, and what fronts did for them.
#[derive(Clone, Debug)]
pub struct Orders {
    calls: Calls,
    all: SharedList<Order, 32>,
    /// Those that are not over, by front: their places.
    open: SortedMap<(NodeId, RequestId), usize>,
    counts: Counts,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// Its id: that of its first try.
    pub id: EventId,
    /// Where it was made.
    pub front: NodeId,
    /// What is wanted.
    pub wish: ShopCommand,
    /// What the customer had seen.
    pub shown: Option<Shown>,
    /// When, in microseconds.
    pub at_us: u64,
    /// The record of that.
    pub record: RecordId,
    /// How often it was sent.
    pub sent: u32,
    /// What the customer was told; nothing yet, or that it failed.
    pub told: Option<Told>,
}

/// What a customer was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// It was carried out, or refused by the shop.
    Outcome(RequestOutcome),
    /// It is done, and nobody says how.
    Done,
    /// The breaker said no, and the front did not wait for another try.
    Rejected,
    /// Nobody answered in time: it may be done, or not.
    Failed,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// Orders made.
    pub made: u64,
    /// Things sold or put on the shelf, as customers were told.
    pub done: u64,
    /// The shop said no: sold out, or the shelf is full.
    pub refused: u64,
    /// Of those, sold out while the stock page showed that there was one.
    pub misled: u64,
    /// Turned away by a breaker.
    pub rejected: u64,
    /// Without an answer in time.
    pub failed: u64,
    /// Messages sent for orders, retries and what is passed on among them.
    pub sent: u64,
}

impl Orders {
    pub(super) fn new() -> Orders {
        Orders {
            calls: Calls::new(FRONTS.into()),
            all: SharedList::default(),
            open: SortedMap::new(),
            counts: Counts::default(),
        }
    }

    /// What became of the calls of every front.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// Every order, oldest first.
    pub fn all(&self) -> &SharedList<Order, 32> {
        &self.all
    }

    /// How many of each.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many wait for an answer.
    pub fn waiting(&self) -> usize {
        self.open.len()
    }

    pub(super) fn read(&mut self, id: RecordId, record: &Record<WholeProcess>) {
        match &record.what {
            Happening::Decided { node, event } => self.hear((id, record.at_us), *node, event),
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
                self.calls.forget(*node);
                let lost: Vec<_> =
                    self.open.iter().filter(|((at, _), _)| at == node).map(|(of, _)| *of).collect();
                for of in lost {
                    self.end(of, Told::Failed);
                }
            }
            _ => {}
        }
    }

    fn hear(&mut self, (record, at_us): (RecordId, u64), node: NodeId, event: &WholeEvent) {
        match event {
            WholeEvent::Caller(event) => {
                self.calls.hear(at_us, node, event);
                if let BreakerEvent::Over { request, end, .. } = event {
                    let told = match end {
                        // What was told has been heard before.
                        End::Served => Told::Done,
                        End::Rejected => Told::Rejected,
                        End::Failed(_) => Told::Failed,
                    };
                    self.end((node, *request), told);
                }
            }
            WholeEvent::Wanted { request, order, wish, shown } => {
                self.counts.made += 1;
                self.open.insert((node, *request), self.all.len());
                let (id, wish, shown) = (*order, *wish, *shown);
                let (front, sent, told) = (node, 0, None);
                self.all.push(Order { id, front, wish, shown, at_us, record, sent, told });
            }
            WholeEvent::Sent { order, .. } => {
                self.counts.sent += 1;
                if let Some(place) = self.place(*order)
                    && let Some(order) = self.all.get_mut(place)
                {
                    order.sent += 1;
                }
            }
            WholeEvent::Heard { order, done, in_time: true, .. } => {
                if let (Some(place), Some(outcome)) = (self.place(*order), done.outcome)
                    && let Some(order) = self.all.get_mut(place)
                {
                    order.told = Some(Told::Outcome(outcome));
                }
            }
            _ => {}
        }
    }

    /// The place of an order that is not over.
    fn place(&self, order: EventId) -> Option<usize> {
        let is_it = |place: &&usize| self.all.get(**place).is_some_and(|open| open.id == order);
        self.open.values().find(is_it).copied()
    }

    fn end(&mut self, of: (NodeId, RequestId), told: Told) {
        let Some(order) = self.open.remove(&of).and_then(|place| self.all.get_mut(place)) else {
            return;
        };
        let told = *order.told.get_or_insert(told);
        let counts = &mut self.counts;
        match told {
            Told::Outcome(RequestOutcome::Refused(refusal)) => {
                counts.refused += 1;
                counts.misled += u64::from(misled(order.shown, refusal));
            }
            Told::Outcome(_) | Told::Done => counts.done += 1,
            Told::Rejected => counts.rejected += 1,
            Told::Failed => counts.failed += 1,
        }
    }
}

/// Whether a customer was told that something is sold out which the stock page showed to be there.
pub(super) fn misled(shown: Option<Shown>, refusal: ShopRefusal) -> bool {
    match (shown, refusal) {
        (Some(shown), ShopRefusal::SoldOut(item)) => shown.left[item as usize] > 0,
        _ => false,
    }
}
