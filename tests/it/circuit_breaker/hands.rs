//! What somebody does by hand, and what is told of it.

use rift::circuit_breaker::*;

use super::harness::*;

#[test]
fn forced_open_rejects_until_somebody_says_otherwise() {
    let mut breaker = plain();
    breaker.force_open(0);
    let forced = Rejected { reason: Reason::ForcedOpen, retry_after_us: None };
    assert_eq!(breaker.acquire(0), Err(forced));
    assert_eq!(breaker.acquire(u64::MAX), Err(forced), "no deadline ends it");
    assert_eq!(breaker.deadline_us(), None);
    breaker.close(u64::MAX);
    assert!(breaker.acquire(u64::MAX).is_ok());
    assert_eq!(breaker.totals().rejected_forced_open, 2);
}

#[test]
fn disabled_admits_all_and_watches_nothing() {
    let mut breaker = plain();
    breaker.disable(0);
    calls(&mut breaker, 0, 1_000, Outcome::Failure);
    assert_eq!(breaker.state(), State::Disabled);
    assert_eq!(breaker.snapshot(0).consecutive_failures, 0);
    breaker.close(1);
    calls(&mut breaker, 1, 4, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed, "the thousand are no part of it");
}

#[test]
fn metrics_only_watches_and_never_opens() {
    let trip = count_window(10, Rates::failures(Rate::percent(50), 2));
    let mut breaker = breaker(tripping(trip));
    breaker.watch_only(0);
    calls(&mut breaker, 0, 1_000, Outcome::Failure);
    assert_eq!(breaker.state(), State::MetricsOnly);
    let snapshot = breaker.snapshot(0);
    assert_eq!(snapshot.consecutive_failures, 1_000);
    assert_eq!(snapshot.count_window.expect("there is one").failure_rate, Some(Rate::ONE));
    breaker.close(1);
    fail(&mut breaker, 1);
    assert_eq!(breaker.state(), State::Closed, "it begins with a clean sheet");
}

#[test]
fn opened_by_hand_it_closes_by_itself() {
    let mut breaker = plain();
    breaker.open(7);
    assert_eq!(breaker.state(), State::Open { until_us: 7 + 30 * SECOND });
    assert!(succeed(&mut breaker, 7 + 30 * SECOND));
    assert_eq!(breaker.state(), State::Closed);
}

/// Only who waits can wait no longer.
#[test]
fn half_open_by_hand_is_legal_for_an_open_breaker_alone() {
    let mut breaker = plain();
    assert_eq!(breaker.half_open(0), Err(IllegalMove { from: State::Closed }));
    breaker.open(0);
    assert_eq!(breaker.half_open(1), Ok(()));
    assert_eq!(breaker.state(), State::HalfOpen);
    let generation = breaker.generation();
    assert_eq!(breaker.half_open(2), Ok(()));
    assert_eq!(breaker.generation(), generation, "it is already");
    let by_hand: [(ByHand, State); 3] = [
        (Breaker::force_open, State::ForcedOpen),
        (Breaker::disable, State::Disabled),
        (Breaker::watch_only, State::MetricsOnly),
    ];
    for (act, from) in by_hand {
        act(&mut breaker, 3);
        assert_eq!(breaker.half_open(3), Err(IllegalMove { from }));
        assert_eq!(breaker.state(), from);
    }
}

const ACTS: [(ByHand, &str); 5] = [
    (Breaker::open, "open"),
    (Breaker::close, "close"),
    (Breaker::force_open, "force open"),
    (Breaker::disable, "disable"),
    (Breaker::watch_only, "watch only"),
];

/// Whatever is done by hand makes what is under way late, if it changes the state, and does nothing
/// at all if not. One transition each.
#[test]
fn every_move_by_hand_begins_a_generation_and_a_move_to_the_same_state_none() {
    for (first, name) in ACTS {
        for (second, other) in ACTS {
            let mut breaker = plain();
            first(&mut breaker, 1);
            transitions(&mut breaker);
            let before = breaker.clone();
            second(&mut breaker, 1);
            let moves = transitions(&mut breaker);
            if name == other {
                assert_eq!(breaker, before, "{name} twice");
                assert_eq!(moves, []);
            } else {
                assert_eq!(breaker.generation().0, before.generation().0 + 1, "{name}, {other}");
                let [transition] = moves[..] else { panic!("{name}, {other}: {moves:?}") };
                assert_eq!((transition.at_us, transition.cause), (1, Cause::ByHand));
                assert_eq!((transition.from, transition.to), (before.state(), breaker.state()));
                assert_eq!(transition.generation, breaker.generation());
            }
        }
    }
}

#[test]
fn opening_what_is_open_does_not_extend_the_wait() {
    let mut breaker = plain();
    open(&mut breaker, 0);
    breaker.open(20 * SECOND);
    assert_eq!(breaker.state(), State::Open { until_us: 30 * SECOND });
}

/// A reset also forgets what a closed breaker knows, and tells of no transition, for there is none.
#[test]
fn a_reset_begins_a_generation_in_any_case() {
    let mut breaker = plain();
    let stale = breaker.acquire(0).expect("closed");
    calls(&mut breaker, 0, 4, Outcome::Failure);
    breaker.reset(1);
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(transitions(&mut breaker), []);
    assert_eq!(breaker.report(stale, 1, Outcome::Failure), Reported::Late(Late::OtherGeneration));
    calls(&mut breaker, 1, 4, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed);
    fail(&mut breaker, 1);
    breaker.reset(2);
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(transitions(&mut breaker).len(), 2);
}

/// From, to, when, why, and which era: a whole life, told in transitions.
#[test]
fn every_change_of_state_is_told_once() {
    let mut breaker = plain();
    open(&mut breaker, 1);
    let first_us = 1 + 30 * SECOND;
    let failed = breaker.acquire(first_us + 5).expect("a probe");
    breaker.report(failed, first_us + 6, Outcome::Failure);
    let second_us = first_us + 6 + 30 * SECOND;
    assert!(succeed(&mut breaker, second_us));
    breaker.disable(second_us + 9);
    let told = transitions(&mut breaker);
    let (closed, half_open) = (State::Closed, State::HalfOpen);
    let [first, second] = [first_us, second_us].map(|until_us| State::Open { until_us });
    let rows = [
        (1, closed, first, Cause::ConsecutiveFailures { failures: 5 }),
        (first_us, first, half_open, Cause::WaitOver),
        (first_us + 6, half_open, second, Cause::ProbeFailed { serial: failed.serial() }),
        (second_us, second, half_open, Cause::WaitOver),
        (second_us, half_open, closed, Cause::ProbesSucceeded { successes: 1, of: 1 }),
        (second_us + 9, closed, State::Disabled, Cause::ByHand),
    ];
    let expected = rows.into_iter().zip(1..).map(|((at_us, from, to, cause), era)| Transition {
        at_us,
        from,
        to,
        generation: Generation(era),
        cause,
    });
    assert_eq!(told, expected.collect::<Vec<_>>());
}

/// Who never asks what happened does not pay for it with ever more memory.
#[test]
fn transitions_that_nobody_takes_are_dropped_oldest_first() {
    let mut breaker = plain();
    for now_us in 0..1_000 {
        breaker.open(now_us);
        breaker.close(now_us);
    }
    assert_eq!(breaker.totals().transitions_dropped, 2_000 - MOST_TRANSITIONS_KEPT as u64);
    let kept = transitions(&mut breaker);
    assert_eq!(kept.len(), MOST_TRANSITIONS_KEPT);
    assert_eq!(kept.last().map(|last| last.at_us), Some(999));
}
