//! Half-open: who may go, for how long, and what it means.

use rift::circuit_breaker::*;

use super::harness::*;

const WAIT: u64 = 30 * SECOND;

/// A breaker that is about to be half-open: at [`WAIT`] the first probe may go.
fn due(config: Config) -> Breaker {
    let mut breaker = breaker(config);
    open(&mut breaker, 0);
    transitions(&mut breaker);
    breaker
}

fn admitted(breaker: &mut Breaker, now_us: u64, callers: u32) -> Vec<Permit> {
    (0..callers).filter_map(|_| breaker.acquire(now_us).ok()).collect()
}

/// Azure: "a limited number of requests from the application are allowed to pass through", so that
/// a service that comes back is not run over. Fifty who come at once are the herd.
#[test]
fn of_fifty_that_race_at_the_half_open_moment_exactly_as_many_go_as_may() {
    for probes in [1, 2, 7, 50, 51] {
        let mut breaker = due(probing(probes, Verdict::Successes(1)));
        let permits = admitted(&mut breaker, WAIT, 50);
        assert_eq!(permits.len(), probes.min(50) as usize);
        assert_eq!(breaker.totals().rejected_probes_under_way, u64::from(50 - probes.min(50)));
        assert_eq!(breaker.totals().rejected_open, 0, "the reason is another one");
    }
}

/// The same in any interleaving of who asks and who answers: never more than may be under way.
#[test]
fn never_are_more_probes_under_way_than_may() {
    let mut random = rift::random::Random::from_seed(11);
    for probes in 1..6 {
        let mut breaker = due(probing(probes, Verdict::Successes(u32::MAX)));
        let mut under_way = Vec::new();
        for step in 0..2_000 {
            if random.below(3) > 0 {
                under_way.extend(breaker.acquire(WAIT + step).ok());
            } else if !under_way.is_empty() {
                let permit = under_way.swap_remove(random.below(under_way.len() as u64) as usize);
                let outcome =
                    if random.below(2) == 0 { Outcome::Success } else { Outcome::Cancelled };
                breaker.report(permit, WAIT + step, outcome);
            }
            assert!(under_way.len() <= probes as usize);
            assert_eq!(under_way.len(), breaker.probes().len());
        }
    }
}

#[test]
fn one_too_many_is_rejected_with_a_reason_of_its_own() {
    let mut breaker = due(Config::default());
    let probe = breaker.acquire(WAIT).expect("the first goes");
    let rejected = breaker.acquire(WAIT + 1).expect_err("the second does not");
    assert_eq!(rejected.reason, Reason::ProbesUnderWay);
    assert_eq!(rejected.retry_after_us, Some(30 * SECOND - 1), "when the probe's lease ends");
    assert_eq!(breaker.report(probe, WAIT + 2, Outcome::Success), Reported::Counted);
    assert!(breaker.acquire(WAIT + 2).is_ok(), "closed by the probe");
}

#[test]
fn one_success_closes() {
    let mut breaker = due(Config::default());
    assert!(succeed(&mut breaker, WAIT));
    assert_eq!(breaker.state(), State::Closed);
    let succeeded = Cause::ProbesSucceeded { successes: 1, of: 1 };
    assert_eq!(causes(&mut breaker), [(WAIT, Cause::WaitOver), (WAIT, succeeded)]);
}

#[test]
fn as_many_successes_close_as_are_wanted() {
    let mut breaker = due(probing(1, Verdict::Successes(3)));
    for nth in 0..3 {
        assert_eq!(breaker.state_at(WAIT), State::HalfOpen, "after {nth}");
        assert!(succeed(&mut breaker, WAIT + nth));
    }
    assert_eq!(breaker.state(), State::Closed);
}

/// Nygard: "if the call fails, the circuit breaker returns to the open state until another timeout
/// elapses"; the whole wait begins at the failure.
#[test]
fn the_first_failure_opens_again_for_the_whole_wait() {
    let mut breaker = due(probing(3, Verdict::Successes(3)));
    let probes = admitted(&mut breaker, WAIT, 3);
    breaker.report(probes[0], WAIT + 1, Outcome::Success);
    breaker.report(probes[1], WAIT + 2, Outcome::Success);
    breaker.report(probes[2], WAIT + 3, Outcome::Failure);
    assert_eq!(breaker.state(), State::Open { until_us: 2 * WAIT + 3 });
    let cause = Cause::ProbeFailed { serial: probes[2].serial() };
    assert_eq!(causes(&mut breaker), [(WAIT, Cause::WaitOver), (WAIT + 3, cause)]);
}

