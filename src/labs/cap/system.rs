//! The three systems of the lab as one process of the world: a store without a leader, Raft, and
//! primary-backup.
//!
//! Every world runs one of them. They are variants of one process so that the world is compiled
//! once, and so that the same acts can be played on each.

use super::super::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use crate::primary_backup as backup;
use crate::quorum;
use crate::raft::{self, KeyValueCommand};
use crate::sim::{Input, NodeId, Output, Process, WriteId};

/// What the servers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// The store without a leader, see [`quorum`].
    Quorum,
    /// [`raft`].
    Raft,
    /// [`primary_backup`](crate::primary_backup).
    PrimaryBackup,
}

impl System {
    /// All of them.
    pub const ALL: [System; 3] = [System::Quorum, System::Raft, System::PrimaryBackup];

    /// What settings call it.
    pub fn word(self) -> &'static str {
        match self {
            System::Quorum => "quorum",
            System::Raft => "raft",
            System::PrimaryBackup => "primary-backup",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            System::Quorum => "Quorum store",
            System::Raft => "Raft",
            System::PrimaryBackup => "Primary–backup",
        }
    }
}

/// What all servers of a world are started with. Node *k* runs the server with the number *k*.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CapSetup {
    /// A store without a leader.
    Quorum(quorum::Config),
    /// Raft.
    Raft(RaftSetup),
    /// Primary-backup.
    PrimaryBackup(backup::Config),
}

/// What travels between servers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CapMessage {
    /// Of the store without a leader.
    Quorum(quorum::Message<String, String>),
    /// Of Raft.
    Raft(raft::Message<KeyValueCommand>),
    /// Of primary-backup.
    PrimaryBackup(backup::Message<String, String>),
}

/// What clients and people ask of a server. One that runs another system takes no notice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CapRequest {
    /// Write to the store without a leader.
    Write {
        /// Names the answer.
        request: quorum::RequestId,
        /// What is wanted.
        call: quorum::WriteCall<String, String>,
    },
    /// Read from the store without a leader.
    Read {
        /// Names the answer.
        request: quorum::RequestId,
        /// What is wanted.
        call: quorum::ReadCall<String>,
    },
    /// The store without a leader goes on with other settings.
    Configure(quorum::Config),
    /// Anything of Raft.
    Raft(RaftRequest),
    /// Write to the primary.
    BackupWrite {
        /// Names the answer.
        request: backup::RequestId,
        /// The key.
        key: String,
        /// Its new value; `None`: none.
        value: Option<String>,
    },
    /// Read from the primary.
    BackupRead {
        /// Names the answer.
        request: backup::RequestId,
        /// The key.
        key: String,
    },
    /// Be the primary from now on.
    Promote,
}

/// What a server tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CapEvent {
    /// A decision of the store without a leader.
    Quorum(quorum::Event<String>),
    /// The store without a leader answers a client.
    Answered {
        /// What it asked.
        request: quorum::RequestId,
        /// What became of it.
        outcome: quorum::Outcome<String>,
    },
    /// A decision or an answer of Raft.
    Raft(RaftEvent),
    /// A decision of primary-backup.
    PrimaryBackup(backup::Event),
    /// Primary-backup answers a client.
    BackupAnswered {
        /// What it asked.
        request: backup::RequestId,
        /// What became of it.
        outcome: backup::Outcome<String>,
    },
}

/// One change of what is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CapWrite {
    /// Of the store without a leader.
    Quorum(quorum::Write<String, String>),
    /// Of Raft.
    Raft(raft::Write<KeyValueCommand>),
    /// Of primary-backup.
    PrimaryBackup(backup::Write<String, String>),
}

/// What is on disk, of each system; of two of them nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CapImage {
    /// Of the store without a leader.
    pub quorum: quorum::Durable<String, String>,
    /// Of Raft.
    pub raft: raft::Durable<KeyValueCommand>,
    /// Of primary-backup.
    pub backup: backup::Durable<String, String>,
}

/// A server of one of the systems.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::large_enum_variant, reason = "there are a handful a world, each in its own place")]
pub enum CapProcess {
    /// A store without a leader.
    Quorum(QuorumProcess),
    /// Raft, as in its own lab.
    Raft(RaftProcess),
    /// Primary or backup.
    PrimaryBackup(backup::Server<String, String>),
}

