//! The clients: what each has asked for, and what became of it, as it knows.
//!
//! A client stands outside of the network and turns to one server. It learns one of three things:
//! it was done; it was refused, so it has not happened and never will; or nobody knows. The last is
//! no failure: a write may be on some replicas, be read, vanish, and come back.

mod fold;

pub(super) use fold::Attempt;

use super::super::{Ask, Client, MAX_CLIENTS, Refused};
use super::settings::CapConfig;
use super::system::{CapRequest, System};
use crate::primary_backup as backup;
use crate::quorum::{
    Access, ClientId, Context, ReadCall, RequestId, ServerId, Session, Stamp, WriteCall,
};
use crate::raft::{self, KeyValueCommand, LogIndex, ProposalRefusal, Term};
use crate::shared_list::SharedList;
use crate::sim::{NodeId, RecordId};
use crate::sorted::{SortedMap, SortedSet};

/// Everything that clients have asked for so far. A fold over the commands and the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clients {
    asked: SharedList<Asked, 16>,
    /// By client: the first is C1.
    members: Vec<Session<String>>,
    /// Keys and values, and the numbers by which the judges know them.
    words: SortedMap<String, u64>,
    /// Who has no answer yet, by place: when it gives up, in microseconds.
    open: SortedMap<usize, u64>,
    style: Style,
}

/// How clients behave.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Style {
    system: System,
    config: CapConfig,
    servers: u8,
}

/// One thing that a client has asked for, once. Its place in [`Clients::asked`] is that of the
/// operation in the [`Watch`](crate::check::consistency::Watch).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// Who asked.
    pub client: Client,
    /// The server that was asked.
    pub via: NodeId,
    /// The server that has it now: `via`, or the one to which it was passed on.
    pub with: NodeId,
    /// How often it was passed on to the leader, or to the primary.
    pub hops: u8,
    /// For what. A retry has the words of what it asks for again.
    pub what: Ask,
    /// The key.
    pub key: String,
    /// When, in microseconds since the start of the run.
    pub at_us: u64,
    /// The record of that.
    pub called: RecordId,
    /// What became of it.
    pub fate: Fate,
    /// When the client learnt that, in microseconds since the start of the run.
    pub known_us: Option<u64>,
    /// The record of the answer, if there was one.
    pub answered: Option<RecordId>,
    /// What it is called in the store without a leader. A retry has the name of the first attempt.
    pub request: RequestId,
    /// Of a retry: the place of the attempt before.
    pub retries: Option<usize>,
    /// The stamp of a write, once it has one.
    pub stamp: Option<Stamp>,
    /// The replicas, or stand-ins, that are known to have taken a write.
    pub landed: SortedSet<NodeId>,
    /// What its client had seen of the key, or of a read, what it must not be behind.
    pub seen: Context,
    /// In Raft: the entry that a leader made of it.
    pub entry: Option<(LogIndex, Term)>,
    /// A read found less than had been acknowledged before it was asked for.
    pub stale: bool,
    /// A write was replaced by one that had been over before it began: a clock was wrong.
    pub outdone: bool,
}

/// What became of a request, as its client knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// There is no answer yet.
    Open,
    /// It was done; for a read, this was found: nothing, a value, or siblings.
    Done(Vec<String>),
    /// It has not happened and never will.
    Refused(WhyRefused),
    /// Nobody knows. So many have acknowledged it, of those needed; both 0 if the server crashed,
    /// was deposed, or has not answered for long.
    Unknown {
        /// How many have acknowledged it.
        acked: usize,
        /// How many would have been needed.
        needed: usize,
    },
}

/// Why a server did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhyRefused {
    /// Too few replicas seem to be up.
    TooFewAlive {
        /// So many.
        alive: usize,
        /// So many are needed.
        needed: usize,
    },
    /// All that answered the read are behind what the client has seen already.
    Behind,
    /// The server has as many operations under way as it may.
    Busy,
    /// No such quorum can be had.
    NoSuchQuorum,
    /// The server does not lead; this one may, but cannot be reached from there.
    NotLeader(Option<NodeId>),
    /// The leader leads and did nothing.
    LeaderBusy(ProposalRefusal),
    /// The server is not the primary, and cannot reach it.
    NotPrimary(NodeId),
    /// The primary's log is full.
    LogFull,
}

