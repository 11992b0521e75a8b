//! What happened, in sentences, each with the source that has the rule where there is one.
//!
//! What takes a memory of what came before is told by the [`chronicle`](super::chronicle).

use super::super::raft::{RaftEvent, RaftRequest};
use super::super::telling::{tell_fault, tell_raft};
use super::system::{BreakerEvent, BreakerProcess, BreakerRequest, ByHand, Cast, End, Role};
use super::words::{self, FOWLER, NYGARD, Telling, calls, seconds, stretch};
use super::{Cluster, Policy};
use crate::circuit_breaker::{Cause, State, Transition, WindowKind};
use crate::resilience::GiveUp;
use crate::scene::Tone;
use crate::sim::{Fault, Happening, NodeId, Record};

/// What happened, if it is worth a line of the story.
pub(in crate::labs) fn tell(cluster: &Cluster, record: &Record<BreakerProcess>) -> Option<Telling> {
    match &record.what {
        Happening::Fault(fault) => Some((Tone::Bad, tell_act(cluster, fault), None)),
        Happening::Booted { node, boot } if *boot > 1 => Some(tell_boot(cluster, *node)),
        Happening::Requested { node, request } => tell_request(*node, request),
        Happening::Decided { node, event } => tell_event(cluster, *node, event),
        _ => None,
    }
}

fn tell_act(cluster: &Cluster, fault: &Fault) -> String {
    let mut text = tell_fault(fault);
    if let Fault::Crash(node) = fault {
        text.push_str(match cluster.cast().role(*node) {
            Role::Caller => " Its breaker forgets, and its requests are gone.",
            Role::Replica => "",
            _ => " Calls that it had are never answered.",
        });
    }
    text
}

fn tell_boot(cluster: &Cluster, node: NodeId) -> Telling {
    let text = match cluster.cast().role(node) {
        Role::Caller => format!("{node} starts again, its breaker closed and empty."),
        Role::Replica => format!("{node} starts again, with the log that is on its disk."),
        _ => format!("{node} starts again, with nothing to do."),
    };
    (Tone::Plain, text, None)
}

fn tell_request(node: NodeId, request: &BreakerRequest) -> Option<Telling> {
    let text = match request {
        BreakerRequest::CallOnce => format!("You have {node} begin a request."),
        BreakerRequest::ByHand(what) => {
            let what = match what {
                ByHand::Open => "open",
                ByHand::Close => "close",
                ByHand::Reset => "reset",
                ByHand::ForceOpen => "hold open",
                ByHand::Disable => "disable",
                ByHand::WatchOnly => "only watch with",
            };
            format!("You {what} the breaker of {node}.")
        }
        BreakerRequest::Raft(RaftRequest::TimeOutNow) => format!("You make {node} time out."),
        BreakerRequest::Raft(RaftRequest::TransferLeadership { to }) => {
            format!("You ask {node} to hand over to {to}.")
        }
        // What was turned is told by what comes of it.
        BreakerRequest::GoBy(_) | BreakerRequest::Do(_) | BreakerRequest::Raft(_) => return None,
    };
    Some((Tone::Plain, text, None))
}

fn tell_event(cluster: &Cluster, node: NodeId, event: &BreakerEvent) -> Option<Telling> {
    let is_fleet = cluster.cast() == Cast::Fleet;
    tell_caller(node, &|door| whose(cluster, node, door), is_fleet, event)
}

/// What a caller has told, if it is worth a line; less of it where there are many.
pub(in crate::labs) fn tell_caller(
    node: NodeId,
    whose: &dyn Fn(u8) -> String,
    is_crowd: bool,
    event: &BreakerEvent,
) -> Option<Telling> {
    Some(match event {
        BreakerEvent::Moved { door, transition } => tell_move(&whose(*door), transition),
        BreakerEvent::Forgot { door, era } => (
            Tone::Plain,
            format!(
                "The breaker of {} forgets what its window held: era {} begins.",
                whose(*door),
                era.0
            ),
            None,
        ),
        BreakerEvent::NewBreakers => {
            let text = format!("{node} has another breaker now, closed and empty.");
            (Tone::Plain, text, None)
        }
        BreakerEvent::Admitted { call, to, is_probe: true, .. } => (
            Tone::Eager,
            format!("{node} sends call {} to {to} as a probe.", call.number),
            Some(NYGARD),
        ),
        BreakerEvent::Redirected { to, .. } => (
            Tone::Calm,
            format!("{node} is told that {to} leads, and asks there."),
            Some("Raft §8"),
        ),
        BreakerEvent::RetriesAt { request, retry, .. } if !is_crowd => (
            Tone::Eager,
            format!("{node} will try request {} again, for the {} time.", request.0, nth(*retry)),
            Some(words::BROOKER_RETRIES),
        ),
        BreakerEvent::Over { request, end, .. } if !is_crowd => tell_end(node, request.0, end)?,
        BreakerEvent::Raft(RaftEvent::Raft(event)) => {
            let (tone, text, section) = tell_raft(node, event)?;
            (tone, text, Some(section))
        }
        _ => return None,
    })
}

/// `S1`, or where there are several: `S1 for S3`.
pub(in crate::labs) fn whose(cluster: &Cluster, node: NodeId, door: u8) -> String {
    let breaker = cluster.policy().breaker.as_ref();
    if breaker.is_some_and(|breaker| breaker.per_shard) && cluster.cast().targets() > 1 {
        let to = cluster.cast().target(0).0 + door;
        return format!("{node} for {}", NodeId(to));
    }
    node.to_string()
}