/// A server of the store without a leader, with the two clocks that it goes by.
///
/// The node has one clock, which people may set: writes are stamped by it. Timeouts go by the time
/// that has passed since boot, and a clock that leaps does not make that longer: the process knows
/// when it wanted to be woken, so whatever lies beyond that was a leap, or a pause.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QuorumProcess {
    server: quorum::Server<String, String>,
    clock_us: u64,
    passed_us: u64,
}

impl QuorumProcess {
    /// The server.
    pub fn server(&self) -> &quorum::Server<String, String> {
        &self.server
    }

    /// What the node's clock shows when the server's own time, by which operations go, is this;
    /// in microseconds, and if the clock does not leap.
    pub fn on_its_clock_us(&self, passed_us: u64) -> u64 {
        self.clock_us.saturating_add(passed_us).saturating_sub(self.passed_us)
    }

    fn time(&mut self, clock_us: u64) -> quorum::Time {
        let passed = clock_us.saturating_sub(self.clock_us);
        let longest = self.server.deadline_us().map(|due_us| due_us.saturating_sub(self.passed_us));
        self.passed_us += longest.map_or(passed, |longest| passed.min(longest));
        self.clock_us = self.clock_us.max(clock_us);
        quorum::Time { now_us: self.passed_us, clock_us: self.clock_us }
    }

    fn handle(&mut self, clock_us: u64, input: Input<CapProcess>) {
        let time = self.time(clock_us);
        let input = match input {
            Input::Message { from, message: CapMessage::Quorum(message) } => {
                quorum::Input::Message { from: quorum::ServerId(from.0), message }
            }
            Input::Deadline => quorum::Input::Deadline,
            Input::Synced { write } => quorum::Input::Synced { write: quorum::WriteId(write.0) },
            Input::Request(CapRequest::Write { request, call }) => {
                quorum::Input::Write { request, call }
            }
            Input::Request(CapRequest::Read { request, call }) => {
                quorum::Input::Read { request, call }
            }
            Input::Request(CapRequest::Configure(config)) => return self.server.configure(config),
            Input::Message { .. } | Input::Request(_) => return,
        };
        self.server.handle(time, input);
    }

    fn poll(&mut self) -> Option<Output<CapProcess>> {
        Some(match self.server.poll_output()? {
            quorum::Output::Send { to, message } => {
                Output::Send { to: NodeId(to.0), message: CapMessage::Quorum(message) }
            }
            quorum::Output::Write { id, write } => {
                Output::Write { id: WriteId(id.0), write: CapWrite::Quorum(write) }
            }
            quorum::Output::Answer { request, outcome } => {
                Output::Event(CapEvent::Answered { request, outcome })
            }
            quorum::Output::Event(event) => Output::Event(CapEvent::Quorum(event)),
        })
    }
}

impl CapProcess {
    /// The server of the store without a leader, if this is one.
    pub fn quorum(&self) -> Option<&quorum::Server<String, String>> {
        match self {
            CapProcess::Quorum(process) => Some(process.server()),
            _ => None,
        }
    }

    /// The Raft server and its store, if this is one.
    pub fn raft(&self) -> Option<&RaftProcess> {
        match self {
            CapProcess::Raft(process) => Some(process),
            _ => None,
        }
    }

    /// The primary or backup, if this is one.
    pub fn backup(&self) -> Option<&backup::Server<String, String>> {
        match self {
            CapProcess::PrimaryBackup(server) => Some(server),
            _ => None,
        }
    }
}

impl Process for CapProcess {
    type Setup = CapSetup;
    type Message = CapMessage;
    type Request = CapRequest;
    type Event = CapEvent;
    type Write = CapWrite;
    type Image = CapImage;

    fn boot(
        setup: &CapSetup,
        node: NodeId,
        image: &CapImage,
        now_us: u64,
        seed: u64,
    ) -> CapProcess {
        match setup {
            CapSetup::Quorum(config) => {
                let time = quorum::Time { now_us: 0, clock_us: now_us };
                let (id, durable) = (quorum::ServerId(node.0), image.quorum.clone());
                let server = quorum::Server::boot(id, config.clone(), durable, time);
                CapProcess::Quorum(QuorumProcess { server, clock_us: now_us, passed_us: 0 })
            }
            CapSetup::Raft(setup) => {
                CapProcess::Raft(RaftProcess::boot(setup, node, &image.raft, now_us, seed))
            }
            CapSetup::PrimaryBackup(config) => {
                let (id, durable) = (backup::ServerId(node.0), image.backup.clone());
                let server = backup::Server::boot(id, config.clone(), durable, now_us);
                CapProcess::PrimaryBackup(server)
            }
        }
    }

