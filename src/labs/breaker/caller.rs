//! A caller: it begins requests, and for each makes calls through its breaker, again if its retry
//! policy says so, and waits for each no longer than its timeout.
//!
//! Around each call, from outside to inside: retries, the bulkhead, the breaker, the timeout. The
//! breaker hears of every call that it has admitted, once.

use super::door::Door;
use super::outbox::Outbox;
use super::policy::Policy;
use super::system::{
    Answer, BreakerEvent, BreakerMessage, BreakerProcess, BreakerRequest, ByHand, CallId, Cast,
    End, RequestId,
};
use crate::circuit_breaker::{Generation, Outcome, Permit, Probe, State};
use crate::random::Random;
use crate::resilience::{Bulkhead, Entry, GiveUp, Next, Retry, RetryBudget, Slot};
use crate::sim::{Delay, Input, NodeId, Output};
use crate::sorted::{SortedMap, SortedSet};

/// So many calls that were given up are remembered.
const MOST_GIVEN_UP: usize = 4_096;

/// So often a request is passed on to another server of the cluster.
const MOST_HOPS: u8 = 3;

/// A caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    cast: Cast,
    policy: Policy,
    /// Draws when requests begin.
    arrivals: Random,
    /// Draws jitter.
    jitter: Random,
    /// One for all it calls, or one for each.
    doors: Vec<Door>,
    budget: Option<RetryBudget>,
    bulkhead: Option<Bulkhead>,
    begins_at_us: Option<u64>,
    requests: SortedMap<RequestId, Request>,
    calls: SortedMap<CallId, Call>,
    /// When calls under way are given up.
    timeouts: SortedSet<(u64, CallId)>,
    /// When requests are tried again.
    retries: SortedSet<(u64, RequestId)>,
    /// Calls that were given up and may still be answered.
    given_up: SortedMap<CallId, RequestId>,
    /// Whom it asks in a cluster: who leads, as far as it knows.
    asks: NodeId,
    /// The first server of that cluster, and the number after that of the last one.
    cluster: (NodeId, u8),
    /// Differs from boot to boot.
    boot: u64,
    begun: u64,
    made: u64,
    now_us: u64,
    outbox: Outbox,
}

/// A request under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Request {
    retry: Retry,
    begun_us: u64,
    to: NodeId,
    hops: u8,
}

/// A call under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Call {
    request: RequestId,
    /// Its door, and what that gave; nothing where there is no breaker.
    permit: Option<(usize, Permit)>,
    era: Generation,
    slot: Option<Slot>,
    sent_us: u64,
    due_us: u64,
}

impl Caller {
    pub(in crate::labs) fn boot(cast: Cast, policy: Policy, now_us: u64, seed: u64) -> Caller {
        let mut caller = Caller {
            cast,
            arrivals: Random::for_purpose(seed, 1),
            jitter: Random::for_purpose(seed, 2),
            doors: Vec::new(),
            budget: None,
            bulkhead: None,
            begins_at_us: None,
            requests: SortedMap::new(),
            calls: SortedMap::new(),
            timeouts: SortedSet::new(),
            retries: SortedSet::new(),
            given_up: SortedMap::new(),
            asks: cast.target(0),
            cluster: (cast.target(0), cast.nodes()),
            boot: seed,
            begun: 0,
            made: 0,
            now_us,
            outbox: Outbox::default(),
            policy,
        };
        caller.build();
        caller.schedule();
        caller
    }

    /// One that calls these servers of a cluster, the first one first.
    pub(in crate::labs) fn before_cluster(
        servers: std::ops::Range<u8>,
        policy: Policy,
        now_us: u64,
        seed: u64,
    ) -> Caller {
        let first = NodeId(servers.start);
        let caller = Caller::boot(Cast::Network, policy, now_us, seed);
        Caller { asks: first, cluster: (first, servers.end), ..caller }
    }

    /// What it goes by.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Its breakers: one, or one for each shard; none where it has none.
    pub fn doors(&self) -> &[Door] {
        &self.doors
    }

    /// Whom it asks in a cluster.
    pub fn asks(&self) -> NodeId {
        self.asks
    }

    /// How many calls are under way.
    pub fn in_flight(&self) -> usize {
        self.calls.len()
    }

    /// How many requests are under way.
    pub fn open_requests(&self) -> usize {
        self.requests.len()
    }

