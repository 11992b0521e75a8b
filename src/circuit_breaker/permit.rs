//! What goes back and forth between a breaker and whoever calls through it.

/// Counts eras: every transition begins a new one.
///
/// What was admitted in one era and answers in another says nothing about the present one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// Leave to make one call, to be handed back with its outcome.
///
/// It names the generation in which it was given. Plain data, so that worlds can be copied; it is
/// the breaker that sees to it that each counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a call that never reports is only noticed while half-open"]
pub struct Permit {
    pub(super) generation: Generation,
    pub(super) serial: u64,
    pub(super) admitted_us: u64,
}

impl Permit {
    /// The era in which the call was admitted.
    pub fn generation(self) -> Generation {
        self.generation
    }

    /// No two permits of a breaker have the same, and later ones have higher ones.
    pub fn serial(self) -> u64 {
        self.serial
    }

    /// When the call was admitted, in microseconds.
    pub fn admitted_us(self) -> u64 {
        self.admitted_us
    }
}

/// How a call ended, as whoever made it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The service did its work.
    Success,
    /// It did not: an error, a timeout, a panic.
    Failure,
    /// The caller gave up. That says nothing about the service.
    Cancelled,
    /// An outcome that is not the service's fault, such as a request that it rightly refused.
    Excluded,
}

impl Outcome {
    /// Whether it says nothing about the service.
    pub fn is_neutral(self) -> bool {
        matches!(self, Outcome::Cancelled | Outcome::Excluded)
    }
}

/// No leave to make a call. It must not be made, and has no outcome to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rejected {
    /// Why.
    pub reason: Reason,
    /// When to ask again, counted from now, in microseconds; `None` if no time is set. While
    /// half-open that is when the lease of a probe ends, and a slot may be free before.
    pub retry_after_us: Option<u64>,
}

/// Why a call was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The breaker is open.
    Open,
    /// It is half-open, and as many probes are under way as may be.
    ProbesUnderWay,
    /// Somebody holds it open.
    ForcedOpen,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reported {
    /// It counts.
    Counted,
    /// It says nothing about the service. A probe's slot is free again.
    Neutral,
    /// It came from a call that the breaker would have refused, had it been a retry
    /// ([`Guards::RetriesOnly`](super::Guards::RetriesOnly)). It moves nothing.
    LetThrough,
    /// It came late and moves nothing.
    Late(Late),
}

/// Why a report is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Late {
    /// The call was admitted in another era than the present one.
    OtherGeneration,
    /// Its result is known: it was reported before, or its lease ran out and it counted as failed.
    Settled,
    /// Since it was admitted, more than [`MOST_OVERTAKING`](super::MOST_OVERTAKING) others were.
    Forgotten,
}
