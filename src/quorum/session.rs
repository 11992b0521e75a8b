//! A client's side: what it must carry so that the store looks to it as if it were in one place.
//!
//! Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", 1994, name four
//! guarantees. A [`Session`] watches over all of them and *asks for* those that it is told to, by
//! what goes with each request:
//!
//! | guarantee | asked for by | broken when |
//! |---|---|---|
//! | read your writes | [`ReadCall::floor`] has what was written | a read is behind that |
//! | monotonic reads | the floor has what was read | a read is behind that |
//! | monotonic writes | [`WriteCall::after_context`] | a write is stamped below an earlier one |
//! | writes follow reads | likewise | a write is stamped below what was read |
//!
//! A replica may take a write whose time, or whose vector, is that of a later one; so what a
//! session has to carry is, for each key, a stamp and a version vector: a [`Context`].
//!
//! Each key by itself: this store orders the versions of a key and nothing else, so neither can a
//! session. And a tombstone that was collected looks like a key that was never written, so a client
//! that remembers it finds the store behind.

use crate::sorted::SortedMap;

use super::{
    ClientId, Context, Data, Outcome, Quorum, ReadCall, RequestId, Resolution, ServerId, Stamp,
    Success, WriteCall,
};

/// A promise to one client (Terry et al. 1994).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guarantee {
    /// A read reflects the client's own acknowledged writes.
    ReadYourWrites,
    /// A read reflects what the client has read before.
    MonotonicReads,
    /// The client's writes take effect in its order.
    MonotonicWrites,
    /// A write takes effect after what the client had read.
    WritesFollowReads,
}

impl Guarantee {
    /// All four, in the paper's order.
    pub const ALL: [Guarantee; 4] = [
        Guarantee::ReadYourWrites,
        Guarantee::MonotonicReads,
        Guarantee::MonotonicWrites,
        Guarantee::WritesFollowReads,
    ];
}

/// A set of guarantees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Guarantees(u8);

impl Guarantees {
    /// None of them.
    pub const NONE: Guarantees = Guarantees(0);
    /// All of them.
    pub const ALL: Guarantees = Guarantees(0b1111);

    /// These and `guarantee`.
    pub fn with(self, guarantee: Guarantee) -> Guarantees {
        Guarantees(self.0 | 1 << guarantee as u8)
    }

    /// Whether `guarantee` is one of them.
    pub fn has(self, guarantee: Guarantee) -> bool {
        self.0 >> (guarantee as u8) & 1 == 1
    }
}

/// Which server a client turns to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Always the same.
    Sticky(ServerId),
    /// The next one with every request.
    Roaming,
}

/// A guarantee that was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Broken {
    /// Which.
    pub guarantee: Guarantee,
    /// By which request.
    pub request: RequestId,
    /// What should have been seen, or come before.
    pub expected: Option<Stamp>,
    /// What was there instead; `None`: nothing.
    pub got: Option<Stamp>,
}

/// One client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session<K> {
    client: ClientId,
    access: Access,
    asks_for: Guarantees,
    resolution: Resolution,
    next_sequence: u64,
    read: SortedMap<K, Context>,
    written: SortedMap<K, Context>,
    /// How often each of [`Guarantee::ALL`] was broken.
    broken: [u64; 4],
}

impl<K: Data> Session<K> {
    /// A client that asks for these guarantees, of a store that resolves conflicts in this way.
    pub fn new(
        client: ClientId,
        access: Access,
        asks_for: Guarantees,
        resolution: Resolution,
    ) -> Session<K> {
        Session {
            client,
            access,
            asks_for,
            resolution,
            next_sequence: 1,
            read: SortedMap::new(),
            written: SortedMap::new(),
            broken: [0; 4],
        }
    }

    /// Goes on with another access, and asks for these guarantees from now on. What it has read and
    /// written stays known.
    pub fn configure(&mut self, access: Access, asks_for: Guarantees, resolution: Resolution) {
        (self.access, self.asks_for, self.resolution) = (access, asks_for, resolution);
    }

    /// Who it is.
    pub fn client(&self) -> ClientId {
        self.client
    }

    /// What it asks for.
    pub fn asks_for(&self) -> Guarantees {
        self.asks_for
    }

    /// The server for the next request, out of these.
    pub fn server(&self, servers: &[ServerId]) -> Option<ServerId> {
        match self.access {
            Access::Sticky(server) => Some(server),
            Access::Roaming => {
                let turn = self.next_sequence.checked_rem(servers.len() as u64)?;
                servers.get(turn as usize).copied()
            }
        }
    }

