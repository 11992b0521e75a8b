//! From state to state: by results, by deadlines, by hand.

use super::windows::TrippedBy;
use super::{
    Breaker, Cause, Cell, Generation, IllegalMove, Outcome, State, Tally, Transition, Verdict,
    WindowKind,
};

/// How many transitions a breaker keeps for [`Breaker::poll_transition`].
pub const MOST_TRANSITIONS_KEPT: usize = 64;

impl Breaker {
    /// The next transition that nobody has taken, oldest first. Of those that nobody takes the
    /// latest [`MOST_TRANSITIONS_KEPT`] are kept.
    pub fn poll_transition(&mut self) -> Option<Transition> {
        (!self.transitions.is_empty()).then(|| self.transitions.remove(0))
    }

    /// When the next transition is due without any call, in microseconds: the end of the wait, or
    /// of the oldest probe's lease. Nobody need act on it: the next call does.
    pub fn deadline_us(&self) -> Option<u64> {
        match self.state {
            State::Open { until_us } => Some(until_us),
            State::HalfOpen => self.probes.next_expiry_us(),
            State::Closed | State::ForcedOpen | State::Disabled | State::MetricsOnly => None,
        }
    }

    /// Deals with every deadline up to `now_us`, for those who drive the breaker by a timer.
    pub fn handle_deadline(&mut self, now_us: u64) {
        let now_us = self.advance(now_us);
        self.settle(now_us);
    }

    /// A draw for the jitter of the next wait, any 64 bits. The next opening uses it up; an opening
    /// that was due before `now_us` and that nobody has noticed yet is not the next.
    pub fn offer_draw(&mut self, now_us: u64, draw: u64) {
        self.handle_deadline(now_us);
        self.draw = Some(draw);
    }

    /// Whether the next opening would like a draw and has none.
    pub fn wants_draw(&self) -> bool {
        self.draw.is_none() && self.config.wait.jitter > super::Rate::ZERO
    }

    /// Opens it now, for as long as it would stay open by itself. Does nothing if it is open.
    pub fn open(&mut self, now_us: u64) {
        self.handle_deadline(now_us);
        if !matches!(self.state, State::Open { .. }) {
            self.enter_open(self.now_us, Cause::ByHand);
        }
    }

    /// Does not wait any longer. Only an open breaker has something to wait for.
    pub fn half_open(&mut self, now_us: u64) -> Result<(), IllegalMove> {
        self.handle_deadline(now_us);
        match self.state {
            State::Open { .. } => {
                self.enter(self.now_us, State::HalfOpen, Cause::ByHand);
                Ok(())
            }
            State::HalfOpen => Ok(()),
            from => Err(IllegalMove { from }),
        }
    }

    /// Closes it, whatever it is. Does nothing if it is closed.
    pub fn close(&mut self, now_us: u64) {
        self.put_in(now_us, State::Closed);
    }

    /// Closes it and forgets what the windows hold; calls that are under way will be late, also if
    /// it was closed before.
    pub fn reset(&mut self, now_us: u64) {
        self.handle_deadline(now_us);
        if self.state == State::Closed {
            self.begin_generation(State::Closed);
        } else {
            self.enter(self.now_us, State::Closed, Cause::ByHand);
        }
    }

    /// Rejects everything until somebody says otherwise.
    pub fn force_open(&mut self, now_us: u64) {
        self.put_in(now_us, State::ForcedOpen);
    }

    /// Admits everything and looks at nothing until somebody says otherwise.
    pub fn disable(&mut self, now_us: u64) {
        self.put_in(now_us, State::Disabled);
    }

    /// Admits everything and watches, but does not open until somebody says otherwise.
    pub fn watch_only(&mut self, now_us: u64) {
        self.put_in(now_us, State::MetricsOnly);
    }

    fn put_in(&mut self, now_us: u64, state: State) {
        self.handle_deadline(now_us);
        if self.state != state {
            self.enter(self.now_us, state, Cause::ByHand);
        }
    }

    /// Carries out what is due, in the order in which it was due, each at its own time: so it makes
    /// no difference when somebody looks.
    ///
    /// Ends soon: what follows an expired lease is a wait, and after a wait there is no lease.
    pub(super) fn settle(&mut self, now_us: u64) {
        while let Some(due_us) = self.deadline_us().filter(|due_us| *due_us <= now_us) {
            match self.state {
                State::Open { .. } => self.enter(due_us, State::HalfOpen, Cause::WaitOver),
                _ => self.expire_probe(due_us),
            }
        }
    }

