//! A shop front: customers come, look at the stock page as it was shown last, and order; the front
//! is the breaker lab's [`Caller`], which calls the cluster through its breaker and tries again.
//!
//! What a front orders it draws when a customer comes: mostly one of what is shown to be left, for
//! Ann or Ben, and sometimes somebody fills the shelf up.

use super::super::breaker::{
    Answer, BreakerEvent, BreakerMessage, BreakerRequest, CallId, Caller, Policy, RequestId,
};
use super::super::events::shop::{Customer, Item, ShopCommand};
use super::system::{
    Cast, Conduct, Done, Looks, Outbox, Shown, WholeEvent, WholeMessage, WholeProcess,
    WholeRequest, WholeSetup,
};
use crate::event_store::EventId;
use crate::random::Random;
use crate::sim::{Input, NodeId, Output};
use crate::sorted::SortedMap;

/// So many calls are remembered whose answers may still come.
const MOST_OPEN: usize = 4_096;

/// A front opens so long after its boot: a cluster that boots, too, has elected a leader by then.
const OPENS_AFTER_US: u64 = 1_500_000;

/// Of so many who come one fills a shelf up.
const ONE_RESTOCKS_OF: u64 = 4;

/// A shop front.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Front {
    cast: Cast,
    conduct: Conduct,
    caller: Caller,
    /// When it opens, as long as it has not.
    opens_at_us: Option<u64>,
    /// Draws what customers want.
    wishes: Random,
    /// Of this boot, so that no two orders have one id.
    ids: EventId,
    sent: u64,
    shown: Option<Shown>,
    orders: SortedMap<RequestId, Order>,
    /// Calls without an answer.
    calls: SortedMap<CallId, (Order, EventId)>,
    outbox: Outbox,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// Its id: that of its first try.
    pub id: EventId,
    /// What is wanted.
    pub wish: ShopCommand,
    /// What the customer saw on the stock page.
    pub shown: Option<Shown>,
    /// How often it was sent.
    pub tries: u32,
}

impl Front {
    pub(super) fn boot(setup: &WholeSetup, node: NodeId, now_us: u64, seed: u64) -> Front {
        let WholeSetup { cast, conduct, seed: of_run, .. } = setup;
        let closed = Policy { load_milli: 0, ..conduct.policy.clone() };
        let ids = EventId((u128::from(*of_run) << 64) | u128::from(seed) ^ u128::from(node.0));
        Front {
            cast: *cast,
            conduct: conduct.clone(),
            caller: Caller::before_cluster(cast.servers(), closed, now_us, seed),
            opens_at_us: Some(now_us.saturating_add(OPENS_AFTER_US)),
            wishes: Random::for_purpose(seed, 3),
            ids,
            sent: 0,
            shown: None,
            orders: SortedMap::new(),
            calls: SortedMap::new(),
            outbox: Outbox::default(),
        }
    }

    /// What it goes by.
    pub fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    /// As a caller: its breaker, its budget, its calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The stock page as it was shown last.
    pub fn shown(&self) -> Option<Shown> {
        self.shown
    }

    /// The orders that are not over.
    pub fn orders(&self) -> &SortedMap<RequestId, Order> {
        &self.orders
    }

    pub(super) fn handle(&mut self, now_us: u64, input: Input<WholeProcess>) {
        let input = match input {
            Input::Message { message: WholeMessage::Shown(shown), .. } => {
                // An answer that was overtaken shows nothing new.
                if self.shown.is_none_or(|known| known.through <= shown.through) {
                    self.shown = Some(shown);
                }
                return;
            }
            Input::Message { from, message: WholeMessage::Answer { call, era, answer, done } } => {
                self.answered(call, answer, done);
                Input::Message { from, message: BreakerMessage::Answer { call, era, answer } }
            }
            Input::Request(WholeRequest::OrderOnce) => Input::Request(BreakerRequest::CallOnce),
            Input::Request(WholeRequest::ByHand(what)) => {
                Input::Request(BreakerRequest::ByHand(what))
            }
            Input::Request(WholeRequest::GoBy(conduct)) => {
                self.conduct = *conduct;
                Input::Request(self.go_by())
            }
            Input::Deadline if self.opens_at_us.is_some_and(|due_us| due_us <= now_us) => {
                self.opens_at_us = None;
                // What else is due is due once more after this.
                Input::Request(self.go_by())
            }
            Input::Deadline => Input::Deadline,
            Input::Message { .. } | Input::Request(_) | Input::Synced { .. } => return,
        };
        self.caller.handle(now_us, input);
    }

