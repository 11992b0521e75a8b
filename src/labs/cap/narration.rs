//! What happened, in sentences, each with the section of the paper that has the rule.
//!
//! What can be told from a record and what clients know is told here. What takes a memory of what
//! came before, such as which value gave way to which, is told by the [`ledger`](super::ledger).

use super::super::telling::{ms, names, tell_fault, tell_raft};
use super::clients::{Asked, Fate, WhyRefused};
use super::riddle::missed;
use super::system::{CapEvent, CapRequest, System};
use super::words::{self, Telling, acks, act, found, what};
use super::{CapProcess, Cluster, RaftEvent, RaftRequest};
use crate::primary_backup as backup;
use crate::quorum::{Event, Full, Outcome};
use crate::scene::Tone;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};

/// What happened, if it is worth a line of the story.
pub(super) fn tell(
    cluster: &Cluster,
    id: RecordId,
    record: &Record<CapProcess>,
) -> Option<Telling> {
    match &record.what {
        Happening::Fault(fault) => {
            let mut text = tell_fault(fault);
            if let Fault::Crash(node) | Fault::CrashTorn { node, .. } = fault {
                text.push_str(&tell_left_alone(cluster, *node, id));
            }
            Some((Tone::Bad, text, None))
        }
        Happening::Booted { node, boot } if *boot > 1 => {
            Some((Tone::Plain, format!("{node} starts again from its disk."), None))
        }
        Happening::Requested { node, request } => tell_request(cluster, id, *node, request),
        Happening::Decided { node, event } => match event {
            CapEvent::Quorum(event) => tell_coordinator(cluster, *node, event)
                .or_else(|| tell_replica(cluster, *node, event)),
            CapEvent::Raft(RaftEvent::Raft(event)) => {
                let (tone, text, section) = tell_raft(*node, event)?;
                Some((tone, text, Some(section)))
            }
            CapEvent::PrimaryBackup(event) => tell_backup(*node, event),
            CapEvent::Answered { outcome, .. } => tell_answer(cluster, id, *node, Some(outcome)),
            CapEvent::BackupAnswered { .. }
            | CapEvent::Raft(RaftEvent::Answered { .. } | RaftEvent::Read { .. }) => {
                tell_answer(cluster, id, *node, None)
            }
            CapEvent::Raft(_) => None,
        },
        _ => None,
    }
}

/// Who was left without an answer when `node` crashed; empty if nobody was.
fn tell_left_alone(cluster: &Cluster, node: NodeId, crash: RecordId) -> String {
    let left = |asked: &&Asked| asked.with == node && asked.answered == Some(crash);
    let left = cluster.clients().asked().iter().filter(left);
    left.map(|asked| format!(" {} does not know what became of its {}.", asked.client, act(asked)))
        .collect()
}

/// A client asks, or somebody tells a server what to be. In the store without a leader what it does
/// about a request is told at once with what was asked.
fn tell_request(
    cluster: &Cluster,
    id: RecordId,
    node: NodeId,
    request: &CapRequest,
) -> Option<Telling> {
    let section = match request {
        CapRequest::Raft(RaftRequest::Propose { .. } | RaftRequest::Read { .. }) => {
            words::RAFT_CLIENTS
        }
        CapRequest::BackupWrite { .. } | CapRequest::BackupRead { .. } => words::BACKUP,
        CapRequest::Promote => {
            let text = format!("You make {node} the primary: its log is the truth from now on.");
            return Some((Tone::Eager, text, Some(words::BACKUP)));
        }
        CapRequest::Raft(RaftRequest::TimeOutNow) => {
            return Some((
                Tone::Bad,
                format!("You make {node} time out."),
                Some(words::RAFT_ELECTION),
            ));
        }
        _ => return None,
    };
    let text = match cluster.clients().place_of(id) {
        Some(place) => {
            let asked = &cluster.clients().asked()[place];
            format!("{} asks {node} to {}.", asked.client, wish(asked))
        }
        None => format!("The request is passed on to {node}."),
    };
    Some((Tone::Plain, text, Some(section)))
}

