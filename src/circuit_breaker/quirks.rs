//! Breakers as they are found in the wild, each with its habits, to be held beside the genuine one.
//!
//! A [`Quirk`] is one edge of the pattern decided differently, as some library in use decides it. A
//! [`QuirkyBreaker`] is a second machine, so that the genuine one has no switch to get wrong:
//! without quirks it does exactly what [`Breaker`](super::Breaker) does, which a test shows act by
//! act. It knows neither moves by hand nor [`Guards`](super::Guards).
//!
//! [`PRESETS`] are sets of quirks as they occur together, named by what they do.

use super::outstanding::{Outstanding, Settling};
use super::probes::{Probe, Probes};
use super::windows::{CountRing, TimeRing, TrippedBy};
use super::{
    Cause, Cell, Config, ConfigError, Generation, Late, Outcome, Permit, Rate, Rates, Reason,
    Rejected, Reported, State, Tally, Transition, Verdict, WindowKind,
};

/// One edge decided differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Quirk {
    /// The threshold must be exceeded: of five, the sixth failure opens.
    StrictThreshold,
    /// At exactly the deadline a call is still rejected.
    StrictDeadline,
    /// While half-open everybody may go.
    UnlimitedProbes,
    /// A result counts whenever it comes: permits say nothing about when they were given.
    NoGenerations,
    /// And one that comes while the breaker is open closes it, if it is a success.
    SuccessClosesWhileOpen,
    /// And if it is a failure the wait begins anew.
    FailureExtendsTheWait,
    /// The window only ever grows: old successes weigh as much as new failures.
    WindowNeverSlides,
    /// Rejected calls are in the window, as calls that did not fail; closing does not empty it.
    RejectionsCounted,
    /// To look at the state may change it.
    ReadingMoves,
    /// A probe that never reports keeps its slot for ever.
    NoLease,
    /// What is not a failure is a success, even if the caller gave up.
    CancelledIsSuccess,
    /// A success may open: rates are looked at after every call.
    SuccessMayOpen,
}

/// A set of quirks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Quirks(u16);

impl Quirks {
    /// The set of these.
    pub const fn of(quirks: &[Quirk]) -> Quirks {
        let (mut set, mut at) = (0, 0);
        while at < quirks.len() {
            set |= 1 << quirks[at] as u16;
            at += 1;
        }
        Quirks(set)
    }

    /// Whether `quirk` is among them.
    pub const fn has(self, quirk: Quirk) -> bool {
        self.0 & 1 << quirk as u16 != 0
    }
}

/// Quirks that occur together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Preset {
    /// How scripts and addresses call it.
    pub name: &'static str,
    /// What is different, in one sentence.
    pub what: &'static str,
    /// Which quirks.
    pub quirks: Quirks,
}

macro_rules! presets {
    ($($name:literal $what:literal [$($quirk:ident)*])*) => {
        /// Behaviours in use, the genuine one first.
        pub const PRESETS: &[Preset] = &[
            $(Preset { name: $name, what: $what, quirks: Quirks::of(&[$(Quirk::$quirk),*]) },)*
        ];
    };
}

presets! {
    "genuine"
        "As it should be."
        []
    "one-more"
        "One failure more opens, and one tick later a call is a probe."
        [StrictThreshold StrictDeadline ReadingMoves]
    "strict-deadline"
        "At exactly the deadline a call is still rejected."
        [StrictDeadline]
    "herd"
        "While half-open everybody goes at once, and the first success closes."
        [StrictDeadline UnlimitedProbes NoGenerations]
    "stale-success"
        "A success from before the opening closes while half-open."
        [NoGenerations]
    "any-success-closes"
        "A success from before the opening closes even while open."
        [NoGenerations SuccessClosesWhileOpen RejectionsCounted]
    "endless-failures"
        "Failures from before the opening make the wait begin anew."
        [NoGenerations FailureExtendsTheWait]
    "long-memory"
        "The window never slides, so a long healthy past hides a failing present."
        [WindowNeverSlides]
    "wedged"
        "A probe that never reports keeps its slot, and the breaker stays half-open for ever."
        [NoLease]
    "cancelled-closes"
        "A probe whose caller gave up closes."
        [CancelledIsSuccess]
    "success-opens"
        "A success that makes the volume full may open."
        [SuccessMayOpen]
}

