//! What happened, in sentences, each with the source that has the rule where there is one.

use super::super::raft::{RaftEvent, RaftRequest};
use super::super::telling::{tell_fault, tell_raft};
use super::super::{Command, Setting};
use super::requests::Asked;
use super::settings::{CRASH_AT, crash_spot};
use super::system::{
    EventsEvent, EventsProcess, EventsRequest, Log, Outcome, Recorded, RequestId, Role, role,
};
use super::words::{self, Telling, act, at_version, who};
use super::{Cluster, CrashSpot};
use crate::event_store::{AppendError, Expected};
use crate::scene::Tone;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};

/// What happened, if it is worth a line of the story. What takes a memory of what came before is
/// told by the [`chronicle`](super::chronicle).
pub(super) fn tell(
    cluster: &Cluster,
    id: RecordId,
    record: &Record<EventsProcess>,
) -> Option<Telling> {
    match &record.what {
        Happening::Fault(fault) => Some((Tone::Bad, tell_act(cluster, id, record, fault), None)),
        Happening::Booted { node, boot } if *boot > 1 => tell_boot(cluster, *node),
        Happening::Requested { node, request } => tell_request(cluster, id, *node, request),
        // At the first boot everything is as it was left.
        Happening::Decided {
            event: EventsEvent::Recovered { .. } | EventsEvent::Resumed { .. },
            ..
        } if is_of_first_boot(cluster, record) => None,
        Happening::Decided { node, event } => tell_event(cluster, id, *node, event),
        _ => None,
    }
}

fn is_of_first_boot(cluster: &Cluster, record: &Record<EventsProcess>) -> bool {
    let cause = record.cause.and_then(|cause| cluster.world().history().get(cause));
    cause.is_some_and(|cause| matches!(cause.what, Happening::Booted { boot: 1, .. }))
}

/// Something was done to the world, or the power went where somebody had asked for it.
fn tell_act(
    cluster: &Cluster,
    id: RecordId,
    record: &Record<EventsProcess>,
    fault: &Fault,
) -> String {
    let (Fault::Crash(node) | Fault::CrashTorn { node, .. }) = fault else {
        return tell_fault(fault);
    };
    let mut text = match armed_spot(cluster, record.at_us, fault) {
        Some(spot) => format!("The power goes at {node}, {}.", words::spot(spot)),
        None => tell_fault(fault),
    };
    let left = |asked: &&Asked| asked.answered == Some(id);
    for asked in cluster.requests().asked().iter().rev().take(64).filter(left) {
        text.push_str(&format!(" Nobody tells {} what became of it.", act(asked)));
    }
    text
}

/// Where the power was to go, if nobody did this by hand.
fn armed_spot(cluster: &Cluster, at_us: u64, fault: &Fault) -> Option<CrashSpot> {
    let mut armed = cluster.begun_with().tuning.value(CRASH_AT);
    for (act_us, command) in cluster.acts().iter().take_while(|act| act.0 <= at_us) {
        match command {
            Command::Faults(faults) if *act_us == at_us && faults.contains(fault) => return None,
            Command::Set(setting) if setting.name == CRASH_AT => armed = Some(setting.value),
            _ => {}
        }
    }
    let mut settings = cluster.begun_with().clone();
    settings.tuning.set(Setting { name: CRASH_AT, value: armed? });
    crash_spot(&settings)
}

/// The keeper and the read models tell what they have found on their disks.
fn tell_boot(cluster: &Cluster, node: NodeId) -> Option<Telling> {
    let (text, section) = match role(cluster.rules().log, node) {
        Role::Keeper | Role::Model(_) => return None,
        Role::Desk => (format!("{node} starts again, and remembers nothing."), None),
        Role::Replica => (
            format!("{node} starts again: it carries out its log from the first entry."),
            Some(words::RAFT_MACHINE),
        ),
    };
    Some((Tone::Plain, text, section))
}

