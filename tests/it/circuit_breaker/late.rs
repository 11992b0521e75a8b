//! A late result never moves the machine: it is counted as late, and nothing else.
//!
//! This is where most libraries go wrong: they close on the success of a call that they admitted
//! before they opened.

use rift::circuit_breaker::*;

use super::harness::*;

const OUTCOMES: [Outcome; 4] =
    [Outcome::Success, Outcome::Failure, Outcome::Cancelled, Outcome::Excluded];

/// The eras of this story, in their order. Each begins by a transition of its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Era {
    Closed,
    Open,
    HalfOpen,
    OpenAgain,
    HalfOpenAgain,
    ClosedAgain,
    ForcedOpen,
    Disabled,
    MetricsOnly,
}

const ERAS: [Era; 9] = [
    Era::Closed,
    Era::Open,
    Era::HalfOpen,
    Era::OpenAgain,
    Era::HalfOpenAgain,
    Era::ClosedAgain,
    Era::ForcedOpen,
    Era::Disabled,
    Era::MetricsOnly,
];

/// A breaker with all rules, two probes, of which both must succeed.
fn subject() -> Breaker {
    let rates =
        Rates { minimum_calls: 4, failures: Some(Rate::percent(75)), slow: Some(Rate::ONE) };
    let trip = Trip {
        consecutive_failures: Some(3),
        count_window: count_window(8, rates).count_window,
        time_window: time_window(1_000, rates).time_window,
    };
    let slow_from_us = Some(900 * SECOND);
    let guards = Guards::RetriesOnly;
    let half_open = HalfOpen {
        probes: 2,
        verdict: Verdict::Successes(2),
        // So that it is not the lease that makes them late.
        lease_us: 1_000 * SECOND,
    };
    breaker(Config { trip, slow_from_us, half_open, guards, ..Config::default() })
}

/// Takes the breaker from the era before into `era`, and says what time it is then.
fn enter(breaker: &mut Breaker, era: Era) -> u64 {
    let now_us = 40 * SECOND * ERAS.iter().position(|other| *other == era).unwrap() as u64;
    match era {
        Era::Closed => {}
        Era::Open => calls(breaker, now_us, 3, Outcome::Failure),
        Era::HalfOpen | Era::HalfOpenAgain => breaker.handle_deadline(now_us),
        Era::OpenAgain => assert!(fail(breaker, now_us)),
        Era::ClosedAgain => calls(breaker, now_us, 2, Outcome::Success),
        Era::ForcedOpen => breaker.force_open(now_us),
        Era::Disabled => breaker.disable(now_us),
        Era::MetricsOnly => breaker.watch_only(now_us),
    }
    let state = match era {
        Era::Closed | Era::ClosedAgain => State::Closed,
        Era::Open | Era::OpenAgain => State::Open { until_us: now_us + 30 * SECOND },
        Era::HalfOpen | Era::HalfOpenAgain => State::HalfOpen,
        Era::ForcedOpen => State::ForcedOpen,
        Era::Disabled => State::Disabled,
        Era::MetricsOnly => State::MetricsOnly,
    };
    assert_eq!(breaker.state(), state, "{era:?}");
    now_us
}

/// All of a breaker but what it counted.
fn all_but_totals(breaker: &Breaker, now_us: u64) -> impl PartialEq + std::fmt::Debug + use<> {
    let snapshot = Snapshot { totals: Totals::default(), ..breaker.snapshot(now_us) };
    let cells: Vec<Cell> = breaker.cells().collect();
    let buckets: Vec<Tally> = breaker.buckets(now_us).collect();
    (snapshot, cells, buckets, breaker.probes().to_vec(), breaker.deadline_us())
}