fn wish(asked: &Asked) -> String {
    match asked.written() {
        Some(Some(_)) => format!("write {}", what(asked)),
        Some(None) => what(asked),
        None => format!("read {}", asked.key),
    }
}

/// What the server does that a client has asked.
fn tell_coordinator(cluster: &Cluster, node: NodeId, event: &Event<String>) -> Option<Telling> {
    let clients = cluster.clients();
    let client = |request| words::client_of(clients, request);
    let name = |request| words::of_name(clients, request).map_or("a request".to_owned(), what);
    let (tone, text, section) = match event {
        Event::WriteStarted { request, replicas, needed, .. } => (
            Tone::Plain,
            format!(
                "{} writes {}: {node} sends it to all {replicas} replicas, and the {} \
                 acknowledgement decides.",
                client(*request),
                name(*request),
                nth(*needed)
            ),
            words::DYNAMO_PUT_GET,
        ),
        Event::StampAsked { request, needed, .. } => (
            Tone::Plain,
            format!(
                "{} wants {}: {node} first asks {needed} replicas for their stamps, to write above \
                 them.",
                client(*request),
                name(*request)
            ),
            "Lynch & Shvartsman 1997",
        ),
        Event::ReadStarted { request, key, replicas, needed } => (
            Tone::Plain,
            format!(
                "{} reads {key}: {node} asks all {replicas} replicas, and the {} answer decides.",
                client(*request),
                nth(*needed)
            ),
            words::DYNAMO_PUT_GET,
        ),
        Event::RequestRepeated { request, answered: true } => (
            Tone::Calm,
            format!(
                "{node} has answered {}’s {} before, and says the same.",
                client(*request),
                name(*request)
            ),
            words::DYNAMO_PUT_GET,
        ),
        Event::BehindFloor { request, .. } => (
            Tone::Eager,
            format!(
                "{node} has enough answers, but they are behind what {} has seen: it waits for \
                 more.",
                client(*request)
            ),
            words::SESSIONS,
        ),
        Event::WriteBackStarted { request, holders, needed } => (
            Tone::Calm,
            format!(
                "What was found is on {holders} of the {needed} replicas that it must be on: \
                 {node} writes it back before it answers {}.",
                client(*request)
            ),
            words::WRITE_BACK,
        ),
        Event::RepairSent { to, .. } => (
            Tone::Calm,
            format!("{to} is behind: {node} sends it what the read has found."),
            words::DYNAMO_REPAIR,
        ),
        Event::LateAnswer { request, from, newer: true } => (
            Tone::Eager,
            format!("{from} answers late, and knows newer than {} was told.", client(*request)),
            words::DYNAMO_PUT_GET,
        ),
        Event::LateAcknowledgement { request, from, .. } => {
            let asked = words::of_name(clients, *request)?;
            // Where enough were in time, the others are no news.
            if !matches!(asked.fate, Fate::Unknown { .. }) {
                return None;
            }
            let text = format!(
                "{from} acknowledges {} late: that changes what is held, and not what {} was told.",
                what(asked),
                asked.client
            );
            (Tone::Eager, text, words::DYNAMO_PUT_GET)
        }
        _ => return None,
    };
    Some((tone, text, Some(section)))
}

