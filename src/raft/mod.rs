//! Raft: a log that several servers agree on, whatever the network and crashes do.
//!
//! Leader election and log replication are exactly as in Figure 2 of Diego Ongaro and John
//! Ousterhout, "In Search of an Understandable Consensus Algorithm (Extended Version)", 2014; the
//! rest of the paper and of Ongaro's thesis can be switched on, part by part, in [`Config`].
//! Section numbers in these docs are those of the paper, and names are those of the figure.
//!
//! # How to drive a server
//!
//! A [`Server`] is plain data. It has no clock, no network, no disk and no threads: you own those,
//! and you tell it what they did. The contract is a loop:
//!
//! 1. hand over **one** [`Input`] with the present time: [`Server::handle`];
//! 2. take outputs until there are none: [`Server::poll_output`]; carry them out in that order;
//! 3. read [`Server::deadline_us`]; if nothing else happens before, [`Input::Deadline`] is next.
//!
//! Time is a `u64` of microseconds from any start that suits you. Methods fall into four groups:
//!
//! | group | methods |
//! |---|---|
//! | getters | [`role`](Server::role), [`log`](Server::log), and so on: they change nothing |
//! | what the world did | `handle` with `Message`, `Deadline`, `Synced`, `SnapshotTaken` |
//! | what somebody wants | [`handle`](Server::handle) with the other kinds of [`Input`] |
//! | outputs | [`poll_output`](Server::poll_output), [`deadline_us`](Server::deadline_us) |
//!
//! Messages may be lost, late, repeated or out of order. Writes must become durable in the order in
//! which they were put out; when one is, say so with [`Input::Synced`]. You may sync at leisure and
//! several at once: the server itself holds back every message that depends on a write, see
//! [`Server::held_messages`].
//!
//! A cluster of one needs no messages:
//!
//! ```
//! use rift::raft::{Config, Durable, Input, Outcome, Output, RequestId, Server, ServerId};
//!
//! let mut disk = Durable::default();
//! let mut server = Server::boot(ServerId(0), Config::of(1), &disk, 0, 42);
//! let mut answers = Vec::new();
//!
//! let now_us = server.deadline_us().expect("a follower waits for its election timeout");
//! let mut inputs = std::collections::VecDeque::from([
//!     Input::Deadline,
//!     Input::Propose { request: RequestId(7), command: "too early" },
//! ]);
//! let mut proposed = false;
//! while let Some(input) = inputs.pop_front() {
//!     server.handle(now_us, input);
//!     while let Some(output) = server.poll_output() {
//!         match output {
//!             Output::Write { id, write } => {
//!                 disk.apply(&write);
//!                 inputs.push_back(Input::Synced { write: id });
//!             }
//!             Output::Answer { request, outcome } => answers.push((request, outcome)),
//!             _ => {}
//!         }
//!     }
//!     if !proposed && server.leader() == Some(ServerId(0)) {
//!         proposed = true;
//!         inputs.push_back(Input::Propose { request: RequestId(8), command: "in time" });
//!     }
//! }
//!
//! assert_eq!(answers[0], (RequestId(7), Outcome::NotLeader { leader: None }));
//! assert!(matches!(answers[1], (RequestId(8), Outcome::Committed { .. })));
//! assert_eq!(disk.log, *server.log());
//! ```
//!
//! # Figure 2, rule by rule
//!
//! | Figure 2 | here |
//! |---|---|
//! | **State**: persistent on all servers | [`Durable`], changed by [`Write`]s alone |
//! | volatile on all servers; on leaders | fields of [`Server`]; [`Progress`] in [`Role::Leader`] |
//! | updated on stable storage before responding | `Outbox::must_be_durable_first` |
//! | **RequestVote** 1: deny if `term` < `current_term` | `decide_vote` |
//! | 2: grant if vote free and log up to date | `decide_vote`, [`LogEnd`] |
//! | **AppendEntries** 1: false if `term` < `current_term` | `handle_append_entries` |
//! | 2: false without `prev_log_term` at `prev_log_index` | `check_previous` |
//! | 3, 4: delete conflicts, append what is new | `take_entries` |
//! | 5: `commit_index` = min(`leader_commit`, last new) | `learn_commit_index` |
//! | **All servers**: apply while `commit_index` > `last_applied` | `apply_committed` |
//! | later term seen: adopt it, become follower | `advance_term` |
//! | **Followers**: respond to requests | `handle_request_vote`, `handle_append_entries` |
//! | election timeout: become candidate | `time_out_election`, `reset_election_timer` |
//! | **Candidates**: start an election | `start_election` |
//! | votes from a majority: become leader | `count_vote`, `lead` |
//! | AppendEntries from a new leader: become follower | `follow` |
//! | election timeout: start a new election | `time_out_election` |
//! | **Leaders**: AppendEntries upon election, and when idle | `lead`, `send_due_heartbeats` |
//! | command from a client: append, answer after applying | `handle_propose`, `apply_committed` |
//! | last log index ≥ `next_index`: send from there | `send_if_behind`, `send_append_entries` |
//! | success: update `next_index` and `match_index` | `note_success` |
//! | inconsistency: decrement `next_index`, retry | `note_failure`, `back_up` |
//! | majority of `match_index` ≥ N in this term: commit N | `advance_commit_index` |
//!
//! # Beyond Figure 2
//!
//! Each part is switched on in [`Config`]; [`Config::full`] has all of them. "Thesis" is Diego
//! Ongaro, "Consensus: Bridging Theory and Practice", Stanford University, 2014.
//!
//! | part | source | switch | here |
//! |---|---|---|---|
//! | no-op at the start of a term | §8 | `noop_on_election` | `lead` |
//! | back-up by term | end of §5.3 | `fast_back_up` | `conflict`, `back_up` |
//! | pre-vote | thesis 9.6 | `pre_vote` | `start_pre_election`, `handle_pre_vote` |
//! | a leader without a majority steps down | 6.2 | `check_quorum` | `step_down_without_quorum` |
//! | votes refused while a leader lives | 4.2.3 | `leader_stickiness` | `protects_leader` |
//! | handing over | 3.10 | by request | `handle_transfer_leadership`, [`Transfer`] |
//! | one server more or less | thesis 4.1, 4.2 | `membership_changes` | [`MembershipChange`] |
//! | any other voters, by joint consensus | §6 | likewise | [`Configuration`], `finish_change` |
//! | learners that catch up first | 4.2.1 | likewise | `note_catch_up` |
//! | snapshots, and dropping what they cover | §7 | `snapshot_after_entries` | [`Snapshot`] |
//! | a slow follower gets the snapshot | §7, Figure 13 | likewise | `handle_install_snapshot` |
//! | client sessions | 6.3 | by request | [`Sessions`], for the application to use |
//! | time in the log, by which sessions end | 6.3 | likewise | [`Payload::log_time_us`] |
//! | reads by a round of heartbeats | 6.4 | by request | `handle_read`, `confirm_round` |
//! | reads under a lease | 6.4.1 | [`ReadPolicy::Lease`] | `renew_lease`, `lease_until_us` |
//! | pipelining | thesis 10.2.2 | `max_in_flight_appends` | [`Progress`] |
//!
//! # Where a network differs from the figure's procedure calls
//!
//! - Replies say what they answer ([`AppendResult`]).
//! - A refusal by an older message is recognised and changes nothing; every such case is an
//!   [`Event::MessageIgnored`] with an [`IgnoreReason`].
//! - While as many entries are under way to a follower as may be, new proposals wait and then go
//!   together; the answer, or the heartbeat interval, sends on.
//! - A RequestVote that is lost is not repeated within its election; the next timeout asks anew.
//!
//! # Limits
//!
//! | what | at most | beyond it |
//! |---|---|---|
//! | proposals that a leader has yet to answer | `max_pending_proposals` | refused |
//! | bytes of those | `max_pending_bytes`, or one proposal | likewise |
//! | bytes of entries of a message | `max_append_bytes`, or one entry | the next takes them |
//! | AppendEntries under way to a follower | `max_in_flight_appends` | they wait in the log |
//! | entries under way to a follower | `max_in_flight_entries` and a message | likewise |
//! | bytes under way to a follower | `max_in_flight_bytes`, or one entry | likewise |
//! | reads that a leader has yet to answer | `max_pending_proposals` | refused |
//! | client sessions | `max_sessions` | the least recently used one ends |
//! | log time that one goes unused | `session_timeout_us` | it ends |
//! | entries of a leader's log | `max_log_entries` | proposals are refused |
//! | messages that wait for the disk | 1,024 | [`Event::HeldMessageDropped`] |
//!
//! # What is left out
//!
//! Reads by followers, and forwarding of proposals to the leader, are the application's business.
//!
//! Servers are trusted: a lie never makes one panic, but it can break the promises.

