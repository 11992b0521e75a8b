//! What a breaker was and is, and what moved it.

use super::{Generation, WindowKind};

/// What a breaker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Calls go through, and their results are watched.
    Closed,
    /// Calls are rejected. At `until_us`, and from then on, a call is a probe.
    Open { until_us: u64 },
    /// A few calls go through as probes, the others are rejected.
    HalfOpen,
    /// By hand: all calls are rejected until somebody says otherwise.
    ForcedOpen,
    /// By hand: all calls go through, and nobody looks.
    Disabled,
    /// By hand: all calls go through and are watched, but nothing opens the breaker.
    MetricsOnly,
}

impl State {
    /// Whether it is the same, whatever the time until which it is open.
    pub fn is_like(self, other: State) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// One move of the breaker, and why. There is one for every change of state, and for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transition {
    /// When, in microseconds. If a deadline brought it about, this is the deadline, whenever the
    /// breaker came to notice.
    pub at_us: u64,
    /// What it was.
    pub from: State,
    /// What it is.
    pub to: State,
    /// The era that begins.
    pub generation: Generation,
    /// Why.
    pub cause: Cause,
}

/// Why a breaker moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// So many calls in a row failed.
    ConsecutiveFailures { failures: u32 },
    /// So many of the calls in a window failed.
    FailureRate { window: WindowKind, failures: u64, calls: u64 },
    /// So many of the calls in a window were slow.
    SlowRate { window: WindowKind, slow: u64, calls: u64 },
    /// The wait is over.
    WaitOver,
    /// A probe failed.
    ProbeFailed { serial: u64 },
    /// A probe succeeded, but it was slow, and slow calls open this breaker.
    ProbeSlow { serial: u64 },
    /// A probe did not report in time, and counts as failed.
    LeaseExpired { serial: u64 },
    /// So many of the probes failed: too many.
    ProbeFailureRate { failures: u32, of: u32 },
    /// So many probes succeeded: enough.
    ProbesSucceeded { successes: u32, of: u32 },
    /// Somebody wanted it.
    ByHand,
}

/// A move that nobody may make by hand: only an open breaker becomes half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IllegalMove {
    /// What it is, and stays.
    pub from: State,
}
