//! Time is given, and only ever goes on; when somebody looks makes no difference.

use proptest::prelude::*;
use rift::circuit_breaker::*;

use super::acts::*;
use super::harness::*;

/// One reading out of order, as threads produce them: no time passes, none is lost.
#[test]
fn a_backward_clock_neither_extends_nor_shortens_the_wait() {
    let mut breaker = plain();
    open(&mut breaker, 100 * SECOND);
    let until_us = 130 * SECOND;
    let mut latest_us = 0;
    for now_us in [110 * SECOND, 90 * SECOND, 0, 129 * SECOND, 50 * SECOND] {
        let rejected = breaker.acquire(now_us).expect_err("open");
        latest_us = latest_us.max(now_us);
        assert_eq!(rejected.retry_after_us, Some(until_us - latest_us));
        assert_eq!(breaker.open_until_us(), Some(until_us));
    }
    assert!(breaker.acquire(until_us - 1).is_err());
    assert!(breaker.acquire(until_us).is_ok());
}

#[test]
fn a_backward_clock_does_not_touch_a_time_window() {
    let trip = time_window(10, Rates::failures(Rate::percent(100), 100));
    let mut breaker = breaker(tripping(trip));
    for now_us in [20, 15, 29, 11, 3, 29].map(|second| second * SECOND) {
        fail(&mut breaker, now_us);
    }
    let buckets = breaker.buckets(29 * SECOND).map(|bucket| bucket.calls);
    assert_eq!(buckets.collect::<Vec<_>>(), [2, 0, 0, 0, 0, 0, 0, 0, 0, 4]);
}

#[test]
fn a_call_that_ends_before_it_began_took_no_time() {
    let trip = count_window(2, Rates::slow(Rate::percent(50), 1));
    let mut breaker = breaker(Config { slow_from_us: Some(1), ..tripping(trip) });
    let permit = breaker.acquire(SECOND).expect("closed");
    assert_eq!(breaker.report(permit, 0, Outcome::Success), Reported::Counted);
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn a_lease_lasts_as_long_whatever_the_clock_does() {
    let mut breaker = plain();
    open(&mut breaker, 0);
    let probe = breaker.acquire(40 * SECOND).expect("a probe");
    assert!(breaker.acquire(0).is_err());
    assert_eq!(breaker.probes()[0].expires_us, 70 * SECOND);
    assert_eq!(breaker.report(probe, 10 * SECOND, Outcome::Success), Reported::Counted);
}

/// How somebody drives a breaker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Driver {
    /// Does nothing between calls.
    Lazy,
    /// Fires a timer at every deadline, at exactly its time.
    Timer,
    /// Looks at it all the time, in every way there is.
    Reader,
}

/// Everything that comes out of it.
fn play(config: &Config, acts: &[(u64, Act)], driver: Driver) -> (Vec<String>, Breaker) {
    let mut breaker = breaker(config.clone());
    let (mut now_us, mut permits, mut trace) = (0, Vec::new(), Vec::new());
    for (step_us, act) in acts {
        let then_us = now_us + step_us;
        match driver {
            Driver::Lazy => {}
            Driver::Timer => {
                while let Some(due_us) = breaker.deadline_us().filter(|due| *due <= then_us) {
                    breaker.handle_deadline(due_us);
                }
            }
            Driver::Reader => {
                let before = breaker.clone();
                for at_us in (now_us..=then_us).step_by(11).chain([then_us]) {
                    let _ = (breaker.state(), breaker.state_at(at_us), breaker.snapshot(at_us));
                    let _ = (breaker.export(at_us), breaker.deadline_us(), breaker.totals());
                    let _ = (breaker.cells().count(), breaker.buckets(at_us).count());
                }
                assert_eq!(breaker, before, "reading changes nothing");
                // Nor does reading what lies ahead.
                let _ = breaker.state_at(u64::MAX);
            }
        }
        now_us = then_us;
        let seen = act_on(&mut breaker, &mut permits, now_us, *act);
        trace.push(format!("{now_us} {act:?}: {seen}, {:?}", breaker.state_at(now_us)));
    }
    // For those who come late, all deadlines up to the end.
    breaker.handle_deadline(now_us);
    trace.extend(transitions(&mut breaker).iter().map(|transition| format!("{transition:?}")));
    (trace, breaker)
}

proptest! {
    /// Lazily, by a timer, and under the eyes of a reader: the same answers, the same transitions
    /// at the same times, and in the end the same breaker.
    #[test]
    fn whoever_drives_it_the_trace_is_the_same(config in configs(), acts in acts()) {
        let lazy = play(&config, &acts, Driver::Lazy);
        prop_assert_eq!(&play(&config, &acts, Driver::Timer), &lazy);
        prop_assert_eq!(&play(&config, &acts, Driver::Reader), &lazy);
    }

    /// Times that go back are as good as times that stand still.
    #[test]
    fn a_clock_that_goes_back_stands_still(
        config in configs(),
        acts in acts(),
        backs in prop::collection::vec(prop::option::weighted(0.3, 0..500_u64), 120),
    ) {
        let (mut steady, mut shaken) = (breaker(config.clone()), breaker(config));
        let (mut permits, mut shaken_permits) = (Vec::new(), Vec::new());
        let mut now_us = 0;
        for ((step_us, act), back) in acts.iter().zip(backs) {
            // Either time goes on for both, or it goes back for one and stands still for the other.
            let shaken_us = match back {
                Some(back) => u64::saturating_sub(now_us, back),
                None => {
                    now_us += step_us;
                    // Not every act tells the time, and both must know it.
                    steady.handle_deadline(now_us);
                    shaken.handle_deadline(now_us);
                    now_us
                }
            };
            let seen = act_on(&mut steady, &mut permits, now_us, *act);
            prop_assert_eq!(act_on(&mut shaken, &mut shaken_permits, shaken_us, *act), seen);
            prop_assert_eq!(&steady, &shaken);
        }
    }

    /// Whatever it is told, it does not panic, and what it says of itself is consistent.
    #[test]
    fn nothing_makes_it_panic(
        config in configs(),
        acts in prop::collection::vec((any::<u64>(), acts()), 1..4),
    ) {
        let mut breaker = breaker(config);
        let mut permits = Vec::new();
        let acts = acts.iter().flat_map(|(at, acts)| acts.iter().map(move |act| (at, act)));
        for (now_us, (_, act)) in acts {
            act_on(&mut breaker, &mut permits, *now_us, *act);
            let snapshot = breaker.snapshot(*now_us);
            let totals = snapshot.totals;
            prop_assert!(snapshot.probes_under_way <= breaker.config().half_open.probes);
            prop_assert!(snapshot.in_flight <= totals.admitted);
            prop_assert!(u64::from(snapshot.probes_under_way) <= snapshot.in_flight);
            prop_assert_eq!(permits.len() as u64, totals.admitted);
        }
    }
}