impl Asked {
    /// What it writes, where `Some(None)` is a delete; `None` if it reads.
    pub fn written(&self) -> Option<Option<&str>> {
        match &self.what {
            Ask::Write { value, .. } => Some(Some(value)),
            Ask::Delete { .. } => Some(None),
            _ => None,
        }
    }

    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        matches!(self.fate, Fate::Done(_))
    }

    /// Whether it may have happened, or still may.
    pub fn may_have_happened(&self) -> bool {
        !matches!(self.fate, Fate::Refused(_))
    }

    /// Whether its client knew that it was done before `other` was asked for.
    pub fn is_before(&self, other: &Asked) -> bool {
        self.is_done() && self.answered.is_some_and(|answered| answered < other.called)
    }
}

/// A request that is ready to go, with what is noted if it does.
pub(super) struct Draft {
    /// For the server.
    pub(super) request: CapRequest,
    asked: Asked,
    member: Session<String>,
}

impl Clients {
    pub(super) fn new(config: &CapConfig, servers: u8) -> Clients {
        let style = Style { system: config.system, config: config.clone(), servers };
        Clients {
            asked: SharedList::default(),
            members: Vec::new(),
            words: SortedMap::new(),
            open: SortedMap::new(),
            style,
        }
    }

    /// Everything asked for, oldest first.
    pub fn asked(&self) -> &SharedList<Asked, 16> {
        &self.asked
    }

    /// The latest thing that `client` has asked for.
    pub fn latest(&self, client: Client) -> Option<&Asked> {
        self.asked.iter().rev().find(|asked| asked.client == client)
    }

    /// The place of `asked` among everything asked for.
    pub fn place_of(&self, called: RecordId) -> Option<usize> {
        let place = self.asked.partition_point(|asked| asked.called < called);
        self.asked.get(place).filter(|asked| asked.called == called).map(|_| place)
    }