/// What a server does as a replica or a stand-in.
fn tell_replica(cluster: &Cluster, node: NodeId, event: &Event<String>) -> Option<Telling> {
    let (tone, text, section) = match event {
        Event::HintKept { replica, stamp, .. } => {
            let write = words::write_of(cluster.clients(), *stamp);
            let text = format!("{node} keeps {write} for {replica}, which seems to be down.");
            (Tone::Calm, text, words::DYNAMO_HINTS)
        }
        Event::HintDropped { key, replica } => (
            Tone::Calm,
            format!("{replica} has what {node} kept for it of {key}: {node} forgets that."),
            words::DYNAMO_HINTS,
        ),
        Event::KeysDiffer { with, differ, looked_at, .. } if *differ > 0 => (
            Tone::Calm,
            format!(
                "{node} and {with} compare hash trees, and then {}: {}, and they exchange \
                 what they hold.",
                if *looked_at == 1 { "a key".to_owned() } else { format!("{looked_at} keys") },
                if *differ == 1 { "one differs".to_owned() } else { format!("{differ} differ") },
            ),
            words::DYNAMO_TREES,
        ),
        Event::Full { key, what } => {
            let room = match what {
                Full::Keys => "another key",
                Full::Hints => "another hint",
            };
            let text = format!("{node} has no room for {room}, and does not acknowledge {key}.");
            (Tone::Bad, text, words::DYNAMO_PUT_GET)
        }
        _ => return None,
    };
    Some((tone, text, Some(section)))
}

fn tell_backup(node: NodeId, event: &backup::Event) -> Option<Telling> {
    let (tone, text) = match event {
        backup::Event::Promoted { epoch, entries } => (
            Tone::Chief,
            format!("{node} is the primary of epoch {}, with {entries} entries.", epoch.number),
        ),
        backup::Event::Deposed { by, .. } => {
            (Tone::Bad, format!("{node} hears that {} is the primary now.", by.primary))
        }
        _ => return None,
    };
    Some((tone, text, Some(words::BACKUP)))
}

/// A client hears what became of what it asked.
fn tell_answer(
    cluster: &Cluster,
    id: RecordId,
    node: NodeId,
    outcome: Option<&Outcome<String>>,
) -> Option<Telling> {
    // What is not the answer to a client is passed on, and that is told.
    let place = answered_place(cluster, id)?;
    let asked = &cluster.clients().asked()[place];
    let (mut tone, mut text, section) = match &asked.fate {
        Fate::Open => return None,
        Fate::Done(values) => tell_done(cluster, asked, node, values, outcome),
        Fate::Refused(why) => tell_refused(asked, node, *why),
        Fate::Unknown { acked, needed } => tell_unknown(asked, node, (*acked, *needed), outcome),
    };
    for breach in breaches_at(cluster, id) {
        let how = words::broke(breach.anomaly);
        text.push_str(&format!(" C{}’s session breaks: {how}.", breach.client));
        tone = Tone::Bad;
    }
    Some((tone, text, Some(section)))
}

/// The request to which the record is the answer.
pub(super) fn answered_place(cluster: &Cluster, id: RecordId) -> Option<usize> {
    let all = cluster.clients().asked();
    let earlier = all.partition_point(|asked| asked.called < id);
    (all.first()..earlier).rev().find(|place| all[*place].answered == Some(id))
}

/// The session guarantees that broke by an answer.
pub(super) fn breaches_at(
    cluster: &Cluster,
    id: RecordId,
) -> impl Iterator<Item = &crate::check::consistency::Breach> {
    let records = cluster.breach_records();
    let first = records.partition_point(|record| *record < id);
    let count = records[first..].iter().take_while(|record| **record == id).count();
    cluster.watch().breaches().iter().skip(first).take(count)
}

