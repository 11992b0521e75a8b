//! Whether and when a failed call is tried again.

use super::{Backoff, RetryBudget};
use std::fmt;

/// When a request is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RetryPolicy {
    /// How often it is tried at most, the first try included.
    pub tries: u32,
    /// How long it waits before each retry.
    pub backoff: Backoff,
}

/// Why a policy cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryPolicyError {
    /// Not even a first try.
    NoTry,
    /// The longest wait is shorter than the first.
    CapBelowBase { base_us: u64, cap_us: u64 },
    /// Waits that begin at nothing and grow by multiplication never get anywhere.
    ZeroBase,
}

/// One request on its way through its tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retry {
    policy: RetryPolicy,
    tries: u32,
    wait_us: Option<u64>,
    /// Nobody wants the answer any more from this time on.
    until_us: Option<u64>,
}

/// What comes after a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// Retry number `retry`, counted from 1, at `at_us`.
    RetryAt { at_us: u64, retry: u32 },
    /// It is over.
    GiveUp(GiveUp),
}

/// Why there is no further try. Looked at in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GiveUp {
    /// The failure would come again, or the call must not be repeated.
    NotRetryable,
    /// It was tried as often as may be.
    TriesUsedUp { tries: u32 },
    /// The next try would begin when nobody waits for it any more.
    TooLate { at_us: u64, until_us: u64 },
    /// The client has retried enough.
    BudgetEmpty,
}

impl RetryPolicy {
    /// Whether it can be used.
    pub fn validate(&self) -> Result<(), RetryPolicyError> {
        if self.tries == 0 {
            return Err(RetryPolicyError::NoTry);
        }
        match self.backoff {
            Backoff::Fixed { .. } => Ok(()),
            Backoff::Exponential { base_us: 0, .. } | Backoff::Decorrelated { base_us: 0, .. } => {
                Err(RetryPolicyError::ZeroBase)
            }
            Backoff::Exponential { base_us, cap_us, .. }
            | Backoff::Decorrelated { base_us, cap_us } => {
                let fits = cap_us >= base_us;
                fits.then_some(()).ok_or(RetryPolicyError::CapBelowBase { base_us, cap_us })
            }
        }
    }

    /// A request whose first try is being made. After `until_us` nobody wants its answer.
    pub fn start(self, until_us: Option<u64>) -> Result<Retry, RetryPolicyError> {
        self.validate()?;
        Ok(Retry { policy: self, tries: 1, wait_us: None, until_us })
    }
}

impl Retry {
    /// The latest try has failed at `now_us`. `retryable`: that is worth another one. `draw` is for
    /// the jitter.
    ///
    /// A retry that is announced is one that is made: it counts, and is paid for out of `budget`.
    pub fn failed(
        &mut self,
        now_us: u64,
        retryable: bool,
        draw: u64,
        budget: Option<&mut RetryBudget>,
    ) -> Next {
        if !retryable {
            return Next::GiveUp(GiveUp::NotRetryable);
        }
        if self.tries >= self.policy.tries {
            return Next::GiveUp(GiveUp::TriesUsedUp { tries: self.tries });
        }
        let retry = self.tries;
        let wait_us = self.policy.backoff.wait_us(retry, self.wait_us, draw);
        let at_us = now_us.saturating_add(wait_us);
        if let Some(until_us) = self.until_us.filter(|until_us| at_us >= *until_us) {
            return Next::GiveUp(GiveUp::TooLate { at_us, until_us });
        }
        if budget.is_some_and(|budget| !budget.withdraw(now_us)) {
            return Next::GiveUp(GiveUp::BudgetEmpty);
        }
        self.tries += 1;
        self.wait_us = Some(wait_us);
        Next::RetryAt { at_us, retry }
    }

    /// How often it was tried, the first try included.
    pub fn tries(&self) -> u32 {
        self.tries
    }
}

impl fmt::Display for RetryPolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RetryPolicyError::NoTry => write!(f, "without a first try nothing is ever called"),
            RetryPolicyError::CapBelowBase { base_us, cap_us } => {
                write!(f, "the longest wait, {cap_us} µs, is below the first, {base_us} µs")
            }
            RetryPolicyError::ZeroBase => write!(f, "a wait of nothing never grows"),
        }
    }
}

impl std::error::Error for RetryPolicyError {}
