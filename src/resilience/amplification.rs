//! What retries do to the load of whoever is at the end, in numbers.

use crate::rate::Rate;

/// A whole, in millionths.
const ONE: u128 = 1_000_000;

/// How many tries a request makes on average if each fails with `failure_rate` and may be retried
/// `retries` times: 1 + x + x² + … + xⁿ (Marc Brooker, "Fixing retries with token buckets and
/// circuit breakers", 2022). Rounded down to a millionth at each power.
pub fn expected_tries(retries: u32, failure_rate: Rate) -> Rate {
    let failure = u128::from(failure_rate.min(Rate::ONE).in_millionths());
    let (mut sum, mut power) = (ONE, ONE);
    for _ in 0..retries {
        power = power * failure / ONE;
        if power == 0 {
            break;
        }
        sum += power;
        if sum >= u128::from(u32::MAX) {
            break;
        }
    }
    Rate::millionths(u32::try_from(sum).unwrap_or(u32::MAX))
}

/// How many of such requests succeed in the end: 1 − xⁿ⁺¹.
pub fn expected_success(retries: u32, failure_rate: Rate) -> Rate {
    let failure = u128::from(failure_rate.min(Rate::ONE).in_millionths());
    let mut power = ONE;
    for _ in 0..=retries {
        power = power * failure / ONE;
        if power == 0 || failure == ONE {
            break;
        }
    }
    Rate::millionths((ONE - power) as u32)
}

/// How often the last of so many layers is called for one request that fails for good, if each
/// layer tries so often: nᵏ. Saturates.
pub fn tries_at_the_bottom(tries: u32, layers: u32) -> u64 {
    u64::from(tries).saturating_pow(layers)
}
