//! What a breaker is built from, and what is refused.

use std::fmt;

use super::Rate;

/// Settings of a [`Breaker`](super::Breaker). [`Config::default`] is Nygard's: five failures in a
/// row open it, thirty seconds later one probe may go, and its success closes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// What opens the closed breaker. Any one of the rules that are set suffices.
    pub trip: Trip,
    /// From this duration on, in microseconds, a call counts as slow, whatever its outcome.
    pub slow_from_us: Option<u64>,
    /// How long it stays open.
    pub wait: Wait,
    /// How it finds out whether it may close.
    pub half_open: HalfOpen,
    /// Which calls it may refuse.
    pub guards: Guards,
}

/// What opens the closed breaker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trip {
    /// So many failures in a row: the one that makes the number full opens. A success begins anew.
    pub consecutive_failures: Option<u32>,
    /// Rates over the latest calls.
    pub count_window: Option<CountWindow>,
    /// Rates over the latest stretch of time.
    pub time_window: Option<TimeWindow>,
}

/// A window over the latest calls that were reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CountWindow {
    /// How many calls.
    pub calls: u32,
    /// What opens.
    pub rates: Rates,
}

/// A window over time: the bucket that is being filled, and those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeWindow {
    /// How many buckets.
    pub buckets: u32,
    /// How long each is, in microseconds.
    pub bucket_us: u64,
    /// What opens.
    pub rates: Rates,
}

/// From which rates on a window opens the breaker. At least one must be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rates {
    /// With fewer calls in the window there is no rate.
    pub minimum_calls: u32,
    /// Failures among the calls.
    pub failures: Option<Rate>,
    /// Slow ones among the calls, successes as well as failures. Needs
    /// [`slow_from_us`](Config::slow_from_us).
    pub slow: Option<Rate>,
}

/// How long the breaker stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wait {
    /// The first time, in microseconds. 0 is legal: the next call is a probe.
    pub first_us: u64,
    /// Each time that a probe fails, the wait is multiplied by this. [`Rate::ONE`]: it stays.
    pub growth: Rate,
    /// The wait never grows beyond this, in microseconds.
    pub longest_us: u64,
    /// How much of a wait is left to the caller's draw: it takes up to so much off. Without a draw
    /// (see [`Breaker::offer_draw`](super::Breaker::offer_draw)) nothing is taken off.
    pub jitter: Rate,
}

/// How the breaker finds out whether it may close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HalfOpen {
    /// How many probes may be under way at a time.
    pub probes: u32,
    /// How many results decide, and how.
    pub verdict: Verdict,
    /// A probe that has not reported for so long counts as failed, in microseconds.
    pub lease_us: u64,
}

/// What the probes' results mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// So many successes close; the first failure opens again.
    Successes(u32),
    /// After so many results the breaker opens again if the rate of failures is reached, and closes
    /// otherwise.
    FailureRate { of: u32, opens_from: Rate },
}

/// Which calls a breaker may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guards {
    /// All.
    AllCalls,
    /// Retries alone. First tries always go: a service that fails in part goes on serving the rest
    /// (Marc Brooker, "Will circuit breakers solve my problems?", 2022).
    RetriesOnly,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            trip: Trip { consecutive_failures: Some(5), count_window: None, time_window: None },
            slow_from_us: None,
            wait: Wait::fixed(30_000_000),
            half_open: HalfOpen { probes: 1, verdict: Verdict::Successes(1), lease_us: 30_000_000 },
            guards: Guards::AllCalls,
        }
    }
}

impl Wait {
    /// The same each time, in microseconds.
    pub const fn fixed(us: u64) -> Wait {
        Wait { first_us: us, growth: Rate::ONE, longest_us: us, jitter: Rate::ZERO }
    }

    /// The wait after one of `us`, if the probe fails. Saturates.
    pub(super) fn grown_us(&self, us: u64) -> u64 {
        if self.growth == Rate::ONE || us == 0 {
            return us;
        }
        // By a microsecond at least, or small waits would never get far.
        self.growth.share_of(us).max(us.saturating_add(1)).min(self.longest_us)
    }

    /// A wait of `us` with what the draw takes off.
    pub(super) fn jittered_us(&self, us: u64, draw: Option<u64>) -> u64 {
        let most_us = self.jitter.share_of(us).min(us);
        us - draw.map_or(0, |draw| crate::rate::pick(draw, 0, most_us))
    }
}