fn tell_done(
    cluster: &Cluster,
    asked: &Asked,
    node: NodeId,
    values: &[String],
    outcome: Option<&Outcome<String>>,
) -> (Tone, String, &'static str) {
    let client = asked.client;
    let who = match outcome {
        Some(Outcome::Ok { acked_by, .. }) => acks(acked_by),
        _ => String::new(),
    };
    if asked.written().is_some() {
        let why = match cluster.system() {
            System::Quorum => format!(" {who} acknowledged it in time."),
            System::Raft => " A majority has it in its log.".to_owned(),
            System::PrimaryBackup if cluster.config().backup.acks > 0 => {
                " It is on the primary’s disk and a backup’s.".to_owned()
            }
            System::PrimaryBackup => " It is on the primary’s disk; backups hear later.".to_owned(),
        };
        let text = format!("{node} tells {client} that its {} is done.{why}", act(asked));
        return (Tone::Chief, text, rule(cluster.system()));
    }
    let found = found(values);
    let by = if who.is_empty() { String::new() } else { format!(", by the answers of {who}") };
    let mut text = format!("{node} tells {client} that {} is {found}{by}", asked.key);
    if asked.stale {
        let text = format!("{text}{}. A stale read.", missed(cluster, asked));
        return (Tone::Bad, text, rule(cluster.system()));
    }
    text.push('.');
    if values.len() > 1 {
        text.push_str(" Both count: neither client had seen the other’s write.");
        return (Tone::Eager, text, words::DYNAMO_VERSIONS);
    }
    (Tone::Chief, text, rule(cluster.system()))
}

fn tell_refused(asked: &Asked, node: NodeId, why: WhyRefused) -> (Tone, String, &'static str) {
    let because = match why {
        WhyRefused::TooFewAlive { alive, needed } => {
            format!("{alive} replicas seem to be up, {needed} are needed. Nothing was sent")
        }
        why => super::systems::reason(why),
    };
    let section = match why {
        WhyRefused::TooFewAlive { .. } => words::CAP,
        WhyRefused::Behind => words::SESSIONS,
        WhyRefused::NotLeader(_) | WhyRefused::LeaderBusy(_) => words::RAFT_CLIENTS,
        WhyRefused::NotPrimary(_) | WhyRefused::LogFull => words::BACKUP,
        WhyRefused::Busy | WhyRefused::NoSuchQuorum => words::DYNAMO_PUT_GET,
    };
    (Tone::Bad, format!("{node} refuses {}’s {}: {because}.", asked.client, act(asked)), section)
}

fn tell_unknown(
    asked: &Asked,
    node: NodeId,
    (acked, needed): (usize, usize),
    outcome: Option<&Outcome<String>>,
) -> (Tone, String, &'static str) {
    let who = match outcome {
        Some(Outcome::Indeterminate { acked_by, .. }) => acks(acked_by),
        _ => acked.to_string(),
    };
    let (client, act) = (asked.client, act(asked));
    let head = match needed {
        0 => format!("{node} cannot tell {client} what becomes of its {act}."),
        _ => format!("Time is up for {client}’s {act}: {needed} had to answer, and {who} did."),
    };
    let section = match outcome {
        Some(_) => words::DYNAMO_PUT_GET,
        None => words::RAFT_CLIENTS,
    };
    if asked.written().is_none() {
        return (Tone::Eager, format!("{head} It has nothing to tell."), section);
    }
    let rest = "Nobody knows whether it counts, and nobody rolls it back: it stays where it \
                arrived, may be read, vanish, and come back.";
    (Tone::Eager, format!("{head} {rest}"), section)
}

/// Where the rule of a system’s reads and writes stands.
fn rule(system: System) -> &'static str {
    match system {
        System::Quorum => words::DYNAMO_PUT_GET,
        System::Raft => words::RAFT_CLIENTS,
        System::PrimaryBackup => words::BACKUP,
    }
}

/// `first`, `third`
fn nth(number: usize) -> String {
    const WORDS: [&str; 7] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"];
    match WORDS.get(number.wrapping_sub(1)) {
        Some(word) => (*word).to_owned(),
        None => format!("{number}th"),
    }
}

/// What happened, for what the story leaves out.
pub(super) fn untold(node: NodeId, event: &CapEvent) -> (String, &'static str) {
    match event {
        CapEvent::Quorum(event) => untold_quorum(node, event),
        CapEvent::Raft(event) => (format!("{node}: {event:?}."), words::RAFT_LOG),
        CapEvent::PrimaryBackup(event) => (format!("{node}: {event:?}."), words::BACKUP),
        CapEvent::Answered { .. } | CapEvent::BackupAnswered { .. } => {
            (format!("{node} answers a client."), words::DYNAMO_PUT_GET)
        }
    }
}

