//! What can be read off a breaker. None of it changes anything.

use super::{
    Breaker, Cell, Config, Generation, Late, Outcome, Probe, Rate, Rates, Reason, State, Tally,
};

/// Everything that was counted since the breaker was built. What is late is in no other count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Totals {
    /// Calls that were let go, for whatever reason.
    pub admitted: u64,
    /// Of those, first tries that a breaker for retries alone let go though it was not closed.
    pub let_through: u64,
    /// Results that were counted as successes.
    pub successes: u64,
    /// And as failures.
    pub failures: u64,
    /// Of both, how many were slow.
    pub slow: u64,
    /// Calls that their callers gave up.
    pub cancelled: u64,
    /// Calls whose outcome was excluded.
    pub excluded: u64,
    /// Calls that were rejected because the breaker was open.
    pub rejected_open: u64,
    /// Because there were probes enough.
    pub rejected_probes_under_way: u64,
    /// Because somebody held the breaker open.
    pub rejected_forced_open: u64,
    /// Successes that came late.
    pub late_successes: u64,
    /// Failures that came late.
    pub late_failures: u64,
    /// Other outcomes that came late.
    pub late_neutral: u64,
    /// Of the late ones, how many were of the present era: reported twice, after their lease, or
    /// overtaken by very many others.
    pub late_in_era: u64,
    /// Probes that did not report in time.
    pub leases_expired: u64,
    /// How often the breaker has opened.
    pub openings: u64,
    /// Transitions that nobody took before there were too many.
    pub transitions_dropped: u64,
}

impl Totals {
    pub(super) fn count(&mut self, outcome: Outcome, slow: bool) {
        match outcome {
            Outcome::Success => self.successes += 1,
            Outcome::Failure => self.failures += 1,
            Outcome::Cancelled => self.cancelled += 1,
            Outcome::Excluded => self.excluded += 1,
        }
        self.slow += u64::from(slow && !outcome.is_neutral());
    }

    pub(super) fn count_rejection(&mut self, reason: Reason) {
        match reason {
            Reason::Open => self.rejected_open += 1,
            Reason::ProbesUnderWay => self.rejected_probes_under_way += 1,
            Reason::ForcedOpen => self.rejected_forced_open += 1,
        }
    }

    pub(super) fn count_late(&mut self, late: Late, outcome: Outcome) {
        match outcome {
            Outcome::Success => self.late_successes += 1,
            Outcome::Failure => self.late_failures += 1,
            Outcome::Cancelled | Outcome::Excluded => self.late_neutral += 1,
        }
        self.late_in_era += u64::from(!matches!(late, Late::OtherGeneration));
    }

    /// All that came late.
    pub fn late(&self) -> u64 {
        self.late_successes + self.late_failures + self.late_neutral
    }

    /// All that was rejected.
    pub fn rejected(&self) -> u64 {
        self.rejected_open + self.rejected_probes_under_way + self.rejected_forced_open
    }
}

/// What a window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WindowReading {
    /// What is in it.
    pub tally: Tally,
    /// The rate of failures; none before there are calls enough.
    pub failure_rate: Option<Rate>,
    /// The rate of slow calls; likewise.
    pub slow_rate: Option<Rate>,
}

impl WindowReading {
    fn of(tally: Tally, rates: Rates) -> WindowReading {
        WindowReading {
            tally,
            failure_rate: tally.failure_rate(rates.minimum_calls),
            slow_rate: tally.slow_rate(rates.minimum_calls),
        }
    }
}

/// All that there is to see of a breaker at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// What it is.
    pub state: State,
    /// The present era.
    pub generation: Generation,
    /// Calls of this era that have not reported.
    pub in_flight: u64,
    /// How long it will stay open, in microseconds.
    pub remaining_us: Option<u64>,
    /// Failures in a row, up to now.
    pub consecutive_failures: u32,
    /// The window over calls, if there is one.
    pub count_window: Option<WindowReading>,
    /// The window over time, if there is one.
    pub time_window: Option<WindowReading>,
    /// Probes under way.
    pub probes_under_way: u32,
    /// Probes of this era that succeeded.
    pub probes_succeeded: u32,
    /// Probes of this era that failed.
    pub probes_failed: u32,
    /// What was counted.
    pub totals: Totals,
}

impl Breaker {
    /// What it was built from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it is, as of the latest call. Time alone may have moved it since: see
    /// [`state_at`](Breaker::state_at).
    pub fn state(&self) -> State {
        self.state
    }

    /// What it is at `now_us`, all deadlines dealt with.
    pub fn state_at(&self, now_us: u64) -> State {
        self.settled_at(now_us).state
    }

    /// The present era, as of the latest call.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Until when it is open, in microseconds, as of the latest call.
    pub fn open_until_us(&self) -> Option<u64> {
        match self.state {
            State::Open { until_us } => Some(until_us),
            _ => None,
        }
    }

    /// What was counted, as of the latest call.
    pub fn totals(&self) -> Totals {
        Totals { admitted: self.totals.admitted + self.outstanding.given(), ..self.totals }
    }

    /// Failures in a row, as of the latest call.
    pub fn consecutive_failures(&self) -> u32 {
        self.consecutive_failures
    }

    /// The probes under way, oldest first, as of the latest call.
    pub fn probes(&self) -> &[Probe] {
        self.probes.list()
    }

    /// What the window over calls holds, oldest first.
    pub fn cells(&self) -> impl Iterator<Item = Cell> {
        self.count_ring.iter().flat_map(|ring| ring.cells())
    }

    /// What the window over time holds at `now_us`, a bucket each, oldest first.
    pub fn buckets(&self, now_us: u64) -> impl Iterator<Item = Tally> {
        let now_us = now_us.max(self.now_us);
        self.time_ring.iter().flat_map(move |ring| ring.buckets_at(now_us))
    }

    /// All that there is to see at `now_us`.
    pub fn snapshot(&self, now_us: u64) -> Snapshot {
        let now_us = now_us.max(self.now_us);
        let settled = self.settled_at(now_us);
        let trip = &self.config.trip;
        let count = trip.count_window.map(|window| window.rates).zip(self.count_ring.as_ref());
        let time = trip.time_window.map(|window| window.rates).zip(self.time_ring.as_ref());
        Snapshot {
            state: settled.state,
            generation: settled.generation,
            in_flight: settled.outstanding.count(),
            remaining_us: settled.open_until_us().map(|until_us| until_us.saturating_sub(now_us)),
            consecutive_failures: self.consecutive_failures,
            count_window: count.map(|(rates, ring)| WindowReading::of(ring.tally(), rates)),
            time_window: time.map(|(rates, ring)| WindowReading::of(ring.tally_at(now_us), rates)),
            probes_under_way: settled.probes.under_way(),
            probes_succeeded: settled.probes.successes,
            probes_failed: settled.probes.failures,
            totals: settled.totals(),
        }
    }

    /// A copy that has dealt with all deadlines up to `now_us`: what a reader sees is what a call
    /// would find, and reading moves nothing.
    pub(super) fn settled_at(&self, now_us: u64) -> Breaker {
        let mut copy = self.clone();
        copy.handle_deadline(now_us);
        copy
    }
}