    /// The budget for retries, if there is one.
    pub fn budget(&self) -> Option<&RetryBudget> {
        self.budget.as_ref()
    }

    pub(in crate::labs) fn handle(&mut self, now_us: u64, input: Input<BreakerProcess>) {
        self.now_us = now_us;
        match input {
            Input::Message { message: BreakerMessage::Answer { call, answer, .. }, .. } => {
                self.answered(call, answer);
            }
            Input::Request(BreakerRequest::CallOnce) => self.begin(),
            Input::Request(BreakerRequest::GoBy(policy)) => self.go_by(*policy),
            Input::Request(BreakerRequest::ByHand(what)) => {
                self.by_hand(what);
            }
            Input::Deadline => self.handle_deadline(),
            Input::Message { .. } | Input::Request(_) | Input::Synced { .. } => {}
        }
        self.tell_moves();
    }

    pub(in crate::labs) fn poll(&mut self) -> Option<Output<BreakerProcess>> {
        self.outbox.poll()
    }

    pub(in crate::labs) fn deadline_us(&self) -> Option<u64> {
        let timeout = self.timeouts.iter().next().map(|(due_us, _)| *due_us);
        let retry = self.retries.iter().next().map(|(due_us, _)| *due_us);
        let doors = self.doors.iter().filter_map(Door::deadline_us);
        [self.begins_at_us, timeout, retry].into_iter().flatten().chain(doors).min()
    }

    /// New doors, budget and bulkhead, all as they are in the beginning. What cannot work is left
    /// out: settings are checked where they are set.
    fn build(&mut self) {
        let policy = self.policy.breaker.clone();
        let doors = policy.iter().flat_map(|breaker| {
            let count = if breaker.per_shard { self.cast.targets() } else { 1 };
            (0..count).filter_map(|_| Door::new(breaker.config.clone(), breaker.quirks).ok())
        });
        self.doors = doors.collect();
        let budget = self.policy.budget.map(|config| RetryBudget::new(config, self.now_us));
        self.budget = budget.and_then(Result::ok);
        self.bulkhead = self.policy.bulkhead.map(Bulkhead::new).and_then(Result::ok);
    }

    fn by_hand(&mut self, what: ByHand) {
        for (place, door) in self.doors.iter_mut().enumerate() {
            let before = (door.state(), door.generation());
            door.by_hand(self.now_us, what);
            // To forget is a new era, and no move if it was closed before.
            let era = door.generation();
            if before.0 == State::Closed && door.state() == State::Closed && era != before.1 {
                let door = place as u8;
                self.outbox.tell(BreakerEvent::Forgot { door, era });
            }
        }
    }

    /// What is under way goes on; its outcome is told to nobody if there is another breaker now.
    fn go_by(&mut self, policy: Policy) {
        let was = std::mem::replace(&mut self.policy, policy);
        let (old, new) = (&was, &self.policy);
        let same_doors = old.breaker == new.breaker;
        if !same_doors || old.budget != new.budget || old.bulkhead != new.bulkhead {
            let doors = std::mem::take(&mut self.doors);
            self.build();
            if same_doors {
                self.doors = doors;
            } else {
                self.calls.values_mut().for_each(|call| call.permit = None);
                self.outbox.tell(BreakerEvent::NewBreakers);
            }
            self.calls.values_mut().for_each(|call| call.slot = None);
        }
        if (was.load_milli, was.evenly) != (self.policy.load_milli, self.policy.evenly) {
            self.begins_at_us = None;
            self.schedule();
        }
    }

    /// Sets when the next request begins.
    fn schedule(&mut self) {
        const SECOND_IN_MILLI: u64 = 1_000_000_000;
        let load = u64::from(self.policy.load_milli);
        let Some(gap_us) = SECOND_IN_MILLI.checked_div(load) else {
            self.begins_at_us = None;
            return;
        };
        let gap = match self.policy.evenly {
            true => Delay::Constant { us: gap_us },
            false => Delay::Exponential { mean_us: gap_us },
        };
        let from_us = self.begins_at_us.unwrap_or(self.now_us);
        let gap_us = gap.draw_us(&mut self.arrivals).max(1);
        self.begins_at_us = Some(from_us.saturating_add(gap_us).max(self.now_us));
    }