mod append;
mod bug;
mod check_quorum;
mod commit;
mod config;
mod configuration;
mod durable;
mod election;
mod event;
mod install;
mod io;
mod key_value;
mod log;
mod majority;
mod membership;
mod message;
mod outbox;
mod pre_vote;
mod progress;
mod proposals;
mod reads;
mod replication;
mod role;
mod server;
mod sessions;
mod size;
mod snapshot;
mod transfer;
mod types;

#[cfg(feature = "lessons")]
pub use bug::BugEntry;
pub use bug::{Area, Bug, Planted};
pub use config::{Config, ConfigError, ReadPolicy};
pub use configuration::Configuration;
pub use durable::{Durable, Vote, Write};
pub use event::{
    AppendRejection, ChangeRefusal, ChunkRefusal, CommitRule, Event, IgnoreReason, NotCommitted,
    ProposalRefusal, ReadGuarantee, RoleKind, SnapshotRefusal, StepDown, TimeOutRefusal,
    TransferRefusal, VoteDenial,
};
pub use install::Chunk;
pub use io::{Input, Outcome, Output};
pub use key_value::{KeyValueCommand, KeyValueStore};
pub use log::{Log, LogEnd};
pub use membership::{CatchUp, MembershipChange};
pub use message::{AppendResult, ChunkResult, Conflict, Message, MessageKind};
pub use progress::{InFlight, Progress, SendMode};
pub use reads::PendingRead;
pub use role::{ElectionTimer, Leadership, Role};
pub use server::Server;
pub use sessions::{ClientId, Effect, EndedSession, Session, Sessions};
pub use size::CommandSize;
pub use snapshot::Snapshot;
pub use transfer::Transfer;
pub use types::{Entry, LogIndex, Payload, RequestId, ServerId, Term, WriteId};
