//! The messages, requests and decisions of the three systems as plain data.
//!
//! Names are those of the types, as for [Raft](crate::labs::raft), whose own words are used where a
//! store runs Raft. Two sorts of events would have the same name, so what the quorum store answers
//! a client is `ClientAnswered`. Servers are `S1` and so on, clients `C1`; a key that a replica
//! holds is the list of its siblings, a version vector the list of the latest writes it includes.

use super::scene::{in_words, is_answer};
use super::space_time::weight;
use super::{CapEvent, CapLab, CapMessage, CapProcess, CapRequest};
use crate::labs::Lab;
use crate::labs::exported::{
    Datum, Exported, Field, Said, Told, Words, data, lists, names, numbers, objects, optional,
    tell, variants,
};
use crate::labs::raft::exported as raft;
use crate::primary_backup::{self as backup, Epoch};
use crate::quorum::{
    Ack, Cell, ClientId, Config, ConfigError, Context, Detector, Event, Full, IgnoreReason,
    Message, MessageKind, Mode, NotCounted, NotFound, OperationId, Placement, Purpose, Quorum,
    ReadRepair, Refusal, Replaced, RequestId, Resolution, ServerId, Settings, Sibling, Stamp,
    Stamping, Success, VersionVector, WhyReplaced, WriteId,
};
use crate::sim::RecordId;

const WORDS: Words<CapProcess> = Words { message, weight, is_answer, request, event };