    fn handle(&mut self, now_us: u64, input: Input<CapProcess>) {
        match self {
            CapProcess::Quorum(process) => process.handle(now_us, input),
            CapProcess::Raft(process) => {
                let input = match input {
                    Input::Message { from, message: CapMessage::Raft(message) } => {
                        Input::Message { from, message }
                    }
                    Input::Deadline => Input::Deadline,
                    Input::Synced { write } => Input::Synced { write },
                    Input::Request(CapRequest::Raft(request)) => Input::Request(request),
                    Input::Message { .. } | Input::Request(_) => return,
                };
                process.handle(now_us, input);
            }
            CapProcess::PrimaryBackup(server) => {
                if let Some(input) = backup_input(input) {
                    server.handle(now_us, input);
                }
            }
        }
    }

    fn poll(&mut self) -> Option<Output<CapProcess>> {
        match self {
            CapProcess::Quorum(process) => process.poll(),
            CapProcess::Raft(process) => Some(match process.poll()? {
                Output::Send { to, message } => {
                    Output::Send { to, message: CapMessage::Raft(message) }
                }
                Output::Write { id, write } => Output::Write { id, write: CapWrite::Raft(write) },
                Output::Event(event) => Output::Event(CapEvent::Raft(event)),
            }),
            CapProcess::PrimaryBackup(server) => Some(match server.poll_output()? {
                backup::Output::Send { to, message } => {
                    Output::Send { to: NodeId(to.0), message: CapMessage::PrimaryBackup(message) }
                }
                backup::Output::Write { id, write } => {
                    Output::Write { id: WriteId(id.0), write: CapWrite::PrimaryBackup(write) }
                }
                backup::Output::Answer { request, outcome } => {
                    Output::Event(CapEvent::BackupAnswered { request, outcome })
                }
                backup::Output::Event(event) => Output::Event(CapEvent::PrimaryBackup(event)),
            }),
        }
    }

    fn deadline_us(&self) -> Option<u64> {
        match self {
            CapProcess::Quorum(process) => {
                let due_us = process.server.deadline_us()?.max(process.passed_us);
                Some(process.on_its_clock_us(due_us))
            }
            CapProcess::Raft(process) => process.deadline_us(),
            CapProcess::PrimaryBackup(server) => server.deadline_us(),
        }
    }

    fn apply_write(image: &mut CapImage, write: &CapWrite) {
        match write {
            CapWrite::Quorum(write) => image.quorum.apply(write),
            CapWrite::Raft(write) => image.raft.apply(write),
            CapWrite::PrimaryBackup(write) => image.backup.apply(write),
        }
    }

    /// Of the store without a leader any number of the first changes may survive; Raft's writes
    /// tear as in its own lab; those of primary-backup are all or nothing.
    fn tear_write(write: &CapWrite, part_ppm: u32) -> Option<CapWrite> {
        match write {
            CapWrite::Quorum(write) => {
                let kept = write.changes.len() as u64 * u64::from(part_ppm) / 1_000_000;
                let changes = write.changes[..kept as usize].to_vec();
                (kept > 0).then_some(CapWrite::Quorum(quorum::Write { changes }))
            }
            CapWrite::Raft(write) => RaftProcess::tear_write(write, part_ppm).map(CapWrite::Raft),
            CapWrite::PrimaryBackup(_) => None,
        }
    }
}

fn backup_input(input: Input<CapProcess>) -> Option<backup::Input<String, String>> {
    Some(match input {
        Input::Message { from, message: CapMessage::PrimaryBackup(message) } => {
            backup::Input::Message { from: backup::ServerId(from.0), message }
        }
        Input::Deadline => backup::Input::Deadline,
        Input::Synced { write } => backup::Input::Synced { write: backup::WriteId(write.0) },
        Input::Request(CapRequest::BackupWrite { request, key, value }) => {
            backup::Input::Write { request, key, value }
        }
        Input::Request(CapRequest::BackupRead { request, key }) => {
            backup::Input::Read { request, key }
        }
        Input::Request(CapRequest::Promote) => backup::Input::Promote,
        Input::Message { .. } | Input::Request(_) => return None,
    })
}
