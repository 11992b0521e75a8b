//! How long to wait before the next try.

use crate::rate::pick;

/// How long to wait before each retry, in microseconds. The draws are the caller's.
///
/// The jitters are those of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backoff {
    /// The same each time.
    Fixed { wait_us: u64 },
    /// Twice as long each time, from `base_us` up to `cap_us`, with jitter.
    Exponential { base_us: u64, cap_us: u64, jitter: Jitter },
    /// From `base_us` up to three times the wait before, and no longer than `cap_us`.
    Decorrelated { base_us: u64, cap_us: u64 },
}

/// How much of an exponential wait is left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Jitter {
    /// Nothing: those who failed together come back together.
    None,
    /// All: from nothing to the whole wait.
    Full,
    /// The second half.
    Equal,
}

impl Backoff {
    /// The wait before retry number `retry`, counted from 1, in microseconds. `previous_us` is the
    /// wait before the last one, if there was any; only decorrelated waits depend on it. Saturates.
    pub fn wait_us(self, retry: u32, previous_us: Option<u64>, draw: u64) -> u64 {
        match self {
            Backoff::Fixed { wait_us } => wait_us,
            Backoff::Exponential { base_us, cap_us, jitter } => {
                let doublings = retry.saturating_sub(1);
                let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
                let wait_us = base_us.saturating_mul(factor).min(cap_us);
                match jitter {
                    Jitter::None => wait_us,
                    Jitter::Full => pick(draw, 0, wait_us),
                    Jitter::Equal => pick(draw, wait_us / 2, wait_us),
                }
            }
            Backoff::Decorrelated { base_us, cap_us } => {
                let previous_us = previous_us.unwrap_or(base_us);
                pick(draw, base_us, previous_us.saturating_mul(3)).min(cap_us)
            }
        }
    }

    /// No wait is ever longer than this, in microseconds.
    pub fn longest_us(self) -> u64 {
        match self {
            Backoff::Fixed { wait_us } => wait_us,
            Backoff::Exponential { cap_us, .. } | Backoff::Decorrelated { cap_us, .. } => cap_us,
        }
    }
}
