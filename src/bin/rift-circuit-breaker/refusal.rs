//! Why not: an `Error` with a `code` and whatever belongs to it as properties. Rejected calls are
//! not here: they are as frequent as calls, and the script makes their errors itself.

use rift::circuit_breaker::{ConfigError, IllegalMove};
use rift::resilience::{BudgetError, RetryPolicyError};
use serde::Serialize;

use crate::javascript::{self, BadArgument};
use crate::results::{self, to_js};

/// A refusal: its fields, and the sentence.
pub(crate) struct Refusal {
    fields: Fields,
    message: String,
}

/// `code` is the name of the variant.
#[derive(Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
enum Fields {
    BadArgument { argument: String },
    BadConfig { problem: &'static str },
    IllegalMove { from: &'static str },
}

impl Refusal {
    pub(crate) fn into_js(self) -> wasm_bindgen::JsValue {
        javascript::error("CircuitBreakerError", &self.message, &to_js(&self.fields))
    }
}

impl From<BadArgument> for Refusal {
    fn from(bad: BadArgument) -> Refusal {
        let BadArgument { argument, message } = bad;
        Refusal { fields: Fields::BadArgument { argument }, message }
    }
}

impl From<IllegalMove> for Refusal {
    fn from(illegal: IllegalMove) -> Refusal {
        let from = results::state_name(illegal.from);
        let message = format!("only an open breaker becomes half-open; this one is {from}");
        Refusal { fields: Fields::IllegalMove { from }, message }
    }
}

impl From<ConfigError> for Refusal {
    fn from(error: ConfigError) -> Refusal {
        use ConfigError::*;
        let problem = match error {
            NoTripRule => "no-trip-rule",
            ZeroThreshold => "zero-threshold",
            EmptyWindow(_) => "empty-window",
            ZeroBucket => "zero-bucket",
            WindowTooLarge { .. } => "window-too-large",
            WindowTooLong => "window-too-long",
            NoRate(_) => "no-rate",
            RateOutOfRange { .. } => "rate-out-of-range",
            ZeroVolume(_) => "zero-volume",
            VolumeNeverReached { .. } => "volume-never-reached",
            SlowUndefined(_) => "slow-undefined",
            ZeroSlowFrom => "zero-slow-from",
            WaitShrinks { .. } => "wait-shrinks",
            LongestBelowFirst { .. } => "longest-below-first",
            JitterOutOfRange { .. } => "jitter-out-of-range",
            ZeroProbes => "zero-probes",
            TooManyProbes { .. } => "too-many-probes",
            ZeroSuccesses => "zero-successes",
            ZeroVerdictVolume => "zero-verdict-volume",
            VerdictRateOutOfRange { .. } => "verdict-rate-out-of-range",
            ZeroLease => "zero-lease",
        };
        Refusal { fields: Fields::BadConfig { problem }, message: error.to_string() }
    }
}

impl From<RetryPolicyError> for Refusal {
    fn from(error: RetryPolicyError) -> Refusal {
        let problem = match error {
            RetryPolicyError::NoTry => "no-try",
            RetryPolicyError::CapBelowBase { .. } => "longest-below-first",
            RetryPolicyError::ZeroBase => "zero-first",
        };
        Refusal { fields: Fields::BadConfig { problem }, message: error.to_string() }
    }
}

impl From<BudgetError> for Refusal {
    fn from(error: BudgetError) -> Refusal {
        let problem = match error {
            BudgetError::ZeroCapacity => "zero-capacity",
            BudgetError::NothingFills => "nothing-fills",
            BudgetError::ZeroInterval => "zero-interval",
            BudgetError::FillAboveOne { .. } => "fill-above-one",
        };
        Refusal { fields: Fields::BadConfig { problem }, message: error.to_string() }
    }
}
