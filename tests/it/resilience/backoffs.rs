//! Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015, formula by formula.

use proptest::prelude::*;
use rift::random::Random;
use rift::resilience::*;

const MIDDLE: u64 = 1 << 63;

fn exponential(jitter: Jitter) -> Backoff {
    Backoff::Exponential { base_us: 100, cap_us: 1_500, jitter }
}

fn waits(backoff: Backoff, draw: u64) -> Vec<u64> {
    let mut previous_us = None;
    (1..=6)
        .map(|retry| {
            let wait_us = backoff.wait_us(retry, previous_us, draw);
            previous_us = Some(wait_us);
            wait_us
        })
        .collect()
}

/// min(cap, base · 2^attempt), the first wait being the base.
#[test]
fn exponential_waits_double_up_to_the_cap() {
    assert_eq!(waits(exponential(Jitter::None), 7), [100, 200, 400, 800, 1_500, 1_500]);
}

/// random_between(0, min(cap, base · 2^attempt)).
#[test]
fn full_jitter_is_between_nothing_and_all() {
    assert_eq!(waits(exponential(Jitter::Full), 0), [0; 6]);
    assert_eq!(waits(exponential(Jitter::Full), MIDDLE), [50, 100, 200, 400, 750, 750]);
    assert_eq!(waits(exponential(Jitter::Full), u64::MAX), [100, 200, 400, 800, 1_500, 1_500]);
}

/// temp / 2 + random_between(0, temp / 2).
#[test]
fn equal_jitter_keeps_half() {
    assert_eq!(waits(exponential(Jitter::Equal), 0), [50, 100, 200, 400, 750, 750]);
    assert_eq!(waits(exponential(Jitter::Equal), u64::MAX), [100, 200, 400, 800, 1_500, 1_500]);
}

/// min(cap, random_between(base, sleep · 3)), sleep being the base at first.
#[test]
fn decorrelated_waits_depend_on_the_wait_before() {
    let backoff = Backoff::Decorrelated { base_us: 100, cap_us: 1_500 };
    assert_eq!(waits(backoff, 0), [100; 6]);
    assert_eq!(waits(backoff, u64::MAX), [300, 900, 1_500, 1_500, 1_500, 1_500]);
    assert_eq!(waits(backoff, MIDDLE), [200, 350, 575, 913, 1_420, 1_500]);
}

#[test]
fn fixed_waits_stay() {
    assert_eq!(waits(Backoff::Fixed { wait_us: 40 }, u64::MAX), [40; 6]);
}

/// What jitter is for: of a hundred that failed together, hardly two come back together.
#[test]
fn jitter_spreads_those_who_failed_together() {
    let backoffs = [
        (exponential(Jitter::None), 1, 1),
        (exponential(Jitter::Full), 80, 100),
        (exponential(Jitter::Equal), 80, 100),
        (Backoff::Decorrelated { base_us: 100, cap_us: 1_500 }, 80, 100),
    ];
    for (backoff, least, most) in backoffs {
        let mut random = Random::from_seed(1);
        let mut times = Vec::new();
        for _ in 0..100 {
            let mut previous_us = None;
            let mut at_us = 0;
            for retry in 1..=4 {
                let wait_us = backoff.wait_us(retry, previous_us, random.next_u64());
                previous_us = Some(wait_us);
                at_us += wait_us;
            }
            times.push(at_us);
        }
        times.sort_unstable();
        times.dedup();
        assert!((least..=most).contains(&times.len()), "{backoff:?}: {}", times.len());
    }
}

proptest! {
    /// For all of them, whatever they are given: no overflow, and never beyond the cap.
    #[test]
    fn no_wait_is_longer_than_the_cap(
        base_us in any::<u64>(),
        cap_us in any::<u64>(),
        retry in any::<u32>(),
        previous_us in any::<Option<u64>>(),
        draw in any::<u64>(),
    ) {
        let of = |jitter| Backoff::Exponential { base_us, cap_us, jitter };
        let decorrelated = Backoff::Decorrelated { base_us, cap_us };
        let all = [of(Jitter::None), of(Jitter::Full), of(Jitter::Equal), decorrelated];
        for backoff in all {
            let wait_us = backoff.wait_us(retry, previous_us, draw);
            prop_assert!(wait_us <= backoff.longest_us());
        }
    }
}
