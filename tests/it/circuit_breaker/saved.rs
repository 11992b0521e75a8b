//! Written down in one process and read in another.

use proptest::prelude::*;
use rift::circuit_breaker::*;

use super::acts::configs;
use super::harness::*;

/// Exports at one time and imports at another, on another clock.
fn moved(breaker: &Breaker, from_us: u64, to_us: u64) -> Breaker {
    let saved = breaker.export(from_us);
    Breaker::import(breaker.config().clone(), &saved, to_us).expect("the same configuration")
}

/// The wait that remains goes along, neither the whole wait nor a time on a clock that is gone.
#[test]
fn the_remaining_wait_survives() {
    let mut breaker = plain();
    open(&mut breaker, 100 * SECOND);
    for (to_us, name) in [(0, "an earlier clock"), (5_000 * SECOND, "a later one")] {
        let mut moved = moved(&breaker, 112 * SECOND, to_us);
        assert_eq!(moved.snapshot(to_us).remaining_us, Some(18 * SECOND), "{name}");
        assert!(moved.acquire(to_us + 18 * SECOND - 1).is_err());
        assert!(moved.acquire(to_us + 18 * SECOND).is_ok());
    }
}

#[test]
fn a_wait_that_is_over_is_over() {
    let mut breaker = plain();
    open(&mut breaker, 0);
    assert_eq!(
        breaker.export(30 * SECOND).state,
        SavedState::HalfOpen { successes: 0, failures: 0 }
    );
    assert!(moved(&breaker, 31 * SECOND, 7).acquire(7).is_ok());
}

/// The next failure of a probe waits as long as it would have.
#[test]
fn the_grown_wait_survives() {
    let wait = Wait {
        first_us: SECOND,
        growth: Rate::percent(200),
        longest_us: 60 * SECOND,
        jitter: Rate::ZERO,
    };
    let mut breaker = breaker(Config { wait, ..Config::default() });
    open(&mut breaker, 0);
    assert!(fail(&mut breaker, SECOND));
    assert!(fail(&mut breaker, 3 * SECOND));
    assert_eq!(breaker.open_until_us(), Some(7 * SECOND));
    let mut moved = moved(&breaker, 6 * SECOND, 0);
    assert!(fail(&mut moved, SECOND));
    assert_eq!(moved.open_until_us(), Some(9 * SECOND), "eight seconds after four");
}

#[test]
fn what_was_under_way_is_late_in_the_next_life() {
    let mut breaker = plain();
    let permit = breaker.acquire(0).expect("closed");
    let mut moved = moved(&breaker, 0, 0);
    let newer = moved.acquire(0).expect("closed");
    assert_eq!(moved.report(permit, 0, Outcome::Failure), Reported::Late(Late::OtherGeneration));
    assert_eq!(moved.report(newer, 0, Outcome::Failure), Reported::Counted);
}

/// Nobody will report what was under way, so the slots are free.
#[test]
fn lost_probes_do_not_wedge_the_next_life() {
    let mut breaker = plain();
    open(&mut breaker, 0);
    let _lost = breaker.acquire(30 * SECOND).expect("a probe");
    let mut moved = moved(&breaker, 31 * SECOND, 0);
    assert_eq!(moved.state(), State::HalfOpen);
    assert!(moved.acquire(0).is_ok());
}

#[test]
fn windows_and_failures_in_a_row_survive() {
    let rates = Rates::failures(Rate::percent(60), 5);
    let trip = Trip {
        consecutive_failures: Some(4),
        count_window: count_window(6, rates).count_window,
        time_window: time_window(10, rates).time_window,
    };
    let mut breaker = breaker(tripping(trip));
    for (second, outcome) in [(3, Outcome::Failure), (4, Outcome::Success), (7, Outcome::Failure)] {
        call(&mut breaker, second * SECOND, outcome);
    }
    let mut moved = moved(&breaker, 7 * SECOND, 900 * SECOND);
    assert!(moved.cells().eq(breaker.cells()));
    assert!(moved.buckets(900 * SECOND).eq(breaker.buckets(7 * SECOND)));
    let (ours, theirs) = (moved.snapshot(900 * SECOND), breaker.snapshot(7 * SECOND));
    assert_eq!(ours.count_window, theirs.count_window);
    assert_eq!(ours.time_window, theirs.time_window);
    assert_eq!(ours.consecutive_failures, theirs.consecutive_failures);
    let later = |breaker: &Breaker, from: u64| breaker.buckets(from * SECOND).collect::<Vec<_>>();
    assert_eq!(later(&moved, 907), later(&breaker, 14), "and they go on growing old");
    calls(&mut moved, 901 * SECOND, 2, Outcome::Failure);
    assert!(is_open(&moved), "four of five");
}