fn untold_quorum(node: NodeId, event: &Event<String>) -> (String, &'static str) {
    let put_get = words::DYNAMO_PUT_GET;
    match event {
        Event::Acknowledged { from, acks, needed, .. } => {
            (format!("{from} acknowledges: {acks} of {needed}."), put_get)
        }
        Event::LateAcknowledgement { from, .. } => {
            (format!("{from} acknowledges after the answer."), put_get)
        }
        Event::Answered { from, answers, needed, .. } => {
            (format!("{from} answers: {answers} of {needed}."), put_get)
        }
        Event::NotCounted { from, .. } => {
            (format!("What {from} answers does not count for {node}."), put_get)
        }
        Event::Unavailable { alive, needed, .. } => (
            format!("{node} takes {alive} replicas to be up, and {needed} are needed."),
            words::CAP,
        ),
        Event::TimedOut { acks, needed, .. } => {
            (format!("Time is up at {node}: {acks} of {needed} answered."), put_get)
        }
        Event::Succeeded { acks, .. } => (format!("{acks} are enough for {node}."), put_get),
        Event::StandInChosen { replica, stand_in, .. } => {
            (format!("{node} lets {stand_in} stand in for {replica}."), words::DYNAMO_HINTS)
        }
        Event::WriteApplied { key, .. } => (format!("{node} takes a write of {key}."), put_get),
        Event::WriteRepeated { key, .. } => {
            (format!("{node} knows this write of {key} already."), put_get)
        }
        Event::WriteReplaced { key, .. } => {
            (format!("At {node} one write of {key} replaces another."), words::DYNAMO_VERSIONS)
        }
        Event::Merged { key, from, purpose, .. } => {
            let (why, section) = words::way(*purpose);
            (format!("{node} gets {key} from {from}: {why}."), section)
        }
        Event::HintSent { key, replica } => {
            (format!("{node} sends {replica} what it kept of {key}."), words::DYNAMO_HINTS)
        }
        Event::TombstoneCollected { key, age_us, .. } => (
            format!("{node} forgets that {key} was deleted {} ago.", ms(*age_us)),
            words::DYNAMO_REPAIR,
        ),
        Event::Suspected { server, silent_us } => (
            format!(
                "{node} has heard nothing of {server} for {}: it takes it for down.",
                ms(*silent_us)
            ),
            words::DYNAMO_DETECTOR,
        ),
        Event::HeardAgain { server } => {
            (format!("{node} hears {server} again."), words::DYNAMO_DETECTOR)
        }
        Event::ComparisonStarted { with, .. } => {
            (format!("{node} begins to compare notes with {with}."), words::DYNAMO_TREES)
        }
        Event::InSync { with, .. } => {
            (format!("{node} and {with} hold the same."), words::DYNAMO_TREES)
        }
        Event::TreesDiffer { with, level, differ, compared, .. } => (
            format!(
                "{differ} of {compared} hashes on level {level} differ between {node} and {with}."
            ),
            words::DYNAMO_TREES,
        ),
        Event::MessageIgnored { from, .. } => {
            (format!("A message of {from} has no effect on {node}."), put_get)
        }
        other => (format!("{node}: {other:?}."), put_get),
    }
}

/// The servers that a server takes for down.
pub(super) fn suspects(cluster: &Cluster, node: NodeId) -> Vec<NodeId> {
    let server = cluster.world().node(node).and_then(|node| node.process()?.quorum());
    let down = |other: &NodeId| {
        server.is_some_and(|server| !server.is_alive(crate::quorum::ServerId(other.0)))
    };
    cluster.world().node_ids().filter(down).collect()
}

/// `S3, S4 and S5`
pub(super) fn suspects_in_words(cluster: &Cluster, node: NodeId) -> String {
    names(&suspects(cluster, node))
}
