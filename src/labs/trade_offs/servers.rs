//! Servers that keep one log, as the studies drive them: Raft or primary-backup, in a world of the
//! lab that has both.

use crate::labs::cap::{CapEvent, CapMessage, CapProcess, CapRequest, CapSetup};
use crate::labs::raft::{RaftEvent, RaftRequest, RaftSetup};
use crate::primary_backup as backup;
use crate::raft::{self, KeyValueCommand, Message};
use crate::sim::{Delay, Fault, Happening, LinkSettings, NodeId, RecordId, World, WorldSettings};

/// A second, in microseconds.
pub(super) const SECOND_US: u64 = 1_000_000;
/// A millisecond.
pub(super) const MS: u64 = 1_000;

/// The servers, and how far their history was read.
pub(super) struct Servers {
    world: World<CapProcess>,
    read: usize,
    /// How many messages about writes have left, as far as was read.
    messages: u64,
}

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) at_us: u64,
    /// The number that it was given.
    pub(super) number: u64,
    /// Whether the client was told that it is written.
    pub(super) is_written: bool,
}

/// Why [`Servers::next`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A client was answered.
    Answer(Answer),
    /// The instant has come.
    Time,
    /// The history is as long as it may become in this slice.
    Pause,
    /// The world has reached a limit.
    End,
}

impl Servers {
    /// As many as `setup` names, with links and disks like this.
    pub(super) fn new(setup: CapSetup, seed: u64, (link, sync): (Delay, Delay)) -> Servers {
        let nodes = match &setup {
            CapSetup::Raft(setup) => setup.config.servers.len(),
            CapSetup::PrimaryBackup(config) => config.servers.len(),
            CapSetup::Quorum(_) => 1,
        };
        let links = LinkSettings::with_delay(link);
        let settings = WorldSettings { nodes: nodes.max(1) as u8, seed, links, sync, setup };
        Servers { world: World::new(settings), read: 0, messages: 0 }
    }

    /// A Raft cluster whose server 0 stands for election at once.
    pub(super) fn raft(config: raft::Config, seed: u64, delays: (Delay, Delay)) -> Servers {
        let mut servers = Servers::new(CapSetup::Raft(RaftSetup { config }), seed, delays);
        servers.ask(NodeId(0), CapRequest::Raft(RaftRequest::TimeOutNow));
        servers
    }

    /// A primary, server 0, and its backups.
    pub(super) fn backup(config: backup::Config, seed: u64, delays: (Delay, Delay)) -> Servers {
        Servers::new(CapSetup::PrimaryBackup(config), seed, delays)
    }

    /// The present instant.
    pub(super) fn now_us(&self) -> u64 {
        self.world.now_us()
    }

    /// How many records there are.
    pub(super) fn records(&self) -> usize {
        self.world.history().len()
    }

    /// How many messages about writes have left so far.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// Goes on to the next answer, at most up to an instant or a length of the history.
    pub(super) fn next(&mut self, until_us: u64, records: usize) -> Next {
        loop {
            if let Some(answer) = self.read_on() {
                return Next::Answer(answer);
            }
            if self.records() >= records {
                self.world.let_go_before(RecordId(self.read as u32));
                return Next::Pause;
            }
            if self.world.next_due_us().is_none_or(|due_us| due_us > until_us) {
                return match self.world.advance_to(until_us) {
                    Ok(()) => Next::Time,
                    Err(_) => Next::End,
                };
            }
            if self.world.step().is_err() {
                return Next::End;
            }
        }
    }

    fn read_on(&mut self) -> Option<Answer> {
        let records = self.world.history().records();
        while let Some(record) = records.get(self.read) {
            self.read += 1;
            let event = match &record.what {
                Happening::Sent { message, .. } => {
                    self.messages += u64::from(is_about_writes(message));
                    continue;
                }
                Happening::Decided { event, .. } => event,
                _ => continue,
            };
            let (number, is_written) = match event {
                CapEvent::Raft(RaftEvent::Answered { request, outcome }) => {
                    (request.0, matches!(outcome, raft::Outcome::Committed { .. }))
                }
                CapEvent::BackupAnswered { request, outcome } => {
                    (request.0, matches!(outcome, backup::Outcome::Written { .. }))
                }
                _ => continue,
            };
            return Some(Answer { at_us: record.at_us, number, is_written });
        }
        None
    }