/// What is worth a line of how requests end: not that they were served.
fn tell_end(node: NodeId, request: u64, end: &End) -> Option<Telling> {
    let why = match end {
        End::Failed(GiveUp::TriesUsedUp { tries: 2.. }) => "it was tried as often as may be",
        End::Failed(GiveUp::BudgetEmpty) => "the budget for retries is used up",
        _ => return None,
    };
    Some((Tone::Bad, format!("Request {request} of {node} has failed: {why}."), None))
}

fn tell_move(whose: &str, transition: &Transition) -> Telling {
    let Transition { at_us, from, to, cause, .. } = *transition;
    let era = format!("Era {} begins", transition.generation.0);
    match (from, to) {
        (_, State::Open { until_us }) => {
            let again = if from == State::HalfOpen { " again" } else { "" };
            let wait = seconds(until_us.saturating_sub(at_us));
            let text = format!(
                "The breaker of {whose} opens{again}: {}. For {wait} it rejects calls at once. \
                 {era}.",
                why(cause)
            );
            (Tone::Bad, text, Some(NYGARD))
        }
        (_, State::HalfOpen) => {
            let text =
                format!("{}: the breaker of {whose} is half-open, and lets a probe go. {era}.", {
                    if cause == Cause::ByHand { "By hand" } else { "The wait is over" }
                });
            (Tone::Eager, text, Some(NYGARD))
        }
        (_, State::Closed) => {
            let text = format!("The breaker of {whose} closes: {}. {era}.", why(cause));
            (Tone::Chief, text, Some(FOWLER))
        }
        (_, State::ForcedOpen) => {
            (Tone::Bad, format!("The breaker of {whose} is held open. {era}."), None)
        }
        (_, State::Disabled) => {
            let text = format!("The breaker of {whose} lets all through, and nobody looks. {era}.");
            (Tone::Off, text, None)
        }
        (_, State::MetricsOnly) => {
            let text = format!("The breaker of {whose} watches, and never opens. {era}.");
            (Tone::Off, text, None)
        }
    }
}

/// Why a breaker moved, in words.
pub(in crate::labs) fn why(cause: Cause) -> String {
    let window = |window: WindowKind| match window {
        WindowKind::Count => "latest",
        WindowKind::Time => "recent",
    };
    match cause {
        Cause::ConsecutiveFailures { failures: 1 } => "a call failed".to_owned(),
        Cause::ConsecutiveFailures { failures } => format!("{failures} failures in a row"),
        Cause::FailureRate { window: kind, failures, calls } => {
            format!("{failures} of the {} {} failed", window(kind), self::calls(calls))
        }
        Cause::SlowRate { window: kind, slow, calls } => {
            format!("{slow} of the {} {} were slow", window(kind), self::calls(calls))
        }
        Cause::WaitOver => "the wait is over".to_owned(),
        Cause::ProbeFailed { .. } => "the probe failed".to_owned(),
        Cause::ProbeSlow { .. } => "the probe was slow".to_owned(),
        Cause::LeaseExpired { .. } => {
            "the probe did not report in time, and counts as failed".to_owned()
        }
        Cause::ProbeFailureRate { failures, of } => format!("{failures} of {of} probes failed"),
        Cause::ProbesSucceeded { of: 0..=1, .. } => "the probe succeeded".to_owned(),
        Cause::ProbesSucceeded { successes, .. } => format!("{successes} probes succeeded"),
        Cause::ByHand => "somebody wanted it".to_owned(),
    }
}

fn nth(retry: u32) -> String {
    match retry {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        more => format!("{more}th"),
    }
}

/// What callers go by now that they did not before; nothing if that cannot be seen.
pub(in crate::labs) fn turned(old: &Policy, new: &Policy) -> Option<String> {
    let mut changes: Vec<String> = Vec::new();
    if (old.load_milli, old.evenly) != (new.load_milli, new.evenly) {
        let how = if new.evenly { "evenly" } else { "by chance" };
        changes.push(format!("each begins {} requests a second, {how}", rate(new.load_milli)));
    }
    if old.timeout_us != new.timeout_us {
        changes.push(format!("they wait {} for an answer", seconds(new.timeout_us)));
    }
    if old.retry != new.retry {
        changes.push(match new.retry.tries {
            1 => "they do not try again".to_owned(),
            tries => {
                let wait = stretch(new.retry.backoff);
                format!("they try {tries} times, {wait}")
            }
        });
    }
    if old.budget != new.budget {
        changes.push(match new.budget {
            None => "retries have no budget".to_owned(),
            Some(budget) => format!("retries have a budget of {} of successes", budget.fill),
        });
    }
    if old.bulkhead != new.bulkhead {
        changes.push(match new.bulkhead {
            None => "any number of calls may be under way".to_owned(),
            Some(bulkhead) => format!("{} calls may be under way", bulkhead.slots),
        });
    }
    if old.delivers_late != new.delivers_late {
        let what = if new.delivers_late { "delivered" } else { "dropped" };
        changes.push(format!("late answers are {what}"));
    }
    if old.breaker != new.breaker {
        changes.push(words::breaker(new.breaker.as_ref()));
    }
    (!changes.is_empty()).then(|| format!("From now on {}.", changes.join(", and ")))
}

/// `4`, `2.5`
fn rate(milli: u32) -> String {
    match milli % 1_000 {
        0 => (milli / 1_000).to_string(),
        part => {
            let digits = format!("{part:03}");
            format!("{}.{}", milli / 1_000, digits.trim_end_matches('0'))
        }
    }
}
