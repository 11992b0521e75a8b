//! What goes along with a circuit breaker: when to try again, how much, for how long, and how many
//! at a time.
//!
//! Each is plain data, gets time and draws as arguments, and knows none of the others, except that
//! a retry may be paid for out of a budget. None knows the breaker, nor it them: a caller that
//! wants several asks one after the other, in the order that suits it. Hence a module of their own.
//!
//! - [`RetryPolicy`] and [`Retry`]: whether to try again, when, or why not.
//! - [`Backoff`] and [`Jitter`]: how long to wait before: fixed, exponential with full, equal or no
//!   jitter, decorrelated (Marc Brooker, "Exponential Backoff And Jitter", AWS, 2015).
//! - [`RetryBudget`]: how much a client may retry over all its requests (Brooker, "Fixing retries
//!   with token buckets and circuit breakers", 2022; "Site Reliability Engineering", chapter 21).
//! - [`Deadline`]: how long an answer is of use, also to those further down (ibid., chapter 22).
//! - [`Bulkhead`]: how many calls may be under way (Michael Nygard, "Release It!").
//! - [`expected_tries`], [`expected_success`], [`tries_at_the_bottom`]: what retries multiply
//!   (Brooker; "Timeouts, retries and backoff with jitter", Amazon Builders' Library).
//!
//! ```
//! use rift::resilience::{Backoff, GiveUp, Jitter, Next, RetryPolicy};
//!
//! let backoff = Backoff::Exponential { base_us: 100, cap_us: 10_000, jitter: Jitter::Full };
//! let mut request = RetryPolicy { tries: 3, backoff }.start(None)?;
//! let draw = 1 << 63; // the middle of the range; from a generator in earnest
//! assert_eq!(request.failed(0, true, draw, None), Next::RetryAt { at_us: 50, retry: 1 });
//! assert_eq!(request.failed(60, true, draw, None), Next::RetryAt { at_us: 160, retry: 2 });
//! let over = GiveUp::TriesUsedUp { tries: 3 };
//! assert_eq!(request.failed(170, true, draw, None), Next::GiveUp(over));
//! # Ok::<(), rift::resilience::RetryPolicyError>(())
//! ```

mod amplification;
mod backoff;
mod budget;
mod bulkhead;
mod retry;
mod timeout;

pub use amplification::{expected_success, expected_tries, tries_at_the_bottom};
pub use backoff::{Backoff, Jitter};
pub use budget::{BudgetConfig, BudgetError, Deposit, RetryBudget};
pub use bulkhead::{Bulkhead, BulkheadConfig, BulkheadError, Entry, MOST_PLACES, Slot, Ticket};
pub use retry::{GiveUp, Next, Retry, RetryPolicy, RetryPolicyError};
pub use timeout::Deadline;