/// A customer asks, or somebody tells a read model to begin anew.
fn tell_request(
    cluster: &Cluster,
    id: RecordId,
    node: NodeId,
    request: &EventsRequest,
) -> Option<Telling> {
    if matches!(request, EventsRequest::Rebuild) {
        let text = format!("You tell {node} to forget everything and to read the log anew.");
        return Some((Tone::Eager, text, Some(words::REPLAY)));
    }
    let Some(asked) = asked_at(cluster, id) else {
        return tell_raft_request(cluster, node, request);
    };
    let (who, command) = (who(asked.client), asked.command);
    let Some(first) = asked.retries.and_then(|of| cluster.requests().numbered(of)) else {
        return Some((Tone::Plain, format!("{who} asks {node}: {command}."), None));
    };
    let ids = match asked.id == first.id {
        true => "with the id of the first attempt",
        false => "with a fresh id",
    };
    let text = format!("{who} asks {node} once more: {command}, {ids}.");
    Some((Tone::Plain, text, Some(words::AGAIN)))
}

/// What a server of the cluster is told by others than customers.
fn tell_raft_request(cluster: &Cluster, node: NodeId, request: &EventsRequest) -> Option<Telling> {
    let EventsRequest::Raft(request) = request else { return None };
    Some(match request {
        RaftRequest::Propose { request, .. } => {
            let asked = cluster.requests().numbered(RequestId(request.0))?;
            let text = format!("{} is passed on to {node}, which leads.", act(asked));
            (Tone::Plain, text, Some(words::RAFT_CLIENTS))
        }
        RaftRequest::TimeOutNow => {
            (Tone::Bad, format!("You make {node} time out."), Some(words::RAFT_ELECTION))
        }
        RaftRequest::TransferLeadership { to } => {
            (Tone::Plain, format!("You ask {node} to hand over to {to}."), Some("Thesis 3.10"))
        }
        _ => return None,
    })
}

fn tell_event(
    cluster: &Cluster,
    id: RecordId,
    node: NodeId,
    event: &EventsEvent,
) -> Option<Telling> {
    let answered = tell_answered(cluster, id, node, event);
    answered.or_else(|| tell_writing(cluster, node, event)).or_else(|| tell_reading(node, event))
}

/// What a desk and the store do about an event.
fn tell_writing(cluster: &Cluster, node: NodeId, event: &EventsEvent) -> Option<Telling> {
    Some(match event {
        EventsEvent::Decided { again, rests_on: (stream, version), event, .. } => {
            let read = if *again { "reads again" } else { "has read" };
            let what = words::decision(*event);
            let text =
                format!("{node} {read} {}, and decides: {what}.", at_version(stream, *version));
            let tone = if *again { Tone::Eager } else { Tone::Calm };
            (tone, text, Some(words::DECIDER))
        }
        EventsEvent::Appended { recorded, expected, .. } if cluster.rules().log == Log::Single => {
            tell_append(node, recorded, *expected)
        }
        EventsEvent::Recognised { position, .. } if cluster.rules().log == Log::Single => {
            tell_recognised(node, *position)
        }
        EventsEvent::Refused { error } => match &**error {
            AppendError::Conflict { stream, expected, actual } => (
                Tone::Eager,
                format!(
                    "{node} refuses an append to {stream}: expected {expected}, actual {actual}. \
                     Somebody was quicker."
                ),
                Some(words::OPTIMISTIC),
            ),
            other => (Tone::Bad, format!("{node} refuses: {other}."), Some(words::YOUNG)),
        },
        EventsEvent::Recovered { events, torn_bytes } => {
            let mut text =
                format!("{node} has read its file: {} are there.", words::events(*events));
            if *torn_bytes > 0 {
                text.push_str(&format!(
                    " At the end were {torn_bytes} bytes of a write that was never whole: it cut \
                     them off."
                ));
            }
            (Tone::Plain, text, Some(words::ATOMIC))
        }
        EventsEvent::Raft(RaftEvent::Raft(event)) => {
            let (tone, text, section) = tell_raft(node, event)?;
            (tone, text, Some(section))
        }
        _ => return None,
    })
}

/// The same was to happen once more, and does not.
pub(super) fn tell_recognised(node: NodeId, position: u64) -> Telling {
    let text =
        format!("{node} has that already, as event {position}: it writes nothing, and says so.");
    (Tone::Calm, text, Some(words::AGAIN))
}

