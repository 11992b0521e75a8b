//! Raft's messages, requests and decisions as plain data.
//!
//! Names are those of the types: an event is called as its variant of [`raft::Event`](Event), a
//! field as the variant's field. A reason, an entry's payload, a result is an object with its name
//! under `is`. Servers are `S1` and so on; terms, indices and requests are numbers.

use std::sync::Arc;

use super::scene::{dress, entry_text};
use super::space_time::weight;
use super::{RaftEvent, RaftLab, RaftProcess, RaftRequest};
use crate::labs::Lab;
use crate::labs::exported::{
    Datum, Exported, Field, Said, Told, Words, data, lists, names, numbers, optional, tell,
    variants,
};
use crate::raft::{
    AppendRejection, AppendResult, ChangeRefusal, ChunkRefusal, ChunkResult, ClientId, CommitRule,
    Configuration, Conflict, Effect, EndedSession, Entry, Event, IgnoreReason, KeyValueCommand,
    LogEnd, LogIndex, MembershipChange, Message, MessageKind, NotCommitted, Outcome, Payload,
    ProposalRefusal, ReadGuarantee, RequestId, RoleKind, ServerId, SnapshotRefusal, StepDown, Term,
    TimeOutRefusal, TransferRefusal, VoteDenial, WriteId,
};
use crate::sim::RecordId;
use crate::sorted::SortedSet;

const WORDS: Words<RaftProcess> =
    Words { message, weight, is_answer: |message| !dress(message).1, request, event };

impl Exported for RaftLab {
    fn lab(&self) -> &dyn Lab {
        self
    }

    fn lab_mut(&mut self) -> &mut dyn Lab {
        self
    }

    fn told(&self, record: RecordId) -> Option<Told> {
        tell(self.world().history(), record, &WORDS)
    }
}

pub(in crate::labs) fn message(message: &Message<KeyValueCommand>) -> Said {
    let (name, fields) = variants!(message; Message;
        RequestVote { term, candidate_id, last_log_index, last_log_term, leadership_transfer },
        RequestVoteReply { term, vote_granted },
        PreVote { term, candidate_id, last_log_index, last_log_term },
        PreVoteReply { term, vote_granted },
        TimeoutNow { term, leader_id },
        AppendEntries {
            term, leader_id, prev_log_index, prev_log_term, entries, leader_commit, round
        },
        AppendEntriesReply { term, result, round },
        InstallSnapshot { term, leader_id, chunk, round },
        InstallSnapshotReply { term, last_included_index, offset, result, round },
    );
    let note = match message {
        Message::RequestVoteReply { vote_granted, .. }
        | Message::PreVoteReply { vote_granted, .. } => {
            if *vote_granted {
                "granted".to_owned()
            } else {
                "denied".to_owned()
            }
        }
        Message::AppendEntries { entries, .. } => match &entries[..] {
            [] => "heartbeat".to_owned(),
            [only] => entry_text(only),
            [first, .., last] => format!("{} … {}", entry_text(first), entry_text(last)),
        },
        Message::AppendEntriesReply { result: AppendResult::Success { match_index }, .. } => {
            format!("has {match_index}")
        }
        Message::AppendEntriesReply { result: AppendResult::Failure { .. }, .. } => {
            "has not".to_owned()
        }
        Message::InstallSnapshot { chunk, .. } => {
            format!("1 … {}", chunk.snapshot.last_included_index)
        }
        _ => String::new(),
    };
    let note = match note.is_empty() {
        true => format!("{name}, term {}", message.term()),
        false => format!("{name}, term {}: {note}", message.term()),
    };
    Said { name, fields, note: Some(note) }
}