    fn expire_probe(&mut self, due_us: u64) {
        let Some(probe) = self.probes.list().first().copied() else { return };
        self.probes.take(probe.serial);
        // Should it still report, it is late.
        self.outstanding.settle(probe.serial);
        self.totals.leases_expired += 1;
        self.probe_failed(due_us, Cause::LeaseExpired { serial: probe.serial });
    }

    /// Opens the closed breaker if the call that ended as `cell` says was one too many. Successes
    /// that were quick never open it, not even by making a window's volume full.
    #[inline(never)]
    pub(super) fn trip_if_due(&mut self, now_us: u64, cell: Cell) {
        if self.state != State::Closed {
            return;
        }
        let failures = self.consecutive_failures;
        let threshold = self.config.trip.consecutive_failures;
        let in_a_row = threshold.is_some_and(|threshold| cell.failed && failures >= threshold);
        let cause = if in_a_row {
            Some(Cause::ConsecutiveFailures { failures })
        } else {
            self.tripping_window(cell)
        };
        if let Some(cause) = cause {
            self.enter_open(now_us, cause);
        }
    }

    fn tripping_window(&self, cell: Cell) -> Option<Cause> {
        let trip = &self.config.trip;
        let count = trip.count_window.map(|window| window.rates).zip(self.count_ring.as_ref());
        let count = count.map(|(rates, ring)| (WindowKind::Count, rates, ring.tally()));
        let time = trip.time_window.map(|window| window.rates).zip(self.time_ring.as_ref());
        let time = time.map(|(rates, ring)| (WindowKind::Time, rates, ring.tally()));
        let mut windows = count.into_iter().chain(time);
        windows.find_map(|(window, rates, tally)| {
            let Tally { calls, failures, slow } = tally;
            Some(match tally.trips(rates, cell)? {
                TrippedBy::Failures => Cause::FailureRate { window, failures, calls },
                TrippedBy::Slow => Cause::SlowRate { window, slow, calls },
            })
        })
    }

    /// What the result of a probe that reported in time means. Slow ones failed if slow calls open
    /// this breaker: it would only open again.
    pub(super) fn judge_probe(&mut self, serial: u64, now_us: u64, outcome: Outcome, slow: bool) {
        if outcome == Outcome::Failure {
            self.probe_failed(now_us, Cause::ProbeFailed { serial });
        } else if slow && self.config.opens_on_slow_calls() {
            self.probe_failed(now_us, Cause::ProbeSlow { serial });
        } else {
            self.probes.successes += 1;
            match self.config.half_open.verdict {
                Verdict::Successes(of) if self.probes.successes >= of => {
                    let cause = Cause::ProbesSucceeded { successes: self.probes.successes, of };
                    self.enter(now_us, State::Closed, cause);
                }
                Verdict::Successes(_) => {}
                Verdict::FailureRate { .. } => self.judge_probe_rate(now_us),
            }
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
        let (successes, failures) = (self.probes.successes, self.probes.failures);
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

    /// Opens again, for longer.
    fn reopen(&mut self, at_us: u64, cause: Cause) {
        self.wait_us = self.config.wait.grown_us(self.wait_us);
        self.enter_open(at_us, cause);
    }

    fn enter_open(&mut self, at_us: u64, cause: Cause) {
        let wait_us = self.config.wait.jittered_us(self.wait_us, self.draw.take());
        self.totals.openings += 1;
        self.enter(at_us, State::Open { until_us: at_us.saturating_add(wait_us) }, cause);
    }

    fn enter(&mut self, at_us: u64, to: State, cause: Cause) {
        let from = self.state;
        self.begin_generation(to);
        if self.transitions.len() == MOST_TRANSITIONS_KEPT {
            self.transitions.remove(0);
            self.totals.transitions_dropped += 1;
        }
        let generation = self.generation;
        self.transitions.push(Transition { at_us, from, to, generation, cause });
    }

    /// All that is under way is late from now on.
    fn begin_generation(&mut self, state: State) {
        self.state = state;
        self.generation = Generation(self.generation.0.saturating_add(1));
        self.totals.admitted += self.outstanding.given();
        self.outstanding.begin_era();
        self.probes.clear();
        if state == State::Closed {
            self.wait_us = self.config.wait.first_us;
        }
        // What opened the breaker can be looked at until it closes.
        if matches!(state, State::Closed | State::MetricsOnly) {
            self.consecutive_failures = 0;
            self.count_ring.iter_mut().for_each(|ring| ring.clear());
            self.time_ring.iter_mut().for_each(|ring| ring.clear());
        }
    }
}
