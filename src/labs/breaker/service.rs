//! A service: it takes calls into a queue, works on a few at a time, and may depend on another.
//!
//! What is under way makes all of it slower, and work is done for callers who have given up as for
//! others: that is what lets an overload outlive its cause (Bronson and others, "Metastable
//! Failures in Distributed Systems", HotOS 2021).

use std::collections::VecDeque;

use super::outbox::Outbox;
use super::system::{Answer, BreakerEvent, BreakerMessage, BreakerProcess, BreakerRequest, CallId};
use crate::circuit_breaker::Generation;
use crate::random::Random;
use crate::sim::{Delay, Input, NodeId, Output};
use crate::sorted::SortedMap;

/// How a service does. All of it can be changed while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Health {
    /// How long a call takes by itself.
    pub work: Delay,
    /// How much longer it takes for each other call that is under way, in microseconds.
    pub per_other_us: u32,
    /// How many calls fail, in millionths.
    pub errors_ppm: u32,
    /// How many calls hang, in millionths: they keep a worker for [`HANGS_FOR_US`] and then fail.
    pub hangs_ppm: u32,
    /// How many calls are worked on at a time.
    pub workers: u32,
    /// How many more may wait.
    pub queue: u32,
    /// Whether it leaves calls undone for which nobody waits any more.
    pub drops_expired: bool,
}

/// For so long a call that hangs keeps its worker.
pub const HANGS_FOR_US: u64 = 60_000_000;

/// For so long a service waits for what it depends on; then the call has failed.
pub const ASKS_FOR_US: u64 = 5_000_000;

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    health: Health,
    /// What it asks for each call before it answers.
    depends_on: Option<NodeId>,
    random: Random,
    waiting: VecDeque<Job>,
    /// By when they are done, and a number.
    at_work: SortedMap<(u64, u64), Job>,
    /// Calls for which it waits for what it depends on, and until when. They keep their workers.
    asking: SortedMap<CallId, (u64, Job)>,
    begun: u64,
    asked: u64,
    /// Differs from boot to boot.
    boot: u64,
    outbox: Outbox,
}

/// A call at a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Job {
    from: NodeId,
    call: CallId,
    era: Generation,
    until_us: u64,
    fails: bool,
}

impl Service {
    pub(super) fn boot(health: Health, depends_on: Option<NodeId>, seed: u64) -> Service {
        Service {
            health,
            depends_on,
            random: Random::from_seed(seed),
            waiting: VecDeque::new(),
            at_work: SortedMap::new(),
            asking: SortedMap::new(),
            begun: 0,
            asked: 0,
            boot: seed,
            outbox: Outbox::default(),
        }
    }

    /// How it does.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// How many calls wait in its queue.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many workers have a call.
    pub fn busy(&self) -> usize {
        self.at_work.len() + self.asking.len()
    }

    pub(super) fn handle(&mut self, now_us: u64, input: Input<BreakerProcess>) {
        match input {
            Input::Message { from, message: BreakerMessage::Call { call, era, until_us } } => {
                self.take(Job { from, call, era, until_us, fails: false });
            }
            Input::Message { message: BreakerMessage::Answer { call, answer, .. }, .. } => {
                if let Some((_, mut job)) = self.asking.remove(&call) {
                    job.fails |= answer != Answer::Done;
                    self.answer(now_us, job);
                }
            }
            Input::Request(BreakerRequest::Do(health)) => self.health = health,
            Input::Deadline => self.finish(now_us),
            Input::Message { .. } | Input::Request(_) | Input::Synced { .. } => {}
        }
        self.work(now_us);
    }

    pub(super) fn poll(&mut self) -> Option<Output<BreakerProcess>> {
        self.outbox.poll()
    }

    pub(super) fn deadline_us(&self) -> Option<u64> {
        let given_up = self.asking.first_key_value().map(|(_, (until_us, _))| *until_us);
        self.done_us().into_iter().chain(given_up).min()
    }

    /// When the next worker is done by itself.
    fn done_us(&self) -> Option<u64> {
        self.at_work.first_key_value().map(|((done_us, _), _)| *done_us)
    }

    /// Takes a call into the queue, or turns it away.
    fn take(&mut self, job: Job) {
        let idle = (self.health.workers as usize).saturating_sub(self.busy());
        if self.waiting.len() >= idle + self.health.queue as usize {
            self.outbox.tell(BreakerEvent::TurnedAway);
            return self.send(job, Answer::Busy);
        }
        self.waiting.push_back(job);
        if idle == 0 {
            let waiting = self.waiting.len() as u32;
            self.outbox.tell(BreakerEvent::Queued { waiting });
        }
    }

    /// Gives waiting calls to idle workers.
    fn work(&mut self, now_us: u64) {
        while self.busy() < self.health.workers as usize {
            let Some(mut job) = self.waiting.pop_front() else { return };
            if self.health.drops_expired && job.is_over(now_us) {
                continue;
            }
            // Drawn in the same order whatever comes of it, so that a change of one rate does not
            // shift the draws of the other.
            let (fails, hangs) = (
                self.random.chance(self.health.errors_ppm),
                self.random.chance(self.health.hangs_ppm),
            );
            let own_us = self.health.work.draw_us(&mut self.random);
            let others = (self.busy() + self.waiting.len()) as u64;
            let slower_us = others.saturating_mul(self.health.per_other_us.into());
            job.fails = fails || hangs;
            let takes_us = if hangs { HANGS_FOR_US } else { own_us.saturating_add(slower_us) };
            self.begun += 1;
            self.at_work.insert((now_us.saturating_add(takes_us), self.begun), job);
        }
    }

    /// Calls whose work is done are answered, or what they depend on is asked.
    fn finish(&mut self, now_us: u64) {
        while self.done_us().is_some_and(|done_us| done_us <= now_us) {
            let Some((_, job)) = self.at_work.pop_first() else { return };
            match self.depends_on {
                Some(to) if !job.fails => {
                    self.asked += 1;
                    let call = CallId { boot: self.boot, number: self.asked };
                    let Job { era, until_us, .. } = job;
                    self.outbox.send(to, BreakerMessage::Call { call, era, until_us });
                    self.asking.insert(call, (now_us.saturating_add(ASKS_FOR_US), job));
                }
                _ => self.answer(now_us, job),
            }
        }
        let is_over = |(_, (until_us, _)): (&CallId, &(u64, Job))| *until_us <= now_us;
        while self.asking.first_key_value().is_some_and(is_over) {
            let Some((_, (_, job))) = self.asking.pop_first() else { return };
            self.answer(now_us, Job { fails: true, ..job });
        }
    }

    fn answer(&mut self, now_us: u64, job: Job) {
        if job.is_over(now_us) {
            self.outbox.tell(BreakerEvent::InVain);
        }
        self.send(job, if job.fails { Answer::Failed } else { Answer::Done });
    }

    fn send(&mut self, job: Job, answer: Answer) {
        let Job { from, call, era, .. } = job;
        self.outbox.send(from, BreakerMessage::Answer { call, era, answer });
    }
}

impl Job {
    /// Whether its caller has given up.
    fn is_over(&self, now_us: u64) -> bool {
        self.until_us > 0 && self.until_us <= now_us
    }
}