/// A breaker with quirks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QuirkyBreaker {
    quirks: Quirks,
    config: Config,
    state: State,
    now_us: u64,
    generation: Generation,
    outstanding: Outstanding,
    consecutive_failures: u32,
    count_ring: Option<CountRing>,
    time_ring: Option<TimeRing>,
    /// All since the breaker closed last, for the window that never slides.
    ever: Tally,
    probes: Probes,
    wait_us: u64,
    draw: Option<u64>,
    transitions: Vec<Transition>,
}

impl QuirkyBreaker {
    /// A closed breaker.
    pub fn new(config: Config, quirks: Quirks) -> Result<QuirkyBreaker, ConfigError> {
        config.validate()?;
        Ok(QuirkyBreaker {
            quirks,
            state: State::Closed,
            now_us: 0,
            generation: Generation(0),
            outstanding: Outstanding::new(),
            consecutive_failures: 0,
            count_ring: config.trip.count_window.map(CountRing::new),
            time_ring: config.trip.time_window.map(TimeRing::new),
            ever: Tally::default(),
            probes: Probes::default(),
            wait_us: config.wait.first_us,
            draw: None,
            transitions: Vec::new(),
            config,
        })
    }

    /// As [`Breaker::acquire`](super::Breaker::acquire).
    pub fn acquire(&mut self, now_us: u64) -> Result<Permit, Rejected> {
        self.handle_deadline(now_us);
        let reason = match self.state {
            State::HalfOpen if self.has_slot() => {
                let serial = self.outstanding.next();
                self.probes.admit(serial, self.now_us, self.config.half_open.lease_us);
                None
            }
            State::HalfOpen => Some(Reason::ProbesUnderWay),
            State::Open { .. } => Some(Reason::Open),
            _ => None,
        };
        let Some(reason) = reason else {
            let (generation, serial) = (self.generation, self.outstanding.give());
            return Ok(Permit { generation, serial, admitted_us: self.now_us });
        };
        if self.has(Quirk::RejectionsCounted) {
            self.push(Cell::default());
        }
        let due_us = self.deadline_us();
        let retry_after_us = due_us.map(|due_us| due_us.saturating_sub(self.now_us));
        Err(Rejected { reason, retry_after_us })
    }

    /// As [`Breaker::report`](super::Breaker::report).
    pub fn report(&mut self, permit: Permit, now_us: u64, outcome: Outcome) -> Reported {
        self.handle_deadline(now_us);
        let of_this_era = permit.generation == self.generation;
        if !self.has(Quirk::NoGenerations) {
            if !of_this_era {
                return Reported::Late(Late::OtherGeneration);
            }
            match self.outstanding.settle(permit.serial) {
                Settling::First => {}
                Settling::Again => return Reported::Late(Late::Settled),
                Settling::Forgotten => return Reported::Late(Late::Forgotten),
            }
        }
        if of_this_era {
            self.probes.take(permit.serial);
        }
        let outcome = match outcome {
            Outcome::Cancelled | Outcome::Excluded if self.has(Quirk::CancelledIsSuccess) => {
                Outcome::Success
            }
            outcome => outcome,
        };
        if outcome.is_neutral() {
            return Reported::Neutral;
        }
        let took_us = self.now_us.saturating_sub(permit.admitted_us);
        let slow = self.config.slow_from_us.is_some_and(|from_us| took_us >= from_us);
        let cell = Cell { failed: outcome == Outcome::Failure, slow };
        match self.state {
            State::HalfOpen => self.judge_probe(permit.serial, cell),
            State::Open { .. } => self.hear_while_open(cell),
            _ => self.count(cell),
        }
        Reported::Counted
    }

    /// What it is. To ask may change it: [`Quirk::ReadingMoves`].
    pub fn read_state(&mut self, now_us: u64) -> State {
        if self.has(Quirk::ReadingMoves) {
            self.handle_deadline(now_us);
        }
        self.state
    }

