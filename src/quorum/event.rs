//! Every decision that a reader may ask "why?" about, with its reason as data.

use super::{
    Context, MessageKind, Purpose, Refusal, Replaced, RequestId, ServerId, Stamp, WriteId,
};

/// A decision of one server, as coordinator or as replica.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event<K> {
    /// The coordinator sends a write to all `replicas`, and needs `needed` acknowledgements.
    WriteStarted { request: RequestId, key: K, stamp: Stamp, replicas: usize, needed: usize },
    /// The coordinator asks for the highest stamp before it writes.
    StampAsked { request: RequestId, key: K, needed: usize },
    /// The coordinator reads from all `replicas`, and needs `needed` answers.
    ReadStarted { request: RequestId, key: K, replicas: usize, needed: usize },
    /// `stand_in` gets what is meant for `replica`, which seems to be down.
    StandInChosen { request: RequestId, replica: ServerId, stand_in: ServerId },
    /// Too few are up: nothing is sent.
    Unavailable { request: RequestId, alive: usize, needed: usize },
    /// The request is not taken up.
    Refused { request: RequestId, reason: Refusal },
    /// The client asks again what is under way, or was answered already and is answered the same.
    RequestRepeated { request: RequestId, answered: bool },
    /// An acknowledgement counts.
    Acknowledged { request: RequestId, from: ServerId, acks: usize, needed: usize },
    /// An answer to a read counts. `found`: the replica knows the key.
    Answered { request: RequestId, from: ServerId, found: bool, answers: usize, needed: usize },
    /// A message of a replica does not count.
    NotCounted { request: RequestId, from: ServerId, why: NotCounted },
    /// A write was acknowledged after its client was answered. The data changes; the answer does
    /// not.
    LateAcknowledgement { request: RequestId, from: ServerId, acks: usize },
    /// A read was answered by a replica after its client was. `newer`: what it holds is missing in
    /// the client's answer.
    LateAnswer { request: RequestId, from: ServerId, newer: bool },
    /// Enough replicas answered, but they are behind what the client knows: the read waits for
    /// more.
    BehindFloor { request: RequestId, floor: Context },
    /// Answers differ, or too few replicas hold what was found: the read waits for the write-back.
    WriteBackStarted { request: RequestId, holders: usize, needed: usize },
    /// Replicas that a read found behind are sent what it found.
    RepairSent { request: RequestId, to: ServerId },
    /// The operation's time is up.
    TimedOut { request: RequestId, acks: usize, needed: usize },
    /// The client is answered: enough have acknowledged.
    Succeeded { request: RequestId, acks: usize },

    /// A replica took a write.
    WriteApplied { key: K, stamp: Stamp },
    /// A replica knows this request already, under the stamp `known`; nothing changes.
    WriteRepeated { key: K, stamp: Stamp, known: Stamp },
    /// One write replaces another on a replica; see [`Replaced`] for whether that is a loss.
    WriteReplaced { key: K, replaced: Replaced },
    /// A replica takes nothing more, and so does not acknowledge.
    Full { key: K, what: Full },
    /// A replica took in what another held.
    Merged { key: K, from: ServerId, purpose: Purpose, latest: Option<Stamp> },
    /// A stand-in keeps a write for `replica`.
    HintKept { key: K, replica: ServerId, stamp: Stamp },
    /// `replica` is up again and is sent what was kept for it.
    HintSent { key: K, replica: ServerId },
    /// `replica` has what was kept for it, so it is kept no longer.
    HintDropped { key: K, replica: ServerId },
    /// A tombstone is older than it needs to be, and goes.
    TombstoneCollected { key: K, stamp: Stamp, age_us: u64 },

    /// Nothing was heard of `server` for so long that it is taken for down.
    Suspected { server: ServerId, silent_us: u64 },
    /// `server` was taken for down and is heard of again.
    HeardAgain { server: ServerId },

    /// Two servers begin to compare notes.
    ComparisonStarted { with: ServerId, round: u64 },
    /// What both should hold is equal.
    InSync { with: ServerId, round: u64 },
    /// On this level of the trees `differ` of `compared` hashes are different.
    TreesDiffer { with: ServerId, round: u64, level: u8, compared: usize, differ: usize },
    /// In the leaves that differ these many keys do; `looked_at` were compared.
    KeysDiffer { with: ServerId, round: u64, looked_at: usize, differ: usize },

    /// A message has no effect.
    MessageIgnored { from: ServerId, kind: MessageKind, reason: IgnoreReason },
    /// So many messages wait for the disk that this one was dropped.
    HeldMessageDropped { to: ServerId, kind: MessageKind },
    /// The disk reported a write that was never asked for.
    SyncIgnored { write: WriteId },
}

/// Why an acknowledgement or an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotCounted {
    /// This server has been counted.
    Duplicate,
    /// The place of this replica is filled by itself, or by its stand-in.
    PlaceTaken,
    /// It had applied the request before under another stamp, and this write not at all.
    OtherStamp,
    /// It does not know the key, and that is no answer here.
    NotFound,
    /// The operation did not ask it.
    NotAsked,
}

/// What is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Full {
    /// The keys that the server holds.
    Keys,
    /// The hints that it keeps.
    Hints,
}

/// Why a message has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IgnoreReason {
    /// It comes from a server that does not belong to the store.
    Stranger,
    /// Servers do not write to themselves over the network.
    FromItself,
    /// It belongs to an operation that is over, or to another attempt.
    NoSuchOperation,
    /// It makes no sense where it arrives.
    Malformed,
}
