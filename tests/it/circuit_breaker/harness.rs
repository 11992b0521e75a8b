//! Short words for stories about a breaker.

use rift::circuit_breaker::*;

pub(super) const SECOND: u64 = 1_000_000;

/// A breaker of these settings.
pub(super) fn breaker(config: Config) -> Breaker {
    Breaker::new(config).expect("a sound configuration")
}

/// Five failures in a row open it for thirty seconds; then one probe may go, and its success closes
/// it.
pub(super) fn plain() -> Breaker {
    breaker(Config::default())
}

/// The settings of [`plain`] with another rule to open by.
pub(super) fn tripping(trip: Trip) -> Config {
    Config { trip, ..Config::default() }
}

/// Rates over so many calls.
pub(super) fn count_window(calls: u32, rates: Rates) -> Trip {
    let count_window = Some(CountWindow { calls, rates });
    Trip { consecutive_failures: None, count_window, time_window: None }
}

/// Rates over so many seconds, a bucket each.
pub(super) fn time_window(seconds: u32, rates: Rates) -> Trip {
    let time_window = Some(TimeWindow { buckets: seconds, bucket_us: SECOND, rates });
    Trip { consecutive_failures: None, count_window: None, time_window }
}

/// The settings of [`plain`] with these probes.
pub(super) fn probing(probes: u32, verdict: Verdict) -> Config {
    let half_open = HalfOpen { probes, verdict, ..Config::default().half_open };
    Config { half_open, ..Config::default() }
}

/// Asks, and reports at once, and says whether the call went.
pub(super) fn call(breaker: &mut Breaker, now_us: u64, outcome: Outcome) -> bool {
    match breaker.acquire(now_us) {
        Ok(permit) => {
            let reported = breaker.report(permit, now_us, outcome);
            assert!(!matches!(reported, Reported::Late(_)), "{reported:?}");
            true
        }
        Err(_) => false,
    }
}

/// So many calls, one after the other, all of which go.
pub(super) fn calls(breaker: &mut Breaker, now_us: u64, count: u32, outcome: Outcome) {
    for _ in 0..count {
        assert!(call(breaker, now_us, outcome), "{:?}", breaker.state());
    }
}

/// A call that fails.
pub(super) fn fail(breaker: &mut Breaker, now_us: u64) -> bool {
    call(breaker, now_us, Outcome::Failure)
}

/// A call that succeeds.
pub(super) fn succeed(breaker: &mut Breaker, now_us: u64) -> bool {
    call(breaker, now_us, Outcome::Success)
}

/// Opens a breaker of five failures by five failures.
pub(super) fn open(breaker: &mut Breaker, now_us: u64) {
    calls(breaker, now_us, 5, Outcome::Failure);
    assert!(is_open(breaker));
}

pub(super) fn is_open(breaker: &Breaker) -> bool {
    matches!(breaker.state(), State::Open { .. })
}

/// The transitions that nobody has taken yet.
pub(super) fn transitions(breaker: &mut Breaker) -> Vec<Transition> {
    std::iter::from_fn(|| breaker.poll_transition()).collect()
}

/// When and why, in short.
pub(super) fn causes(breaker: &mut Breaker) -> Vec<(u64, Cause)> {
    transitions(breaker).iter().map(|transition| (transition.at_us, transition.cause)).collect()
}

/// What somebody does with a breaker at a time.
pub(super) type ByHand = fn(&mut Breaker, u64);
