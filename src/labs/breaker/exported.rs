//! The messages, requests and events of callers and those that they call as plain data.
//!
//! Names are those of the types, as for [Raft](crate::labs::raft), whose own words are used in the
//! cluster. Times are microseconds, shares are millionths.

use super::scene::is_answer;
use super::space_time::weight;
use super::system::{
    Answer, BreakerEvent, BreakerMessage, BreakerProcess, BreakerRequest, ByHand, CallId, End,
    RequestId,
};
use super::{BreakerLab, Health, Policy, narration, words};
use crate::circuit_breaker::{
    Cause, Generation, Late, Outcome, Reason, Reported, State, Transition, WindowKind,
};
use crate::labs::Lab;
use crate::labs::exported::{
    Datum, Exported, Field, Said, Told, Words, data, names, numbers, objects, optional, tell,
};
use crate::labs::raft::exported as raft;
use crate::resilience::GiveUp;
use crate::sim::RecordId;

const WORDS: Words<BreakerProcess> = Words { message, weight, is_answer, request, event };

impl Exported for BreakerLab {
    fn lab(&self) -> &dyn Lab {
        self
    }

    fn lab_mut(&mut self) -> &mut dyn Lab {
        self
    }

    fn told(&self, record: RecordId) -> Option<Told> {
        tell(self.cluster().world().history(), record, &WORDS)
    }
}

pub(in crate::labs) fn message(message: &BreakerMessage) -> Said {
    let note = Some(words::says(message));
    let (name, fields): (_, Vec<Field>) = match message {
        BreakerMessage::Raft(message) => return raft::message(message),
        BreakerMessage::Call { call, era, until_us } => (
            "Call",
            vec![("call", call.into()), ("era", era.into()), ("until_us", until_us.into())],
        ),
        BreakerMessage::Answer { call, era, answer } => {
            ("Answer", vec![("call", call.into()), ("era", era.into()), ("answer", answer.into())])
        }
    };
    Said { name, fields, note }
}

pub(in crate::labs) fn request(request: &BreakerRequest) -> Said {
    let (name, fields, note): (_, Vec<Field>, _) = match request {
        BreakerRequest::Raft(request) => return raft::request(request),
        BreakerRequest::CallOnce => ("CallOnce", Vec::new(), "begins a request".to_owned()),
        BreakerRequest::ByHand(what) => {
            ("ByHand", vec![("what", what.into())], "a breaker is moved by hand".to_owned())
        }
        BreakerRequest::GoBy(policy) => {
            ("GoBy", policy_of(policy), "goes by another policy".to_owned())
        }
        BreakerRequest::Do(health) => ("Do", health_of(health), words::health(health)),
    };
    Said { name, fields, note: Some(note) }
}

pub(in crate::labs) fn event(event: &BreakerEvent) -> Said {
    let (name, fields): (_, Vec<Field>) = match event {
        BreakerEvent::Raft(event) => return raft::event(event),
        BreakerEvent::Admitted { request, call, to, door, era, is_probe, attempt } => {
            let fields = vec![
                ("request", request.into()),
                ("call", call.into()),
                ("to", to.into()),
                ("door", door.into()),
                ("era", era.into()),
                ("is_probe", is_probe.into()),
                ("attempt", attempt.into()),
            ];
            ("Admitted", fields)
        }
        BreakerEvent::Rejected { request, to, door, reason, retry_after_us } => {
            let fields = vec![
                ("request", request.into()),
                ("to", to.into()),
                ("door", door.into()),
                ("reason", reason.into()),
                ("retry_after_us", retry_after_us.map_or(Datum::Null, Datum::Number)),
            ];
            ("Rejected", fields)
        }
        BreakerEvent::Ended { call, door, era, outcome, reported, took_us } => {
            let fields = vec![
                ("call", call.into()),
                ("door", door.into()),
                ("era", era.into()),
                ("outcome", outcome.into()),
                ("reported", reported.into()),
                ("took_us", took_us.into()),
            ];
            ("Ended", fields)
        }
        BreakerEvent::Moved { door, transition } => {
            ("Moved", vec![("door", door.into()), ("transition", transition.into())])
        }
        other => simple(other),
    };
    Said { name, fields, note: note(event) }
}

/// What is told of by numbers alone.
fn simple(event: &BreakerEvent) -> (&'static str, Vec<Field>) {
    match event {
        BreakerEvent::Began { request } => ("Began", vec![("request", request.into())]),
        BreakerEvent::NoPlace { request } => ("NoPlace", vec![("request", request.into())]),
        BreakerEvent::TimedOut { call } => ("TimedOut", vec![("call", call.into())]),
        BreakerEvent::CameTooLate { call } => ("CameTooLate", vec![("call", call.into())]),
        BreakerEvent::Redirected { request, to } => {
            ("Redirected", vec![("request", request.into()), ("to", to.into())])
        }
        BreakerEvent::Forgot { door, era } => {
            ("Forgot", vec![("door", door.into()), ("era", era.into())])
        }
        BreakerEvent::NewBreakers => ("NewBreakers", Vec::new()),
        BreakerEvent::RetriesAt { request, at_us, retry } => {
            let (at, retry) = (("at_us", at_us.into()), ("retry", retry.into()));
            ("RetriesAt", vec![("request", request.into()), at, retry])
        }
        BreakerEvent::Over { request, end, took_us } => {
            let (end, took) = (("end", end.into()), ("took_us", took_us.into()));
            ("Over", vec![("request", request.into()), end, took])
        }
        BreakerEvent::Queued { waiting } => ("Queued", vec![("waiting", waiting.into())]),
        BreakerEvent::TurnedAway => ("TurnedAway", Vec::new()),
        BreakerEvent::InVain => ("InVain", Vec::new()),
        // The others have been told.
        _ => ("", Vec::new()),
    }
}

