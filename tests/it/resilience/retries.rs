//! Whether to try again, and what it multiplies.

use rift::random::Random;
use rift::rate::Rate;
use rift::resilience::*;

const AT_ONCE: Backoff = Backoff::Fixed { wait_us: 0 };

fn policy(tries: u32) -> RetryPolicy {
    RetryPolicy { tries, backoff: AT_ONCE }
}

#[test]
fn the_first_try_is_one_of_the_tries() {
    let mut request = policy(3).start(None).expect("sound");
    assert_eq!(request.failed(0, true, 0, None), Next::RetryAt { at_us: 0, retry: 1 });
    assert_eq!(request.failed(1, true, 0, None), Next::RetryAt { at_us: 1, retry: 2 });
    let used_up = Next::GiveUp(GiveUp::TriesUsedUp { tries: 3 });
    assert_eq!(request.failed(2, true, 0, None), used_up);
    assert_eq!(request.tries(), 3);
    let mut once = policy(1).start(None).expect("sound");
    assert!(matches!(once.failed(0, true, 0, None), Next::GiveUp(_)));
}

#[test]
fn what_would_fail_again_is_not_repeated() {
    let mut request = policy(9).start(None).expect("sound");
    assert_eq!(request.failed(0, false, 0, None), Next::GiveUp(GiveUp::NotRetryable));
}

/// A retry that begins when nobody waits for it any more is load without use.
#[test]
fn no_retry_begins_at_or_after_the_deadline() {
    let backoff = Backoff::Fixed { wait_us: 10 };
    let start = || RetryPolicy { tries: 9, backoff }.start(Some(100)).expect("sound");
    assert_eq!(start().failed(89, true, 0, None), Next::RetryAt { at_us: 99, retry: 1 });
    let too_late = GiveUp::TooLate { at_us: 100, until_us: 100 };
    assert_eq!(start().failed(90, true, 0, None), Next::GiveUp(too_late));
}

#[test]
fn who_gives_up_for_another_reason_pays_nothing() {
    let config = BudgetConfig { capacity: 1, ..BudgetConfig::usual() };
    let mut budget = RetryBudget::new(config, 0).expect("sound");
    let mut request = policy(2).start(Some(10)).expect("sound");
    assert!(matches!(request.failed(10, true, 0, Some(&mut budget)), Next::GiveUp(_)));
    assert!(matches!(request.failed(0, false, 0, Some(&mut budget)), Next::GiveUp(_)));
    assert_eq!(budget.tokens(), 1);
    assert!(matches!(request.failed(0, true, 0, Some(&mut budget)), Next::RetryAt { .. }));
    assert_eq!(budget.tokens(), 0);
    let mut other = policy(2).start(None).expect("sound");
    let refused = other.failed(0, true, 0, Some(&mut budget));
    assert_eq!(refused, Next::GiveUp(GiveUp::BudgetEmpty));
    assert_eq!((other.tries(), budget.refused()), (1, 1));
}

#[test]
fn every_policy_that_makes_no_sense_is_refused() {
    let of = |tries, backoff| RetryPolicy { tries, backoff }.start(None).err();
    let exponential =
        |base_us, cap_us| Backoff::Exponential { base_us, cap_us, jitter: Jitter::Full };
    let decorrelated = |base_us, cap_us| Backoff::Decorrelated { base_us, cap_us };
    let below = Some(RetryPolicyError::CapBelowBase { base_us: 9, cap_us: 8 });
    assert_eq!(of(0, AT_ONCE), Some(RetryPolicyError::NoTry));
    assert_eq!(of(1, exponential(0, 9)), Some(RetryPolicyError::ZeroBase));
    assert_eq!(of(1, decorrelated(0, 9)), Some(RetryPolicyError::ZeroBase));
    assert_eq!(of(1, exponential(9, 8)), below);
    assert_eq!(of(1, decorrelated(9, 8)), below);
    assert_eq!(of(1, decorrelated(9, 9)), None);
}

/// Brooker, "Fixing retries with token buckets and circuit breakers": with n retries at a failure
/// rate of x the load is 1 + x + … + xⁿ, and 1 − xⁿ⁺¹ of the requests succeed.
#[test]
fn retries_multiply_load_as_the_formula_says() {
    let requests = 100_000;
    for (percent, retries) in [(0, 3), (10, 1), (50, 3), (90, 9), (100, 3)] {
        let mut random = Random::from_seed(percent);
        let (mut tries, mut successes) = (0, 0);
        for _ in 0..requests {
            let mut request = policy(retries + 1).start(None).expect("sound");
            loop {
                tries += 1;
                if random.below(100) >= percent {
                    successes += 1;
                    break;
                }
                if matches!(request.failed(0, true, 0, None), Next::GiveUp(_)) {
                    break;
                }
            }
        }
        let rate = Rate::percent(percent as u32);
        let close = |counted: Rate, expected: Rate| {
            counted.in_millionths().abs_diff(expected.in_millionths()) <= 20_000
        };
        let load = Rate::of(tries, requests).expect("there are some");
        assert!(close(load, expected_tries(retries, rate)), "{percent} %: {load}");
        let success = Rate::of(successes, requests).expect("there are some");
        assert!(close(success, expected_success(retries, rate)), "{percent} %: {success}");
    }
}

#[test]
fn the_formula_at_its_edges() {
    assert_eq!(expected_tries(0, Rate::ONE), Rate::ONE);
    assert_eq!(expected_tries(3, Rate::ONE), Rate::percent(400));
    assert_eq!(expected_tries(3, Rate::percent(50)), Rate::millionths(1_875_000));
    assert_eq!(expected_success(3, Rate::percent(50)), Rate::millionths(937_500));
    assert_eq!(expected_success(u32::MAX, Rate::ONE), Rate::ZERO);
    assert_eq!(expected_success(u32::MAX, Rate::percent(99)), Rate::ONE);
    assert_eq!(expected_tries(u32::MAX, Rate::ONE), Rate::millionths(u32::MAX), "saturates");
}

/// Amazon Builders' Library, "Timeouts, retries and backoff with jitter": five layers that try
/// three times each call the database 243 times.
#[test]
fn layers_that_each_retry_multiply() {
    fn call(layer: u32, tries: u32) -> u64 {
        if layer == 0 {
            return 1;
        }
        let mut request = policy(tries).start(None).expect("sound");
        let mut calls = call(layer - 1, tries);
        while let Next::RetryAt { .. } = request.failed(0, true, 0, None) {
            calls += call(layer - 1, tries);
        }
        calls
    }
    assert_eq!(call(5, 3), 243);
    for (tries, layers) in [(1, 9), (2, 6), (3, 5), (4, 4), (7, 0)] {
        assert_eq!(tries_at_the_bottom(tries, layers), call(layers, tries));
    }
    assert_eq!(tries_at_the_bottom(10, 100), u64::MAX);
}