impl Rates {
    /// This rate of failures, once there are `minimum_calls`.
    pub const fn failures(rate: Rate, minimum_calls: u32) -> Rates {
        Rates { minimum_calls, failures: Some(rate), slow: None }
    }

    /// This rate of slow calls, once there are `minimum_calls`.
    pub const fn slow(rate: Rate, minimum_calls: u32) -> Rates {
        Rates { minimum_calls, failures: None, slow: Some(rate) }
    }
}

/// Which window a mistake, or an opening, is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WindowKind {
    /// [`CountWindow`].
    Count,
    /// [`TimeWindow`].
    Time,
}

/// Why a breaker cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigError {
    /// Nothing would ever open it.
    NoTripRule,
    /// It would open before anything failed.
    ZeroThreshold,
    /// A window of no calls, or of no buckets.
    EmptyWindow(WindowKind),
    /// Buckets of no duration.
    ZeroBucket,
    /// More than `most` calls or buckets.
    WindowTooLarge { window: WindowKind, asked: u32, most: u32 },
    /// Buckets that are longer together than time goes on.
    WindowTooLong,
    /// A window whose rates open nothing.
    NoRate(WindowKind),
    /// A rate of nothing, or of more than everything.
    RateOutOfRange { window: WindowKind, rate: Rate },
    /// A rate that is defined over no calls.
    ZeroVolume(WindowKind),
    /// The window never has so many calls, so it would never open.
    VolumeNeverReached { minimum_calls: u32, window_calls: u32 },
    /// A rate of slow calls, and no duration that says which are slow.
    SlowUndefined(WindowKind),
    /// Every call would be slow.
    ZeroSlowFrom,
    /// A wait that grows to less than itself.
    WaitShrinks { growth: Rate },
    /// The longest wait is shorter than the first.
    LongestBelowFirst { first_us: u64, longest_us: u64 },
    /// More than all of the wait would be left to chance.
    JitterOutOfRange { jitter: Rate },
    /// No probe could ever find out that the service is well again.
    ZeroProbes,
    /// More than `most` probes.
    TooManyProbes { asked: u32, most: u32 },
    /// It would close on no evidence.
    ZeroSuccesses,
    /// A rate over no results.
    ZeroVerdictVolume,
    /// A rate of nothing, or of more than everything, for the probes.
    VerdictRateOutOfRange { rate: Rate },
    /// Every probe would count as failed at once.
    ZeroLease,
}

/// The most calls that a count window holds: a byte each.
pub const MOST_WINDOW_CALLS: u32 = 1 << 20;
/// The most buckets of a time window: 24 bytes each.
pub const MOST_BUCKETS: u32 = 1 << 16;
/// The most probes that may be under way at a time.
pub const MOST_PROBES: u32 = 1 << 10;

impl Config {
    /// Whether a breaker can be built from it.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.validate_trip()?;
        if self.slow_from_us == Some(0) {
            return Err(ConfigError::ZeroSlowFrom);
        }
        self.wait.validate()?;
        self.half_open.validate()
    }

    /// Whether a rate of slow calls opens it.
    pub(super) fn opens_on_slow_calls(&self) -> bool {
        let count = self.trip.count_window.is_some_and(|window| window.rates.slow.is_some());
        count || self.trip.time_window.is_some_and(|window| window.rates.slow.is_some())
    }

    fn validate_trip(&self) -> Result<(), ConfigError> {
        let Trip { consecutive_failures, count_window, time_window } = &self.trip;
        if consecutive_failures.is_none() && count_window.is_none() && time_window.is_none() {
            return Err(ConfigError::NoTripRule);
        }
        if *consecutive_failures == Some(0) {
            return Err(ConfigError::ZeroThreshold);
        }
        if let Some(CountWindow { calls, rates }) = *count_window {
            self.validate_window(WindowKind::Count, calls, MOST_WINDOW_CALLS, rates)?;
            if rates.minimum_calls > calls {
                let minimum_calls = rates.minimum_calls;
                return Err(ConfigError::VolumeNeverReached { minimum_calls, window_calls: calls });
            }
        }
        if let Some(TimeWindow { buckets, bucket_us, rates }) = *time_window {
            self.validate_window(WindowKind::Time, buckets, MOST_BUCKETS, rates)?;
            if bucket_us == 0 {
                return Err(ConfigError::ZeroBucket);
            }
            if bucket_us.checked_mul(buckets.into()).is_none() {
                return Err(ConfigError::WindowTooLong);
            }
        }
        Ok(())
    }

    fn validate_window(
        &self,
        window: WindowKind,
        asked: u32,
        most: u32,
        rates: Rates,
    ) -> Result<(), ConfigError> {
        if asked == 0 {
            return Err(ConfigError::EmptyWindow(window));
        }
        if asked > most {
            return Err(ConfigError::WindowTooLarge { window, asked, most });
        }
        if rates.failures.is_none() && rates.slow.is_none() {
            return Err(ConfigError::NoRate(window));
        }
        for rate in [rates.failures, rates.slow].into_iter().flatten() {
            if !rate.is_threshold() {
                return Err(ConfigError::RateOutOfRange { window, rate });
            }
        }
        if rates.minimum_calls == 0 {
            return Err(ConfigError::ZeroVolume(window));
        }
        if rates.slow.is_some() && self.slow_from_us.is_none() {
            return Err(ConfigError::SlowUndefined(window));
        }
        Ok(())
    }
}

