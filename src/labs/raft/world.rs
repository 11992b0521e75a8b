//! A Raft server with a key-value store on it, as a process of the world.

use std::sync::Arc;

use super::machine::Machine;
use crate::raft::{
    self, ClientId, Config, Durable, Effect, EndedSession, Entry, KeyValueCommand, KeyValueStore,
    LogIndex, MembershipChange, Message, Outcome, RequestId, Server, ServerId, Sessions, Write,
};
use crate::sim::{Input, NodeId, Output, Process, WriteId};
use crate::sorted::SortedMap;

/// What all servers of a world are started with. Node *k* runs `ServerId(k)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RaftSetup {
    /// The cluster's settings.
    pub config: Config,
}

/// What a person or a client asks of a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RaftRequest {
    /// Do `command`, and answer `request`.
    Propose {
        /// Names the answer.
        request: RequestId,
        /// What to do.
        command: KeyValueCommand,
    },
    /// Open a session, and answer `request`.
    RegisterClient {
        /// Names the answer.
        request: RequestId,
    },
    /// Do `command` once, and answer `request`.
    ClientRequest {
        /// Names the answer.
        request: RequestId,
        /// Who asks.
        client: ClientId,
        /// The client's number for the command.
        sequence: u64,
        /// What to do.
        command: KeyValueCommand,
    },
    /// Read `key` as it is now, and answer `request`.
    Read {
        /// Names the answer.
        request: RequestId,
        /// What to read.
        key: String,
    },
    /// Behave as if the election timer had run out.
    TimeOutNow,
    /// Change who belongs to the cluster, and answer `request`.
    ChangeMembership {
        /// Names the answer.
        request: RequestId,
        /// How. Servers that are no nodes of the world must not be named.
        change: MembershipChange,
    },
    /// Hand leadership over (thesis 3.10).
    TransferLeadership {
        /// To whom.
        to: ServerId,
    },
}

/// What a server tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RaftEvent {
    /// A decision of the protocol.
    Raft(raft::Event),
    /// The server's store was replaced by that of a snapshot.
    Restored {
        /// The last entry that it includes.
        last_included_index: LogIndex,
    },
    /// An entry was applied to the server's store. After a restart they come again, from 1 or after
    /// the snapshot.
    Applied {
        /// Where the entry stands in the log.
        index: LogIndex,
        /// The entry.
        entry: Arc<Entry<KeyValueCommand>>,
    },
    /// What an entry of a client's session did, just after it was applied.
    Session {
        /// Where the entry stands in the log.
        index: LogIndex,
        /// What it did.
        effect: Effect<Option<String>>,
        /// The sessions that it has ended.
        ended: Vec<EndedSession>,
    },
    /// A client's read was answered from the server's store.
    Read {
        /// Which.
        request: RequestId,
        /// What was read.
        key: String,
        /// What was found.
        value: Option<String>,
    },
    /// A client's request was answered.
    Answered {
        /// Which.
        request: RequestId,
        /// How.
        outcome: Outcome,
    },
}

/// A Raft server and the store it keeps in step with the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RaftProcess {
    server: Server<KeyValueCommand>,
    machine: Machine,
    /// A snapshot of the machine, to be handed over when the server has said all it has to say.
    snapshot: Option<(LogIndex, Vec<u8>)>,
    now_us: u64,
    /// The keys that clients want to read.
    reads: SortedMap<RequestId, String>,
    /// What the present output has brought about besides, to be told next.
    told: Option<RaftEvent>,
}

impl RaftProcess {
    /// The Raft server.
    pub fn server(&self) -> &Server<KeyValueCommand> {
        &self.server
    }

    /// The clients' sessions, as far as entries have been applied.
    pub fn sessions(&self) -> &Sessions<Option<String>> {
        &self.machine.sessions
    }

    /// The store, as far as entries have been applied.
    pub fn store(&self) -> &KeyValueStore {
        &self.machine.store
    }
}

impl Process for RaftProcess {
    type Setup = RaftSetup;
    type Message = Message<KeyValueCommand>;
    type Request = RaftRequest;
    type Event = RaftEvent;
    type Write = Write<KeyValueCommand>;
    type Image = Durable<KeyValueCommand>;

    fn boot(
        setup: &RaftSetup,
        node: NodeId,
        image: &Durable<KeyValueCommand>,
        now_us: u64,
        seed: u64,
    ) -> RaftProcess {
        let server = Server::boot(ServerId(node.0), setup.config.clone(), image, now_us, seed);
        let machine = Machine::new(&setup.config);
        let reads = SortedMap::new();
        RaftProcess { server, machine, snapshot: None, now_us, reads, told: None }
    }

