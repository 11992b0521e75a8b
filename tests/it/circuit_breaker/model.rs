//! The breaker against a model that keeps everything that ever happened and computes all anew from
//! it, each time: no rings, no sums, no bits, no serial numbers.

use proptest::prelude::*;
use rift::circuit_breaker::*;

use super::acts::*;
use super::harness::*;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Admitted by the closed breaker, or by one that lets all go.
    Ordinary,
    Probe,
    LetThrough,
}

/// One call, from its admission on.
struct Call {
    era: usize,
    kind: Kind,
    admitted_us: u64,
    /// When it reported in time, and how.
    result: Option<(u64, Outcome)>,
    expired: bool,
}

/// The beginning of an era.
struct Era {
    at_us: u64,
    state: State,
    /// The wait that the era has, or would begin with, before jitter.
    wait_us: u64,
}

struct Model {
    config: Config,
    calls: Vec<Call>,
    /// Results in the order in which they came: which call.
    results: Vec<usize>,
    eras: Vec<Era>,
    now_us: u64,
    draw: Option<u64>,
}

impl Model {
    fn new(config: Config) -> Model {
        let first = Era { at_us: 0, state: State::Closed, wait_us: config.wait.first_us };
        Model {
            config,
            calls: Vec::new(),
            results: Vec::new(),
            eras: vec![first],
            now_us: 0,
            draw: None,
        }
    }

    fn state(&self) -> State {
        self.eras.last().unwrap().state
    }

    fn enter(&mut self, at_us: u64, state: State) {
        let wait_us = match state {
            State::Closed => self.config.wait.first_us,
            _ => self.eras.last().unwrap().wait_us,
        };
        self.eras.push(Era { at_us, state, wait_us });
    }

    fn open(&mut self, at_us: u64) {
        let wait_us = self.eras.last().unwrap().wait_us;
        // Half of it at most, or nothing.
        let off_us = match self.draw.take() {
            Some(draw) if self.config.wait.jitter > Rate::ZERO => {
                ((u128::from(draw) * u128::from(wait_us / 2 + 1)) >> 64) as u64
            }
            _ => 0,
        };
        self.enter(at_us, State::Open { until_us: at_us + wait_us - off_us });
    }

    fn reopen(&mut self, at_us: u64) {
        let wait = self.config.wait;
        let era = self.eras.last_mut().unwrap();
        if wait.growth > Rate::ONE {
            era.wait_us = (era.wait_us * 2).min(wait.longest_us);
        }
        self.open(at_us);
    }

    /// The calls of this era, in the order of their results.
    fn of_this_era(&self) -> impl DoubleEndedIterator<Item = &Call> {
        let era = self.eras.len() - 1;
        self.results.iter().map(|call| &self.calls[*call]).filter(move |call| call.era == era)
    }

    /// Those that say something about the service: when, whether they failed, whether they were
    /// slow.
    fn told(&self) -> Vec<(u64, bool, bool)> {
        let slow_us = self.config.slow_from_us.unwrap();
        let told = self.of_this_era().filter_map(|call| {
            let (at_us, outcome) = call.result?;
            let slow = at_us - call.admitted_us >= slow_us;
            (!outcome.is_neutral()).then_some((at_us, outcome == Outcome::Failure, slow))
        });
        told.collect()
    }

    fn settle(&mut self) {
        loop {
            let under_way = self.probes_under_way();
            let lease_us = self.config.half_open.lease_us;
            match self.state() {
                State::Open { until_us } if until_us <= self.now_us => {
                    self.enter(until_us, State::HalfOpen);
                }
                State::HalfOpen => {
                    let first = under_way.first().copied();
                    let due_us = first.map(|call| self.calls[call].admitted_us + lease_us);
                    match (first, due_us) {
                        (Some(call), Some(due_us)) if due_us <= self.now_us => {
                            self.calls[call].expired = true;
                            self.results.push(call);
                            self.judge_probes(due_us);
                        }
                        _ => return,
                    }
                }
                _ => return,
            }
        }
    }

