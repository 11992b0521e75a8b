//! A circuit breaker, rule by rule, against what its sources say and against what libraries in use
//! get wrong.
//!
//! "Nygard" is Michael Nygard, "Release It!", 2nd edition, 2018, section "Circuit Breaker";
//! "Fowler" is Martin Fowler, "CircuitBreaker", 2014; "Azure" is "Circuit Breaker pattern" in
//! Microsoft's "Cloud Design Patterns". Where they leave a case open, the module docs of
//! `rift::circuit_breaker` decide it, and the test says so.

mod acts;
mod clocks;
mod configs;
mod hands;
mod harness;
mod late;
mod model;
mod panics;
mod probes;
#[cfg(feature = "lessons")]
mod quirks;
mod reading;
mod saved;
mod tripping;
mod waiting;
mod windows;