#[test]
fn what_was_done_by_hand_survives() {
    let by_hand: [(ByHand, State); 3] = [
        (Breaker::force_open, State::ForcedOpen),
        (Breaker::disable, State::Disabled),
        (Breaker::watch_only, State::MetricsOnly),
    ];
    for (act, state) in by_hand {
        let mut breaker = plain();
        act(&mut breaker, 0);
        assert_eq!(moved(&breaker, 5, 900).state(), state);
    }
}

/// Nobody checked what was written down: it is fitted, and never panics.
#[test]
fn nonsense_is_fitted_to_the_configuration() {
    let rates = Rates::failures(Rate::percent(60), 2);
    let trip = Trip { count_window: count_window(2, rates).count_window, ..time_window(3, rates) };
    let config = tripping(trip);
    let too_much = u64::MAX;
    let saved = Saved {
        state: SavedState::Open { remaining_us: too_much },
        generation: Generation(too_much),
        wait_us: too_much,
        consecutive_failures: u32::MAX,
        cells: vec![Cell { failed: true, slow: true }; 1_000],
        buckets: vec![Tally { calls: too_much, failures: too_much, slow: too_much }; 1_000],
    };
    for now_us in [0, 1, 2 * SECOND, u64::MAX] {
        let mut moved = Breaker::import(config.clone(), &saved, now_us).expect("sound");
        let snapshot = moved.snapshot(now_us);
        assert!(snapshot.remaining_us <= Some(30 * SECOND), "no longer than the longest wait");
        assert_eq!(moved.cells().count(), 2);
        assert_eq!(moved.buckets(now_us).count(), 3);
        moved.close(now_us);
        call(&mut moved, now_us, Outcome::Failure);
        moved.snapshot(u64::MAX);
        moved.export(u64::MAX);
    }
    let empty = Saved { cells: Vec::new(), buckets: Vec::new(), ..saved };
    assert!(Breaker::import(config, &empty, 0).is_ok());
    let state = SavedState::HalfOpen { successes: u32::MAX, failures: u32::MAX };
    for verdict in [
        Verdict::Successes(1),
        Verdict::Successes(u32::MAX),
        Verdict::FailureRate { of: u32::MAX, opens_from: Rate::ONE },
    ] {
        for outcome in [Outcome::Success, Outcome::Failure] {
            let saved = Saved { state, ..empty.clone() };
            let mut moved = Breaker::import(probing(1, verdict), &saved, 0).expect("sound");
            assert!(call(&mut moved, 0, outcome));
            assert_ne!(moved.state(), State::HalfOpen, "one more result decides");
        }
    }
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused_here_too() {
    let config = probing(0, Verdict::Successes(1));
    let saved = plain().export(0);
    assert_eq!(Breaker::import(config, &saved, 0), Err(ConfigError::ZeroProbes));
}

proptest! {
    /// With nothing under way, who was moved and who was not answer alike for ever after, on clocks
    /// that have nothing in common but where a bucket begins.
    #[test]
    fn a_moved_breaker_goes_on_as_if_nothing_had_been(
        config in configs(),
        before in prop::collection::vec((0..40_u64, any::<bool>()), 0..60),
        after in prop::collection::vec((0..40_u64, any::<bool>()), 0..60),
        buckets in 0..1_000_000_u64,
    ) {
        let mut breaker = breaker(config);
        let outcome = |fails| if fails { Outcome::Failure } else { Outcome::Success };
        let mut now_us = 0;
        for (step_us, fails) in before {
            now_us += step_us;
            call(&mut breaker, now_us, outcome(fails));
        }
        let mut from_us = now_us;
        let mut to_us = now_us % 10 + 10 * buckets;
        let mut moved = moved(&breaker, from_us, to_us);
        for (step_us, fails) in after {
            from_us += step_us;
            to_us += step_us;
            let (stays, goes) = (breaker.snapshot(from_us), moved.snapshot(to_us));
            prop_assert_eq!(stays.remaining_us, goes.remaining_us);
            prop_assert_eq!(stays.count_window, goes.count_window);
            prop_assert_eq!(stays.time_window, goes.time_window);
            prop_assert_eq!(stays.consecutive_failures, goes.consecutive_failures);
            let went = call(&mut breaker, from_us, outcome(fails));
            prop_assert_eq!(call(&mut moved, to_us, outcome(fails)), went);
            prop_assert!(breaker.state().is_like(moved.state()));
        }
    }
}