    /// Asks a server for a write of `key`, now. One that is down hears nothing.
    pub(super) fn write(&mut self, to: NodeId, number: u64, key: String) {
        let is_raft = matches!(self.world.settings().setup, CapSetup::Raft(_));
        self.ask(
            to,
            match is_raft {
                true => {
                    let command = KeyValueCommand::Put { key, value: String::new() };
                    let request = raft::RequestId(number);
                    CapRequest::Raft(RaftRequest::Propose { request, command })
                }
                false => {
                    let (request, value) = (backup::RequestId(number), Some(String::new()));
                    CapRequest::BackupWrite { request, key, value }
                }
            },
        );
    }

    /// Makes a backup the primary.
    pub(super) fn promote(&mut self, node: NodeId) {
        self.ask(node, CapRequest::Promote);
    }

    fn ask(&mut self, to: NodeId, request: CapRequest) {
        // Who is down is not asked: a client that connects there is told so at once.
        let _ = self.world.request(to, request);
    }

    /// Does something to the world. What is impossible is left undone.
    pub(super) fn inject(&mut self, fault: Fault) {
        let _ = self.world.inject(fault);
    }

    /// Whether it runs.
    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.process(node).is_some()
    }

    fn process(&self, node: NodeId) -> Option<&CapProcess> {
        self.world.node(node)?.process()
    }

    /// All servers.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.world.node_ids()
    }

    /// Who leads in the newest term, or is the primary in the newest epoch, of those that run.
    pub(super) fn leader(&self) -> Option<NodeId> {
        let reign = |node: NodeId| match self.process(node)? {
            CapProcess::Raft(process) => {
                let server = process.server();
                let leads = matches!(server.role(), raft::Role::Leader { .. });
                leads.then(|| (server.current_term().0, node))
            }
            CapProcess::PrimaryBackup(server) => {
                server.is_primary().then(|| (server.epoch().number, node))
            }
            CapProcess::Quorum(_) => None,
        };
        self.nodes().filter_map(reign).max().map(|(_, node)| node)
    }

    /// Whether a server that leads knows by now what it has: a leader of Raft once it has committed
    /// an entry of its own term (thesis, 6.4), a primary from the beginning.
    pub(super) fn serves(&self, node: NodeId) -> bool {
        match self.process(node) {
            Some(CapProcess::Raft(process)) => {
                let server = process.server();
                server.log().term_at(server.commit_index()) == Some(server.current_term())
            }
            Some(CapProcess::PrimaryBackup(server)) => server.is_primary(),
            _ => false,
        }
    }

    /// How many entries a server's log has.
    pub(super) fn log_len(&self, node: NodeId) -> usize {
        match self.process(node) {
            Some(CapProcess::Raft(process)) => process.server().log().len(),
            Some(CapProcess::PrimaryBackup(server)) => server.log().len(),
            _ => 0,
        }
    }

    /// Whether a server would find a value for `key`: it has applied it, or has it on its disk.
    pub(super) fn holds(&self, node: NodeId, key: &str) -> bool {
        match self.process(node) {
            Some(CapProcess::Raft(process)) => process.store().get(key).is_some(),
            Some(CapProcess::PrimaryBackup(server)) => server.get(&key.to_owned()).is_some(),
            _ => false,
        }
    }
}

/// Whether it carries entries, or answers such a message.
fn is_about_writes(message: &CapMessage) -> bool {
    match message {
        CapMessage::Raft(Message::AppendEntries { entries, .. }) => !entries.is_empty(),
        CapMessage::Raft(message) => matches!(message, Message::AppendEntriesReply { .. }),
        CapMessage::PrimaryBackup(_) => true,
        CapMessage::Quorum(_) => false,
    }
}