    fn handle(&mut self, now_us: u64, input: Input<RaftProcess>) {
        let input = match input {
            Input::Message { from, message } => {
                raft::Input::Message { from: ServerId(from.0), message }
            }
            Input::Deadline => raft::Input::Deadline,
            Input::Synced { write } => raft::Input::Synced { write: raft::WriteId(write.0) },
            Input::Request(RaftRequest::Propose { request, command }) => {
                raft::Input::Propose { request, command }
            }
            Input::Request(RaftRequest::RegisterClient { request }) => {
                raft::Input::RegisterClient { request }
            }
            Input::Request(RaftRequest::ClientRequest { request, client, sequence, command }) => {
                raft::Input::ClientRequest { request, client, sequence, command }
            }
            Input::Request(RaftRequest::Read { request, key }) => {
                self.reads.insert(request, key);
                raft::Input::Read { request }
            }
            Input::Request(RaftRequest::TimeOutNow) => raft::Input::TimeOutNow,
            Input::Request(RaftRequest::ChangeMembership { request, change }) => {
                raft::Input::ChangeMembership { request, change }
            }
            Input::Request(RaftRequest::TransferLeadership { to }) => {
                raft::Input::TransferLeadership { to }
            }
        };
        self.now_us = now_us;
        self.server.handle(now_us, input);
    }

    fn poll(&mut self) -> Option<Output<RaftProcess>> {
        if let Some(event) = self.told.take() {
            return Some(Output::Event(event));
        }
        let Some(output) = self.server.poll_output() else {
            let (last_included_index, state) = self.snapshot.take()?;
            let input = raft::Input::SnapshotTaken { last_included_index, state };
            self.server.handle(self.now_us, input);
            return self.poll();
        };
        Some(match output {
            raft::Output::Send { to, message } => Output::Send { to: NodeId(to.0), message },
            raft::Output::Write { id, write } => Output::Write { id: WriteId(id.0), write },
            raft::Output::Apply { index, entry } => {
                let payload = &entry.payload;
                let (effect, ended) = self.machine.apply(index, payload);
                if payload.log_time_us().is_some() {
                    self.told = Some(RaftEvent::Session { index, effect, ended });
                }
                Output::Event(RaftEvent::Applied { index, entry })
            }
            raft::Output::TakeSnapshot { last_included_index } => {
                self.snapshot = Some((last_included_index, self.machine.save()));
                return self.poll();
            }
            raft::Output::Restore { snapshot } => {
                if let Some(machine) = Machine::load(self.server.config(), &snapshot.state) {
                    self.machine = machine;
                }
                let last_included_index = snapshot.last_included_index;
                Output::Event(RaftEvent::Restored { last_included_index })
            }
            raft::Output::Answer { request, outcome } => {
                if let Some(key) = self.reads.remove(&request)
                    && matches!(outcome, Outcome::Readable { .. })
                {
                    let value = self.machine.store.get(&key).map(str::to_owned);
                    self.told = Some(RaftEvent::Read { request, key, value });
                }
                Output::Event(RaftEvent::Answered { request, outcome })
            }
            raft::Output::Event(event) => Output::Event(RaftEvent::Raft(event)),
        })
    }

    fn deadline_us(&self) -> Option<u64> {
        self.server.deadline_us()
    }

    fn apply_write(image: &mut Durable<KeyValueCommand>, write: &Write<KeyValueCommand>) {
        image.apply(write);
    }

    /// A write's parts reach the disk in their order: the vote, the snapshot, the truncation, entry
    /// by entry.
    /// Checksums tell a torn entry from a whole one, so what is left ends at the border of one.
    fn tear_write(write: &Write<KeyValueCommand>, part_ppm: u32) -> Option<Write<KeyValueCommand>> {
        let vote = usize::from(write.vote.is_some());
        let snapshot = usize::from(write.snapshot.is_some());
        let truncation = usize::from(write.truncate_from.is_some());
        let before_entries = vote + snapshot + truncation;
        let pieces = (before_entries + write.append.len()) as u64;
        let kept = (pieces * u64::from(part_ppm) / 1_000_000) as usize;
        (kept > 0).then(|| Write {
            vote: write.vote,
            snapshot: write.snapshot.clone().filter(|_| kept > vote),
            truncate_from: write.truncate_from.filter(|_| kept > vote + snapshot),
            append: write
                .append
                .iter()
                .take(kept.saturating_sub(before_entries))
                .cloned()
                .collect(),
        })
    }
}