    /// What was asked for as the `number`-th thing, from 1.
    pub fn numbered(&self, number: u64) -> Option<&Asked> {
        self.asked.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The write that a replica holds under this name: the first attempt.
    pub fn writer(&self, request: RequestId) -> Option<&Asked> {
        self.asked.iter().find(|asked| asked.request == request)
    }

    /// What a client knows of the store, once it has asked for something.
    pub fn session(&self, client: Client) -> Option<&Session<String>> {
        self.members.get(usize::from(client.0).checked_sub(1)?)
    }

    /// The server to which `client` turns next.
    pub fn next_server(&self, client: Client) -> NodeId {
        let servers = self.style.config.quorum.settings().servers.as_slice();
        let session = self.session(client).cloned().unwrap_or_else(|| self.new_member(client));
        session.server(servers).map_or(NodeId(0), |server| NodeId(server.0))
    }

    /// The key or value that the judges know by this number.
    pub fn word(&self, number: u64) -> &str {
        self.words.iter().find(|(_, other)| **other == number).map_or("", |(word, _)| word)
    }

    /// The number by which the judges know a key or value, if it was ever named.
    pub fn number_of(&self, word: &str) -> Option<u64> {
        self.words.get(word).copied()
    }

    /// When the next client gives up, in microseconds.
    pub(super) fn deadline_us(&self) -> Option<u64> {
        self.open.values().copied().min()
    }

    /// Clients behave so from now on.
    pub(super) fn configure(&mut self, config: &CapConfig) {
        self.style.config = config.clone();
        for place in 0..self.members.len() {
            let access = self.access(place);
            let resolution = config.quorum.settings().resolution;
            self.members[place].configure(access, config.guarantees, resolution);
        }
    }

    /// What `client` sends for `what`. Nothing has changed yet.
    pub(super) fn draft(&self, client: Client, via: NodeId, what: &Ask) -> Result<Draft, Refused> {
        if !(1..=MAX_CLIENTS).contains(&client.0) {
            return Err(Refused::NoSuchClient(client));
        }
        let mut member = self.session(client).cloned().unwrap_or_else(|| self.new_member(client));
        let (what, retries) = match what {
            Ask::Retry => {
                let place = self.latest_write(client).ok_or(Refused::NothingToRetry(client))?;
                (&self.asked[place].what, Some(place))
            }
            Ask::OpenSession => return Err(Refused::NotInThisLab),
            what => (what, None),
        };
        let (key, written) = match what {
            Ask::Write { key, value } => (key.clone(), Some(Some(value.clone()))),
            Ask::Delete { key } => (key.clone(), Some(None)),
            Ask::Read { key } => (key.clone(), None),
            Ask::OpenSession | Ask::Retry => return Err(Refused::NotInThisLab),
        };
        let before = retries.map(|place| &self.asked[place]);
        let (name, seen, request) = self.request(&mut member, &key, written, before);
        let asked = Asked {
            client,
            via,
            with: via,
            hops: 0,
            what: what.clone(),
            key,
            at_us: 0,
            called: RecordId(0),
            fate: Fate::Open,
            known_us: None,
            answered: None,
            request: name,
            retries,
            stamp: before.and_then(|before| before.stamp),
            landed: SortedSet::new(),
            seen,
            entry: None,
            stale: false,
            outdone: false,
        };
        Ok(Draft { request, asked, member })
    }

    fn request(
        &self,
        member: &mut Session<String>,
        key: &str,
        written: Option<Option<String>>,
        before: Option<&Asked>,
    ) -> (RequestId, Context, CapRequest) {
        let Some(value) = written else {
            let (name, call) = member.read(key.to_owned(), None);
            let seen = call.floor.clone();
            return (name, seen, self.read_request(name, call));
        };
        let Some(before) = before else {
            let (name, call) = member.write(key.to_owned(), value, None);
            let seen = call.context.clone();
            return (name, seen, self.write_request(name, call, None));
        };
        let call = WriteCall {
            context: before.seen.clone(),
            after_context: before.seen.latest.is_some(),
            retry_of: before.stamp,
            ..WriteCall::blind(key.to_owned(), value)
        };
        let seen = before.seen.clone();
        (before.request, seen, self.write_request(before.request, call, Some(before)))
    }

    fn read_request(&self, request: RequestId, call: ReadCall<String>) -> CapRequest {
        match self.style.system {
            System::Quorum => CapRequest::Read { request, call },
            System::Raft => CapRequest::Raft(super::RaftRequest::Read {
                request: raft::RequestId(self.next_number()),
                key: call.key,
            }),
            System::PrimaryBackup => CapRequest::BackupRead {
                request: backup::RequestId(self.next_number()),
                key: call.key,
            },
        }
    }

    fn write_request(
        &self,
        request: RequestId,
        call: WriteCall<String, String>,
        before: Option<&Asked>,
    ) -> CapRequest {
        match self.style.system {
            System::Quorum => CapRequest::Write { request, call },
            System::Raft => CapRequest::Raft(super::RaftRequest::Propose {
                request: raft::RequestId(self.next_number()),
                command: command(call.key, call.value),
            }),
            System::PrimaryBackup => {
                // The same name as the first time, so that it stands in the log once.
                let first = before.map(|before| before.request);
                let first =
                    first.and_then(|name| self.asked.iter().position(|a| a.request == name));
                let number = first.map_or(self.next_number(), |place| place as u64 + 1);
                let (key, value) = (call.key, call.value);
                CapRequest::BackupWrite { request: backup::RequestId(number), key, value }
            }
        }
    }

    /// What another server is sent when a request is passed on.
    pub(super) fn passed_on(&self, place: usize) -> Option<CapRequest> {
        let asked = self.asked.get(place)?;
        let (number, key) = (place as u64 + 1, asked.key.clone());
        let value = asked.written().map(|value| value.map(str::to_owned));
        Some(match (self.style.system, value) {
            (System::Quorum, _) => return None,
            (System::Raft, Some(value)) => CapRequest::Raft(super::RaftRequest::Propose {
                request: raft::RequestId(number),
                command: command(key, value),
            }),
            (System::Raft, None) => {
                CapRequest::Raft(super::RaftRequest::Read { request: raft::RequestId(number), key })
            }
            (System::PrimaryBackup, Some(value)) => {
                let first = self.asked.iter().position(|other| other.request == asked.request);
                let request = backup::RequestId(first.unwrap_or(place) as u64 + 1);
                CapRequest::BackupWrite { request, key, value }
            }
            (System::PrimaryBackup, None) => {
                CapRequest::BackupRead { request: backup::RequestId(number), key }
            }
        })
    }

    fn next_number(&self) -> u64 {
        self.asked.len() as u64 + 1
    }

    fn latest_write(&self, client: Client) -> Option<usize> {
        let mine = |place: &usize| {
            let asked = &self.asked[*place];
            asked.client == client && asked.written().is_some()
        };
        (0..self.asked.len()).rev().find(mine)
    }

    fn access(&self, place: usize) -> Access {
        match self.style.config.sticky {
            true => Access::Sticky(ServerId((place % usize::from(self.style.servers)) as u8)),
            false => Access::Roaming,
        }
    }

    fn new_member(&self, client: Client) -> Session<String> {
        let config = &self.style.config;
        let access = self.access(usize::from(client.0.saturating_sub(1)));
        let resolution = config.quorum.settings().resolution;
        Session::new(ClientId(client.0.into()), access, config.guarantees, resolution)
    }
}

fn command(key: String, value: Option<String>) -> KeyValueCommand {
    match value {
        Some(value) => KeyValueCommand::Put { key, value },
        None => KeyValueCommand::Delete { key },
    }
}