    /// What it is, as of the latest call. To look at it like this changes nothing.
    pub fn state(&self) -> State {
        self.state
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

    /// Failures in a row, up to now.
    pub fn consecutive_failures(&self) -> u32 {
        self.consecutive_failures
    }

    /// The probes under way, oldest first.
    pub fn probes(&self) -> &[Probe] {
        self.probes.list()
    }

    /// The present era.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// As [`Breaker::offer_draw`](super::Breaker::offer_draw).
    pub fn offer_draw(&mut self, now_us: u64, draw: u64) {
        self.handle_deadline(now_us);
        self.draw = Some(draw);
    }

    /// As [`Breaker::poll_transition`](super::Breaker::poll_transition).
    pub fn poll_transition(&mut self) -> Option<Transition> {
        (!self.transitions.is_empty()).then(|| self.transitions.remove(0))
    }

    /// As [`Breaker::deadline_us`](super::Breaker::deadline_us).
    pub fn deadline_us(&self) -> Option<u64> {
        match self.state {
            State::Open { until_us } => {
                Some(until_us.saturating_add(self.has(Quirk::StrictDeadline).into()))
            }
            State::HalfOpen if !self.has(Quirk::NoLease) => self.probes.next_expiry_us(),
            _ => None,
        }
    }

    /// As [`Breaker::handle_deadline`](super::Breaker::handle_deadline).
    pub fn handle_deadline(&mut self, now_us: u64) {
        self.now_us = self.now_us.max(now_us);
        while let Some(due_us) = self.deadline_us().filter(|due_us| *due_us <= self.now_us) {
            if let State::Open { .. } = self.state {
                self.enter(due_us, State::HalfOpen, Cause::WaitOver);
            } else if let Some(probe) = self.probes.list().first().copied() {
                self.probes.take(probe.serial);
                self.outstanding.settle(probe.serial);
                self.probe_failed(due_us, Cause::LeaseExpired { serial: probe.serial });
            }
        }
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.has(quirk)
    }

    fn has_slot(&self) -> bool {
        let free = self.probes.under_way() < self.config.half_open.probes;
        free || self.has(Quirk::UnlimitedProbes)
    }

    /// Into every window there is.
    fn push(&mut self, cell: Cell) {
        self.count_ring.iter_mut().for_each(|ring| ring.push(cell));
        self.time_ring.iter_mut().for_each(|ring| ring.push(self.now_us, cell));
        self.ever.calls += 1;
        self.ever.failures += u64::from(cell.failed);
        self.ever.slow += u64::from(cell.slow);
    }

    /// A result of the closed breaker, whenever its call was admitted.
    fn count(&mut self, cell: Cell) {
        let row = self.consecutive_failures;
        self.consecutive_failures = if cell.failed { row.saturating_add(1) } else { 0 };
        self.push(cell);
        let may_open = cell.failed || cell.slow || self.has(Quirk::SuccessMayOpen);
        if let Some(cause) = self.tripped(cell).filter(|_| may_open) {
            self.enter_open(self.now_us, cause);
        }
    }

    fn tripped(&self, cell: Cell) -> Option<Cause> {
        let failures = self.consecutive_failures;
        let exceeded_by = u32::from(self.has(Quirk::StrictThreshold));
        let threshold = self.config.trip.consecutive_failures;
        if cell.failed && threshold.is_some_and(|most| failures >= most.saturating_add(exceeded_by))
        {
            return Some(Cause::ConsecutiveFailures { failures });
        }
        let trip = &self.config.trip;
        let count = trip.count_window.map(|window| window.rates).zip(self.count_ring.as_ref());
        let count = count.map(|(rates, ring)| (WindowKind::Count, rates, ring.tally()));
        let time = trip.time_window.map(|window| window.rates).zip(self.time_ring.as_ref());
        let time = time.map(|(rates, ring)| (WindowKind::Time, rates, ring.tally()));
        let mut windows = count.into_iter().chain(time);
        windows.find_map(|(window, rates, tally)| {
            let tally = if self.has(Quirk::WindowNeverSlides) { self.ever } else { tally };
            let Tally { calls, failures, slow } = tally;
            Some(match self.trips(tally, rates, cell)? {
                TrippedBy::Failures => Cause::FailureRate { window, failures, calls },
                TrippedBy::Slow => Cause::SlowRate { window, slow, calls },
            })
        })
    }

    fn trips(&self, tally: Tally, rates: Rates, cell: Cell) -> Option<TrippedBy> {
        // Whoever looks after every call looks at both rates.
        let any = self.has(Quirk::SuccessMayOpen);
        let looked_at = Cell { failed: cell.failed || any, slow: cell.slow || any };
        if !self.has(Quirk::StrictThreshold) {
            return tally.trips(rates, looked_at);
        }
        let exceeded = |rate: Option<Rate>, part: u64| {
            // A rate that is met is not exceeded.
            let met = |rate: Rate| Rate::of(part, tally.calls) == Some(rate);
            rate.filter(|rate| !met(*rate))
        };
        let failures = exceeded(rates.failures, tally.failures);
        let slow = exceeded(rates.slow, tally.slow);
        tally.trips(Rates { failures, slow, ..rates }, looked_at)
    }

    /// A result that comes while the breaker is open. Only without generations it gets here.
    fn hear_while_open(&mut self, cell: Cell) {
        if !cell.failed && self.has(Quirk::SuccessClosesWhileOpen) {
            self.enter(self.now_us, State::Closed, Cause::ProbesSucceeded { successes: 1, of: 1 });
        } else if cell.failed && self.has(Quirk::FailureExtendsTheWait) {
            let until_us = self.now_us.saturating_add(self.wait_us);
            self.state = State::Open { until_us };
        }
    }

    fn judge_probe(&mut self, serial: u64, cell: Cell) {
        if cell.failed {
            return self.probe_failed(self.now_us, Cause::ProbeFailed { serial });
        }
        if cell.slow && self.config.opens_on_slow_calls() {
            return self.probe_failed(self.now_us, Cause::ProbeSlow { serial });
        }
        self.probes.successes += 1;
        let successes = self.probes.successes;
        match self.config.half_open.verdict {
            Verdict::Successes(of) if successes >= of => {
                self.enter(self.now_us, State::Closed, Cause::ProbesSucceeded { successes, of });
            }
            Verdict::Successes(_) => {}
            Verdict::FailureRate { .. } => self.judge_probe_rate(self.now_us),
        }
    }

    fn probe_failed(&mut self, at_us: u64, cause: Cause) {
        self.probes.failures += 1;
        match self.config.half_open.verdict {
            Verdict::Successes(_) => self.reopen(at_us, cause),
            Verdict::FailureRate { .. } => self.judge_probe_rate(at_us),
        }
    }

    fn judge_probe_rate(&mut self, at_us: u64) {
        let Verdict::FailureRate { of, opens_from } = self.config.half_open.verdict else { return };
        let Probes { successes, failures, .. } = self.probes;
        let results = u64::from(successes) + u64::from(failures);
        if results < of.into() {
            return;
        }
        if opens_from.is_reached_by(failures.into(), results) {
            self.reopen(at_us, Cause::ProbeFailureRate { failures, of });
        } else {
            self.enter(at_us, State::Closed, Cause::ProbesSucceeded { successes, of });
        }
    }

    fn reopen(&mut self, at_us: u64, cause: Cause) {
        self.wait_us = self.config.wait.grown_us(self.wait_us);
        self.enter_open(at_us, cause);
    }

    fn enter_open(&mut self, at_us: u64, cause: Cause) {
        let wait_us = self.config.wait.jittered_us(self.wait_us, self.draw.take());
        self.enter(at_us, State::Open { until_us: at_us.saturating_add(wait_us) }, cause);
    }

    fn enter(&mut self, at_us: u64, to: State, cause: Cause) {
        let from = self.state;
        self.state = to;
        self.generation = Generation(self.generation.0.saturating_add(1));
        self.outstanding.begin_era();
        self.probes.clear();
        if to == State::Closed {
            self.wait_us = self.config.wait.first_us;
            self.consecutive_failures = 0;
            if !self.has(Quirk::RejectionsCounted) {
                self.count_ring.iter_mut().for_each(|ring| ring.clear());
                self.time_ring.iter_mut().for_each(|ring| ring.clear());
                self.ever = Tally::default();
            }
        }
        if self.transitions.len() == super::MOST_TRANSITIONS_KEPT {
            self.transitions.remove(0);
        }
        let generation = self.generation;
        self.transitions.push(Transition { at_us, from, to, generation, cause });
    }
}
