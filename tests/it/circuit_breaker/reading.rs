//! What can be seen without touching anything.

use rift::circuit_breaker::*;

use super::harness::*;

#[test]
fn reading_the_state_never_changes_it() {
    let mut breaker = plain();
    open(&mut breaker, 0);
    let before = breaker.clone();
    assert_eq!(breaker.state_at(29 * SECOND), State::Open { until_us: 30 * SECOND });
    assert_eq!(breaker.state_at(30 * SECOND), State::HalfOpen);
    assert_eq!(breaker.snapshot(30 * SECOND).state, State::HalfOpen);
    assert_eq!(breaker.state(), State::Open { until_us: 30 * SECOND });
    assert_eq!(breaker, before);
}

/// For the ring that burns down in a picture.
#[test]
fn the_remaining_wait_can_be_read_at_any_time() {
    let mut breaker = plain();
    open(&mut breaker, 5 * SECOND);
    assert_eq!(breaker.open_until_us(), Some(35 * SECOND));
    let remaining = [5, 20, 34, 35, 99].map(|s| breaker.snapshot(s * SECOND).remaining_us);
    let expected = [Some(30), Some(15), Some(1), None, None];
    assert_eq!(remaining, expected.map(|s: Option<u64>| s.map(|s| s * SECOND)));
}

#[test]
fn leases_can_be_read_while_they_run() {
    let mut breaker = breaker(probing(3, Verdict::Successes(3)));
    open(&mut breaker, 0);
    for nth in 0..3 {
        let _ = breaker.acquire(30 * SECOND + nth).expect("a probe");
    }
    let leases: Vec<(u64, u64)> =
        breaker.probes().iter().map(|probe| (probe.admitted_us, probe.expires_us)).collect();
    let expected = [0, 1, 2].map(|nth| (30 * SECOND + nth, 60 * SECOND + nth));
    assert_eq!(leases, expected);
}

/// Each call is in exactly one of the counts.
#[test]
fn the_totals_account_for_every_call() {
    let mut breaker = plain();
    let stale = breaker.acquire(0).expect("closed");
    let never = breaker.acquire(0).expect("closed");
    calls(&mut breaker, 0, 3, Outcome::Success);
    calls(&mut breaker, 0, 2, Outcome::Cancelled);
    calls(&mut breaker, 0, 1, Outcome::Excluded);
    assert_eq!(breaker.snapshot(0).in_flight, 2);
    open(&mut breaker, 0);
    assert!(breaker.acquire(1).is_err());
    breaker.report(stale, 1, Outcome::Success);
    let probe = breaker.acquire(30 * SECOND).expect("a probe");
    assert!(breaker.acquire(30 * SECOND).is_err());
    breaker.report(probe, 30 * SECOND, Outcome::Success);
    breaker.report(probe, 30 * SECOND, Outcome::Failure);
    let expected = Totals {
        admitted: 14,
        successes: 4,
        failures: 5,
        cancelled: 2,
        excluded: 1,
        rejected_open: 1,
        rejected_probes_under_way: 1,
        late_successes: 1,
        late_failures: 1,
        openings: 1,
        ..Totals::default()
    };
    assert_eq!(breaker.totals(), expected);
    assert_eq!((expected.late(), expected.rejected()), (2, 2));
    assert_eq!(breaker.snapshot(30 * SECOND).in_flight, 0);
    // One has not been heard of: admitted, and in no other count.
    assert_eq!(never.generation(), Generation(0));
}