/// A server that had crashed has carried out all again.
pub(super) fn tell_rebuilt(node: NodeId, end: u64) -> Telling {
    let text = format!(
        "{node} has carried out its log up to event {end}: the same log, and the same state as \
         before."
    );
    (Tone::Calm, text, Some(words::RAFT_MACHINE))
}

/// An event is in the log.
pub(super) fn tell_append(node: NodeId, recorded: &Recorded, expected: Expected) -> Telling {
    let Recorded { position, version, event, .. } = recorded;
    // A payment is a fact, whatever else was paid.
    let check = match expected {
        Expected::Exact(_) | Expected::NoStream | Expected::Exists => "",
        Expected::Any if event.item().is_none() => "",
        Expected::Any => ", without a look at the version",
    };
    let stream = event.stream();
    let text = format!(
        "{node} appends “{event}”{check}: version {version} of {stream}, event {position} of all."
    );
    (Tone::Chief, text, Some(words::YOUNG))
}

/// What read models do.
fn tell_reading(node: NodeId, event: &EventsEvent) -> Option<Telling> {
    Some(match event {
        EventsEvent::Published { from, through } => (
            Tone::Calm,
            format!("{node} tells the read models of {}.", words::span(*from, *through)),
            Some(words::YOUNG),
        ),
        EventsEvent::TookIn { position, twice: true } => (
            Tone::Bad,
            format!("{node} takes event {position} in once more: it counts twice there now."),
            Some(words::AGAIN),
        ),
        EventsEvent::PassedOver { position, waits_for } if position > waits_for => (
            Tone::Eager,
            format!("{node} has event {position}, but not {waits_for}: it waits for that one."),
            Some(words::YOUNG),
        ),
        EventsEvent::Resumed { through, state_of } => {
            let (tone, but) = match state_of.cmp(through) {
                std::cmp::Ordering::Equal => (Tone::Plain, String::new()),
                std::cmp::Ordering::Greater => (
                    Tone::Bad,
                    format!(
                        " But its state has {state_of} in it: the power went between the two \
                         writes, and what comes after {through} will count twice."
                    ),
                ),
                std::cmp::Ordering::Less => (
                    Tone::Bad,
                    format!(
                        " But its state has only {state_of} in it: the power went between the two \
                         writes, and what is between is left out for ever."
                    ),
                ),
            };
            let text = format!("{node} goes on after event {through}, as its disk has it.{but}");
            (tone, text, Some(words::AGAIN))
        }
        EventsEvent::Rebuilding => {
            (Tone::Eager, format!("{node} begins at event 1 with nothing."), Some(words::REPLAY))
        }
        _ => return None,
    })
}

/// A customer hears what became of what it asked.
fn tell_answered(
    cluster: &Cluster,
    id: RecordId,
    node: NodeId,
    event: &EventsEvent,
) -> Option<Telling> {
    let (asked, outcome) = outcome_at(cluster, id, event)?;
    let who = who(asked.client);
    Some(match outcome {
        Outcome::Done { position, repeated: false } => {
            let text = format!("{node} tells {who}: done, it is event {position}.");
            (Tone::Chief, text, None)
        }
        Outcome::Done { position, repeated: true } => {
            let text = format!(
                "{node} tells {who}: it had happened already, as event {position}. The retry has \
                 changed nothing."
            );
            (Tone::Chief, text, Some(words::AGAIN))
        }
        Outcome::Refused(refusal) => {
            let text = format!("{node} tells {who}: no, {refusal}.");
            (Tone::Eager, text, Some(words::DECIDER))
        }
        Outcome::Conflict { expected, actual } => {
            let text = format!(
                "{node} tells {who}: somebody was quicker. It was decided at version {expected}, \
                 and by now there is {actual}; nothing happened."
            );
            (Tone::Eager, text, Some(words::OPTIMISTIC))
        }
        Outcome::Unknown => {
            let text = format!(
                "{node} has no answer for {who} in time: it may have happened, or not. To ask \
                 again is safe only if that can be recognised."
            );
            (Tone::Eager, text, Some(words::AGAIN))
        }
        Outcome::Unreachable => {
            let (what, section) = match cluster.rules().log {
                Log::Single => ("the log", None),
                Log::Raft => ("a leader", Some(words::RAFT_CLIENTS)),
            };
            let text = format!(
                "{node} cannot reach {what} for {who}. Nothing was to be appended yet, so nothing \
                 has happened."
            );
            (Tone::Bad, text, section)
        }
        Outcome::Impossible => {
            (Tone::Bad, format!("{node} tells {who}: the store cannot take it."), None)
        }
    })
}