    fn probes_under_way(&self) -> Vec<usize> {
        let under_way = self.calls.iter().enumerate().filter(|(_, call)| {
            let mine = call.era == self.eras.len() - 1 && call.kind == Kind::Probe;
            mine && call.result.is_none() && !call.expired
        });
        under_way.map(|(at, _)| at).collect()
    }

    /// All results of this era's probes, each time anew.
    fn judge_probes(&mut self, at_us: u64) {
        let [mut successes, mut failures] = [0, 0];
        for call in self.of_this_era().filter(|call| call.kind == Kind::Probe) {
            match call.result {
                Some((_, Outcome::Success)) => successes += 1,
                Some((_, Outcome::Failure)) => failures += 1,
                None if call.expired => failures += 1,
                _ => {}
            }
        }
        match self.config.half_open.verdict {
            Verdict::Successes(_) if failures > 0 => self.reopen(at_us),
            Verdict::Successes(of) if successes == of => self.enter(at_us, State::Closed),
            Verdict::FailureRate { of, .. } if successes + failures == of => {
                // The rate of these tests is a half.
                if 2 * failures >= of {
                    self.reopen(at_us)
                } else {
                    self.enter(at_us, State::Closed)
                }
            }
            _ => {}
        }
    }

    /// Rules of these tests: three in a row; three of five or of forty microseconds, and 60 %.
    fn judge_calls(&mut self) {
        let told = self.told();
        let Some((now_us, true, _)) = told.last().copied() else { return };
        let in_a_row = told.iter().rev().take_while(|(_, failed, _)| *failed).count();
        let latest: Vec<_> = told.iter().rev().take(5).collect();
        let recent = told.iter().filter(|(at_us, ..)| at_us / 10 + 4 > now_us / 10);
        let recent: Vec<_> = recent.collect();
        let due = |calls: &[&(u64, bool, bool)]| {
            let failures = calls.iter().filter(|(_, failed, _)| *failed).count();
            calls.len() >= 3 && failures * 10 >= calls.len() * 6
        };
        if in_a_row >= 3 || due(&latest) || due(&recent) {
            self.open(now_us);
        }
    }

    fn acquire(&mut self, first_try: bool) -> Result<usize, Reason> {
        self.settle();
        let slots = self.config.half_open.probes as usize;
        let answer = match self.state() {
            State::Closed | State::Disabled | State::MetricsOnly => Ok(Kind::Ordinary),
            State::HalfOpen if self.probes_under_way().len() < slots => Ok(Kind::Probe),
            State::HalfOpen => Err(Reason::ProbesUnderWay),
            State::Open { .. } => Err(Reason::Open),
            State::ForcedOpen => Err(Reason::ForcedOpen),
        };
        let excused = first_try && self.config.guards == Guards::RetriesOnly;
        let kind = if excused { answer.unwrap_or(Kind::LetThrough) } else { answer? };
        let (era, admitted_us) = (self.eras.len() - 1, self.now_us);
        self.calls.push(Call { era, kind, admitted_us, result: None, expired: false });
        Ok(self.calls.len() - 1)
    }

    fn report(&mut self, which: usize, outcome: Outcome) -> Reported {
        self.settle();
        let now_us = self.now_us;
        let era = self.eras.len() - 1;
        let call = &mut self.calls[which];
        if call.era != era {
            return Reported::Late(Late::OtherGeneration);
        }
        if call.result.is_some() || call.expired {
            return Reported::Late(Late::Settled);
        }
        call.result = Some((now_us, outcome));
        let kind = call.kind;
        self.results.push(which);
        if kind == Kind::LetThrough {
            return Reported::LetThrough;
        }
        if outcome.is_neutral() {
            return Reported::Neutral;
        }
        match self.state() {
            State::Closed => self.judge_calls(),
            State::HalfOpen => self.judge_probes(now_us),
            _ => {}
        }
        Reported::Counted
    }