/// Every pair of the era of admission and the era of the report, with every outcome. First tries
/// are always admitted here, so that every era can be one of admission.
#[test]
fn the_late_matrix_in_full() {
    let mut cases = 0;
    for (admitted_in, admitted) in ERAS.iter().enumerate() {
        for (reported_in, reported) in ERAS.iter().enumerate().skip(admitted_in + 1) {
            for outcome in OUTCOMES {
                let mut breaker = subject();
                let mut now_us = 0;
                let mut permit = None;
                for (at, era) in ERAS.iter().enumerate().take(reported_in + 1) {
                    now_us = enter(&mut breaker, *era);
                    if at == admitted_in {
                        let permit_of_era = breaker.acquire_first_try(now_us).expect("always");
                        assert_eq!(permit_of_era.generation(), breaker.generation());
                        permit = Some(permit_of_era);
                    }
                }
                let story = format!("admitted {admitted:?}, {outcome:?} while {reported:?}");
                is_late_and_nothing_else(&mut breaker, permit.unwrap(), now_us, outcome, &story);
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 4 * 9 * 8 / 2);
}

fn is_late_and_nothing_else(
    breaker: &mut Breaker,
    permit: Permit,
    now_us: u64,
    outcome: Outcome,
    story: &str,
) {
    transitions(breaker);
    let before = (all_but_totals(breaker, now_us), breaker.totals());
    let reported = breaker.report(permit, now_us, outcome);
    assert_eq!(reported, Reported::Late(Late::OtherGeneration), "{story}");
    assert_eq!(all_but_totals(breaker, now_us), before.0, "{story}");
    assert_eq!(transitions(breaker), [], "{story}");
    let mut expected = before.1;
    match outcome {
        Outcome::Success => expected.late_successes += 1,
        Outcome::Failure => expected.late_failures += 1,
        Outcome::Cancelled | Outcome::Excluded => expected.late_neutral += 1,
    }
    assert_eq!(breaker.totals(), expected, "{story}");
}

/// On the diagonal of the matrix: in its own era a result counts, the first time.
#[test]
fn in_its_own_era_every_result_counts_once() {
    for (at, era) in ERAS.iter().enumerate() {
        for outcome in OUTCOMES {
            let mut breaker = subject();
            let mut now_us = 0;
            ERAS[..=at].iter().for_each(|era| now_us = enter(&mut breaker, *era));
            let permit = breaker.acquire_first_try(now_us).expect("always");
            let expected = match era {
                Era::Open | Era::OpenAgain | Era::ForcedOpen => Reported::LetThrough,
                _ if outcome.is_neutral() => Reported::Neutral,
                _ => Reported::Counted,
            };
            assert_eq!(breaker.report(permit, now_us, outcome), expected, "{era:?} {outcome:?}");
        }
    }
}

/// Reported twice, in the same era: no second count, whatever is said the second time.
#[test]
fn a_permit_reported_twice_counts_once() {
    for era in ERAS {
        for (first, second) in OUTCOMES.into_iter().flat_map(|a| OUTCOMES.map(|b| (a, b))) {
            let mut breaker = subject();
            let mut now_us = 0;
            for other in ERAS.into_iter().take_while(|other| *other != era).chain([era]) {
                now_us = enter(&mut breaker, other);
            }
            let permit = breaker.acquire_first_try(now_us).expect("always");
            breaker.report(permit, now_us, first);
            let moved = breaker.generation() != permit.generation();
            transitions(&mut breaker);
            let before = all_but_totals(&breaker, now_us);
            let late = if moved { Late::OtherGeneration } else { Late::Settled };
            let again = breaker.report(permit, now_us, second);
            assert_eq!(again, Reported::Late(late), "{era:?}: {first:?}, then {second:?}");
            assert_eq!(all_but_totals(&breaker, now_us), before);
            assert_eq!(transitions(&mut breaker), []);
            assert_eq!(breaker.totals().late(), 1);
        }
    }
}

/// The bug to show. Ten calls are under way when the breaker opens; while it probes, one of them
/// comes back well. The probe has not answered yet, and nobody knows whether the service is well.
#[test]
fn a_stale_success_does_not_close() {
    let mut breaker = plain();
    let stale = breaker.acquire(0).expect("closed");
    open(&mut breaker, 1);
    let probe = breaker.acquire(31 * SECOND).expect("the probe");
    let reported = breaker.report(stale, 32 * SECOND, Outcome::Success);
    assert_eq!(reported, Reported::Late(Late::OtherGeneration));
    assert_eq!(breaker.state(), State::HalfOpen);
    assert_eq!(breaker.report(probe, 33 * SECOND, Outcome::Failure), Reported::Counted);
    assert!(is_open(&breaker), "the probe knows better");
}

#[test]
fn a_stale_success_does_not_close_the_open_breaker_either() {
    let mut breaker = plain();
    let stale = breaker.acquire(0).expect("closed");
    open(&mut breaker, 1);
    breaker.report(stale, 2, Outcome::Success);
    assert_eq!(breaker.state(), State::Open { until_us: 1 + 30 * SECOND });
}

/// Twenty fail together: the fifth opens, and the fifteen others neither open it again nor make it
/// wait longer.
#[test]
fn failures_that_come_after_the_opening_do_not_extend_it() {
    let mut breaker = plain();
    let permits: Vec<Permit> = (0..20).map(|_| breaker.acquire(0).expect("closed")).collect();
    for (nth, permit) in permits.into_iter().enumerate() {
        breaker.report(permit, nth as u64, Outcome::Failure);
    }
    assert_eq!(breaker.state(), State::Open { until_us: 4 + 30 * SECOND });
    assert_eq!(transitions(&mut breaker).len(), 1);
    let totals = breaker.totals();
    assert_eq!((totals.failures, totals.late_failures, totals.openings), (5, 15, 1));
}

/// A timeout of a call that was admitted long ago says nothing about the service of today.
#[test]
fn a_stale_failure_does_not_reopen() {
    let mut breaker = plain();
    let stale = breaker.acquire(0).expect("closed");
    open(&mut breaker, 1);
    let probe = breaker.acquire(31 * SECOND).expect("the probe");
    breaker.report(stale, 32 * SECOND, Outcome::Failure);
    assert_eq!(breaker.state(), State::HalfOpen);
    breaker.report(probe, 33 * SECOND, Outcome::Success);
    assert_eq!(breaker.state(), State::Closed, "and the probe's result is not lost");
}

/// A probe of the first cycle that answers in the second one takes no slot of it and decides
/// nothing.
#[test]
fn a_probe_that_answers_in_the_next_cycle_is_late() {
    let mut breaker = breaker(probing(2, Verdict::Successes(2)));
    open(&mut breaker, 0);
    let slow = breaker.acquire(30 * SECOND).expect("a probe");
    assert!(fail(&mut breaker, 30 * SECOND), "the other one fails");
    let second = breaker.acquire(60 * SECOND).expect("a probe of the second cycle");
    assert_eq!(breaker.report(slow, 60 * SECOND, Outcome::Success), {
        Reported::Late(Late::OtherGeneration)
    });
    assert_eq!(breaker.snapshot(60 * SECOND).probes_succeeded, 0);
    assert_eq!(breaker.probes().len(), 1, "the second cycle's probe keeps its slot");
    breaker.report(second, 60 * SECOND, Outcome::Success);
    assert_eq!(breaker.state(), State::HalfOpen, "one of two");
}

/// From one closed era to the next: the same state is not the same era.
#[test]
fn a_call_of_the_first_closed_era_is_late_in_the_second() {
    let mut breaker = plain();
    let stale: Vec<Permit> = (0..10).map(|_| breaker.acquire(0).expect("closed")).collect();
    open(&mut breaker, 1);
    assert!(succeed(&mut breaker, 31 * SECOND));
    assert_eq!(breaker.state(), State::Closed);
    for permit in stale {
        breaker.report(permit, 31 * SECOND, Outcome::Failure);
    }
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(breaker.snapshot(31 * SECOND).consecutive_failures, 0);
    assert_eq!(breaker.totals().late_failures, 10);
}

/// A permit says to which era it belongs, for whoever draws it.
#[test]
fn a_permit_carries_the_generation_in_which_it_was_given() {
    let mut breaker = plain();
    let mut generations = vec![breaker.acquire(0).expect("closed").generation().0];
    open(&mut breaker, 0);
    let probe = breaker.acquire(30 * SECOND).expect("a probe");
    generations.push(probe.generation().0);
    breaker.report(probe, 30 * SECOND, Outcome::Success);
    generations.push(breaker.acquire(30 * SECOND).expect("closed").generation().0);
    assert_eq!(generations, [0, 2, 3], "while it was open nobody got any");
}

/// What another breaker gave is refused wherever it can be told.
#[test]
fn a_permit_of_another_breaker_does_no_harm() {
    let mut ahead = plain();
    let foreign: Vec<Permit> = (0..1_000).map(|_| ahead.acquire(9).expect("closed")).collect();
    for mut breaker in [plain(), subject()] {
        let own = breaker.acquire(0).expect("closed");
        for permit in foreign.iter().skip(1) {
            let reported = breaker.report(*permit, 0, Outcome::Failure);
            assert_eq!(reported, Reported::Late(Late::Settled));
        }
        assert_eq!(breaker.report(own, 0, Outcome::Success), Reported::Counted);
        assert_eq!(breaker.totals().failures, 0);
    }
}
