//! The small values that everything else is made of.

use std::fmt;
use std::hash::Hash;

/// What can be a key or a value of the store. Everything that fits is one; the order of keys is
/// that of iteration, and the order of values decides between writes that nothing else tells apart.
pub trait Data: Clone + Ord + Hash + fmt::Debug {}

impl<T: Clone + Ord + Hash + fmt::Debug> Data for T {}

/// A server of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u8);

/// People count from one: server 0 is shown as `S1`.
impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{}", u16::from(self.0) + 1)
    }
}

/// One who asks. A client does one thing after the other and numbers what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u16);

/// Names what a client asked, everywhere and for good. A retry has the number of the first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    /// Who asked.
    pub client: ClientId,
    /// Rises from request to request of this client.
    pub sequence: u64,
}

/// When a write was made, as far as its coordinator knew: last write wins by this order.
///
/// The clock decides. Of writes at the same reading the one with the higher server wins, and of
/// those by one server the one with the higher request, so that no two writes are equal and every
/// replica decides alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// What the coordinator's clock showed, in microseconds; or more, if the write had to come
    /// after something it knew of.
    pub clock_us: u64,
    /// The coordinator.
    pub server: ServerId,
    /// The write.
    pub request: RequestId,
}

/// An attempt at a request. Messages carry it, so that what belongs to an earlier attempt, perhaps
/// before a crash, is not counted for a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId {
    /// What was asked.
    pub request: RequestId,
    /// When this attempt began, by the coordinator's time.
    pub started_us: u64,
}

/// Who acknowledged a write, or answered a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ack {
    /// The server itself.
    pub by: ServerId,
    /// In a sloppy quorum, the replica whose place it took.
    pub stands_in_for: Option<ServerId>,
}

/// What two clocks of a server show, in microseconds.
///
/// Timeouts go by the first, which never goes back. Stamps and the age of tombstones go by the
/// second, which people set and which may be wrong. They may be one and the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    /// Time since any start that suits the caller.
    pub now_us: u64,
    /// Time of day, so to speak.
    pub clock_us: u64,
}

impl Time {
    /// One clock for both.
    pub fn of(us: u64) -> Time {
        Time { now_us: us, clock_us: us }
    }
}

/// Numbers a server's writes to stable storage, from 1 upwards since its last boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub u64);
