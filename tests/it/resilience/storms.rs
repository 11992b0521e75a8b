//! A storm that outlives what set it off, and what prevents it.
//!
//! The model is the small one of Marc Brooker's simulator of metastable failures: 40 requests a
//! second, 80 for six seconds; a service that takes a second and ten milliseconds more for every
//! request under way; clients that wait three seconds and try three times. The trigger is gone
//! after six seconds, and the overload stays: what is timed out is still worked on, and its retries
//! keep the service too slow for any answer to be in time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rift::circuit_breaker::*;
use rift::random::Random;
use rift::resilience::*;

const MS: u64 = 1_000;
const SECOND: u64 = 1_000 * MS;
const TIMEOUT: u64 = 3 * SECOND;
const TRIES: u32 = 3;
/// When the trigger begins, and when it is over.
const TRIGGER: std::ops::Range<u64> = 20 * SECOND..26 * SECOND;
const END: u64 = 120 * SECOND;
const SEEDS: u64 = 30;

/// What clients have against storms.
#[derive(Clone, Default)]
struct Remedies {
    backoff: Option<Backoff>,
    budget: Option<BudgetConfig>,
    breaker: Option<Config>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// Request number so much tries.
    Try(usize),
    /// The service has done with a try.
    Served,
    /// A try of this request ends for its client: answered in time, or timed out.
    Ended(usize, bool),
}

struct Storm {
    agenda: BinaryHeap<Reverse<(u64, u64, Event)>>,
    scheduled: u64,
    in_flight: u64,
    requests: Vec<(Retry, Option<Permit>)>,
    /// Of the last thirty seconds: requests, and how many were answered.
    late_requests: u64,
    late_answers: u64,
    random: Random,
    budget: Option<RetryBudget>,
    breaker: Option<Breaker>,
}

impl Storm {
    /// Whether the service answers nine of ten requests long after the trigger.
    fn recovers(seed: u64, remedies: &Remedies) -> bool {
        let mut storm = Storm {
            agenda: BinaryHeap::new(),
            scheduled: 0,
            in_flight: 0,
            requests: Vec::new(),
            late_requests: 0,
            late_answers: 0,
            random: Random::from_seed(seed),
            budget: remedies.budget.map(|config| RetryBudget::new(config, 0).expect("sound")),
            breaker: remedies.breaker.clone().map(|config| Breaker::new(config).expect("sound")),
        };
        let backoff = remedies.backoff.unwrap_or(Backoff::Fixed { wait_us: 0 });
        let policy = RetryPolicy { tries: TRIES, backoff };
        storm.let_arrive(policy);
        while let Some(Reverse((now_us, _, event))) = storm.agenda.pop() {
            if now_us >= END {
                break;
            }
            storm.handle(now_us, event);
        }
        storm.late_answers * 10 >= storm.late_requests * 9
    }

    /// All arrivals, drawn millisecond by millisecond.
    fn let_arrive(&mut self, policy: RetryPolicy) {
        for ms in 0..END / MS {
            let now_us = ms * MS;
            let rate = if TRIGGER.contains(&now_us) { 80 } else { 40 };
            if self.random.below(1_000) < rate {
                let request = self.requests.len();
                self.requests.push((policy.start(None).expect("sound"), None));
                self.schedule(now_us, Event::Try(request));
                self.late_requests += u64::from(is_late(now_us));
            }
        }
    }

    fn schedule(&mut self, at_us: u64, event: Event) {
        self.scheduled += 1;
        self.agenda.push(Reverse((at_us, self.scheduled, event)));
    }

    fn handle(&mut self, now_us: u64, event: Event) {
        match event {
            Event::Try(request) => self.try_now(now_us, request),
            Event::Served => self.in_flight -= 1,
            Event::Ended(request, in_time) => {
                let outcome = if in_time { Outcome::Success } else { Outcome::Failure };
                if let (Some(breaker), Some(permit)) = (&mut self.breaker, self.requests[request].1)
                {
                    breaker.report(permit, now_us, outcome);
                }
                if in_time {
                    self.budget.iter_mut().for_each(RetryBudget::success);
                    self.late_answers += u64::from(is_late(now_us));
                } else {
                    self.retry(now_us, request);
                }
            }
        }
    }

    fn try_now(&mut self, now_us: u64, request: usize) {
        if self.requests[request].0.tries() == 1 {
            self.budget.iter_mut().for_each(RetryBudget::first_try);
        }
        if let Some(breaker) = &mut self.breaker {
            match breaker.acquire(now_us) {
                Ok(permit) => self.requests[request].1 = Some(permit),
                // What is rejected is not tried again: that is what a rejection says.
                Err(_) => return,
            }
        }
        self.in_flight += 1;
        let takes_us = SECOND + 10 * MS * self.in_flight;
        self.schedule(now_us + takes_us, Event::Served);
        let in_time = takes_us < TIMEOUT;
        self.schedule(now_us + takes_us.min(TIMEOUT), Event::Ended(request, in_time));
    }

    fn retry(&mut self, now_us: u64, request: usize) {
        let draw = self.random.next_u64();
        let (retry, _) = &mut self.requests[request];
        if let Next::RetryAt { at_us, .. } = retry.failed(now_us, true, draw, self.budget.as_mut())
        {
            self.schedule(at_us, Event::Try(request));
        }
    }
}

fn is_late(now_us: u64) -> bool {
    (END - 35 * SECOND..END - 5 * SECOND).contains(&now_us)
}

/// Of so many seeds, how many never recover.
fn never_recover(remedies: &Remedies) -> usize {
    (0..SEEDS).filter(|seed| !Storm::recovers(*seed, remedies)).count()
}

/// It takes luck: the same six seconds end well or never.
#[test]
fn retries_alone_keep_a_storm_going_long_after_its_trigger() {
    let lost = never_recover(&Remedies::default());
    assert!((10..28).contains(&lost), "{lost} of {SEEDS}");
}

fn never_recover_with_backoff(base_us: u64) -> usize {
    let backoff = Backoff::Exponential { base_us, cap_us: 60 * SECOND, jitter: Jitter::Full };
    never_recover(&Remedies { backoff: Some(backoff), ..Remedies::default() })
}

/// Backoff helps if it is longer than the trigger lasts. It puts load off and takes none away, so
/// it is a matter of luck, too.
#[test]
fn backoff_with_jitter_lets_it_pass_if_it_is_long_enough() {
    let [short, long] = [1, 20].map(|seconds| never_recover_with_backoff(seconds * SECOND));
    assert_eq!(long, 0);
    assert!(short > 9, "{short} of {SEEDS}");
}

#[test]
fn a_retry_budget_lets_it_pass() {
    for deposit in [Deposit::OnSuccess, Deposit::OnFirstTry] {
        let budget = BudgetConfig { deposit, ..BudgetConfig::usual() };
        let remedies = Remedies { budget: Some(budget), ..Remedies::default() };
        assert_eq!(never_recover(&remedies), 0, "{deposit:?}");
    }
}

#[test]
fn a_circuit_breaker_lets_it_pass() {
    let rates = Rates::failures(Rate::percent(50), 20);
    let window = TimeWindow { buckets: 10, bucket_us: SECOND, rates };
    let trip = Trip { consecutive_failures: None, count_window: None, time_window: Some(window) };
    let config = Config { trip, wait: Wait::fixed(5 * SECOND), ..Config::default() };
    let remedies = Remedies { breaker: Some(config), ..Remedies::default() };
    assert_eq!(never_recover(&remedies), 0);
}