    pub(super) fn poll(&mut self) -> Option<Output<WholeProcess>> {
        loop {
            if let Some(output) = self.outbox.poll() {
                return Some(output);
            }
            match self.caller.poll()? {
                Output::Event(event) => {
                    self.hear(&event);
                    return Some(Output::Event(WholeEvent::Caller(event)));
                }
                Output::Send { to, message: BreakerMessage::Call { call, era, .. } } => {
                    if let Some((order, id)) = self.calls.get(&call).copied() {
                        let wish = order.wish;
                        let event = WholeEvent::Sent { call, order: order.id, id };
                        self.outbox.send(to, WholeMessage::Order { call, era, id, wish });
                        return Some(Output::Event(event));
                    }
                }
                // A caller says nothing else, and has no disk.
                Output::Send { .. } | Output::Write { .. } => {}
            }
        }
    }

    pub(super) fn deadline_us(&self) -> Option<u64> {
        [self.opens_at_us, self.caller.deadline_us()].into_iter().flatten().min()
    }

    /// What its caller is to go by: before it opens nobody comes.
    fn go_by(&self) -> BreakerRequest {
        let mut policy = self.conduct.policy.clone();
        if self.opens_at_us.is_some() {
            policy.load_milli = 0;
        }
        BreakerRequest::GoBy(Box::new(policy))
    }

    fn hear(&mut self, event: &BreakerEvent) {
        match *event {
            BreakerEvent::Began { request } => self.order(request),
            BreakerEvent::Admitted { request, call, .. } => {
                let keys = self.conduct.keys;
                let Some(order) = self.orders.get_mut(&request) else { return };
                order.tries += 1;
                let again = order.tries > 1;
                let order = *order;
                let id = if again && !keys { self.fresh() } else { order.id };
                self.calls.insert(call, (order, id));
                if self.calls.len() > MOST_OPEN {
                    self.calls.pop_first();
                }
            }
            BreakerEvent::Over { request, .. } => {
                self.orders.remove(&request);
            }
            _ => {}
        }
    }

    /// A customer comes.
    fn order(&mut self, request: RequestId) {
        let (wish, shown) = (self.wish(), self.shown);
        let order = Order { id: self.fresh(), wish, shown, tries: 0 };
        self.orders.insert(request, order);
        self.outbox.tell(WholeEvent::Wanted { request, order: order.id, wish, shown });
        self.outbox.send(self.cast.stock_page(), WholeMessage::Look);
    }

    fn wish(&mut self) -> ShopCommand {
        let mut draw = |of: u64| (self.wishes.next_u64() >> 32) % of;
        let (kind, who, what) = (draw(ONE_RESTOCKS_OF), draw(2), draw(2));
        let customer = [Customer::Ann, Customer::Ben][who as usize];
        let left = |item: Item| self.shown.map_or(i32::MAX, |shown| shown.left[item as usize]);
        let (one, other) = match what {
            0 => (Item::Tea, Item::Mug),
            _ => (Item::Mug, Item::Tea),
        };
        if kind == 0 {
            return ShopCommand::Restock(if left(one) <= left(other) { one } else { other });
        }
        // Nobody orders what is shown to be sold out, as long as there is something else.
        let item = if left(one) <= 0 && left(other) > 0 { other } else { one };
        match self.conduct.looks {
            Looks::Page if left(item) > 0 => ShopCommand::BuyUnseen(customer, item),
            _ => ShopCommand::Buy(customer, item),
        }
    }

    fn fresh(&mut self) -> EventId {
        self.sent += 1;
        EventId::of_command(self.ids, self.sent)
    }

    fn answered(&mut self, call: CallId, answer: Answer, done: Option<Done>) {
        let Some((order, id)) = self.calls.remove(&call) else { return };
        if let (Answer::Done, Some(done)) = (answer, done) {
            let Order { id: of, wish, shown, .. } = order;
            let in_time = self.orders.iter().any(|(_, open)| open.id == of);
            self.outbox.tell(WholeEvent::Heard { order: of, id, wish, done, in_time, shown });
        }
    }
}