    /// A read of `key`.
    pub fn read(&mut self, key: K, quorum: Option<Quorum>) -> (RequestId, ReadCall<K>) {
        let mut floor = Context::default();
        for (guarantee, seen) in
            [(Guarantee::ReadYourWrites, &self.written), (Guarantee::MonotonicReads, &self.read)]
        {
            if let Some(seen) = seen.get(&key).filter(|_| self.asks_for.has(guarantee)) {
                floor.join(seen);
            }
        }
        (self.next_request(), ReadCall { key, floor, quorum })
    }

    /// A write of `key`, or its deletion. It replaces what this client knows of the key.
    pub fn write<V>(
        &mut self,
        key: K,
        value: Option<V>,
        quorum: Option<Quorum>,
    ) -> (RequestId, WriteCall<K, V>) {
        let (mut vector, mut latest) = (Context::default(), None);
        for (guarantee, seen) in [
            (Guarantee::MonotonicWrites, &self.written),
            (Guarantee::WritesFollowReads, &self.read),
        ] {
            let Some(seen) = seen.get(&key) else { continue };
            vector.join(seen);
            if self.asks_for.has(guarantee) {
                latest = latest.max(seen.latest);
            }
        }
        let context = Context { latest, ..vector };
        let after_context = latest.is_some();
        let call = WriteCall { key, value, context, after_context, quorum, retry_of: None };
        (self.next_request(), call)
    }

    /// Takes note of an answer about `key`, and says which guarantees it breaks. What is not known
    /// to have happened binds nobody.
    pub fn note<V: Data>(
        &mut self,
        request: RequestId,
        key: &K,
        outcome: &Outcome<V>,
    ) -> Vec<Broken> {
        let Outcome::Ok { result, .. } = outcome else { return Vec::new() };
        let context = result.context();
        let found = match result {
            Success::Written { .. } => self.check_write(request, key, &context),
            Success::Found(_) => self.check_read(request, key, &context),
        };
        for broken in &found {
            self.broken[broken.guarantee as usize] += 1;
        }
        let notes = match result {
            Success::Written { .. } => &mut self.written,
            Success::Found(_) => &mut self.read,
        };
        match notes.get_mut(key) {
            Some(seen) => seen.join(&context),
            None => drop(notes.insert(key.clone(), context)),
        }
        found
    }

    /// Of a read that was answered [`Outcome::Behind`]: the guarantees that an answer with what was
    /// found would have broken.
    pub fn would_break<V: Data>(&self, key: &K, outcome: &Outcome<V>) -> Guarantees {
        let Outcome::Behind { found, .. } = outcome else { return Guarantees::NONE };
        let mut broken = Guarantees::NONE;
        for (guarantee, seen) in
            [(Guarantee::ReadYourWrites, &self.written), (Guarantee::MonotonicReads, &self.read)]
        {
            let is_kept = |seen| found.is_as_new_as(seen, self.resolution);
            if !seen.get(key).is_none_or(is_kept) && self.asks_for.has(guarantee) {
                broken = broken.with(guarantee);
            }
        }
        broken
    }

    /// How often `guarantee` was broken so far.
    pub fn times_broken(&self, guarantee: Guarantee) -> u64 {
        self.broken[guarantee as usize]
    }

    fn next_request(&mut self) -> RequestId {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.saturating_add(1);
        RequestId { client: self.client, sequence }
    }

    fn check_read(&self, request: RequestId, key: &K, found: &Context) -> Vec<Broken> {
        let checks =
            [(Guarantee::ReadYourWrites, &self.written), (Guarantee::MonotonicReads, &self.read)];
        let broken = checks.into_iter().filter_map(|(guarantee, seen)| {
            let seen = seen.get(key)?;
            let (expected, got) = (seen.latest, found.latest);
            let is_kept = found.is_as_new_as(seen, self.resolution);
            (!is_kept).then_some(Broken { guarantee, request, expected, got })
        });
        broken.collect()
    }

    fn check_write(&self, request: RequestId, key: &K, written: &Context) -> Vec<Broken> {
        let checks = [
            (Guarantee::MonotonicWrites, &self.written),
            (Guarantee::WritesFollowReads, &self.read),
        ];
        let broken = checks.into_iter().filter_map(|(guarantee, seen)| {
            let seen = seen.get(key)?;
            let (expected, got) = (seen.latest, written.latest);
            let is_kept = written.is_as_new_as(seen, self.resolution);
            (!is_kept).then_some(Broken { guarantee, request, expected, got })
        });
        broken.collect()
    }
}