impl Wait {
    fn validate(&self) -> Result<(), ConfigError> {
        let Wait { first_us, growth, longest_us, jitter } = *self;
        if growth < Rate::ONE {
            return Err(ConfigError::WaitShrinks { growth });
        }
        if longest_us < first_us {
            return Err(ConfigError::LongestBelowFirst { first_us, longest_us });
        }
        if jitter > Rate::ONE {
            return Err(ConfigError::JitterOutOfRange { jitter });
        }
        Ok(())
    }
}

impl HalfOpen {
    fn validate(&self) -> Result<(), ConfigError> {
        if self.probes == 0 {
            return Err(ConfigError::ZeroProbes);
        }
        if self.probes > MOST_PROBES {
            return Err(ConfigError::TooManyProbes { asked: self.probes, most: MOST_PROBES });
        }
        match self.verdict {
            Verdict::Successes(0) => return Err(ConfigError::ZeroSuccesses),
            Verdict::FailureRate { of: 0, .. } => return Err(ConfigError::ZeroVerdictVolume),
            Verdict::FailureRate { opens_from: rate, .. } if !rate.is_threshold() => {
                return Err(ConfigError::VerdictRateOutOfRange { rate });
            }
            Verdict::Successes(_) | Verdict::FailureRate { .. } => {}
        }
        if self.lease_us == 0 {
            return Err(ConfigError::ZeroLease);
        }
        Ok(())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ConfigError::*;
        match self {
            NoTripRule => write!(f, "without a rule that opens it, it never opens"),
            ZeroThreshold => write!(f, "after zero failures it would open before any"),
            EmptyWindow(kind) => write!(f, "the {kind} window is empty"),
            ZeroBucket => write!(f, "a bucket must last a microsecond or longer"),
            WindowTooLarge { window, asked, most } => {
                write!(f, "the {window} window holds {most} at most, not {asked}")
            }
            WindowTooLong => write!(f, "the buckets are longer together than time goes on"),
            NoRate(kind) => write!(f, "no rate of the {kind} window opens anything"),
            RateOutOfRange { window, rate } => {
                write!(f, "a rate of the {window} window is {rate}, not above 0 and up to 100 %")
            }
            ZeroVolume(kind) => write!(f, "the {kind} window needs a call for a rate"),
            VolumeNeverReached { minimum_calls, window_calls } => {
                write!(f, "{minimum_calls} calls are never in a window of {window_calls}")
            }
            SlowUndefined(kind) => {
                write!(f, "the {kind} window counts slow calls, and nothing says which are slow")
            }
            ZeroSlowFrom => write!(f, "every call would be slow"),
            WaitShrinks { growth } => write!(f, "a wait that grows to {growth} shrinks"),
            LongestBelowFirst { first_us, longest_us } => {
                write!(f, "the longest wait, {longest_us} µs, is below the first, {first_us} µs")
            }
            JitterOutOfRange { jitter } => write!(f, "{jitter} of a wait is more than all of it"),
            ZeroProbes => write!(f, "without a probe it never closes"),
            TooManyProbes { asked, most } => write!(f, "{most} probes at most, not {asked}"),
            ZeroSuccesses => write!(f, "it would close on no evidence"),
            ZeroVerdictVolume => write!(f, "the probes' rate needs a result"),
            VerdictRateOutOfRange { rate } => {
                write!(f, "the probes' rate is {rate}, not above 0 and up to 100 %")
            }
            ZeroLease => write!(f, "every probe would count as failed at once"),
        }
    }
}

impl fmt::Display for WindowKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WindowKind::Count => "count",
            WindowKind::Time => "time",
        })
    }
}

impl std::error::Error for ConfigError {}
