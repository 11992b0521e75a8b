//! What servers say to each other.

use super::{Cell, OperationId, ServerId, Sibling, Stamp};

/// A message. Any may be lost, late, repeated, or overtaken by another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message<K, V> {
    /// A coordinator writes to a replica, or to a stand-in for one.
    Write {
        /// For what.
        operation: OperationId,
        /// The key.
        key: K,
        /// The write.
        sibling: Sibling<V>,
        /// The replica that seems to be down, if this goes to a stand-in (Dynamo §4.6).
        stands_in_for: Option<ServerId>,
    },
    /// The receiver of a write holds it.
    WriteAck {
        /// For what.
        operation: OperationId,
        /// Under which stamp. Another one than was sent if the request had been applied before,
        /// when another coordinator had asked; then nothing was applied now.
        stamp: Stamp,
    },
    /// A coordinator asks for the highest stamp of a key, to write above it.
    AskStamp {
        /// For what.
        operation: OperationId,
        /// The key.
        key: K,
    },
    /// The answer to that.
    StampReply {
        /// For what.
        operation: OperationId,
        /// The highest stamp, if the key is known.
        latest: Option<Stamp>,
        /// The stamp of the very request, if it has been applied before.
        known: Option<Stamp>,
    },
    /// A coordinator reads from a replica or a stand-in.
    Read {
        /// For what.
        operation: OperationId,
        /// The key.
        key: K,
    },
    /// The answer to that.
    ReadReply {
        /// For what.
        operation: OperationId,
        /// What it holds of the key, if anything.
        cell: Option<Cell<V>>,
    },
    /// Take this in.
    Merge {
        /// Why.
        purpose: Purpose,
        /// The key.
        key: K,
        /// What the sender holds.
        cell: Cell<V>,
    },
    /// It has been taken in.
    Merged {
        /// Why it was sent.
        purpose: Purpose,
        /// The key.
        key: K,
        /// The [`stable_hash`](crate::stable_hash::stable_hash) of what was sent.
        digest: u64,
    },
    /// The sender is up.
    Heartbeat,
    /// Anti-entropy: hashes of a level of the sender's tree. None: they are all equal.
    Tree {
        /// Which comparison, by the count of the server that began it.
        round: u64,
        /// How far below the root.
        level: u8,
        /// Places on that level, from 0, and what is there.
        nodes: Vec<(u32, u64)>,
    },
    /// Anti-entropy: what the sender holds in leaves that differ, key by key, as hashes.
    Leaves {
        /// Which comparison.
        round: u64,
        /// The leaves, each once.
        leaves: Vec<u32>,
        /// Their keys and the hashes of what is held of them.
        entries: Vec<(K, u64)>,
    },
    /// Anti-entropy: send what you hold of these.
    Want {
        /// Which comparison.
        round: u64,
        /// The keys.
        keys: Vec<K>,
    },
}

/// Why something that is held is sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// A read answers once enough replicas hold it.
    WriteBack(OperationId),
    /// A read found the receiver behind.
    ReadRepair(OperationId),
    /// The receiver is up again, and this was kept for it.
    Handoff,
    /// Both sides compared what they hold.
    AntiEntropy {
        /// Which comparison.
        round: u64,
    },
}

/// What sort of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// [`Message::Write`]
    Write,
    /// [`Message::WriteAck`]
    WriteAck,
    /// [`Message::AskStamp`]
    AskStamp,
    /// [`Message::StampReply`]
    StampReply,
    /// [`Message::Read`]
    Read,
    /// [`Message::ReadReply`]
    ReadReply,
    /// [`Message::Merge`]
    Merge,
    /// [`Message::Merged`]
    Merged,
    /// [`Message::Heartbeat`]
    Heartbeat,
    /// [`Message::Tree`]
    Tree,
    /// [`Message::Leaves`]
    Leaves,
    /// [`Message::Want`]
    Want,
}

impl<K, V> Message<K, V> {
    /// What sort of message this is.
    pub fn kind(&self) -> MessageKind {
        match self {
            Message::Write { .. } => MessageKind::Write,
            Message::WriteAck { .. } => MessageKind::WriteAck,
            Message::AskStamp { .. } => MessageKind::AskStamp,
            Message::StampReply { .. } => MessageKind::StampReply,
            Message::Read { .. } => MessageKind::Read,
            Message::ReadReply { .. } => MessageKind::ReadReply,
            Message::Merge { .. } => MessageKind::Merge,
            Message::Merged { .. } => MessageKind::Merged,
            Message::Heartbeat => MessageKind::Heartbeat,
            Message::Tree { .. } => MessageKind::Tree,
            Message::Leaves { .. } => MessageKind::Leaves,
            Message::Want { .. } => MessageKind::Want,
        }
    }

    /// Whether the message says what its sender holds, so that others build on it.
    pub fn vouches(&self) -> bool {
        matches!(
            self.kind(),
            MessageKind::WriteAck
                | MessageKind::StampReply
                | MessageKind::ReadReply
                | MessageKind::Merged
        )
    }
}