pub(in crate::labs) fn request(request: &RaftRequest) -> Said {
    let (name, fields) = variants!(request; RaftRequest;
        Propose { request, command },
        RegisterClient { request },
        ClientRequest { request, client, sequence, command },
        Read { request, key },
        TimeOutNow,
        ChangeMembership { request, change },
        TransferLeadership { to },
    );
    let note = match request {
        RaftRequest::Propose { command, .. } | RaftRequest::ClientRequest { command, .. } => {
            format!("is asked for {}", super::scene::command_text(command))
        }
        RaftRequest::Read { key, .. } => format!("is asked for {key}"),
        RaftRequest::RegisterClient { .. } => "is asked for a session".to_owned(),
        RaftRequest::TimeOutNow => "is made to time out".to_owned(),
        RaftRequest::ChangeMembership { change, .. } => {
            format!("is asked to {}", super::members::change_text(change))
        }
        RaftRequest::TransferLeadership { to } => format!("is asked to hand over to {to}"),
    };
    Said { name, fields, note: Some(note) }
}

pub(in crate::labs) fn event(event: &RaftEvent) -> Said {
    if let RaftEvent::Raft(event) = event {
        return raft_event(event);
    }
    let (name, fields) = match event {
        RaftEvent::Raft(_) => ("", Vec::new()),
        RaftEvent::Restored { last_included_index } => {
            ("Restored", vec![("last_included_index", last_included_index.into())])
        }
        RaftEvent::Applied { index, entry } => {
            ("Applied", vec![("index", index.into()), ("entry", entry.into())])
        }
        RaftEvent::Session { index, effect, ended } => {
            let fields = vec![
                ("index", index.into()),
                ("effect", effect.into()),
                ("ended", Datum::List(ended.iter().map(Datum::from).collect())),
            ];
            ("Session", fields)
        }
        RaftEvent::Read { request, key, value } => (
            "Read",
            vec![("request", request.into()), ("key", key.into()), ("value", value.into())],
        ),
        RaftEvent::Answered { request, outcome } => {
            ("Answered", vec![("request", request.into()), ("outcome", outcome.into())])
        }
    };
    Said { name, fields, note: None }
}

fn raft_event(event: &Event) -> Said {
    let (name, fields) = variants!(event; Event;
        ElectionTimedOut { term, forced },
        BecameCandidate { term },
        VoteGranted { candidate, term, again },
        VoteDenied { candidate, term, reason },
        VoteReceived { from, term, granted, votes, needed },
        BecameLeader { term, votes },
        LeaderFound { leader, term },
        BecamePreCandidate { term },
        PreVoteGranted { candidate, term },
        PreVoteDenied { candidate, term, reason },
        PreVoteReceived { from, term, granted, votes, needed },
        ConfigurationAdopted { index },
        ConfigurationRolledBack { from, to },
        ChangeRefused { request, reason },
        LearnerCaughtUp { learner, round_us },
        TransferStarted { to, match_index, last_log_index },
        TransferRefused { to, reason },
        TimeoutNowSent { to },
        TransferAborted { to },
        ToldToStand { leader, term },
        SteppedDown { from, reason },
        TermAdvanced { from, to, seen_from },
        Proposed { request, index, term },
        ProposalRefused { request, reason },
        NoopAppended { index, term },
        ReadStarted { request, read_index, round },
        ReadReady { request, read_index, by },
        ReadRefused { request, reason },
        AppendRejected { leader, term, reason },
        ConflictTruncated { from_index, old_term, new_term, count },
        EntriesAppended { from_index, to_index },
        MatchIndexAdvanced { follower, to },
        NextIndexBackedUp { follower, to },
        SnapshotTaken { last_included_index, dropped },
        SnapshotRefused { last_included_index, reason },
        SnapshotSent { follower, last_included_index },
        SnapshotChunkTaken { leader, offset, next_offset },
        SnapshotChunkRefused { leader, reason },
        SnapshotInstalled { leader, last_included_index, kept },
        Committed { through, by },
        NotCommittedYet { index, reason },
        MessageIgnored { from, kind, reason },
        TimeOutIgnored { reason },
        HeldMessageDropped { to, kind },
        SyncIgnored { write },
    );
    let note = match event {
        Event::BecamePreCandidate { term } => Some(format!("would stand after term {term}")),
        Event::BecameCandidate { term } => Some(format!("stands in term {term}")),
        Event::BecameLeader { term, .. } => Some(format!("leads term {term}")),
        Event::SteppedDown { .. } => Some("steps down".to_owned()),
        Event::Committed { through, by: CommitRule::Counted { .. } } => {
            Some(format!("commits up to {through}"))
        }
        Event::ConflictTruncated { from_index, .. } => {
            Some(format!("removes its log from {from_index} on"))
        }
        Event::SnapshotInstalled { last_included_index, .. } => {
            Some(format!("takes over the state after {last_included_index}"))
        }
        _ => None,
    };
    Said { name, fields, note }
}

