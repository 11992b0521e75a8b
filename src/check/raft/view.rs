//! The one place where judges reach into a Raft server. What they need of it is named here.

use std::fmt::Debug;
use std::hash::Hash;

use crate::raft::{
    AppendResult, ChunkResult, CommandSize, Configuration, Durable, Entry, Log, LogIndex, Message,
    ReadGuarantee, RequestId, Role, Server, ServerId, Snapshot, Term, Write,
};
use crate::sim::{NodeId, Process, World};

/// A world in which Raft servers run, perhaps beside other things; node *k* runs `ServerId(k)`.
///
/// Judges see what happens in it through these functions.
pub trait RaftWorld: Process {
    /// A server.
    type Node: RaftNode;

    /// The server that this process runs, if it runs one.
    fn node(&self) -> Option<&Self::Node>;

    /// What is on the disk of a server.
    fn image(image: &Self::Image) -> &Durable<CommandOf<Self>>;

    /// A message between servers, if it is one.
    fn message(message: &Self::Message) -> Option<&Message<CommandOf<Self>>>;

    /// A write of a server, if it is one.
    fn write(write: &Self::Write) -> Option<&Write<CommandOf<Self>>>;

    /// What the event says, as far as judges care.
    fn told(event: &Self::Event) -> Told<'_, CommandOf<Self>>;

    /// Names the read that is asked for, if that is what the request is.
    fn read_asked(request: &Self::Request) -> Option<RequestId>;
}

/// What the log's entries ask for.
pub type CommandOf<W> = <<W as RaftWorld>::Node as RaftNode>::Command;

/// A Raft server.
///
/// Judges see a server through these methods alone, so a test may lie in each of them.
pub trait RaftNode {
    /// What the log's entries ask for.
    type Command: Clone + CommandSize + Eq + Hash + Debug;

    /// The Raft server.
    fn raft(&self) -> &Server<Self::Command>;

    /// The server's number.
    fn id(&self) -> ServerId {
        self.raft().id()
    }

    /// Its `currentTerm`.
    fn current_term(&self) -> Term {
        self.raft().current_term()
    }

    /// Its `votedFor`.
    fn voted_for(&self) -> Option<ServerId> {
        self.raft().voted_for()
    }

    /// Its `log[]`, in memory.
    fn log(&self) -> &Log<Self::Command> {
        self.raft().log()
    }

    /// Its `commitIndex`.
    fn commit_index(&self) -> LogIndex {
        self.raft().commit_index()
    }

    /// Its `lastApplied`.
    fn last_applied(&self) -> LogIndex {
        self.raft().last_applied()
    }

    /// Whether it takes itself for the leader of its term.
    fn leads(&self) -> bool {
        matches!(self.raft().role(), Role::Leader { .. })
    }

    /// Its latest snapshot, in memory.
    fn snapshot(&self) -> Option<&Snapshot> {
        self.raft().snapshot()
    }

    /// Where in its log the configuration in force begins.
    fn configuration_index(&self) -> LogIndex {
        self.raft().configuration_index()
    }

    /// The configuration as of the entry at `index`.
    fn configuration_at(&self, index: LogIndex) -> &Configuration {
        self.raft().configuration_at(index)
    }

    /// A leader's `matchIndex` and `nextIndex`, follower by follower.
    fn each_follower(&self, mut see: impl FnMut(ServerId, LogIndex, LogIndex)) {
        if let Role::Leader { followers, .. } = self.raft().role() {
            for (id, progress) in followers.iter() {
                see(*id, progress.match_index, progress.next_index);
            }
        }
    }
}

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a, C> {
    /// An entry was applied.
    Applied {
        /// Where it stands in the log.
        index: LogIndex,
        /// The entry.
        entry: &'a Entry<C>,
    },
    /// The state machine was replaced by that of a snapshot.
    Restored {
        /// The last entry that it includes.
        last_included_index: LogIndex,
    },
    /// What an entry of a client's session did, after it was applied.
    Session {
        /// Where it stands in the log.
        index: LogIndex,
        /// Whether it changed the state machine.
        took_effect: bool,
        /// The stable hash of all that it did.
        effect: u64,
    },
    /// The state machine is as far as a read needs.
    ReadReady {
        /// Which read.
        request: RequestId,
        /// How far that is.
        read_index: LogIndex,
        /// Why it is up to date.
        by: ReadGuarantee,
    },
    /// The server has given its vote, or stands for election or for pre-votes.
    VoteOrAttempt,
    /// Something else.
    Other,
}

/// The log on a node's disk.
pub(super) fn image_log<W: RaftWorld>(image: &W::Image) -> &Log<CommandOf<W>> {
    &W::image(image).log
}

/// The server that runs on a node, if one does and it is up.
pub(super) fn server<W: RaftWorld>(world: &World<W>, node: NodeId) -> Option<&W::Node> {
    world.node(node)?.process()?.node()
}

pub(super) fn id(node: NodeId) -> ServerId {
    ServerId(node.0)
}

pub(super) fn node(server: ServerId) -> NodeId {
    NodeId(server.0)
}

/// Whether those servers for which `has` says yes are a majority, by the configuration that
/// `process` has as of `index`: `None` if they are, else how many they are and how many it takes.
/// In joint consensus they must be a majority of either side; learners never count (§6).
pub(super) fn short_of_majority<P: RaftNode>(
    process: &P,
    index: LogIndex,
    has: impl Fn(ServerId) -> bool,
) -> Option<(usize, usize)> {
    let configuration = process.configuration_at(index);
    let enough = configuration.has_majority(&has);
    (!enough).then(|| (configuration.count(has), configuration.needed()))
}

/// What a message rests on. A crash right after it left may not undo that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RestsOn {
    /// The sender is in this term.
    Term,
    /// In this term it has voted for this server.
    Vote(ServerId),
    /// Its log agrees with that of the term's leader up to here.
    Entries(LogIndex),
}

/// What a message from `from` to `to` rests on.
pub(super) fn rests_on<C>(message: &Message<C>, from: ServerId, to: ServerId) -> RestsOn {
    match message {
        // Only who has voted for itself stands for election, or leads.
        Message::RequestVote { .. }
        | Message::AppendEntries { .. }
        | Message::InstallSnapshot { .. }
        | Message::TimeoutNow { .. } => RestsOn::Vote(from),
        Message::RequestVoteReply { vote_granted: true, .. } => RestsOn::Vote(to),
        Message::AppendEntriesReply { result: AppendResult::Success { match_index }, .. } => {
            RestsOn::Entries(*match_index)
        }
        Message::InstallSnapshotReply {
            last_included_index,
            result: ChunkResult::Installed,
            ..
        } => RestsOn::Entries(*last_included_index),
        // A pre-vote promises nothing.
        Message::PreVote { .. }
        | Message::PreVoteReply { .. }
        | Message::RequestVoteReply { .. }
        | Message::InstallSnapshotReply { .. }
        | Message::AppendEntriesReply { .. } => RestsOn::Term,
    }
}

/// Whether the log has an entry of `term` at `index`, or a snapshot in its place. What snapshots
/// cover is judged by itself.
pub(super) fn has<C>(log: &Log<C>, index: LogIndex, term: Term) -> bool {
    index < log.base().last_log_index || log.matches(index, term)
}

/// Whether this server's disk has an entry of `term` at `index`, or a snapshot in its place.
pub(super) fn has_on_disk<C: Clone>(image: &Durable<C>, index: LogIndex, term: Term) -> bool {
    has(&image.log, index, term)
}
