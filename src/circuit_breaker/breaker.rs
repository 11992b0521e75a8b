//! The breaker itself: who may call, and what a result means.

use super::outstanding::{Outstanding, Settling};
use super::probes::Probes;
use super::windows::{CountRing, TimeRing};
use super::{
    Cell, Config, ConfigError, Generation, Guards, Late, Outcome, Permit, Reason, Rejected,
    Reported, State, Totals, Transition,
};

/// A circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Breaker {
    pub(super) state: State,
    /// The latest time that anybody gave.
    pub(super) now_us: u64,
    pub(super) generation: Generation,
    pub(super) outstanding: Outstanding,
    pub(super) consecutive_failures: u32,
    /// `u64::MAX`: nothing is slow. A call that took so long would be.
    slow_from_us: u64,
    pub(super) count_ring: Option<CountRing>,
    pub(super) time_ring: Option<TimeRing>,
    pub(super) probes: Probes,
    /// How long the breaker stays open the next time, before jitter.
    pub(super) wait_us: u64,
    /// What the caller drew for it.
    pub(super) draw: Option<u64>,
    pub(super) totals: Totals,
    /// What nobody has taken yet, oldest first.
    pub(super) transitions: Vec<Transition>,
    pub(super) config: Config,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(config: Config) -> Result<Breaker, ConfigError> {
        config.validate()?;
        Ok(Breaker {
            state: State::Closed,
            now_us: 0,
            generation: Generation(0),
            outstanding: Outstanding::new(),
            consecutive_failures: 0,
            slow_from_us: config.slow_from_us.unwrap_or(u64::MAX),
            count_ring: config.trip.count_window.map(CountRing::new),
            time_ring: config.trip.time_window.map(TimeRing::new),
            probes: Probes::default(),
            wait_us: config.wait.first_us,
            draw: None,
            totals: Totals::default(),
            transitions: Vec::new(),
            config,
        })
    }

    /// Asks to make a call at `now_us`. A time before the latest one counts as the latest.
    #[inline]
    pub fn acquire(&mut self, now_us: u64) -> Result<Permit, Rejected> {
        let now_us = self.advance(now_us);
        match self.state {
            State::Closed => {}
            State::Open { until_us } if now_us < until_us => {
                self.totals.rejected_open += 1;
                let retry_after_us = Some(until_us - now_us);
                return Err(Rejected { reason: Reason::Open, retry_after_us });
            }
            _ => {
                if let Err(reason) = self.decide(now_us) {
                    self.totals.count_rejection(reason);
                    return Err(Rejected { reason, retry_after_us: self.retry_after_us(now_us) });
                }
            }
        }
        Ok(self.permit(now_us))
    }

    /// Likewise for the first try of a request. A breaker that guards
    /// [retries only](Guards::RetriesOnly) lets it go in any case.
    pub fn acquire_first_try(&mut self, now_us: u64) -> Result<Permit, Rejected> {
        if self.config.guards == Guards::AllCalls {
            return self.acquire(now_us);
        }
        let now_us = self.advance(now_us);
        if self.decide(now_us).is_err() {
            self.totals.let_through += 1;
        }
        Ok(self.permit(now_us))
    }

    /// Tells how the call of `permit` ended, at `now_us`.
    #[inline(always)]
    pub fn report(&mut self, permit: Permit, now_us: u64, outcome: Outcome) -> Reported {
        let now_us = self.advance(now_us);
        let Permit { generation, serial, admitted_us } = permit;
        if self.state != State::Closed
            || generation != self.generation
            || self.outstanding.settle(serial) != Settling::First
        {
            return self.report_rarely(generation, serial, admitted_us, now_us, outcome);
        }
        if outcome != Outcome::Success || self.is_slow(admitted_us, now_us) {
            return self.count(admitted_us, now_us, outcome);
        }
        self.totals.successes += 1;
        self.consecutive_failures = 0;
        if let Some(ring) = &mut self.count_ring {
            ring.push_good();
        }
        if let Some(ring) = &mut self.time_ring {
            ring.push_good(now_us);
        }
        Reported::Counted
    }

    /// The later of `now_us` and the latest time given before: a clock never goes back here.
    ///
    /// A branch, not a maximum: processors guess it right, and need not wait for what the call
    /// before has stored. That is worth 2 ns a call.
    #[inline(always)]
    pub(super) fn advance(&mut self, now_us: u64) -> u64 {
        if now_us < self.now_us {
            return self.stand_still();
        }
        self.now_us = now_us;
        now_us
    }

    #[cold]
    #[inline(never)]
    fn stand_still(&self) -> u64 {
        self.now_us
    }

    #[inline(always)]
    fn permit(&mut self, admitted_us: u64) -> Permit {
        Permit { generation: self.generation, serial: self.outstanding.give(), admitted_us }
    }

    /// Whether a call may go, once all deadlines up to `now_us` are dealt with. If so it must: a
    /// probe's slot is taken for it.
    #[inline(never)]
    fn decide(&mut self, now_us: u64) -> Result<(), Reason> {
        self.settle(now_us);
        match self.state {
            State::Closed | State::Disabled | State::MetricsOnly => Ok(()),
            State::Open { .. } => Err(Reason::Open),
            State::HalfOpen if self.probes.under_way() < self.config.half_open.probes => {
                let serial = self.outstanding.next();
                self.probes.admit(serial, now_us, self.config.half_open.lease_us);
                Ok(())
            }
            State::HalfOpen => Err(Reason::ProbesUnderWay),
            State::ForcedOpen => Err(Reason::ForcedOpen),
        }
    }

    fn retry_after_us(&self, now_us: u64) -> Option<u64> {
        self.deadline_us().map(|due_us| due_us.saturating_sub(now_us))
    }

    /// Everything but the first report of a call of this era to a closed breaker. A permit in
    /// pieces stays in registers.
    #[inline(never)]
    fn report_rarely(
        &mut self,
        generation: Generation,
        serial: u64,
        admitted_us: u64,
        now_us: u64,
        outcome: Outcome,
    ) -> Reported {
        self.settle(now_us);
        let late = if generation != self.generation {
            Some(Late::OtherGeneration)
        } else {
            match self.outstanding.settle(serial) {
                Settling::First => None,
                Settling::Again => Some(Late::Settled),
                Settling::Forgotten => Some(Late::Forgotten),
            }
        };
        if let Some(late) = late {
            self.totals.count_late(late, outcome);
            return Reported::Late(late);
        }
        match self.state {
            State::Closed | State::MetricsOnly => self.count(admitted_us, now_us, outcome),
            State::HalfOpen if self.probes.take(serial) => {
                let slow = self.count_total(admitted_us, now_us, outcome);
                if outcome.is_neutral() {
                    return Reported::Neutral;
                }
                self.judge_probe(serial, now_us, outcome, slow);
                Reported::Counted
            }
            State::Disabled => {
                self.count_total(admitted_us, now_us, outcome);
                if outcome.is_neutral() { Reported::Neutral } else { Reported::Counted }
            }
            State::HalfOpen | State::Open { .. } | State::ForcedOpen => Reported::LetThrough,
        }
    }

    /// A result that enters the windows.
    #[inline(never)]
    fn count(&mut self, admitted_us: u64, now_us: u64, outcome: Outcome) -> Reported {
        let slow = self.count_total(admitted_us, now_us, outcome);
        if outcome.is_neutral() {
            return Reported::Neutral;
        }
        let failed = outcome == Outcome::Failure;
        self.consecutive_failures =
            if failed { self.consecutive_failures.saturating_add(1) } else { 0 };
        let cell = Cell { failed, slow };
        if let Some(ring) = &mut self.count_ring {
            ring.push(cell);
        }
        if let Some(ring) = &mut self.time_ring {
            ring.push(now_us, cell);
        }
        self.trip_if_due(now_us, cell);
        Reported::Counted
    }

    /// Counts a result, and says whether the call was slow.
    fn count_total(&mut self, admitted_us: u64, now_us: u64, outcome: Outcome) -> bool {
        let slow = self.is_slow(admitted_us, now_us);
        self.totals.count(outcome, slow);
        slow
    }

    #[inline(always)]
    fn is_slow(&self, admitted_us: u64, now_us: u64) -> bool {
        now_us.saturating_sub(admitted_us) >= self.slow_from_us
    }
}
