//! What a breaker is built from, as JavaScript says it: durations in milliseconds, rates as
//! fractions of one. An option that does not exist is refused, and so is `undefined` arithmetic:
//! what is not a number, or has no place among those that make sense, is never taken for zero.

use rift::circuit_breaker::{
    Config, CountWindow, Guards, HalfOpen, Rates, TimeWindow, Trip, Verdict, Wait,
};
use rift::rate::Rate;
use wasm_bindgen::JsValue;

use crate::javascript::{BadArgument, check_names, function, property};

/// The script reads these itself; here they are only checked.
const OF_THE_SCRIPT: [&str; 2] = ["isFailure", "isBadResult"];
/// Longer ones browsers take for none.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

pub(crate) fn config(said: &JsValue) -> Result<Config, BadArgument> {
    let known = ["trip", "slowFromMs", "wait", "halfOpen", "guards", "timeoutMs"];
    check_names(said, &[&known[..], &OF_THE_SCRIPT[..]].concat())?;
    for name in OF_THE_SCRIPT {
        if !property(said, name).is_undefined() && function(said, name).is_none() {
            return Err(BadArgument::new(name, "it is no function"));
        }
    }
    let timeout_ms = number(said, "timeoutMs", LONGEST_TIMEOUT_MS)?;
    if timeout_ms.is_some_and(|ms| ms <= 0.0) {
        return Err(BadArgument::new("timeoutMs", "it is not above 0"));
    }
    let usual = Config::default();
    Ok(Config {
        trip: section(said, "trip", trip)?.unwrap_or(usual.trip),
        slow_from_us: micros(said, "slowFromMs")?,
        wait: section(said, "wait", wait)?.unwrap_or(usual.wait),
        half_open: section(said, "halfOpen", half_open)?.unwrap_or(usual.half_open),
        guards: guards(&property(said, "guards"))?,
    })
}

/// An option that is an object itself.
pub(crate) fn section<T>(
    of: &JsValue,
    name: &str,
    read: fn(&JsValue) -> Result<T, BadArgument>,
) -> Result<Option<T>, BadArgument> {
    let value = property(of, name);
    if value.is_undefined() {
        return Ok(None);
    }
    if !value.is_object() {
        return Err(BadArgument::new(name, "it is no object"));
    }
    read(&value).map(Some)
}

fn trip(said: &JsValue) -> Result<Trip, BadArgument> {
    check_names(said, &["consecutiveFailures", "countWindow", "timeWindow"])?;
    Ok(Trip {
        consecutive_failures: count(said, "consecutiveFailures")?,
        count_window: section(said, "countWindow", count_window)?,
        time_window: section(said, "timeWindow", time_window)?,
    })
}

fn count_window(said: &JsValue) -> Result<CountWindow, BadArgument> {
    check_names(said, &["calls", "minimumCalls", "failureRate", "slowRate"])?;
    Ok(CountWindow { calls: required_count(said, "calls")?, rates: rates(said)? })
}

fn time_window(said: &JsValue) -> Result<TimeWindow, BadArgument> {
    check_names(said, &["buckets", "bucketMs", "minimumCalls", "failureRate", "slowRate"])?;
    let bucket_us = micros(said, "bucketMs")?.ok_or_else(|| missing("bucketMs"))?;
    Ok(TimeWindow { buckets: required_count(said, "buckets")?, bucket_us, rates: rates(said)? })
}

fn rates(said: &JsValue) -> Result<Rates, BadArgument> {
    Ok(Rates {
        minimum_calls: required_count(said, "minimumCalls")?,
        failures: rate(said, "failureRate")?,
        slow: rate(said, "slowRate")?,
    })
}

fn wait(said: &JsValue) -> Result<Wait, BadArgument> {
    check_names(said, &["firstMs", "growth", "longestMs", "jitter"])?;
    let first_us = micros(said, "firstMs")?.unwrap_or(Config::default().wait.first_us);
    let growth = rate(said, "growth")?.unwrap_or(Rate::ONE);
    let longest_us = match micros(said, "longestMs")? {
        Some(longest_us) => longest_us,
        None if growth == Rate::ONE => first_us,
        None => return Err(BadArgument::new("longestMs", "a wait that grows needs an end")),
    };
    Ok(Wait { first_us, growth, longest_us, jitter: rate(said, "jitter")?.unwrap_or(Rate::ZERO) })
}

fn half_open(said: &JsValue) -> Result<HalfOpen, BadArgument> {
    check_names(said, &["probes", "successes", "results", "failureRate", "leaseMs"])?;
    let usual = Config::default().half_open;
    let (successes, results) = (count(said, "successes")?, count(said, "results")?);
    let verdict = match (successes, results, rate(said, "failureRate")?) {
        (None, None, None) => usual.verdict,
        (Some(successes), None, None) => Verdict::Successes(successes),
        (None, Some(of), Some(opens_from)) => Verdict::FailureRate { of, opens_from },
        _ => {
            let either = "say either `successes`, or `results` and `failureRate`";
            return Err(BadArgument::new("halfOpen", either));
        }
    };
    Ok(HalfOpen {
        probes: count(said, "probes")?.unwrap_or(usual.probes),
        verdict,
        lease_us: micros(said, "leaseMs")?.unwrap_or(usual.lease_us),
    })
}

fn guards(said: &JsValue) -> Result<Guards, BadArgument> {
    match said.as_string().as_deref() {
        None if said.is_undefined() => Ok(Guards::AllCalls),
        Some("all-calls") => Ok(Guards::AllCalls),
        Some("retries-only") => Ok(Guards::RetriesOnly),
        _ => Err(BadArgument::new("guards", "it is neither \"all-calls\" nor \"retries-only\"")),
    }
}

/// A number from 0 to `most`.
fn number(of: &JsValue, name: &str, most: f64) -> Result<Option<f64>, BadArgument> {
    let value = property(of, name);
    if value.is_undefined() {
        return Ok(None);
    }
    let number = value.as_f64().filter(|number| (0.0..=most).contains(number));
    number.map(Some).ok_or_else(|| BadArgument::new(name, &format!("it is no number up to {most}")))
}

pub(crate) fn count(of: &JsValue, name: &str) -> Result<Option<u32>, BadArgument> {
    let number = number(of, name, u32::MAX.into())?;
    if number.is_some_and(|number| number.fract() != 0.0) {
        return Err(BadArgument::new(name, "it is no whole number"));
    }
    Ok(number.map(|number| number as u32))
}

fn required_count(of: &JsValue, name: &str) -> Result<u32, BadArgument> {
    count(of, name)?.ok_or_else(|| missing(name))
}

/// A fraction of one, to a millionth.
pub(crate) fn rate(of: &JsValue, name: &str) -> Result<Option<Rate>, BadArgument> {
    let rate = number(of, name, 4_294.0)?;
    Ok(rate.map(|rate| Rate::millionths((rate * 1e6).round() as u32)))
}

/// A duration in milliseconds, to a microsecond. Three centuries should do.
pub(crate) fn micros(of: &JsValue, name: &str) -> Result<Option<u64>, BadArgument> {
    let ms = number(of, name, 1e13)?;
    Ok(ms.map(|ms| (ms * 1e3).round() as u64))
}

fn missing(name: &str) -> BadArgument {
    BadArgument::new(name, "it is missing")
}
