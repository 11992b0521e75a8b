//! What goes out, and what comes back after a restart. Durations and times are in milliseconds.

use rift::circuit_breaker::{
    self, Cause, Cell, Generation, SavedState, State, Tally, Transition, WindowReading,
};
use rift::rate::Rate;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::javascript::{self, BadArgument};

/// Plain data as a JavaScript object. What is not there is `undefined`.
pub(crate) fn to_js<T: Serialize>(data: &T) -> JsValue {
    data.serialize(&Serializer::new()).unwrap_or_else(|error| error.into())
}

/// Microseconds in milliseconds.
pub(crate) fn millis(us: u64) -> f64 {
    us as f64 / 1_000.0
}

pub(crate) fn state_name(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::Open { .. } => "open",
        State::HalfOpen => "half-open",
        State::ForcedOpen => "forced-open",
        State::Disabled => "disabled",
        State::MetricsOnly => "metrics-only",
    }
}

#[derive(Serialize)]
struct TransitionOut {
    at: f64,
    from: &'static str,
    to: &'static str,
    #[serde(rename = "waitMs", skip_serializing_if = "Option::is_none")]
    wait_ms: Option<f64>,
    generation: u64,
    cause: CauseOut,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum CauseOut {
    ConsecutiveFailures { failures: u32 },
    FailureRate { window: String, failures: u64, calls: u64 },
    SlowRate { window: String, slow: u64, calls: u64 },
    WaitOver {},
    ProbeFailed {},
    ProbeSlow {},
    LeaseExpired {},
    ProbeFailureRate { failures: u32, of: u32 },
    ProbesSucceeded { successes: u32, of: u32 },
    ByHand {},
}

pub(crate) fn transition(transition: &Transition) -> JsValue {
    let Transition { at_us, from, to, generation: Generation(generation), cause } = *transition;
    let wait_ms = match to {
        State::Open { until_us } => Some(millis(until_us.saturating_sub(at_us))),
        _ => None,
    };
    let cause = match cause {
        Cause::ConsecutiveFailures { failures } => CauseOut::ConsecutiveFailures { failures },
        Cause::FailureRate { window, failures, calls } => {
            CauseOut::FailureRate { window: window.to_string(), failures, calls }
        }
        Cause::SlowRate { window, slow, calls } => {
            CauseOut::SlowRate { window: window.to_string(), slow, calls }
        }
        Cause::WaitOver => CauseOut::WaitOver {},
        Cause::ProbeFailed { .. } => CauseOut::ProbeFailed {},
        Cause::ProbeSlow { .. } => CauseOut::ProbeSlow {},
        Cause::LeaseExpired { .. } => CauseOut::LeaseExpired {},
        Cause::ProbeFailureRate { failures, of } => CauseOut::ProbeFailureRate { failures, of },
        Cause::ProbesSucceeded { successes, of } => CauseOut::ProbesSucceeded { successes, of },
        Cause::ByHand => CauseOut::ByHand {},
    };
    let (from, to) = (state_name(from), state_name(to));
    to_js(&TransitionOut { at: millis(at_us), from, to, wait_ms, generation, cause })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotOut {
    state: &'static str,
    generation: u64,
    in_flight: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_ms: Option<f64>,
    consecutive_failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    count_window: Option<WindowOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_window: Option<WindowOut>,
    probes: ProbesOut,
    totals: TotalsOut,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WindowOut {
    calls: u64,
    failures: u64,
    slow: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slow_rate: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProbesOut {
    under_way: u32,
    succeeded: u32,
    failed: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TotalsOut {
    admitted: u64,
    let_through: u64,
    successes: u64,
    failures: u64,
    slow: u64,
    cancelled: u64,
    excluded: u64,
    rejected: u64,
    late_successes: u64,
    late_failures: u64,
    late_neutral: u64,
    leases_expired: u64,
    openings: u64,
}

pub(crate) fn snapshot(snapshot: &circuit_breaker::Snapshot) -> JsValue {
    let totals = &snapshot.totals;
    to_js(&SnapshotOut {
        state: state_name(snapshot.state),
        generation: snapshot.generation.0,
        in_flight: snapshot.in_flight,
        remaining_ms: snapshot.remaining_us.map(millis),
        consecutive_failures: snapshot.consecutive_failures,
        count_window: snapshot.count_window.map(window),
        time_window: snapshot.time_window.map(window),
        probes: ProbesOut {
            under_way: snapshot.probes_under_way,
            succeeded: snapshot.probes_succeeded,
            failed: snapshot.probes_failed,
        },
        totals: TotalsOut {
            admitted: totals.admitted,
            let_through: totals.let_through,
            successes: totals.successes,
            failures: totals.failures,
            slow: totals.slow,
            cancelled: totals.cancelled,
            excluded: totals.excluded,
            rejected: totals.rejected(),
            late_successes: totals.late_successes,
            late_failures: totals.late_failures,
            late_neutral: totals.late_neutral,
            leases_expired: totals.leases_expired,
            openings: totals.openings,
        },
    })
}

fn window(reading: WindowReading) -> WindowOut {
    let WindowReading { tally: Tally { calls, failures, slow }, failure_rate, slow_rate } = reading;
    let fraction = |rate: Rate| f64::from(rate.in_millionths()) / 1e6;
    let (failure_rate, slow_rate) = (failure_rate.map(fraction), slow_rate.map(fraction));
    WindowOut { calls, failures, slow, failure_rate, slow_rate }
}

/// A breaker written down: plain data that `JSON.stringify` keeps.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Saved {
    state: StateSaved,
    generation: f64,
    wait_ms: f64,
    consecutive_failures: u32,
    /// The window over calls, a letter each: `.` well, `f` failed, `s` slow, `b` both.
    cells: String,
    /// The window over time, newest bucket first: calls, failures, slow ones.
    buckets: Vec<(u32, u32, u32)>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum StateSaved {
    Closed {},
    Open { remaining_ms: f64 },
    HalfOpen { successes: u32, failures: u32 },
    ForcedOpen {},
    Disabled {},
    MetricsOnly {},
}

impl Saved {
    /// Reads what [`saved`] gave.
    pub(crate) fn read(value: &JsValue) -> Result<circuit_breaker::Saved, BadArgument> {
        let Saved { state, generation, wait_ms, consecutive_failures, cells, buckets } =
            javascript::said("saved", value)?;
        let cell = |letter: char| match letter {
            '.' => Ok(Cell { failed: false, slow: false }),
            'f' => Ok(Cell { failed: true, slow: false }),
            's' => Ok(Cell { failed: false, slow: true }),
            'b' => Ok(Cell { failed: true, slow: true }),
            _ => Err(BadArgument::new("saved", "it has a cell of no kind")),
        };
        let bucket = |(calls, failures, slow): (u32, u32, u32)| {
            let possible = failures <= calls && slow <= calls;
            let wrong = || BadArgument::new("saved", "a bucket has more results than calls");
            let (calls, failures, slow) = (calls.into(), failures.into(), slow.into());
            possible.then_some(Tally { calls, failures, slow }).ok_or_else(wrong)
        };
        Ok(circuit_breaker::Saved {
            state: match state {
                StateSaved::Closed {} => SavedState::Closed,
                StateSaved::Open { remaining_ms } => {
                    SavedState::Open { remaining_us: micros(remaining_ms)? }
                }
                StateSaved::HalfOpen { successes, failures } => {
                    SavedState::HalfOpen { successes, failures }
                }
                StateSaved::ForcedOpen {} => SavedState::ForcedOpen,
                StateSaved::Disabled {} => SavedState::Disabled,
                StateSaved::MetricsOnly {} => SavedState::MetricsOnly,
            },
            generation: Generation(generation as u64),
            wait_us: micros(wait_ms)?,
            consecutive_failures,
            cells: cells.chars().map(cell).collect::<Result<_, _>>()?,
            buckets: buckets.into_iter().map(bucket).collect::<Result<_, _>>()?,
        })
    }
}

fn micros(ms: f64) -> Result<u64, BadArgument> {
    let wrong = || BadArgument::new("saved", "it has a duration that is none");
    (0.0..=1e13).contains(&ms).then_some((ms * 1e3).round() as u64).ok_or_else(wrong)
}

pub(crate) fn saved(saved: &circuit_breaker::Saved) -> JsValue {
    let letter = |cell: &Cell| match (cell.failed, cell.slow) {
        (false, false) => '.',
        (true, false) => 'f',
        (false, true) => 's',
        (true, true) => 'b',
    };
    let bucket = |tally: &Tally| {
        let few = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        (few(tally.calls), few(tally.failures), few(tally.slow))
    };
    to_js(&Saved {
        state: match saved.state {
            SavedState::Closed => StateSaved::Closed {},
            SavedState::Open { remaining_us } => {
                StateSaved::Open { remaining_ms: millis(remaining_us) }
            }
            SavedState::HalfOpen { successes, failures } => {
                StateSaved::HalfOpen { successes, failures }
            }
            SavedState::ForcedOpen => StateSaved::ForcedOpen {},
            SavedState::Disabled => StateSaved::Disabled {},
            SavedState::MetricsOnly => StateSaved::MetricsOnly {},
        },
        generation: saved.generation.0 as f64,
        wait_ms: millis(saved.wait_us),
        consecutive_failures: saved.consecutive_failures,
        cells: saved.cells.iter().map(letter).collect(),
        buckets: saved.buckets.iter().map(bucket).collect(),
    })
}
