//! What goes into a server and what comes out of it.

use super::{
    Ack, Cell, ConfigError, Context, Event, Message, Quorum, RequestId, ServerId, Stamp,
    VersionVector, WriteId,
};

/// Everything that can happen to a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input<K, V> {
    /// A message arrived.
    Message {
        /// Who sent it, as the network knows.
        from: ServerId,
        /// What it says.
        message: Message<K, V>,
    },
    /// The instant of [`Server::deadline_us`](super::Server::deadline_us) has come. Harmless if it
    /// has not.
    Deadline,
    /// This write, and every one before it, is durable.
    Synced {
        /// The [`Output::Write`].
        write: WriteId,
    },
    /// A client wants a key written, or deleted. Answered by one [`Output::Answer`].
    Write {
        /// Names the answer.
        request: RequestId,
        /// What is wanted.
        call: WriteCall<K, V>,
    },
    /// A client wants to know a key. Answered by one [`Output::Answer`].
    Read {
        /// Names the answer. Reads and writes of a client are numbered together.
        request: RequestId,
        /// What is wanted.
        call: ReadCall<K>,
    },
    /// Compare notes with this server now (anti-entropy).
    Compare {
        /// With whom.
        with: ServerId,
    },
}

/// A write, as a client wants it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WriteCall<K, V> {
    /// The key.
    pub key: K,
    /// Its new value, or `None` to delete it.
    pub value: Option<V>,
    /// What the client knew of the key: the write replaces that.
    pub context: Context,
    /// The stamp shall be above that of the context, whatever the clock shows.
    pub after_context: bool,
    /// N, R and W, if not those of the settings.
    pub quorum: Option<Quorum>,
    /// The stamp that an earlier attempt at this request was given, if the client was told. It
    /// makes the retry the same write, whoever coordinates it. Without it, a retry through another
    /// server is another write of the same value.
    pub retry_of: Option<Stamp>,
}

/// A read, as a client wants it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadCall<K> {
    /// The key.
    pub key: K,
    /// The answer must not be behind this: more replicas are waited for than R, if need be.
    pub floor: Context,
    /// N, R and W, if not those of the settings.
    pub quorum: Option<Quorum>,
}

impl<K, V> WriteCall<K, V> {
    /// Sets `key` to `value`, or deletes it, knowing nothing of it.
    pub fn blind(key: K, value: Option<V>) -> WriteCall<K, V> {
        let context = Context::default();
        WriteCall { key, value, context, after_context: false, quorum: None, retry_of: None }
    }
}

impl<K> ReadCall<K> {
    /// Reads `key`, asking for nothing special.
    pub fn of(key: K) -> ReadCall<K> {
        ReadCall { key, floor: Context::default(), quorum: None }
    }
}

/// Everything that a server can want done. Carry it out in the order in which it is polled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output<K, V> {
    /// Send a message. Whatever it vouches for is durable already.
    Send {
        /// To whom.
        to: ServerId,
        /// What to say.
        message: Message<K, V>,
    },
    /// Make a change durable, after the changes before it, then report [`Input::Synced`].
    Write {
        /// Its number.
        id: WriteId,
        /// The change.
        write: super::Write<K, V>,
    },
    /// Tell a client what became of what it asked.
    Answer {
        /// What it asked.
        request: RequestId,
        /// What became of it.
        outcome: Outcome<V>,
    },
    /// Tell of a decision. Nothing needs to be done about it.
    Event(Event<K>),
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome<V> {
    /// Enough replicas, or their stand-ins, acknowledged the write or answered the read.
    Ok {
        /// Who, in the order in which they were heard.
        acked_by: Vec<Ack>,
        /// What the client knows by it.
        result: Success<V>,
    },
    /// Too few replicas are up, as far as the coordinator knows. Known before anything was sent, or
    /// at least before anything was written: this attempt has not happened and never will.
    Unavailable {
        /// The replicas, or stand-ins, that are taken to be up; or, if stamps were asked for, those
        /// that answered.
        alive: Vec<ServerId>,
        /// How many would have been needed.
        needed: usize,
    },
    /// It was sent, and too few acknowledged before the timeout. **Not a failure**: nothing is
    /// rolled back. A write stays where it arrived, may be read, vanish and come back, and may land
    /// on further replicas at any time. A read has nothing to tell.
    Indeterminate {
        /// Who acknowledged or answered.
        acked_by: Vec<Ack>,
        /// How many would have been needed.
        needed: usize,
        /// The stamp of the write, for a retry.
        stamp: Option<Stamp>,
    },
    /// Enough replicas answered the read, but all that were heard before the timeout are behind
    /// what the client already knows: to answer would break a guarantee of its session.
    Behind {
        /// Who answered.
        acked_by: Vec<Ack>,
        /// What a client would know by what was found.
        found: Context,
    },
    /// Not taken up at all.
    Refused {
        /// Why.
        reason: Refusal,
    },
}

/// What a client knows by a success.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Success<V> {
    /// The write is on a write quorum.
    Written {
        /// Its stamp.
        stamp: Stamp,
        /// What it has replaced, and itself.
        vector: VersionVector,
    },
    /// This was found; `None` if no replica of the read quorum knows the key. A key that was
    /// deleted is found as a tombstone.
    Found(Option<Cell<V>>),
}

impl<V: super::Data> Success<V> {
    /// What the client knows of the key by this.
    pub fn context(&self) -> Context {
        match self {
            Success::Written { stamp, vector } => {
                Context { latest: Some(*stamp), vector: vector.clone() }
            }
            Success::Found(cell) => cell.as_ref().map(Cell::context).unwrap_or_default(),
        }
    }
}

/// Why an operation was not taken up. This attempt has not happened and never will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// It asked for a quorum that cannot be had here.
    Quorum(ConfigError),
    /// The coordinator has as many operations under way as it may.
    Busy,
}
