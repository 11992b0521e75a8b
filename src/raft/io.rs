//! What goes into a server and what comes out of it.

use std::sync::Arc;

use super::{
    ChangeRefusal, ClientId, Entry, Event, LogIndex, MembershipChange, Message, ProposalRefusal,
    RequestId, ServerId, Snapshot, Term, Write, WriteId,
};

/// Everything that can happen to a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input<C> {
    /// A message arrived. It may be late, repeated or out of order.
    Message {
        /// Who sent it, as the network knows.
        from: ServerId,
        /// What it says.
        message: Message<C>,
    },
    /// The instant of [`Server::deadline_us`](super::Server::deadline_us) has come. Harmless if it
    /// has not.
    Deadline,
    /// This write, and every one before it, is durable.
    Synced {
        /// The [`Output::Write`].
        write: WriteId,
    },
    /// A client wants `command` done. Answered by one [`Output::Answer`], unless the server crashes
    /// or stays without news for ever.
    Propose {
        /// Names the answer.
        request: RequestId,
        /// What to do.
        command: C,
    },
    /// A client wants a session (thesis 6.3). Answered like a proposal; the session is then named
    /// by the index of its entry, see [`Sessions`](super::Sessions).
    RegisterClient {
        /// Names the answer.
        request: RequestId,
    },
    /// A registered client wants `command` done, once. Answered like a proposal; what came of it
    /// is the [`Effect`](super::Effect) of the entry.
    ClientRequest {
        /// Names the answer.
        request: RequestId,
        /// Who asks.
        client: ClientId,
        /// The client's number for the command.
        sequence: u64,
        /// What to do.
        command: C,
    },
    /// A client wants to read the state machine as it is now (thesis 6.4). Answered by one
    /// [`Output::Answer`].
    Read {
        /// Names the answer.
        request: RequestId,
    },
    /// The application hands over its state, as it was after the entry at `last_included_index`
    /// (§7). The answer to [`Output::TakeSnapshot`], at leisure.
    SnapshotTaken {
        /// The last entry that the state includes.
        last_included_index: LogIndex,
        /// The state, in any form.
        state: Vec<u8>,
    },
    /// Behave as if the election timer had run out.
    TimeOutNow,
    /// Change who belongs to the cluster (§6; thesis, chapter 4). Answered like a proposal.
    ChangeMembership {
        /// Names the answer.
        request: RequestId,
        /// How.
        change: MembershipChange,
    },
    /// Hand leadership over to this server (thesis 3.10). Answered by events alone.
    TransferLeadership {
        /// To whom.
        to: ServerId,
    },
}

/// Everything that a server can want done. Carry it out in the order in which it is polled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output<C> {
    /// Send a message. Whatever it depends on is durable already.
    Send {
        /// To whom.
        to: ServerId,
        /// What to say.
        message: Message<C>,
    },
    /// Make a change durable, after the changes before it, then report [`Input::Synced`].
    Write {
        /// Its number.
        id: WriteId,
        /// The change.
        write: Write<C>,
    },
    /// Apply a committed entry to the state machine. Indices come without gaps, after boot from 1
    /// or from after the snapshot of [`Output::Restore`].
    Apply {
        /// Where the entry stands in the log.
        index: LogIndex,
        /// The entry.
        entry: Arc<Entry<C>>,
    },
    /// Note the state of the application as it is now, and hand it over with
    /// [`Input::SnapshotTaken`] some time.
    TakeSnapshot {
        /// The last entry that was applied.
        last_included_index: LogIndex,
    },
    /// Replace the state of the application by this one. Comes after boot, if there is a snapshot
    /// on disk, and when a leader has sent its own.
    Restore {
        /// Where it comes from, and the state.
        snapshot: Box<Snapshot>,
    },
    /// Tell a client what became of its proposal.
    Answer {
        /// Which proposal.
        request: RequestId,
        /// What became of it.
        outcome: Outcome,
    },
    /// Tell of a decision. Nothing needs to be done about it.
    Event(Event),
}

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Committed, and applied on this server. It will never be lost.
    Committed {
        /// Where it stands in the log.
        index: LogIndex,
        /// Its term.
        term: Term,
    },
    /// What has been applied so far is up to date: read from it now.
    Readable {
        /// Everything up to here is applied.
        read_index: LogIndex,
    },
    /// Not taken, because this server does not lead.
    NotLeader {
        /// Who may.
        leader: Option<ServerId>,
    },
    /// Not taken, although this server leads.
    Refused {
        /// Why.
        reason: ProposalRefusal,
    },
    /// The cluster stays as it is.
    ChangeRefused {
        /// Why.
        reason: ChangeRefusal,
    },
    /// The server took it and then ceased to lead. It may or may not be committed later.
    Unknown,
}
