//! The one place where judges reach into a Raft server. What they need of it is named here.

use std::fmt::Debug;
use std::hash::Hash;

use crate::raft::{
    AppendResult, ChunkResult, Durable, Entry, Log, LogIndex, Message, Role, Server, ServerId,
    Term, Write,
};
use crate::sim::{NodeId, Process};

/// A process whose node runs a Raft server; node *k* runs `ServerId(k)`.
///
/// Judges see a server through these methods alone, so a test may lie in each of them.
pub trait RaftNode:
    Process<
        Message = Message<<Self as RaftNode>::Command>,
        Write = Write<<Self as RaftNode>::Command>,
        Image = Durable<<Self as RaftNode>::Command>,
    >
{
    /// What the log's entries ask for.
    type Command: Clone + Eq + Hash + Debug;

    /// The Raft server.
    fn raft(&self) -> &Server<Self::Command>;

    /// The entry that the event says was applied, if that is what it says.
    fn applied(event: &Self::Event) -> Option<(LogIndex, &Entry<Self::Command>)>;

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

    /// A leader's `matchIndex` and `nextIndex`, follower by follower.
    fn each_follower(&self, mut see: impl FnMut(ServerId, LogIndex, LogIndex)) {
        if let Role::Leader { followers, .. } = self.raft().role() {
            for (id, progress) in followers.iter() {
                see(*id, progress.match_index, progress.next_index);
            }
        }
    }
}

pub(super) fn image_log<P: RaftNode>(image: &P::Image) -> &Log<P::Command> {
    &image.log
}

pub(super) fn id(node: NodeId) -> ServerId {
    ServerId(node.0)
}

pub(super) fn node(server: ServerId) -> NodeId {
    NodeId(server.0)
}

/// How many of the servers for which `has` says yes count in the configuration of `process`, and
/// how many it takes.
pub(super) fn quorum<P: RaftNode>(process: &P, has: impl Fn(ServerId) -> bool) -> (usize, usize) {
    let config = process.raft().config();
    (config.servers.iter().filter(|id| has(**id)).count(), config.majority())
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

/// Whether this server's disk has an entry of `term` at `index`.
pub(super) fn has_on_disk<C: Clone>(image: &Durable<C>, index: LogIndex, term: Term) -> bool {
    image.log.matches(index, term)
}
