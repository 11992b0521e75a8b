//! The words that story, pictures, answers and promises have in common.

use super::super::raft::space_time as raft_letter;
pub(in crate::labs) use super::super::telling::Telling;
use super::policy::BreakerPolicy;
use super::service::Health;
use super::system::{Answer, BreakerMessage, Cast, Role};
use crate::circuit_breaker::{Guards, PRESETS, State, Trip};
use crate::resilience::{Backoff, Jitter};
use crate::sim::{Delay, NodeId};

/// Where the rules stand.
pub(in crate::labs) const NYGARD: &str = "Nygard, Release It! (2007)";
pub(in crate::labs) const FOWLER: &str = "Fowler, CircuitBreaker (2014)";
pub(in crate::labs) const BROOKER_RETRIES: &str = "Brooker, Fixing retries (2022)";
pub(in crate::labs) const BRONSON: &str = "Bronson et al., HotOS 2021";

/// What a node is, in words.
pub(in crate::labs) fn part(cast: Cast, node: NodeId) -> &'static str {
    match cast.role(node) {
        Role::Caller => "a caller",
        Role::Service => "the service",
        Role::Database => "the database",
        Role::Shard(_) => "a shard",
        Role::Replica => "a server of the cluster",
    }
}

/// What a breaker is, in a word.
pub(in crate::labs) fn state(state: State) -> &'static str {
    match state {
        State::Closed => "closed",
        State::Open { .. } => "open",
        State::HalfOpen => "half-open",
        State::ForcedOpen => "held open",
        State::Disabled => "disabled",
        State::MetricsOnly => "watching",
    }
}

/// `1 call`, `7 calls`
pub(in crate::labs) fn calls(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}

/// What breakers are set to, after “from now on”.
pub(in crate::labs) fn breaker(policy: Option<&BreakerPolicy>) -> String {
    let Some(BreakerPolicy { config, quirks, per_shard }) = policy else {
        return "there is no breaker".to_owned();
    };
    let Trip { consecutive_failures, count_window, time_window } = &config.trip;
    let mut text = match (consecutive_failures, count_window, time_window) {
        (Some(failures), ..) => format!("{failures} failures in a row open the breaker"),
        (None, Some(window), _) => {
            let what = if window.rates.slow.is_some() { "slow" } else { "failed" };
            let rate = window.rates.slow.or(window.rates.failures).unwrap_or_default();
            format!("the breaker opens when {rate} of {} calls {what}", window.calls)
        }
        (None, None, Some(window)) => {
            let rate = window.rates.failures.unwrap_or_default();
            let span = seconds(window.bucket_us * u64::from(window.buckets));
            format!("the breaker opens when {rate} of the calls of {span} failed")
        }
        (None, None, None) => "nothing opens the breaker".to_owned(),
    };
    text.push_str(&format!(", for {}", seconds(config.wait.first_us)));
    if config.guards == Guards::RetriesOnly {
        text.push_str(", to retries alone");
    }
    if *per_shard {
        text.push_str(", one for each shard");
    }
    if let Some(preset) = PRESETS.iter().find(|preset| preset.quirks == *quirks)
        && preset.name != PRESETS[0].name
    {
        text.push_str(&format!(", with the habit “{}”", preset.name));
    }
    text
}

/// How a caller waits before it tries again.
pub(in crate::labs) fn stretch(backoff: Backoff) -> String {
    let jittered = |base_us: u64, how: &str| format!("from {} on, {how}", seconds(base_us));
    match backoff {
        Backoff::Fixed { wait_us: 0 } => "at once".to_owned(),
        Backoff::Fixed { wait_us } => format!("after {} each time", seconds(wait_us)),
        Backoff::Exponential { base_us, jitter: Jitter::None, .. } => jittered(base_us, "doubling"),
        Backoff::Exponential { base_us, jitter: Jitter::Full, .. } => {
            jittered(base_us, "doubling with full jitter")
        }
        Backoff::Exponential { base_us, jitter: Jitter::Equal, .. } => {
            jittered(base_us, "doubling with equal jitter")
        }
        Backoff::Decorrelated { base_us, .. } => jittered(base_us, "with decorrelated jitter"),
    }
}

/// How a service does, after its name.
pub(in crate::labs) fn health(health: &Health) -> String {
    let all = 1_000_000;
    if health.errors_ppm >= all {
        return "fails at every call".to_owned();
    }
    if health.hangs_ppm >= all {
        return "hangs at every call".to_owned();
    }
    let takes = match health.work {
        Delay::Uniform { low_us, high_us } => (low_us + high_us) / 2,
        Delay::Constant { us } => us,
        _ => 0,
    };
    let mut text = format!("takes about {} for a call", seconds(takes));
    if health.errors_ppm > 0 {
        text.push_str(&format!(", and fails at {} % of them", health.errors_ppm / 10_000));
    }
    if health.hangs_ppm > 0 {
        text.push_str(&format!(", and hangs at {} % of them", health.hangs_ppm / 10_000));
    }
    text
}

/// What sort of message it is.
pub(in crate::labs) fn kind(message: &BreakerMessage) -> &'static str {
    match message {
        BreakerMessage::Call { .. } => "Call",
        BreakerMessage::Answer { .. } => "Answer",
        BreakerMessage::Raft(message) => raft_letter::letter(message).kind,
    }
}

/// What it says, in a few words.
pub(in crate::labs) fn says(message: &BreakerMessage) -> String {
    match message {
        BreakerMessage::Call { call, era, .. } => {
            format!("number {}, admitted in era {}", call.number, era.0)
        }
        BreakerMessage::Answer { call, era, answer } => {
            let answer = match answer {
                Answer::Done => "done".to_owned(),
                Answer::Failed => "failed".to_owned(),
                Answer::Busy => "the queue is full".to_owned(),
                Answer::NotHere { leader } => format!("{leader} leads"),
            };
            format!("to call {} of era {}: {answer}", call.number, era.0)
        }
        BreakerMessage::Raft(message) => raft_letter::letter(message).says,
    }
}

/// `3.2 s`, `5 s`, `200 ms`; small times in microseconds.
pub(in crate::labs) fn seconds(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ if (us / 100_000).is_multiple_of(10) => format!("{} s", us / 1_000_000),
        _ => format!("{}.{} s", us / 1_000_000, us / 100_000 % 10),
    }
}

/// An instant, exactly: `5.000001 s`.
pub(in crate::labs) fn time(us: u64) -> String {
    format!("{}.{:06} s", us / 1_000_000, us % 1_000_000)
}

/// Adds a finding, which has no full stop, as a sentence.
pub(in crate::labs) fn add_sentence(text: &mut String, finding: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    let mut rest = finding.chars();
    text.extend(rest.next().map(|first| first.to_ascii_uppercase()));
    text.push_str(rest.as_str());
    text.push('.');
}