data! {
    VoteDenial {
        LeaderAlive { leader, ago_us },
        JustStarted { ago_us },
        StaleTerm { theirs, mine },
        AlreadyVoted { voted_for },
        LogOutOfDate { theirs, mine },
    }
    ProposalRefusal {
        NotLeader { leader },
        TransferInProgress { to },
        LogFull { limit },
        TooManyPending { limit },
        TooManyBytesPending { limit_bytes },
    }
    SnapshotRefusal {
        NotApplied { last_applied },
        CoveredAlready { last_included_index },
    }
    ChunkRefusal {
        StaleTerm { theirs, mine },
        CommittedAlready { commit_index },
        NotTheNext { offset, expected },
    }
    ChangeRefusal {
        NotLeader { leader },
        SwitchedOff,
        TransferInProgress { to },
        NothingOfThisTermCommitted,
        ChangePending { index },
        AlreadyMember,
        NotALearner,
        NotAMember { server },
        NotCaughtUp { match_index, last_log_index },
        NoChange,
        NoVoterLeft,
    }
    TransferRefusal {
        NotLeader { leader },
        InProgress { to },
        ToItself,
        NotAVoter,
    }
    AppendRejection {
        StaleTerm { theirs, mine },
        NoEntry { prev_log_index, last_log_index },
        TermMismatch { prev_log_index, theirs, mine },
    }
    StepDown {
        HigherTerm { term, seen_from },
        LostTo { leader },
        NoMajority { heard, needed, within_us },
        Removed { index },
        GaveVote { candidate },
    }
    CommitRule {
        Counted { copies, needed },
        Learned { leader },
        Installed { leader },
    }
    ReadGuarantee {
        Round { round },
        Lease { until_us },
    }
    NotCommitted {
        OldTerm { entry_term, current_term },
    }
    IgnoreReason {
        FromItself,
        UnknownServer,
        RemovedServer,
        FalseName { claimed },
        StaleReply { theirs, mine },
        StaleLeader { theirs, mine },
        StaleChunk,
        RoundAhead { theirs, mine },
        NotCandidate,
        CountedBefore,
        NotLeader,
        SecondLeader { first },
        MatchBeyondLog { match_index, last_log_index },
        StaleRejection { prev_log_index, next_index },
        WouldEraseCommitted { index, commit_index },
    }
    AppendResult {
        Success { match_index },
        Failure { prev_log_index, conflict },
    }
    ChunkResult {
        Continue { next_offset },
        Installed,
        Refused,
    }
    Outcome {
        Committed { index, term },
        Readable { read_index },
        NotLeader { leader },
        Refused { reason },
        ChangeRefused { reason },
        Unknown,
    }
    KeyValueCommand {
        Put { key, value },
        Delete { key },
    }
}

names! {
    RoleKind { Follower, PreCandidate, Candidate, Leader }
    TimeOutRefusal { IsLeader, NotAMember, LeaseAtStake, NoTermLeft }
    MessageKind {
        RequestVote, RequestVoteReply, PreVote, PreVoteReply, TimeoutNow, AppendEntries,
        AppendEntriesReply, InstallSnapshot, InstallSnapshotReply,
    }
}

numbers! { Term LogIndex RequestId WriteId }
optional! { ServerId, Conflict }
lists! { Arc<Entry<KeyValueCommand>> }