/// Successes of one cycle do not help the next to close.
#[test]
fn each_half_open_cycle_counts_from_zero() {
    let mut breaker = due(probing(1, Verdict::Successes(2)));
    assert!(succeed(&mut breaker, WAIT));
    assert!(fail(&mut breaker, WAIT));
    assert!(succeed(&mut breaker, 2 * WAIT));
    assert_eq!(breaker.state(), State::HalfOpen);
    assert!(succeed(&mut breaker, 2 * WAIT));
    assert_eq!(breaker.state(), State::Closed);
}

/// An option: so many results, and what rate of failures among them opens again.
#[test]
fn a_rate_of_failed_probes_may_decide_instead() {
    let verdict = Verdict::FailureRate { of: 4, opens_from: Rate::percent(50) };
    let mut breaker = due(probing(2, verdict));
    for outcome in [Outcome::Failure, Outcome::Success, Outcome::Cancelled, Outcome::Success] {
        assert!(call(&mut breaker, WAIT, outcome));
        assert_eq!(breaker.state(), State::HalfOpen, "three results do not suffice");
    }
    let mut unlucky = breaker.clone();
    assert!(succeed(&mut breaker, WAIT));
    assert_eq!(breaker.state(), State::Closed);
    assert!(fail(&mut unlucky, WAIT));
    let cause = Cause::ProbeFailureRate { failures: 2, of: 4 };
    assert_eq!(causes(&mut unlucky).last(), Some(&(WAIT, cause)));
}

/// A cancelled probe has found out nothing: it must neither close nor open, and it must not keep
/// its slot, or nobody could ever find out.
#[test]
fn a_neutral_probe_gives_its_slot_back_and_moves_nothing() {
    for neutral in [Outcome::Cancelled, Outcome::Excluded] {
        let mut breaker = due(Config::default());
        for nth in 0..100 {
            let probe = breaker.acquire(WAIT + nth).expect("the slot is free again");
            assert!(breaker.acquire(WAIT + nth).is_err(), "there is only one");
            assert_eq!(breaker.report(probe, WAIT + nth, neutral), Reported::Neutral);
            assert_eq!(breaker.state(), State::HalfOpen);
        }
        assert!(succeed(&mut breaker, WAIT + 100));
        assert_eq!(breaker.state(), State::Closed);
    }
}