/// A few words for pictures of what stands out.
fn note(event: &BreakerEvent) -> Option<String> {
    Some(match event {
        BreakerEvent::Moved { transition, .. } => {
            let what = match transition.to {
                State::Open { .. } => "opens",
                State::HalfOpen => "half-opens",
                State::Closed => "closes",
                State::ForcedOpen => "is held open",
                State::Disabled => "is disabled",
                State::MetricsOnly => "only watches",
            };
            format!("{what}: {}", narration::why(transition.cause))
        }
        BreakerEvent::Admitted { call, is_probe: true, .. } => {
            format!("call {} is a probe", call.number)
        }
        BreakerEvent::Ended { call, era, reported: Some(Reported::Late(_)), .. } => {
            format!("call {} of era {} is late", call.number, era.0)
        }
        BreakerEvent::TimedOut { call } => format!("gives call {} up", call.number),
        BreakerEvent::TurnedAway => "turns a call away".to_owned(),
        BreakerEvent::InVain => "works in vain".to_owned(),
        BreakerEvent::NewBreakers => "has new breakers".to_owned(),
        _ => return None,
    })
}

/// What matters of a policy; of the breakers in words.
pub(in crate::labs) fn policy_of(policy: &Policy) -> Vec<Field> {
    let Policy { load_milli, evenly, timeout_us, retry, delivers_late, .. } = policy;
    vec![
        ("load_milli", load_milli.into()),
        ("evenly", evenly.into()),
        ("timeout_us", timeout_us.into()),
        ("tries", (&retry.tries).into()),
        ("backoff", Datum::Text(words::stretch(retry.backoff))),
        ("budget_ppm", part(policy.budget.map(|budget| budget.fill.in_millionths()))),
        ("bulkhead", part(policy.bulkhead.map(|bulkhead| bulkhead.slots))),
        ("delivers_late", delivers_late.into()),
        ("breaker", Datum::Text(words::breaker(policy.breaker.as_ref()))),
    ]
}

fn health_of(health: &Health) -> Vec<Field> {
    let Health { per_other_us, errors_ppm, hangs_ppm, workers, queue, drops_expired, .. } = health;
    vec![
        ("how", Datum::Text(words::health(health))),
        ("per_other_us", per_other_us.into()),
        ("errors_ppm", errors_ppm.into()),
        ("hangs_ppm", hangs_ppm.into()),
        ("workers", workers.into()),
        ("queue", queue.into()),
        ("drops_expired", drops_expired.into()),
    ]
}

fn part(number: Option<u32>) -> Datum {
    number.map_or(Datum::Null, |number| Datum::Number(number.into()))
}

names! {
    ByHand { Open, Close, Reset, ForceOpen, Disable, WatchOnly }
    Reason { Open, ProbesUnderWay, ForcedOpen }
    Outcome { Success, Failure, Cancelled, Excluded }
    Late { OtherGeneration, Settled, Forgotten }
    WindowKind { Count, Time }
}

numbers! { RequestId Generation }

objects! {
    CallId { boot, number }
    Transition { at_us, from, to, generation, cause }
}

optional! { u8, Reported }

data! {
    Answer { Done, Failed, Busy, NotHere { leader } }
    State { Closed, Open { until_us }, HalfOpen, ForcedOpen, Disabled, MetricsOnly }
    Cause {
        ConsecutiveFailures { failures },
        FailureRate { window, failures, calls },
        SlowRate { window, slow, calls },
        WaitOver,
        ProbeFailed { serial },
        ProbeSlow { serial },
        LeaseExpired { serial },
        ProbeFailureRate { failures, of },
        ProbesSucceeded { successes, of },
        ByHand,
    }
    GiveUp { NotRetryable, TriesUsedUp { tries }, TooLate { at_us, until_us }, BudgetEmpty }
}

impl From<&Reported> for Datum {
    fn from(reported: &Reported) -> Datum {
        let (name, fields): (_, Vec<Field>) = match reported {
            Reported::Counted => ("Counted", Vec::new()),
            Reported::Neutral => ("Neutral", Vec::new()),
            Reported::LetThrough => ("LetThrough", Vec::new()),
            Reported::Late(why) => ("Late", vec![("why", why.into())]),
        };
        Datum::named(name, fields)
    }
}

impl From<&End> for Datum {
    fn from(end: &End) -> Datum {
        let (name, fields): (_, Vec<Field>) = match end {
            End::Served => ("Served", Vec::new()),
            End::Rejected => ("Rejected", Vec::new()),
            End::Failed(why) => ("Failed", vec![("why", why.into())]),
        };
        Datum::named(name, fields)
    }
}
