//! A call from permit to report in one go, whatever happens on the way.

use std::cell::Cell as Shared;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use rift::circuit_breaker::*;

use super::harness::*;

#[test]
fn a_call_that_panics_counts_as_failed_and_goes_on_panicking() {
    let mut breaker = plain();
    for nth in 1..=5 {
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let call = || -> Result<(), ()> { resume_unwind(Box::new("overboard")) };
            breaker.call(|| nth, call)
        }));
        let payload = panicked.expect_err("it goes on");
        assert_eq!(payload.downcast_ref(), Some(&"overboard"));
        assert_eq!(breaker.totals().failures, nth);
    }
    assert!(is_open(&breaker));
    let rejected = breaker.call(|| 6, || Ok::<(), ()>(())).expect_err("open");
    assert!(matches!(rejected, CallError::Rejected(Rejected { reason: Reason::Open, .. })));
}

/// Likewise a probe: its slot is not lost.
#[test]
fn a_probe_that_panics_opens_again() {
    let mut breaker = plain();
    open(&mut breaker, 0);
    let _ = catch_unwind(AssertUnwindSafe(|| {
        breaker.call(|| 30 * SECOND, || -> Result<(), ()> { resume_unwind(Box::new(())) })
    }));
    assert_eq!(breaker.state(), State::Open { until_us: 60 * SECOND });
    assert_eq!(breaker.snapshot(30 * SECOND).in_flight, 0);
}

#[test]
fn values_and_errors_come_through() {
    let mut breaker = plain();
    assert_eq!(breaker.call(|| 0, || Ok::<u8, ()>(7)), Ok(7));
    assert_eq!(breaker.call(|| 0, || Err::<(), u8>(9)), Err(CallError::Failed(9)));
    assert_eq!((breaker.totals().successes, breaker.totals().failures), (1, 1));
}

/// "Not found" may be an answer like any other: who calls says what counts.
#[test]
fn the_caller_says_which_errors_count() {
    let mut breaker = plain();
    let judge = |result: &Result<(), u16>| match result {
        Err(404) => Outcome::Excluded,
        Err(499) => Outcome::Cancelled,
        Err(_) => Outcome::Failure,
        Ok(()) => Outcome::Success,
    };
    for status in [404, 499, 500] {
        let result = breaker.call_judged(|| 0, || Err(status), judge);
        assert_eq!(result, Err(CallError::Failed(status)));
    }
    let totals = breaker.totals();
    assert_eq!((totals.excluded, totals.cancelled, totals.failures), (1, 1, 1));
}

/// The clock is read before and after, so that slow calls are known.
#[test]
fn the_duration_is_measured_by_the_clock_that_is_given() {
    let trip = count_window(1, Rates::slow(Rate::ONE, 1));
    let mut breaker = breaker(Config { slow_from_us: Some(10), ..tripping(trip) });
    let now_us = Shared::new(0);
    let lasting = |us: u64| {
        let now_us = &now_us;
        move || {
            now_us.set(now_us.get() + us);
            Ok::<(), ()>(())
        }
    };
    assert_eq!(breaker.call(|| now_us.get(), lasting(9)), Ok(()));
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(breaker.call(|| now_us.get(), lasting(10)), Ok(()));
    assert!(is_open(&breaker));
}
