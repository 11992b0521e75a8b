//! Lines of policy, as they would stand in a configuration, and what callers go by with some of
//! them.

use crate::circuit_breaker::{Config, Guards, Quirks, Rate, Wait};
use crate::labs::breaker::{BreakerPolicy, Policy};
use crate::resilience::{Backoff, BudgetConfig, BulkheadConfig, Deposit, Jitter, RetryPolicy};

const SECOND_US: u64 = 1_000_000;
/// Who has no timeout waits for an hour: longer than any world lasts here.
const NO_TIMEOUT_US: u64 = 3_600 * SECOND_US;
/// The first wait of the backoff; the longest is this many times as long.
const BASE_US: u64 = 100_000;
const CAP: u64 = 64;
/// A success pays for so much of a retry, and so many can be saved up.
const BUDGET_PERCENT: u32 = 20;
const BUDGET_CAPACITY: u32 = 10;
/// A breaker opens after so many failures in a row, for so long.
const FAILURES: u32 = 5;
const OPEN_US: u64 = 5 * SECOND_US;
/// So many calls of a caller may be under way.
const SLOTS: u32 = 20;

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Timeout,
    Retries,
    Backoff,
    Budget,
    Breaker,
    Bulkhead,
}

/// What a reader can turn about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Knobs {
    pub(super) timeout_us: u64,
    pub(super) tries: u32,
}

impl Line {
    /// In the order in which most people come to add them.
    pub(super) const ALL: [Line; 6] =
        [Line::Timeout, Line::Retries, Line::Backoff, Line::Budget, Line::Breaker, Line::Bulkhead];

    pub(super) fn name(self) -> &'static str {
        match self {
            Line::Timeout => "timeout",
            Line::Retries => "retries",
            Line::Backoff => "backoff",
            Line::Budget => "retry budget",
            Line::Breaker => "breaker",
            Line::Bulkhead => "bulkhead",
        }
    }

    /// The settings of the circuit breaker lab that it stands for.
    pub(super) fn literal(self, knobs: &Knobs) -> String {
        let seconds = |us: u64| format!("{}ms", us / 1_000);
        match self {
            Line::Timeout => format!("timeout {}", seconds(knobs.timeout_us)),
            Line::Retries => format!("tries {}", knobs.tries),
            Line::Backoff => format!("backoff full, base {}", seconds(BASE_US)),
            Line::Budget => format!("budget {BUDGET_PERCENT}%"),
            Line::Breaker => {
                format!("breaker on, failures {FAILURES}, wait {}, per-shard", seconds(OPEN_US))
            }
            Line::Bulkhead => format!("bulkhead {SLOTS}"),
        }
    }
}

/// Some lines, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines(u8);

impl Lines {
    pub(super) fn has(self, line: Line) -> bool {
        self.0 & 1 << line as u8 != 0
    }

    pub(super) fn with(self, line: Line) -> Lines {
        Lines(self.0 | 1 << line as u8)
    }

    pub(super) fn without(self, line: Line) -> Lines {
        Lines(self.0 & !(1 << line as u8))
    }

    /// What a caller goes by that begins so many requests a second, in thousandths.
    pub(super) fn policy(self, knobs: &Knobs, load_milli: u32) -> Policy {
        let base_us = BASE_US;
        let backoff = match self.has(Line::Backoff) {
            true => Backoff::Exponential { base_us, cap_us: base_us * CAP, jitter: Jitter::Full },
            false => Backoff::Fixed { wait_us: 0 },
        };
        let tries = if self.has(Line::Retries) { knobs.tries } else { 1 };
        let budget = BudgetConfig {
            fill: Rate::percent(BUDGET_PERCENT),
            deposit: Deposit::OnSuccess,
            capacity: BUDGET_CAPACITY,
            one_free_every_us: None,
        };
        let mut config =
            Config { wait: Wait::fixed(OPEN_US), guards: Guards::AllCalls, ..Config::default() };
        config.trip.consecutive_failures = Some(FAILURES);
        let breaker = BreakerPolicy { config, quirks: Quirks::default(), per_shard: true };
        let bulkhead = BulkheadConfig { slots: SLOTS, queue: 0, longest_wait_us: 1 };
        let timeout_us = if self.has(Line::Timeout) { knobs.timeout_us } else { NO_TIMEOUT_US };
        Policy {
            load_milli,
            evenly: false,
            breaker: self.has(Line::Breaker).then_some(breaker),
            timeout_us,
            retry: RetryPolicy { tries, backoff },
            budget: self.has(Line::Budget).then_some(budget),
            bulkhead: self.has(Line::Bulkhead).then_some(bulkhead),
            delivers_late: false,
        }
    }
}
