//! What a caller goes by: its breaker, its retries, its patience, and how much it calls.

use crate::circuit_breaker::{Config, Quirks};
use crate::resilience::{BudgetConfig, BulkheadConfig, RetryPolicy};

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// How many requests it begins a second, in thousandths.
    pub load_milli: u32,
    /// Whether they come evenly, or by chance (exponentially distributed gaps).
    pub evenly: bool,
    /// Whether there is a breaker, and what stands behind it.
    pub breaker: Option<BreakerPolicy>,
    /// After so long it waits for an answer no more.
    pub timeout_us: u64,
    /// How it tries again.
    pub retry: RetryPolicy,
    /// How much it may try again, over all its requests.
    pub budget: Option<BudgetConfig>,
    /// How many calls may be under way.
    pub bulkhead: Option<BulkheadConfig>,
    /// Whether an answer that comes after its call was given up ends the request once more, as with
    /// clients that forget to cancel: a mistake, to be seen.
    pub delivers_late: bool,
}

/// A breaker, and how many of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BreakerPolicy {
    /// Its settings.
    pub config: Config,
    /// Habits of breakers in use, to be seen: none for the genuine one.
    pub quirks: Quirks,
    /// Whether each shard has a breaker of its own.
    pub per_shard: bool,
}