    fn by_hand(&mut self, which: u8) {
        self.settle();
        let now_us = self.now_us;
        let is_open = matches!(self.state(), State::Open { .. });
        let to = match which {
            0 if !is_open => return self.open(now_us),
            1 => State::Closed,
            2 => State::ForcedOpen,
            3 => State::Disabled,
            4 => State::MetricsOnly,
            5 => return self.enter(now_us, State::Closed),
            6 if is_open => State::HalfOpen,
            _ => return,
        };
        if self.state() != to {
            self.enter(now_us, to);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The same answers, the same states and the same windows, after every act.
    #[test]
    fn the_breaker_does_what_a_model_with_perfect_memory_does(
        config in configs(),
        acts in acts(),
    ) {
        let mut model = Model::new(config.clone());
        let mut breaker = breaker(config);
        let mut permits: Vec<Permit> = Vec::new();
        for (step_us, act) in acts {
            model.now_us += step_us;
            let now_us = model.now_us;
            match act {
                Act::Acquire | Act::FirstTry => {
                    let first_try = matches!(act, Act::FirstTry);
                    let answer = if first_try {
                        breaker.acquire_first_try(now_us)
                    } else {
                        breaker.acquire(now_us)
                    };
                    let expected = model.acquire(first_try);
                    let seen = answer.map(|_| permits.len()).map_err(|rejected| rejected.reason);
                    prop_assert_eq!(seen, expected);
                    permits.extend(answer.ok());
                }
                Act::Report(place, outcome) => {
                    if let Some(which) = permits.len().checked_sub(place + 1) {
                        let reported = breaker.report(permits[which], now_us, outcome);
                        prop_assert_eq!(reported, model.report(which, outcome));
                    }
                }
                Act::Draw(draw) => {
                    breaker.offer_draw(now_us, draw);
                    model.settle();
                    model.draw = Some(draw);
                }
                Act::ByHand(which) => {
                    act_on(&mut breaker, &mut permits, now_us, act);
                    model.by_hand(which);
                }
            }
            // Some acts do not look at the time.
            breaker.handle_deadline(now_us);
            model.settle();
            agrees(&breaker, &model)?;
        }
    }
}

fn agrees(breaker: &Breaker, model: &Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(breaker.state(), model.state());
    prop_assert_eq!(breaker.generation().0 as usize, model.eras.len() - 1);
    if matches!(breaker.state(), State::Closed | State::MetricsOnly) {
        let told = model.told();
        let cells: Vec<Cell> = breaker.cells().collect();
        let latest = told.iter().skip(told.len().saturating_sub(5));
        let expected = latest.map(|(_, failed, slow)| Cell { failed: *failed, slow: *slow });
        prop_assert_eq!(cells, expected.collect::<Vec<_>>());
        let now_us = model.now_us;
        let snapshot = breaker.snapshot(now_us);
        let recent = told.iter().filter(|(at_us, ..)| at_us / 10 + 4 > now_us / 10);
        let recent: Vec<_> = recent.collect();
        let tally = snapshot.time_window.expect("there is one").tally;
        prop_assert_eq!(tally.calls, recent.len() as u64);
        prop_assert_eq!(tally.failures, recent.iter().filter(|told| told.1).count() as u64);
        prop_assert_eq!(tally.slow, recent.iter().filter(|told| told.2).count() as u64);
        let row = told.iter().rev().take_while(|told| told.1).count();
        prop_assert_eq!(snapshot.consecutive_failures as usize, row);
    }
    prop_assert!(model.eras.last().unwrap().at_us <= model.now_us);
    let out = model
        .calls
        .iter()
        .filter(|call| call.era == model.eras.len() - 1 && call.result.is_none() && !call.expired);
    prop_assert_eq!(breaker.snapshot(model.now_us).in_flight, out.count() as u64);
    Ok(())
}