    fn handle_deadline(&mut self) {
        let now_us = self.now_us;
        let due = |at_us: Option<u64>| at_us.is_some_and(|at_us| at_us <= now_us);
        self.doors.iter_mut().filter(|door| due(door.deadline_us())).for_each(|door| {
            door.handle_deadline(now_us);
        });
        while let Some((_, call)) = self.timeouts.iter().next().copied().filter(|t| t.0 <= now_us) {
            self.outbox.tell(BreakerEvent::TimedOut { call });
            if let Some(request) = self.calls.get(&call).map(|call| call.request) {
                self.given_up.insert(call, request);
            }
            if self.given_up.len() > MOST_GIVEN_UP {
                self.given_up.pop_first();
            }
            self.over(call, Outcome::Failure);
        }
        while let Some(next) = self.retries.iter().next().copied().filter(|r| r.0 <= now_us) {
            self.retries.remove(&next);
            self.call(next.1);
        }
        if due(self.begins_at_us) {
            self.begin();
            self.schedule();
        }
    }

    /// Begins a request.
    fn begin(&mut self) {
        self.begun += 1;
        let request = RequestId(self.begun);
        self.outbox.tell(BreakerEvent::Began { request });
        let Ok(retry) = self.policy.retry.start(None) else {
            let end = End::Failed(GiveUp::NotRetryable);
            return self.outbox.tell(BreakerEvent::Over { request, end, took_us: 0 });
        };
        if let Some(budget) = &mut self.budget {
            budget.first_try();
        }
        let to = self.cast.target(self.begun);
        self.requests.insert(request, Request { retry, begun_us: self.now_us, to, hops: 0 });
        self.call(request);
    }

    /// Makes a call for a request, if bulkhead and breaker let it.
    fn call(&mut self, request: RequestId) {
        let Some(Request { retry, to, .. }) = self.requests.get(&request).copied() else { return };
        let to = if self.cast == Cast::Network { self.asks } else { to };
        let slot = match self.bulkhead.as_mut().map(|bulkhead| bulkhead.enter(self.now_us)) {
            None => None,
            Some(Entry::Admitted(slot)) => Some(slot),
            Some(Entry::Queued(_) | Entry::Full { .. }) => {
                self.outbox.tell(BreakerEvent::NoPlace { request });
                return self.failed(request, End::Rejected);
            }
        };
        let place = if self.doors.len() > 1 { self.cast.place_of(to) } else { 0 };
        let draw = self.jitter.next_u64();
        let mut permit = None;
        if let Some(door) = self.doors.get_mut(place) {
            door.offer_draw(self.now_us, draw);
        }
        // What was due by time alone comes before what is asked.
        self.tell_moves();
        if let Some(door) = self.doors.get_mut(place) {
            match door.acquire(self.now_us, retry.tries() == 1) {
                Ok(given) => permit = Some((place, given)),
                Err(rejected) => {
                    let (reason, retry_after_us) = (rejected.reason, rejected.retry_after_us);
                    let door = place as u8;
                    let event =
                        BreakerEvent::Rejected { request, to, door, reason, retry_after_us };
                    self.outbox.tell(event);
                    self.leave(slot);
                    return self.failed(request, End::Rejected);
                }
            }
        }
        self.send(request, to, permit, slot);
    }

    fn send(
        &mut self,
        request: RequestId,
        to: NodeId,
        permit: Option<(usize, Permit)>,
        slot: Option<Slot>,
    ) {
        self.tell_moves();
        self.made += 1;
        let (call, sent_us) = (CallId { boot: self.boot, number: self.made }, self.now_us);
        let due_us = sent_us.saturating_add(self.policy.timeout_us);
        let era = permit.map(|(_, permit)| permit.generation()).unwrap_or_default();
        let door = permit.and_then(|(place, _)| self.doors.get(place));
        let serial = permit.map(|(_, permit)| permit.serial());
        let is_it = |probe: &Probe| Some(probe.serial) == serial;
        let is_probe = door.is_some_and(|door| door.probes().iter().any(is_it));
        let door = permit.map(|(place, _)| place as u8);
        let attempt = self.requests.get(&request).map_or(1, |request| request.retry.tries());
        let event = BreakerEvent::Admitted { request, call, to, door, era, is_probe, attempt };
        self.outbox.tell(event);
        self.outbox.send(to, BreakerMessage::Call { call, era, until_us: due_us });
        self.timeouts.insert((due_us, call));
        self.calls.insert(call, Call { request, permit, era, slot, sent_us, due_us });
    }