impl From<&ClientId> for Datum {
    fn from(client: &ClientId) -> Datum {
        Datum::from(&client.0)
    }
}

impl From<&ServerId> for Datum {
    fn from(server: &ServerId) -> Datum {
        Datum::Text(server.to_string())
    }
}

impl From<&LogEnd> for Datum {
    fn from(end: &LogEnd) -> Datum {
        Datum::Object(vec![
            ("last_log_term", (&end.last_log_term).into()),
            ("last_log_index", (&end.last_log_index).into()),
        ])
    }
}

impl From<&Conflict> for Datum {
    fn from(conflict: &Conflict) -> Datum {
        Datum::Object(vec![
            ("term", (&conflict.term).into()),
            ("first_index", (&conflict.first_index).into()),
        ])
    }
}

impl From<&Arc<Entry<KeyValueCommand>>> for Datum {
    fn from(entry: &Arc<Entry<KeyValueCommand>>) -> Datum {
        let payload = match &entry.payload {
            Payload::Noop => Datum::named("Noop", Vec::new()),
            Payload::Command(command) => Datum::named("Command", vec![("command", command.into())]),
            Payload::Configuration(members) => {
                Datum::named("Configuration", configuration(members))
            }
            Payload::RegisterClient { log_time_us } => {
                Datum::named("RegisterClient", vec![("log_time_us", log_time_us.into())])
            }
            Payload::ClientRequest { client, sequence, command, log_time_us } => {
                let fields = vec![
                    ("client", client.into()),
                    ("sequence", sequence.into()),
                    ("command", command.into()),
                    ("log_time_us", log_time_us.into()),
                ];
                Datum::named("ClientRequest", fields)
            }
        };
        Datum::Object(vec![("term", (&entry.term).into()), ("payload", payload)])
    }
}

fn configuration(members: &Configuration) -> Vec<Field> {
    vec![
        ("voters", servers(&members.voters)),
        ("old_voters", servers(&members.old_voters)),
        ("learners", servers(&members.learners)),
    ]
}

fn servers(servers: &SortedSet<ServerId>) -> Datum {
    Datum::List(servers.iter().map(Datum::from).collect())
}

/// A part of a snapshot. The state itself is the application's, so only its length is told.
impl From<&Box<crate::raft::Chunk>> for Datum {
    fn from(chunk: &Box<crate::raft::Chunk>) -> Datum {
        Datum::Object(vec![
            ("last_included_index", (&chunk.snapshot.last_included_index).into()),
            ("last_included_term", (&chunk.snapshot.last_included_term).into()),
            ("offset", (&chunk.offset).into()),
            ("bytes", (&chunk.snapshot.state.len()).into()),
            ("done", (&chunk.done).into()),
        ])
    }
}

impl From<&MembershipChange> for Datum {
    fn from(change: &MembershipChange) -> Datum {
        let (name, who) = match change {
            MembershipChange::AddLearner(server) => ("AddLearner", server.into()),
            MembershipChange::Promote(server) => ("Promote", server.into()),
            MembershipChange::Remove(server) => ("Remove", server.into()),
            MembershipChange::Replace(all) => {
                ("Replace", Datum::List(all.iter().map(Datum::from).collect()))
            }
        };
        Datum::named(name, vec![("who", who)])
    }
}

impl From<&Effect<Option<String>>> for Datum {
    fn from(effect: &Effect<Option<String>>) -> Datum {
        let (name, fields) = variants!(effect; Effect;
            Nothing,
            Applied { answer },
            Repeated { answer },
            Superseded { latest },
            SessionExpired,
            Registered { client },
        );
        Datum::named(name, fields)
    }
}

impl From<&EndedSession> for Datum {
    fn from(ended: &EndedSession) -> Datum {
        Datum::Object(vec![
            ("client", (&ended.client).into()),
            ("idle_us", (&ended.idle_us).into()),
            ("made_room", (&ended.made_room).into()),
        ])
    }
}