/// A probe that hangs, or whose caller is gone, must not wedge the breaker: breakers in use have
/// stayed half-open for days.
#[test]
fn a_probe_that_never_reports_counts_as_failed_when_its_lease_ends() {
    let mut breaker = due(Config::default());
    let lost = breaker.acquire(WAIT).expect("it goes");
    let lease_us = 30 * SECOND;
    assert!(breaker.acquire(WAIT + lease_us - 1).is_err());
    assert_eq!(breaker.state(), State::HalfOpen);
    assert!(breaker.acquire(WAIT + lease_us).is_err(), "failed: open again");
    assert_eq!(breaker.state(), State::Open { until_us: WAIT + lease_us + WAIT });
    let expired = Cause::LeaseExpired { serial: lost.serial() };
    assert_eq!(causes(&mut breaker), [(WAIT, Cause::WaitOver), (WAIT + lease_us, expired)]);
    assert_eq!(breaker.totals().leases_expired, 1);
    assert!(succeed(&mut breaker, WAIT + lease_us + WAIT), "and on it goes");
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn a_breaker_all_of_whose_probes_are_lost_tries_again_for_ever() {
    let mut breaker = due(probing(3, Verdict::Successes(1)));
    let mut now_us = WAIT;
    for cycle in 1..=100 {
        assert_eq!(admitted(&mut breaker, now_us, 10).len(), 3, "cycle {cycle}");
        now_us += 60 * SECOND;
    }
    assert_eq!(breaker.totals().leases_expired, 99, "the first of each cycle decides");
    assert!(succeed(&mut breaker, now_us));
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn what_comes_after_the_lease_is_late() {
    let mut breaker = due(Config::default());
    let slow = breaker.acquire(WAIT).expect("it goes");
    let reported = breaker.report(slow, WAIT + 30 * SECOND, Outcome::Success);
    assert_eq!(reported, Reported::Late(Late::OtherGeneration), "opened at this very time");
    assert!(is_open(&breaker));
}

/// With a rate as the verdict an expired lease is one failure among others, in the same era.
#[test]
fn an_expired_lease_counts_towards_a_rate() {
    let verdict = Verdict::FailureRate { of: 2, opens_from: Rate::ONE };
    let mut breaker = due(probing(1, verdict));
    let lost = breaker.acquire(WAIT).expect("it goes");
    let later_us = WAIT + 30 * SECOND;
    let next = breaker.acquire(later_us).expect("the slot is free again");
    assert_eq!(breaker.state(), State::HalfOpen);
    assert_eq!(breaker.report(lost, later_us, Outcome::Success), Reported::Late(Late::Settled));
    assert_eq!(breaker.report(next, later_us, Outcome::Success), Reported::Counted);
    assert_eq!(breaker.state(), State::Closed, "one of two failed");
}

/// A breaker that opened because the service is slow is not convinced by a slow probe.
#[test]
fn a_slow_probe_fails_where_slow_calls_open() {
    let slow_opens = count_window(10, Rates::slow(Rate::percent(50), 2));
    let failures_open = count_window(10, Rates::failures(Rate::percent(50), 2));
    for (trip, state) in [(slow_opens, None), (failures_open, Some(State::Closed))] {
        let config = Config { slow_from_us: Some(SECOND), ..tripping(trip) };
        let mut breaker = breaker(config);
        breaker.open(0);
        let probe = breaker.acquire(WAIT).expect("it goes");
        breaker.report(probe, WAIT + SECOND, Outcome::Success);
        match state {
            Some(state) => assert_eq!(breaker.state(), state),
            None => {
                let cause = Cause::ProbeSlow { serial: probe.serial() };
                assert_eq!(causes(&mut breaker).last(), Some(&(WAIT + SECOND, cause)));
            }
        }
    }
}

/// The probe's result decides and is in no window; the lease is the probe's alone.
#[test]
fn a_call_of_the_closed_breaker_has_no_lease() {
    let mut breaker = plain();
    let slow = breaker.acquire(0).expect("it goes");
    assert_eq!(breaker.deadline_us(), None);
    let reported = breaker.report(slow, 3_600 * SECOND, Outcome::Failure);
    assert_eq!(reported, Reported::Counted);
    assert_eq!(breaker.snapshot(3_600 * SECOND).consecutive_failures, 1);
}

fn for_retries() -> Breaker {
    due(Config { guards: Guards::RetriesOnly, ..Config::default() })
}

/// Brooker, "Will circuit breakers solve my problems?": on retries alone a breaker never refuses a
/// first try, so a service that fails in part goes on serving the rest.
#[test]
fn a_breaker_for_retries_refuses_no_first_try() {
    let mut breaker = for_retries();
    for now_us in 1..100 {
        let permit = breaker.acquire_first_try(now_us).expect("always");
        assert!(breaker.acquire(now_us).is_err(), "a retry does not go");
        let outcome = if now_us % 2 == 0 { Outcome::Success } else { Outcome::Failure };
        assert_eq!(breaker.report(permit, now_us, outcome), Reported::LetThrough);
    }
    assert_eq!(breaker.state(), State::Open { until_us: WAIT }, "and they moved nothing");
    assert_eq!((breaker.totals().let_through, breaker.totals().rejected_open), (99, 99));
    breaker.force_open(200);
    assert!(breaker.acquire_first_try(200).is_ok());
}

#[test]
fn a_first_try_takes_a_free_slot_and_only_then_counts() {
    let mut breaker = for_retries();
    let probe = breaker.acquire_first_try(WAIT).expect("always");
    let other = breaker.acquire_first_try(WAIT).expect("always");
    assert_eq!(breaker.probes().len(), 1);
    assert_eq!(breaker.report(other, WAIT, Outcome::Failure), Reported::LetThrough);
    assert_eq!(breaker.state(), State::HalfOpen);
    assert_eq!(breaker.report(probe, WAIT, Outcome::Success), Reported::Counted);
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn a_breaker_for_all_calls_makes_no_difference_between_tries() {
    let mut breaker = due(Config::default());
    assert_eq!(breaker.acquire_first_try(1).map_err(|rejected| rejected.reason), Err(Reason::Open));
}