impl Exported for CapLab {
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

fn message(message: &CapMessage) -> Said {
    let (name, fields) = match message {
        CapMessage::Raft(message) => return raft::message(message),
        CapMessage::Quorum(message) => variants!(message; Message;
            Write { operation, key, sibling, stands_in_for },
            WriteAck { operation, stamp },
            AskStamp { operation, key },
            StampReply { operation, latest, known },
            Read { operation, key },
            ReadReply { operation, cell },
            Merge { purpose, key, cell },
            Merged { purpose, key, digest },
            Heartbeat,
            Tree { round, level, nodes },
            Leaves { round, leaves, entries },
            Want { round, keys },
        ),
        CapMessage::PrimaryBackup(message) => variants!(message; BackupMessage;
            Ship { epoch, after, entries },
            Ack { epoch, held },
        ),
    };
    Said { name, fields, note: Some(in_words(message)) }
}

fn request(request: &CapRequest) -> Said {
    let (name, fields, note) = match request {
        CapRequest::Raft(request) => return raft::request(request),
        CapRequest::Write { request, call } => {
            let fields = vec![
                ("request", request.into()),
                ("key", (&call.key).into()),
                ("value", (&call.value).into()),
                ("context", (&call.context).into()),
                ("after_context", (&call.after_context).into()),
                ("quorum", (&call.quorum).into()),
                ("retry_of", (&call.retry_of).into()),
            ];
            ("Write", fields, asked_to_write(&call.key, call.value.as_ref()))
        }
        CapRequest::Read { request, call } => {
            let fields = vec![
                ("request", request.into()),
                ("key", (&call.key).into()),
                ("floor", (&call.floor).into()),
                ("quorum", (&call.quorum).into()),
            ];
            ("Read", fields, format!("is asked for {}", call.key))
        }
        CapRequest::Configure(config) => {
            ("Configure", configuration(config), "goes on with other settings".to_owned())
        }
        CapRequest::BackupWrite { request, key, value } => {
            let fields =
                vec![("request", request.into()), ("key", key.into()), ("value", value.into())];
            ("BackupWrite", fields, asked_to_write(key, value.as_ref()))
        }
        CapRequest::BackupRead { request, key } => {
            let fields = vec![("request", request.into()), ("key", key.into())];
            ("BackupRead", fields, format!("is asked for {key}"))
        }
        CapRequest::Promote => ("Promote", Vec::new(), "is made the primary".to_owned()),
    };
    Said { name, fields, note: Some(note) }
}

fn asked_to_write(key: &str, value: Option<&String>) -> String {
    match value {
        Some(value) => format!("is asked for {key}={value}"),
        None => format!("is asked to delete {key}"),
    }
}

fn event(event: &CapEvent) -> Said {
    match event {
        CapEvent::Raft(event) => raft::event(event),
        CapEvent::Quorum(event) => quorum_event(event),
        CapEvent::PrimaryBackup(event) => backup_event(event),
        CapEvent::Answered { request, outcome } => {
            let fields = vec![("request", request.into()), ("outcome", outcome.into())];
            let what = match outcome {
                QuorumOutcome::Ok { .. } => "done",
                QuorumOutcome::Unavailable { .. } => "not available",
                QuorumOutcome::Indeterminate { .. } => "unknown, it may have happened or not",
                QuorumOutcome::Behind { .. } => "no answer, all are behind what it knows",
                QuorumOutcome::Refused { .. } => "refused",
            };
            let note = format!("tells C{}: {what}", request.client.0);
            Said { name: "ClientAnswered", fields, note: Some(note) }
        }
        CapEvent::BackupAnswered { request, outcome } => {
            let fields = vec![("request", request.into()), ("outcome", outcome.into())];
            let what = match outcome {
                BackupOutcome::Written { .. } => "written",
                BackupOutcome::Found(_) => "read",
                BackupOutcome::NotPrimary { .. } => "not the primary",
                BackupOutcome::Indeterminate { .. } => "written or not, nobody knows",
                BackupOutcome::Full => "refused, the log is full",
            };
            let note = format!("answers request {}: {what}", request.0);
            Said { name: "BackupAnswered", fields, note: Some(note) }
        }
    }
}

fn quorum_event(event: &Event<String>) -> Said {
    let (name, fields) = variants!(event; Event;
        WriteStarted { request, key, stamp, replicas, needed },
        StampAsked { request, key, needed },
        ReadStarted { request, key, replicas, needed },
        StandInChosen { request, replica, stand_in },
        Unavailable { request, alive, needed },
        Refused { request, reason },
        RequestRepeated { request, answered },
        Acknowledged { request, from, acks, needed },
        Answered { request, from, found, answers, needed },
        NotCounted { request, from, why },
        LateAcknowledgement { request, from, acks },
        LateAnswer { request, from, newer },
        BehindFloor { request, floor },
        WriteBackStarted { request, holders, needed },
        RepairSent { request, to },
        TimedOut { request, acks, needed },
        Succeeded { request, acks },
        WriteApplied { key, stamp },
        WriteRepeated { key, stamp, known },
        WriteReplaced { key, replaced },
        Full { key, what },
        Merged { key, from, purpose, latest },
        HintKept { key, replica, stamp },
        HintSent { key, replica },
        HintDropped { key, replica },
        TombstoneCollected { key, stamp, age_us },
        Suspected { server, silent_us },
        HeardAgain { server },
        ComparisonStarted { with, round },
        InSync { with, round },
        TreesDiffer { with, round, level, compared, differ },
        KeysDiffer { with, round, looked_at, differ },
        MessageIgnored { from, kind, reason },
        HeldMessageDropped { to, kind },
        SyncIgnored { write },
    );
    let note = match event {
        Event::Suspected { server, .. } => Some(format!("takes {server} for down")),
        Event::HeardAgain { server } => Some(format!("hears {server} again")),
        Event::HintKept { key, replica, .. } => Some(format!("keeps {key} for {replica}")),
        Event::WriteReplaced { key, replaced } if replaced.why != WhyReplaced::Seen => {
            Some(format!("drops a write of {key}"))
        }
        Event::TombstoneCollected { key, .. } => Some(format!("forgets that {key} was deleted")),
        _ => None,
    };
    Said { name, fields, note }
}

fn backup_event(event: &backup::Event) -> Said {
    let (name, fields) = variants!(event; BackupEvent;
        Promoted { epoch, entries },
        Deposed { was, by },
        TailLost { requests, epoch },
        Shipped { to, held },
        RequestRepeated { request },
        MessageIgnored { from },
    );
    let note = match event {
        BackupEvent::Promoted { epoch, .. } => {
            Some(format!("is the primary of epoch {}", epoch.number))
        }
        BackupEvent::Deposed { by, .. } => Some(format!("gives way to {}", by.primary)),
        BackupEvent::TailLost { requests, .. } => {
            Some(format!("throws away {} of its writes", requests.len()))
        }
        _ => None,
    };
    Said { name, fields, note }
}

type BackupMessage = backup::Message<String, String>;
type BackupEvent = backup::Event;
type BackupEntry = backup::Entry<String, String>;
type BackupOutcome = backup::Outcome<String>;
type BackupServerId = backup::ServerId;
type BackupRequestId = backup::RequestId;
type QuorumOutcome = crate::quorum::Outcome<String>;
type Held = Sibling<String>;

data! {
    QuorumOutcome {
        Ok { acked_by, result },
        Unavailable { alive, needed },
        Indeterminate { acked_by, needed, stamp },
        Behind { acked_by, found },
        Refused { reason },
    }
    Mode {
        Cp,
        Ap { sloppy },
    }
}

names! {
    NotCounted { Duplicate, PlaceTaken, OtherStamp, NotFound, NotAsked }
    Full { Keys, Hints }
    IgnoreReason { Stranger, FromItself, NoSuchOperation, Malformed }
    MessageKind {
        Write, WriteAck, AskStamp, StampReply, Read, ReadReply, Merge, Merged, Heartbeat, Tree,
        Leaves, Want,
    }
    WhyReplaced { Seen, Concurrent, ClockSkew }
    Placement { Same, Ring }
    Resolution { LastWriteWins, Siblings }
    Stamping { Clock, AskFirst }
    ReadRepair { Off, Async, Blocking }
    NotFound { Answers, DoesNotAnswer }
}

objects! {
    RequestId { client, sequence }
    Stamp { clock_us, server, request }
    OperationId { request, started_us }
    Ack { by, stands_in_for }
    Context { latest, vector }
    Replaced { loser, winner, why }
    Held { stamp, vector, value }
    Detector { heartbeat_us, suspect_after_us }
    Epoch { number, primary }
    BackupEntry { epoch, request, key, value }
}

numbers! { WriteId BackupRequestId }
optional! { ServerId, Stamp, Quorum, Detector, Cell<String> }
lists! { ServerId, Ack, BackupEntry, BackupRequestId, (u32, u64), (String, u64) }

impl From<&ServerId> for Datum {
    fn from(server: &ServerId) -> Datum {
        Datum::Text(server.to_string())
    }
}

impl From<&BackupServerId> for Datum {
    fn from(server: &BackupServerId) -> Datum {
        Datum::Text(server.to_string())
    }
}

impl From<&ClientId> for Datum {
    fn from(client: &ClientId) -> Datum {
        Datum::Text(format!("C{}", client.0))
    }
}

impl From<&VersionVector> for Datum {
    fn from(vector: &VersionVector) -> Datum {
        Datum::List(vector.iter().map(|request| Datum::from(&request)).collect())
    }
}

impl From<&Cell<String>> for Datum {
    fn from(cell: &Cell<String>) -> Datum {
        Datum::List(cell.siblings().iter().map(Datum::from).collect())
    }
}

impl From<&Quorum> for Datum {
    fn from(quorum: &Quorum) -> Datum {
        Datum::Object(vec![
            ("n", (&quorum.n()).into()),
            ("r", (&quorum.r()).into()),
            ("w", (&quorum.w()).into()),
        ])
    }
}

impl From<&Purpose> for Datum {
    fn from(purpose: &Purpose) -> Datum {
        let (name, fields) = match purpose {
            Purpose::WriteBack(operation) => ("WriteBack", vec![("operation", operation.into())]),
            Purpose::ReadRepair(operation) => ("ReadRepair", vec![("operation", operation.into())]),
            Purpose::Handoff => ("Handoff", Vec::new()),
            Purpose::AntiEntropy { round } => ("AntiEntropy", vec![("round", round.into())]),
        };
        Datum::named(name, fields)
    }
}

impl From<&Refusal> for Datum {
    fn from(reason: &Refusal) -> Datum {
        match reason {
            Refusal::Quorum(error) => Datum::named("Quorum", vec![("why", error.into())]),
            Refusal::Busy => Datum::named("Busy", Vec::new()),
        }
    }
}

/// In words, as a person is told.
impl From<&ConfigError> for Datum {
    fn from(error: &ConfigError) -> Datum {
        Datum::Text(error.to_string())
    }
}

impl From<&Success<String>> for Datum {
    fn from(result: &Success<String>) -> Datum {
        let (name, fields) = match result {
            Success::Written { stamp, vector } => {
                ("Written", vec![("stamp", stamp.into()), ("vector", vector.into())])
            }
            Success::Found(cell) => ("Found", vec![("cell", cell.into())]),
        };
        Datum::named(name, fields)
    }
}

impl From<&BackupOutcome> for Datum {
    fn from(outcome: &BackupOutcome) -> Datum {
        let (name, fields) = match outcome {
            BackupOutcome::Written { backups } => ("Written", vec![("backups", backups.into())]),
            BackupOutcome::Found(value) => ("Found", vec![("value", value.into())]),
            BackupOutcome::NotPrimary { primary } => {
                ("NotPrimary", vec![("primary", primary.into())])
            }
            BackupOutcome::Indeterminate { backups, needed } => {
                let fields = vec![("backups", backups.into()), ("needed", needed.into())];
                ("Indeterminate", fields)
            }
            BackupOutcome::Full => ("Full", Vec::new()),
        };
        Datum::named(name, fields)
    }
}

/// A place in a tree and what is there.
impl From<&(u32, u64)> for Datum {
    fn from((place, hash): &(u32, u64)) -> Datum {
        Datum::Object(vec![("place", place.into()), ("hash", hash.into())])
    }
}

/// A key and what is held of it.
impl From<&(String, u64)> for Datum {
    fn from((key, hash): &(String, u64)) -> Datum {
        Datum::Object(vec![("key", key.into()), ("hash", hash.into())])
    }
}

/// All settings of a store.
fn configuration(config: &Config) -> Vec<Field> {
    macro_rules! fields {
        ($($field:ident),+ $(,)?) => {{
            let Settings { $($field),+ } = config.settings();
            vec![$((stringify!($field), Datum::from($field))),+]
        }};
    }
    fields!(
        servers,
        n,
        r,
        w,
        mode,
        placement,
        resolution,
        stamping,
        read_repair,
        not_found,
        timeout_us,
        detector,
        anti_entropy_us,
        merkle_depth,
        tombstone_grace_us,
        handoff_retry_us,
        ack_before_sync,
        max_operations,
        max_keys,
        max_hints,
        remembered_requests,
    )
}
