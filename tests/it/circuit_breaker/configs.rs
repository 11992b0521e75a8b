//! A configuration that would make a breaker useless is refused when it is built, each with an
//! error of its own.

use rift::circuit_breaker::*;

use super::harness::*;

fn error(config: &Config) -> ConfigError {
    assert_eq!(Breaker::new(config.clone()).err(), config.validate().err());
    config.validate().expect_err("it makes no sense")
}

#[test]
fn every_degenerate_configuration_has_an_error_of_its_own() {
    use WindowKind::{Count, Time};
    let half = Rates::failures(Rate::percent(50), 2);
    let trip = |trip: Trip| tripping(trip);
    let wait = |wait: Wait| Config { wait, ..Config::default() };
    let slow = Rates::slow(Rate::percent(50), 2);
    let no_rate = Rates { minimum_calls: 2, failures: None, slow: None };
    let too_high = Rate::millionths(1_000_001);
    let rate_verdict = |of, opens_from| probing(1, Verdict::FailureRate { of, opens_from });
    let mut no_rule = Config::default();
    no_rule.trip.consecutive_failures = None;
    let mut zero = Config::default();
    zero.trip.consecutive_failures = Some(0);
    let mut zero_slow = trip(count_window(2, slow));
    zero_slow.slow_from_us = Some(0);
    let mut zero_bucket = trip(time_window(2, half));
    zero_bucket.trip.time_window.as_mut().unwrap().bucket_us = 0;
    let mut too_long = trip(time_window(2, half));
    too_long.trip.time_window.as_mut().unwrap().bucket_us = u64::MAX / 2 + 1;
    let mut no_lease = Config::default();
    no_lease.half_open.lease_us = 0;
    let out_of_range = |window, rate| ConfigError::RateOutOfRange { window, rate };
    let large = |window, most| ConfigError::WindowTooLarge { window, asked: most + 1, most };
    let fixed = Wait::fixed(9);
    let cases = [
        (no_rule, ConfigError::NoTripRule),
        (zero, ConfigError::ZeroThreshold),
        (trip(count_window(0, half)), ConfigError::EmptyWindow(Count)),
        (trip(time_window(0, half)), ConfigError::EmptyWindow(Time)),
        (zero_bucket, ConfigError::ZeroBucket),
        (trip(count_window(MOST_WINDOW_CALLS + 1, half)), large(Count, MOST_WINDOW_CALLS)),
        (trip(time_window(MOST_BUCKETS + 1, half)), large(Time, MOST_BUCKETS)),
        (too_long, ConfigError::WindowTooLong),
        (trip(count_window(2, no_rate)), ConfigError::NoRate(Count)),
        (trip(time_window(2, no_rate)), ConfigError::NoRate(Time)),
        (trip(count_window(2, Rates::failures(Rate::ZERO, 2))), out_of_range(Count, Rate::ZERO)),
        (trip(time_window(2, Rates::failures(too_high, 2))), out_of_range(Time, too_high)),
        (trip(count_window(2, Rates::slow(too_high, 2))), out_of_range(Count, too_high)),
        (trip(count_window(2, Rates::failures(Rate::ONE, 0))), ConfigError::ZeroVolume(Count)),
        (trip(time_window(2, Rates::failures(Rate::ONE, 0))), ConfigError::ZeroVolume(Time)),
        (
            trip(count_window(2, Rates::failures(Rate::ONE, 3))),
            ConfigError::VolumeNeverReached { minimum_calls: 3, window_calls: 2 },
        ),
        (trip(count_window(2, slow)), ConfigError::SlowUndefined(Count)),
        (trip(time_window(2, slow)), ConfigError::SlowUndefined(Time)),
        (zero_slow, ConfigError::ZeroSlowFrom),
        (
            wait(Wait { growth: Rate::percent(99), ..fixed }),
            ConfigError::WaitShrinks { growth: Rate::percent(99) },
        ),
        (
            wait(Wait { longest_us: 8, ..fixed }),
            ConfigError::LongestBelowFirst { first_us: 9, longest_us: 8 },
        ),
        (
            wait(Wait { jitter: too_high, ..fixed }),
            ConfigError::JitterOutOfRange { jitter: too_high },
        ),
        (probing(0, Verdict::Successes(1)), ConfigError::ZeroProbes),
        (
            probing(MOST_PROBES + 1, Verdict::Successes(1)),
            ConfigError::TooManyProbes { asked: MOST_PROBES + 1, most: MOST_PROBES },
        ),
        (probing(1, Verdict::Successes(0)), ConfigError::ZeroSuccesses),
        (rate_verdict(0, Rate::ONE), ConfigError::ZeroVerdictVolume),
        (rate_verdict(1, Rate::ZERO), ConfigError::VerdictRateOutOfRange { rate: Rate::ZERO }),
        (rate_verdict(1, too_high), ConfigError::VerdictRateOutOfRange { rate: too_high }),
        (no_lease, ConfigError::ZeroLease),
    ];
    for (config, expected) in &cases {
        assert_eq!(error(config), *expected);
        let sentence = expected.to_string();
        assert!(sentence.len() > 15 && !sentence.ends_with('.'), "{sentence}");
    }
    let mut kinds: Vec<_> = cases.iter().map(|(_, error)| std::mem::discriminant(error)).collect();
    kinds.dedup();
    let distinct = kinds.iter().enumerate().filter(|(at, kind)| !kinds[..*at].contains(kind));
    assert_eq!(distinct.count(), 21, "every kind of error there is");
}

/// At the edge of what is refused, all is well.
#[test]
fn the_smallest_and_the_largest_that_make_sense_are_taken() {
    let one = Rates { minimum_calls: 1, failures: Some(Rate::millionths(1)), slow: None };
    let all = Rates::failures(Rate::ONE, MOST_WINDOW_CALLS);
    let mut longest = tripping(time_window(2, one));
    longest.trip.time_window.as_mut().unwrap().bucket_us = u64::MAX / 2;
    let mut instant = Config { wait: Wait::fixed(0), ..Config::default() };
    instant.half_open.lease_us = 1;
    for config in [
        tripping(count_window(1, one)),
        tripping(count_window(MOST_WINDOW_CALLS, all)),
        tripping(time_window(1, Rates::failures(Rate::ONE, u32::MAX))),
        tripping(time_window(MOST_BUCKETS, one)),
        probing(MOST_PROBES, Verdict::Successes(u32::MAX)),
        Config { wait: Wait::fixed(u64::MAX), ..Config::default() },
        longest,
        instant,
    ] {
        assert_eq!(config.validate(), Ok(()), "{config:?}");
        let mut breaker = breaker(config);
        for now_us in [0, 1, u64::MAX / 2] {
            call(&mut breaker, now_us, Outcome::Failure);
            breaker.snapshot(now_us);
        }
    }
}
