//! What the two windows hold, and when it is gone.

use rift::circuit_breaker::*;

use super::harness::*;

fn tally(calls: u64, failures: u64) -> Tally {
    Tally { calls, failures, slow: 0 }
}

/// After a thousand successes a window of ten knows the last ten, so that five failures are half.
/// (A window that never lets go would take a thousand.)
#[test]
fn a_count_window_slides() {
    let trip = count_window(10, Rates::failures(Rate::percent(50), 10));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 1_000, Outcome::Success);
    calls(&mut breaker, 0, 4, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed);
    fail(&mut breaker, 0);
    assert!(is_open(&breaker));
}

#[test]
fn failures_leave_a_count_window_as_they_came() {
    let trip = count_window(4, Rates::failures(Rate::percent(100), 4));
    let mut breaker = breaker(tripping(trip));
    let mut seen = Vec::new();
    for letter in "x.xx....x".chars() {
        call(&mut breaker, 0, if letter == 'x' { Outcome::Failure } else { Outcome::Success });
        let cells = breaker.cells().map(|cell| if cell.failed { 'x' } else { '.' });
        seen.push(cells.collect::<String>());
    }
    assert_eq!(seen, ["x", "x.", "x.x", "x.xx", ".xx.", "xx..", "x...", "....", "...x"]);
}

/// "–" in the picture: no rate of no calls, and none of too few.
#[test]
fn a_rate_is_undefined_until_the_minimum_volume() {
    let trip = count_window(10, Rates::failures(Rate::percent(80), 3));
    let mut breaker = breaker(tripping(trip));
    let mut rates = Vec::new();
    for outcome in [Outcome::Success, Outcome::Failure, Outcome::Success, Outcome::Success] {
        rates.push(breaker.snapshot(0).count_window.expect("there is one").failure_rate);
        call(&mut breaker, 0, outcome);
    }
    rates.push(breaker.snapshot(0).count_window.expect("there is one").failure_rate);
    let third = Rate::millionths(333_333);
    assert_eq!(rates, [None, None, None, Some(third), Some(Rate::percent(25))]);
}

/// The window is empty again exactly when it has passed once, wherever in its bucket a call was.
#[test]
fn after_one_whole_window_nothing_is_left() {
    for reported_us in [0, 1, SECOND - 1, 7 * SECOND, 7 * SECOND + 999_999] {
        let trip = time_window(10, Rates::failures(Rate::percent(100), 2));
        let mut breaker = breaker(tripping(trip));
        fail(&mut breaker, reported_us);
        let at = |us| breaker.snapshot(us).time_window.expect("there is one").tally;
        assert_eq!(at(reported_us), tally(1, 1));
        let bucket_begin_us = reported_us / SECOND * SECOND;
        assert_eq!(at(bucket_begin_us + 10 * SECOND - 1), tally(1, 1));
        assert_eq!(at(bucket_begin_us + 10 * SECOND), tally(0, 0));
        assert_eq!(at(reported_us + 10 * SECOND), tally(0, 0));
    }
}

/// The bucket that is being filled counts as one: of ten calls a second apart, all ten are in a
/// window of ten seconds, and of eleven the last ten.
#[test]
fn a_time_window_slides_by_buckets() {
    let trip = time_window(10, Rates::failures(Rate::percent(100), 100));
    let mut breaker = breaker(tripping(trip));
    let mut counts = Vec::new();
    for second in 0..13 {
        fail(&mut breaker, second * SECOND);
        counts.push(breaker.snapshot(second * SECOND).time_window.expect("there").tally.calls);
    }
    assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10]);
}

#[test]
fn old_failures_do_not_open() {
    let trip = time_window(10, Rates::failures(Rate::percent(50), 4));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 3, Outcome::Failure);
    calls(&mut breaker, 10 * SECOND, 3, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed, "three and three, but never together");
    fail(&mut breaker, 19 * SECOND);
    let cause = Cause::FailureRate { window: WindowKind::Time, failures: 4, calls: 4 };
    assert_eq!(causes(&mut breaker), [(19 * SECOND, cause)]);
}

/// Successes that grow old make the rate higher, but time alone does not open.
#[test]
fn a_rate_that_rises_by_itself_waits_for_the_next_failure() {
    let trip = time_window(2, Rates::failures(Rate::percent(60), 2));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 8, Outcome::Success);
    calls(&mut breaker, SECOND, 4, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed, "a third");
    let later_us = 2 * SECOND;
    let reading = breaker.snapshot(later_us).time_window.expect("there is one");
    assert_eq!(reading.failure_rate, Some(Rate::ONE));
    assert_eq!(breaker.state_at(later_us), State::Closed);
    succeed(&mut breaker, later_us);
    assert_eq!(breaker.state(), State::Closed);
    fail(&mut breaker, later_us);
    assert!(is_open(&breaker));
}

#[test]
fn the_buckets_can_be_drawn_at_any_time() {
    let trip = time_window(4, Rates::failures(Rate::percent(100), 100));
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 1, Outcome::Failure);
    calls(&mut breaker, SECOND, 2, Outcome::Success);
    calls(&mut breaker, 3 * SECOND, 3, Outcome::Success);
    let calls_at = |second: u64| {
        breaker.buckets(second * SECOND).map(|bucket| bucket.calls).collect::<Vec<_>>()
    };
    assert_eq!(calls_at(3), [1, 2, 0, 3]);
    assert_eq!(calls_at(4), [2, 0, 3, 0]);
    assert_eq!(calls_at(6), [3, 0, 0, 0]);
    assert_eq!(calls_at(7), [0, 0, 0, 0]);
    assert_eq!(calls_at(u64::MAX / SECOND), [0, 0, 0, 0]);
    assert_eq!(calls_at(0), [1, 2, 0, 3], "the past is over");
}

/// What opened the breaker stays to be looked at, and the closed breaker begins with a clean sheet.
#[test]
fn windows_are_empty_after_closing() {
    let rates = Rates::failures(Rate::percent(50), 5);
    let trip = Trip { time_window: time_window(60, rates).time_window, ..count_window(10, rates) };
    let mut breaker = breaker(tripping(trip));
    calls(&mut breaker, 0, 5, Outcome::Failure);
    let reading = breaker.snapshot(SECOND).count_window.expect("there is one");
    assert_eq!(reading.failure_rate, Some(Rate::ONE));
    assert!(succeed(&mut breaker, 30 * SECOND));
    assert_eq!(breaker.state(), State::Closed);
    let snapshot = breaker.snapshot(30 * SECOND);
    let tallies = [snapshot.count_window, snapshot.time_window].map(|window| window.unwrap().tally);
    assert_eq!(tallies, [tally(0, 0), tally(0, 0)], "the probe is in neither");
    calls(&mut breaker, 31 * SECOND, 4, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed, "four are below the volume again");
}
