//! A circuit breaker: it stops calling a service that fails, and finds out when to call again.
//!
//! The pattern is Michael Nygard's ("Release It!", 2007 and 2018); states and names are his and
//! Martin Fowler's ("CircuitBreaker", 2014). Both leave edges open, and most libraries get some of
//! them wrong. Here each is decided, listed below, and tested in `tests/it/circuit_breaker`.
//!
//! # How to use it
//!
//! A [`Breaker`] is plain data without a clock, threads or chance. Time is a `u64` of microseconds
//! on any clock that does not go back.
//!
//! 1. Before a call: [`Breaker::acquire`] gives a [`Permit`], or a [`Rejected`] that says why, and
//!    when to ask again.
//! 2. After it: [`Breaker::report`], with the permit and the [`Outcome`].
//!
//! That is all. Between calls nothing need be done: what is due by time is done by the next call,
//! with the time at which it was due. Who wants to see it at that time drives the breaker by
//! [`deadline_us`](Breaker::deadline_us) and [`handle_deadline`](Breaker::handle_deadline), and
//! gets the same trace.
//!
//! Methods fall into four groups:
//!
//! - what the world did: `report`, `handle_deadline`;
//! - what somebody wants: `acquire`, [`acquire_first_try`](Breaker::acquire_first_try),
//!   [`call`](Breaker::call), [`offer_draw`](Breaker::offer_draw), and by hand
//!   [`open`](Breaker::open), [`half_open`](Breaker::half_open), [`close`](Breaker::close),
//!   [`reset`](Breaker::reset), [`force_open`](Breaker::force_open),
//!   [`disable`](Breaker::disable), [`watch_only`](Breaker::watch_only);
//! - outputs: [`poll_transition`](Breaker::poll_transition), `deadline_us`;
//! - getters: [`state`](Breaker::state), [`snapshot`](Breaker::snapshot),
//!   [`export`](Breaker::export) and so on. They change nothing.
//!
//! ```
//! use rift::circuit_breaker::{Breaker, Config, Late, Outcome, Reason, Reported, State};
//!
//! let mut breaker = Breaker::new(Config::default())?;
//! let slow = breaker.acquire(0).expect("closed");
//! for now_us in 1..=5 {
//!     let permit = breaker.acquire(now_us).expect("closed");
//!     breaker.report(permit, now_us, Outcome::Failure);
//! }
//! assert_eq!(breaker.state(), State::Open { until_us: 30_000_005 });
//! assert_eq!(breaker.acquire(6).unwrap_err().reason, Reason::Open);
//!
//! // What was admitted before says nothing about now, however well it went.
//! let reported = breaker.report(slow, 7, Outcome::Success);
//! assert_eq!(reported, Reported::Late(Late::OtherGeneration));
//!
//! // Thirty seconds after the fifth failure one probe may go; its success closes.
//! let probe = breaker.acquire(30_000_005).expect("a probe");
//! assert_eq!(breaker.acquire(30_000_005).unwrap_err().reason, Reason::ProbesUnderWay);
//! breaker.report(probe, 30_000_006, Outcome::Success);
//! assert_eq!(breaker.state(), State::Closed);
//! # Ok::<(), rift::circuit_breaker::ConfigError>(())
//! ```
//!
//! # Rule by rule
//!
//! | rule | here |
//! |---|---|
//! | **Opening**: a threshold of five is reached by the fifth failure | `trip_if_due` |
//! | failures in a row, unless another rule is set; any success begins anew | `report`, `count` |
//! | a rate is reached at its value, compared without rounding | [`Rate::is_reached_by`] |
//! | of no calls, or of fewer than the minimum, there is no rate | [`Tally::failure_rate`] |
//! | quick successes never open, not even by making the volume full | `trip_if_due` |
//! | a count window slides | `CountRing` |
//! | a time window is empty when it has passed once | `TimeRing` |
//! | rejected calls enter no window | `acquire`: they have no permit |
//! | **Open**: at exactly the deadline a call is admitted | `settle` |
//! | a rejection says how long to wait | [`Rejected::retry_after_us`] |
//! | the wait may grow, saturates, and begins anew by closing | `reopen`, `begin_generation` |
//! | jitter is the caller's draw | [`Breaker::offer_draw`] |
//! | **Half-open**: no more probes under way than may be | `decide` |
//! | one too many is rejected for a reason of its own | [`Reason::ProbesUnderWay`] |
//! | so many successes close, the first failure opens; or a rate decides | `judge_probe` |
//! | a probe that does not report in time counts as failed | `expire_probe` |
//! | **Permits** name their generation; what is late moves nothing | `report_rarely` |
//! | a permit counts once | `Outstanding` |
//! | cancelled and excluded outcomes move nothing and free the slot | `count`, `report_rarely` |
//! | a panic counts as a failure and goes on | [`Breaker::call`] |
//! | **Time**: deadlines are dealt with in their order, each at its time | `settle` |
//! | a clock that goes back stands still | `advance` |
//! | reading changes nothing | `settled_at` |
//! | **By hand**: a new generation, one transition, none to the same state | `put_in`, `reset` |
//! | closed to half-open is refused | [`Breaker::half_open`] |
//! | **Restart**: the remaining wait goes along | [`Breaker::export`], [`Breaker::import`] |
//! | **Building**: what makes no sense is refused | [`Config::validate`] |
//! | retries alone may be guarded | [`Guards::RetriesOnly`], [`Breaker::acquire_first_try`] |
//!
//! # What was open, and how it is decided here
//!
//! - Probes enter no window. A slow probe failed if slow calls open this breaker, or it would only
//!   open again.
//! - The windows of an open breaker stay to be looked at until it closes.
//! - Calls of a closed breaker have no lease: one that never reports wedges nothing. It is late
//!   when more than [`MOST_OVERTAKING`] others were admitted after it.
//! - A clock that falls back stands still until it has caught up. A breaker cannot tell one that
//!   fell back for good from readings out of order, and those must not shorten a wait.
//!
//! # Limits
//!
//! | what | at most | beyond it |
//! |---|---|---|
//! | calls of a count window | [`MOST_WINDOW_CALLS`] | refused at construction |
//! | buckets of a time window | [`MOST_BUCKETS`] | likewise |
//! | probes at a time | [`MOST_PROBES`] | likewise |
//! | later calls that may overtake one | [`MOST_OVERTAKING`] | its report is late |
//! | transitions that nobody has taken | [`MOST_TRANSITIONS_KEPT`] | the oldest go, counted |
//!
//! No call allocates, but one in 64 may when more are under way than ever before.
//!
//! # How libraries in use differ
//!
//! A second machine, [`QuirkyBreaker`], decides one edge or several as others do.

mod breaker;
mod call;
mod config;
mod moves;
mod outstanding;
mod permit;
mod probes;
mod quirks;
mod saved;
mod snapshot;
mod transition;
mod windows;

pub use crate::rate::Rate;
pub use breaker::Breaker;
pub use call::CallError;
pub use config::{
    Config, ConfigError, CountWindow, Guards, HalfOpen, MOST_BUCKETS, MOST_PROBES,
    MOST_WINDOW_CALLS, Rates, TimeWindow, Trip, Verdict, Wait, WindowKind,
};
pub use moves::MOST_TRANSITIONS_KEPT;
pub use outstanding::MOST_OVERTAKING;
pub use permit::{Generation, Late, Outcome, Permit, Reason, Rejected, Reported};
pub use probes::Probe;
pub use quirks::{PRESETS, Preset, Quirk, Quirks, QuirkyBreaker};
pub use saved::{Saved, SavedState};
pub use snapshot::{Snapshot, Totals, WindowReading};
pub use transition::{Cause, IllegalMove, State, Transition};
pub use windows::{Cell, Tally};