/// An event is in the log of a cluster, for a server has carried out the command that led to it.
pub(super) fn tell_carried_out(node: NodeId, recorded: &Recorded) -> Telling {
    let Recorded { position, version, event, .. } = recorded;
    let stream = event.stream();
    let text = format!(
        "A majority has it: {node} is the first to carry it out, “{event}”. That is version \
         {version} of {stream}, event {position} of all."
    );
    (Tone::Chief, text, Some(words::RAFT_MACHINE))
}

/// To what a customer asked for an event is the answer, and which.
pub(super) fn outcome_at<'a>(
    cluster: &'a Cluster,
    id: RecordId,
    event: &EventsEvent,
) -> Option<(&'a Asked, Outcome)> {
    match event {
        EventsEvent::Answered { request, outcome } => {
            Some((cluster.requests().numbered(*request)?, *outcome))
        }
        EventsEvent::Raft(RaftEvent::Answered { .. } | RaftEvent::Read { .. }) => {
            let asked = answered_at(cluster, id)?;
            Some((asked, asked.outcome?))
        }
        _ => None,
    }
}

/// What was asked for at a record, if something was.
pub(super) fn asked_at(cluster: &Cluster, id: RecordId) -> Option<&Asked> {
    let all = cluster.requests().asked();
    let place = all.partition_point(|asked| asked.called < id);
    all.get(place).filter(|asked| asked.called == id)
}

/// To which request a record is the answer, if to any.
pub(super) fn answered_at(cluster: &Cluster, id: RecordId) -> Option<&Asked> {
    let all = cluster.requests().asked();
    let earlier = all.partition_point(|asked| asked.called < id);
    (all.first()..earlier).rev().map(|place| &all[place]).find(|it| it.answered == Some(id))
}

/// What happened, for what the story leaves out.
pub(super) fn untold(
    cluster: &Cluster,
    node: NodeId,
    event: &EventsEvent,
) -> (String, &'static str) {
    match event {
        EventsEvent::Conflicted { stream, expected, actual, .. } => (
            format!("{node} hears that {stream} is at version {actual}, and not at {expected}."),
            words::OPTIMISTIC,
        ),
        EventsEvent::Appended { recorded, expected, .. } => {
            let (_, text, section) = tell_append(node, recorded, *expected);
            (text, section.unwrap_or(words::YOUNG))
        }
        EventsEvent::Recognised { position, .. } => {
            let (_, text, section) = tell_recognised(node, *position);
            (text, section.unwrap_or(words::AGAIN))
        }
        EventsEvent::Durable { through } => {
            (format!("What {node} has up to event {through} is on its disk."), words::ATOMIC)
        }
        EventsEvent::TookIn { position, .. } => {
            (format!("{node} takes event {position} in."), words::YOUNG)
        }
        EventsEvent::PassedOver { position, .. } => {
            (format!("{node} has event {position} already: it leaves it."), words::AGAIN)
        }
        EventsEvent::Checkpointed { through } => (
            format!("What {node} makes of all up to event {through} is on its disk."),
            words::AGAIN,
        ),
        EventsEvent::Answered { request, .. } => {
            let asked = cluster.requests().numbered(*request);
            let whom = asked.map_or_else(|| "a customer".to_owned(), |asked| who(asked.client));
            (format!("{node} answers {whom}."), words::YOUNG)
        }
        EventsEvent::Raft(RaftEvent::Applied { index, .. }) => {
            (format!("{node} carries out entry {index}."), words::RAFT_MACHINE)
        }
        EventsEvent::Raft(event) => (format!("{node}: {event:?}."), words::RAFT_LOG),
        other => (format!("{node}: {other:?}."), words::YOUNG),
    }
}
