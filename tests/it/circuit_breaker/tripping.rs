//! What opens the closed breaker.

use rift::circuit_breaker::*;

use super::harness::*;

/// Nygard: "once the number of failures … exceeds a threshold, the circuit breaker trips". With a
/// threshold of five the fifth failure does it, not the sixth.
#[test]
fn the_fifth_failure_in_a_row_opens_it() {
    let mut breaker = plain();
    calls(&mut breaker, 7, 4, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed);
    assert!(fail(&mut breaker, 8));
    assert_eq!(breaker.state(), State::Open { until_us: 8 + 30 * SECOND });
    assert!(!fail(&mut breaker, 9));
    assert_eq!(causes(&mut breaker), [(8, Cause::ConsecutiveFailures { failures: 5 })]);
}

#[test]
fn a_threshold_of_one_opens_at_the_first_failure() {
    let trip = Trip { consecutive_failures: Some(1), ..Config::default().trip };
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 100, Outcome::Success);
    fail(&mut breaker, 0);
    assert!(is_open(&breaker));
}

/// Fowler: a success resets the failure count.
#[test]
fn any_success_begins_the_count_anew() {
    let mut breaker = plain();
    for _ in 0..100 {
        calls(&mut breaker, 0, 4, Outcome::Failure);
        succeed(&mut breaker, 0);
    }
    assert_eq!(breaker.state(), State::Closed);
}

/// What the service is not to blame for is neither a failure nor a success.
#[test]
fn neutral_outcomes_neither_count_nor_reset() {
    for neutral in [Outcome::Cancelled, Outcome::Excluded] {
        let mut breaker = plain();
        calls(&mut breaker, 0, 4, Outcome::Failure);
        calls(&mut breaker, 0, 50, neutral);
        assert_eq!(breaker.state(), State::Closed);
        assert_eq!(breaker.snapshot(0).consecutive_failures, 4);
        fail(&mut breaker, 0);
        assert!(is_open(&breaker));
    }
}

#[test]
fn a_neutral_outcome_does_not_enter_a_window() {
    let trip = count_window(10, Rates::failures(Rate::percent(50), 4));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 3, Outcome::Failure);
    calls(&mut breaker, 0, 20, Outcome::Cancelled);
    calls(&mut breaker, 0, 20, Outcome::Excluded);
    assert_eq!(breaker.cells().count(), 3);
    assert_eq!(breaker.state(), State::Closed);
    let totals = breaker.totals();
    assert_eq!((totals.failures, totals.cancelled, totals.excluded), (3, 20, 20));
}

/// The rate counts as reached when it is met, not when it is exceeded.
#[test]
fn exactly_half_is_fifty_per_cent() {
    let trip = count_window(10, Rates::failures(Rate::percent(50), 10));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 5, Outcome::Success);
    calls(&mut breaker, 0, 4, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed);
    fail(&mut breaker, 1);
    let cause = Cause::FailureRate { window: WindowKind::Count, failures: 5, calls: 10 };
    assert_eq!(causes(&mut breaker), [(1, cause)]);
}

/// A rate that no fraction of the window meets is reached by the next larger one, without rounding.
#[test]
fn a_third_is_not_more_than_a_third() {
    let rate = Rate::millionths(333_334);
    let mut breaker = breaker(tripping(count_window(3, Rates::failures(rate, 3))));
    calls(&mut breaker, 0, 2, Outcome::Success);
    fail(&mut breaker, 0);
    assert_eq!(breaker.state(), State::Closed, "one in three is 33.3333… %");
    fail(&mut breaker, 0);
    assert!(is_open(&breaker));
}

#[test]
fn nothing_opens_before_the_minimum_volume() {
    let trip = count_window(100, Rates::failures(Rate::percent(1), 20));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 19, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed);
    fail(&mut breaker, 0);
    assert!(is_open(&breaker));
}

/// A service that answers well must not be what closes the door: a quick success that makes the
/// volume full does not open, the next failure does.
#[test]
fn a_success_never_opens() {
    let trip = count_window(10, Rates::failures(Rate::percent(50), 10));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 9, Outcome::Failure);
    succeed(&mut breaker, 0);
    assert_eq!(breaker.state(), State::Closed, "90 %, but nothing failed just now");
    let rate = breaker.snapshot(0).count_window.and_then(|window| window.failure_rate);
    assert_eq!(rate, Some(Rate::percent(90)));
    fail(&mut breaker, 0);
    assert!(is_open(&breaker));
}

