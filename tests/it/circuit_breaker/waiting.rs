//! Open, and until when.

use rift::circuit_breaker::*;

use super::harness::*;

/// Nygard's "suitable timeout" is over at its end, not a tick later.
#[test]
fn at_exactly_the_deadline_a_call_is_admitted() {
    let mut breaker = plain();
    open(&mut breaker, 100);
    let deadline_us = 100 + 30 * SECOND;
    let rejected = breaker.acquire(deadline_us - 1).expect_err("a microsecond too early");
    assert_eq!(rejected, Rejected { reason: Reason::Open, retry_after_us: Some(1) });
    assert!(breaker.acquire(deadline_us).is_ok());
    assert_eq!(breaker.state(), State::HalfOpen);
}

#[test]
fn a_rejection_says_when_to_ask_again() {
    let mut breaker = plain();
    open(&mut breaker, 0);
    for now_us in [0, 1, SECOND, 29 * SECOND] {
        let rejected = breaker.acquire(now_us).expect_err("it is open");
        assert_eq!(rejected.retry_after_us, Some(30 * SECOND - now_us));
        let mut patient = breaker.clone();
        let asked_again_us = now_us + rejected.retry_after_us.expect("there is a deadline");
        assert!(patient.acquire(asked_again_us).is_ok(), "exactly then");
    }
}

#[test]
fn a_wait_of_zero_is_legal_and_the_next_call_is_a_probe() {
    let mut breaker = breaker(Config { wait: Wait::fixed(0), ..Config::default() });
    open(&mut breaker, 5);
    assert!(breaker.acquire(5).is_ok());
    assert_eq!(breaker.state(), State::HalfOpen);
}

fn growing(growth: Rate, longest_us: u64) -> Breaker {
    let wait = Wait { first_us: SECOND, growth, longest_us, jitter: Rate::ZERO };
    breaker(Config { wait, ..Config::default() })
}

/// Opens it, then fails so many probes, each at the first possible time. The waits that came of it.
fn waits(breaker: &mut Breaker, from_us: u64, probes: u32) -> Vec<u64> {
    open(breaker, from_us);
    let mut waits = Vec::new();
    let mut now_us = from_us;
    for _ in 0..probes {
        let until_us = breaker.open_until_us().expect("it is open");
        waits.push(until_us - now_us);
        now_us = until_us;
        assert!(fail(breaker, now_us));
    }
    waits
}

/// Azure: "an accelerating reset": the wait grows as long as probes fail, up to a bound.
#[test]
fn the_wait_grows_with_every_failed_probe_up_to_the_longest() {
    let mut breaker = growing(Rate::percent(200), 10 * SECOND);
    assert_eq!(waits(&mut breaker, 0, 6), [1, 2, 4, 8, 10, 10].map(|s| s * SECOND));
}

#[test]
fn closing_takes_the_wait_back_to_the_first() {
    let mut breaker = growing(Rate::percent(300), 100 * SECOND);
    assert_eq!(waits(&mut breaker, 0, 3), [1, 3, 9].map(|s| s * SECOND));
    let later_us = 1_000 * SECOND;
    assert!(succeed(&mut breaker, later_us));
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(waits(&mut breaker, later_us, 2), [1, 3].map(|s| s * SECOND));
}

/// However often it grows, nothing overflows: at the end of time it is simply open.
#[test]
fn the_wait_saturates() {
    let mut breaker = growing(Rate::millionths(u32::MAX), u64::MAX);
    let mut now_us = 0;
    open(&mut breaker, now_us);
    while now_us < u64::MAX {
        now_us = breaker.open_until_us().expect("it is open");
        let probe = breaker.acquire(now_us).expect("at its end");
        breaker.report(probe, now_us, Outcome::Failure);
    }
    assert_eq!(breaker.state_at(u64::MAX), State::HalfOpen, "nothing is left to wait for");
}

/// A wait of a microsecond that grows by a millionth grows all the same.
#[test]
fn the_smallest_wait_grows_too() {
    let wait = Wait {
        first_us: 1,
        growth: Rate::millionths(1_000_001),
        longest_us: 4,
        jitter: Rate::ZERO,
    };
    let mut breaker = breaker(Config { wait, ..Config::default() });
    assert_eq!(waits(&mut breaker, 0, 6), [1, 2, 3, 4, 4, 4]);
}

fn jittered(jitter: Rate) -> Breaker {
    let wait = Wait { jitter, ..Wait::fixed(30 * SECOND) };
    breaker(Config { wait, ..Config::default() })
}

/// So that a fleet which opened together does not probe together. The draw is the caller's.
#[test]
fn the_draw_takes_up_to_the_jitter_off() {
    let until = |draw: u64| {
        let mut breaker = jittered(Rate::percent(20));
        assert!(breaker.wants_draw());
        breaker.offer_draw(0, draw);
        assert!(!breaker.wants_draw());
        open(&mut breaker, 0);
        assert!(breaker.wants_draw(), "the opening has used it up");
        breaker.open_until_us().expect("it is open")
    };
    assert_eq!(until(0), 30 * SECOND);
    assert_eq!(until(u64::MAX), 24 * SECOND);
    assert_eq!(until(1 << 63), 27 * SECOND);
    let mut breaker = jittered(Rate::percent(20));
    open(&mut breaker, 0);
    assert_eq!(breaker.open_until_us(), Some(30 * SECOND), "without a draw nothing is taken off");
}

/// The jitter is taken off the wait, not off what the wait grows from.
#[test]
fn jitter_does_not_slow_growth_down() {
    let wait = Wait {
        first_us: SECOND,
        growth: Rate::percent(200),
        longest_us: 8 * SECOND,
        jitter: Rate::percent(50),
    };
    let mut breaker = breaker(Config { wait, ..Config::default() });
    breaker.offer_draw(0, u64::MAX);
    open(&mut breaker, 0);
    assert_eq!(breaker.open_until_us(), Some(SECOND / 2));
    assert!(fail(&mut breaker, SECOND));
    assert_eq!(breaker.open_until_us(), Some(3 * SECOND), "two seconds, none drawn");
}