    fn answered(&mut self, call: CallId, answer: Answer) {
        if let Some(request) = self.given_up.remove(&call) {
            self.outbox.tell(BreakerEvent::CameTooLate { call });
            if self.policy.delivers_late && answer == Answer::Done {
                let event = BreakerEvent::Over { request, end: End::Served, took_us: 0 };
                self.outbox.tell(event);
            }
            return;
        }
        if let Answer::NotHere { leader } = answer {
            return self.redirect(call, leader);
        }
        let outcome = if answer == Answer::Done { Outcome::Success } else { Outcome::Failure };
        self.over(call, outcome);
    }

    /// The server is well and right, and another one leads: that says nothing against either, and
    /// the request goes there at once.
    fn redirect(&mut self, id: CallId, leader: NodeId) {
        let Some(call) = self.hear(id, Outcome::Excluded) else { return };
        self.asks = leader;
        let Some(request) = self.requests.get_mut(&call.request) else { return };
        if request.hops >= MOST_HOPS {
            return self.failed(call.request, End::Failed(GiveUp::NotRetryable));
        }
        request.hops += 1;
        self.outbox.tell(BreakerEvent::Redirected { request: call.request, to: leader });
        self.call(call.request);
    }

    /// A call has ended, and the request goes on or is over.
    fn over(&mut self, id: CallId, outcome: Outcome) {
        let Some(call) = self.hear(id, outcome) else { return };
        if outcome == Outcome::Success {
            if let Some(budget) = &mut self.budget {
                budget.success();
            }
            return self.end(call.request, End::Served);
        }
        if self.cast == Cast::Network {
            self.ask_another();
        }
        self.failed(call.request, End::Failed(GiveUp::NotRetryable));
    }

    /// A server of the cluster that does not serve may not lead, or not any more.
    fn ask_another(&mut self) {
        let (first, end) = self.cluster;
        let next = self.asks.0 + 1;
        self.asks = if next < end { NodeId(next) } else { first };
    }

    /// A call has ended: the breaker hears of it.
    fn hear(&mut self, id: CallId, outcome: Outcome) -> Option<Call> {
        let call = self.calls.remove(&id)?;
        self.timeouts.remove(&(call.due_us, id));
        let took_us = self.now_us - call.sent_us.min(self.now_us);
        if let Some(door) = call.permit.and_then(|(place, _)| self.doors.get_mut(place)) {
            door.handle_deadline(self.now_us);
        }
        self.tell_moves();
        let (mut door, mut reported) = (None, None);
        if let Some((place, permit)) = call.permit
            && let Some(found) = self.doors.get_mut(place)
        {
            reported = Some(found.report(permit, self.now_us, outcome));
            door = Some(place as u8);
        }
        let era = call.era;
        let event = BreakerEvent::Ended { call: id, door, era, outcome, reported, took_us };
        self.outbox.tell(event);
        self.leave(call.slot);
        self.tell_moves();
        Some(call)
    }

    /// A try has failed: there is another one later, or the request is over.
    fn failed(&mut self, id: RequestId, end: End) {
        let draw = self.jitter.next_u64();
        let Some(request) = self.requests.get_mut(&id) else { return };
        match request.retry.failed(self.now_us, true, draw, self.budget.as_mut()) {
            Next::RetryAt { at_us, retry } => {
                self.retries.insert((at_us, id));
                self.outbox.tell(BreakerEvent::RetriesAt { request: id, at_us, retry });
            }
            Next::GiveUp(why) => {
                let end = if end == End::Rejected { end } else { End::Failed(why) };
                self.end(id, end);
            }
        }
    }

    fn end(&mut self, id: RequestId, end: End) {
        let Some(request) = self.requests.remove(&id) else { return };
        let took_us = self.now_us - request.begun_us.min(self.now_us);
        self.outbox.tell(BreakerEvent::Over { request: id, end, took_us });
    }

    fn leave(&mut self, slot: Option<Slot>) {
        if let Some((bulkhead, slot)) = self.bulkhead.as_mut().zip(slot) {
            bulkhead.leave(slot, self.now_us);
        }
    }

    fn tell_moves(&mut self) {
        for (place, door) in self.doors.iter_mut().enumerate() {
            while let Some(transition) = door.poll_transition() {
                let door = place as u8;
                self.outbox.tell(BreakerEvent::Moved { door, transition });
            }
        }
    }
}
