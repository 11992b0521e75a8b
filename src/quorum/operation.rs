//! An operation as its coordinator sees it.

use super::{Ack, Cell, Context, NotCounted, OperationId, Quorum, ServerId, Sibling, Stamp};

/// What a coordinator has under way, or has answered and still listens for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation<K, V> {
    /// Which attempt at which request.
    pub id: OperationId,
    /// The key.
    pub key: K,
    /// N, R and W of this operation.
    pub quorum: Quorum,
    /// The replicas of the key, N of them, and who stands in for them.
    pub places: Vec<Place>,
    /// When it is given up; or forgotten, once it is answered.
    pub deadline_us: u64,
    /// Whether its client has its answer.
    pub answered: bool,
    /// What it is at.
    pub task: Task<V>,
}

/// One of the N places of a key. However many servers fill it, it counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The replica.
    pub replica: ServerId,
    /// Who stands in for it, because it seemed to be down when the operation began.
    pub stand_in: Option<ServerId>,
}

/// What an operation is at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Task<V> {
    /// It asks for the highest stamp, to write above it.
    Ask {
        /// What will be written.
        value: Option<V>,
        /// What its client knew.
        context: Context,
        /// It must go above this, too.
        above: Option<Stamp>,
        /// Who has answered.
        acks: Vec<Ack>,
        /// The highest stamp so far.
        latest: Option<Stamp>,
        /// The stamp under which the request has been applied before, if it has.
        known: Option<Stamp>,
    },
    /// It writes.
    Write {
        /// The write.
        sibling: Sibling<V>,
        /// Who has acknowledged it.
        acks: Vec<Ack>,
    },
    /// It reads.
    Read {
        /// The answer must not be behind this.
        floor: Context,
        /// What was answered so far, in order.
        replies: Vec<Reply<V>>,
        /// What the client is, or will be, answered, once that is settled.
        found: Option<Cell<V>>,
        /// Whether the answer waits for the write-back of `found`.
        writing_back: bool,
        /// Replicas that have acknowledged the write-back.
        written_back: Vec<ServerId>,
    },
}

/// What a server answered to a read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reply<V> {
    /// Who.
    pub ack: Ack,
    /// What it holds; or what it was sent since, after the client was answered.
    pub cell: Option<Cell<V>>,
}

impl<K, V> Operation<K, V> {
    /// Everybody who was asked.
    pub fn asked(&self) -> impl Iterator<Item = ServerId> {
        self.places.iter().flat_map(|place| [Some(place.replica), place.stand_in]).flatten()
    }

    /// How an answer of `from` is counted, given those that were counted already.
    pub(super) fn ack(&self, from: ServerId, acks: &[Ack]) -> Result<Ack, NotCounted> {
        if acks.iter().any(|ack| ack.by == from) {
            return Err(NotCounted::Duplicate);
        }
        self.places
            .iter()
            .find_map(|place| {
                let stands_in_for = match place {
                    Place { replica, .. } if *replica == from => None,
                    Place { stand_in, .. } if *stand_in == Some(from) => Some(place.replica),
                    _ => return None,
                };
                Some(Ack { by: from, stands_in_for })
            })
            .ok_or(NotCounted::NotAsked)
    }

    /// How many places are filled by these.
    pub(super) fn filled(&self, by: impl Fn(ServerId) -> bool) -> usize {
        let filled = |place: &&Place| by(place.replica) || place.stand_in.is_some_and(&by);
        self.places.iter().filter(filled).count()
    }

    /// Likewise, by these acknowledgements.
    pub(super) fn filled_by(&self, acks: &[Ack]) -> usize {
        self.filled(|server| acks.iter().any(|ack| ack.by == server))
    }

    /// Whether the place that `ack` would fill is filled by another of `acks`.
    pub(super) fn is_taken(&self, ack: Ack, acks: &[Ack]) -> bool {
        let place = |ack: &Ack| ack.stands_in_for.unwrap_or(ack.by);
        acks.iter().any(|other| other.by != ack.by && place(other) == place(&ack))
    }
}