fn slow_after_a_second(trip: Trip) -> Breaker {
    breaker(Config { slow_from_us: Some(SECOND), ..tripping(trip) })
}

fn call_lasting(breaker: &mut Breaker, from_us: u64, us: u64, outcome: Outcome) -> Reported {
    let permit = breaker.acquire(from_us).expect("it goes");
    breaker.report(permit, from_us + us, outcome)
}

/// resilience4j's documentation calls it the slow call rate; a call is slow at the duration itself.
#[test]
fn slow_calls_open_though_they_succeed() {
    let mut breaker = slow_after_a_second(count_window(10, Rates::slow(Rate::percent(50), 4)));
    for start in 0..2 {
        call_lasting(&mut breaker, 10 * start * SECOND, SECOND - 1, Outcome::Success);
    }
    call_lasting(&mut breaker, 20 * SECOND, SECOND, Outcome::Success);
    assert_eq!(breaker.state(), State::Closed);
    call_lasting(&mut breaker, 30 * SECOND, SECOND, Outcome::Success);
    let cause = Cause::SlowRate { window: WindowKind::Count, slow: 2, calls: 4 };
    assert_eq!(causes(&mut breaker), [(31 * SECOND, cause)]);
    assert_eq!(breaker.totals().slow, 2);
}

#[test]
fn a_call_may_be_slow_and_fail() {
    let rates = Rates { slow: Some(Rate::percent(90)), ..Rates::failures(Rate::percent(90), 1) };
    let mut breaker = slow_after_a_second(count_window(10, rates));
    call_lasting(&mut breaker, 0, 2 * SECOND, Outcome::Failure);
    let cause = Cause::FailureRate { window: WindowKind::Count, failures: 1, calls: 1 };
    assert_eq!(causes(&mut breaker), [(2 * SECOND, cause)], "failures are looked at first");
    let cell = Cell { failed: true, slow: true };
    assert_eq!(breaker.cells().collect::<Vec<_>>(), [cell]);
}

#[test]
fn a_slow_success_is_no_failure_where_only_failures_count() {
    let trip = count_window(4, Rates::failures(Rate::percent(25), 1));
    let mut breaker = slow_after_a_second(trip);
    for start in 0..10 {
        call_lasting(&mut breaker, 10 * start * SECOND, 5 * SECOND, Outcome::Success);
    }
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(breaker.totals().slow, 10);
}

/// Each rule by itself, and all together: whichever is met first opens.
#[test]
fn any_one_of_several_rules_suffices() {
    let all = Trip {
        consecutive_failures: Some(5),
        count_window: count_window(20, Rates::failures(Rate::percent(40), 20)).count_window,
        time_window: time_window(2, Rates::failures(Rate::percent(60), 5)).time_window,
    };
    let opened_by = |pattern: &str, step_us: u64| {
        let mut breaker = breaker(tripping(all.clone()));
        for (nth, letter) in pattern.chars().enumerate() {
            let outcome = if letter == 'x' { Outcome::Failure } else { Outcome::Success };
            assert!(call(&mut breaker, nth as u64 * step_us, outcome), "open before {nth}");
        }
        causes(&mut breaker).first().map(|(_, cause)| *cause)
    };
    assert_eq!(opened_by("xxxx.xxxx", 3 * SECOND), None, "eight of nine, far apart");
    let five = Cause::ConsecutiveFailures { failures: 5 };
    assert_eq!(opened_by("..........xxxxx", 3 * SECOND), Some(five));
    let window = Cause::FailureRate { window: WindowKind::Count, failures: 8, calls: 20 };
    assert_eq!(opened_by("...x..x..x.x..x.x.xx", 3 * SECOND), Some(window));
    let burst = Cause::FailureRate { window: WindowKind::Time, failures: 3, calls: 5 };
    assert_eq!(opened_by(".xx.x", SECOND / 10), Some(burst));
}

/// A rejected call was not made, so it says nothing: neither does it dilute a rate nor fill up a
/// volume.
#[test]
fn rejected_calls_enter_no_window() {
    let trip = count_window(100, Rates::failures(Rate::percent(50), 10));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 10, Outcome::Failure);
    assert!(is_open(&breaker));
    for now_us in 1..=100 {
        assert!(breaker.acquire(now_us).is_err());
    }
    let window = breaker.snapshot(100).count_window.expect("there is one");
    assert_eq!(window.tally, Tally { calls: 10, failures: 10, slow: 0 });
    assert_eq!(breaker.totals().rejected_open, 100);
    assert_eq!(breaker.totals().admitted, 10);
}
