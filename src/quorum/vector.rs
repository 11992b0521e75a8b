//! Version vectors: what a version of a value has seen.

use crate::sorted::SortedMap;

use super::{ClientId, RequestId};

/// For every client the number of its latest write that is included (Parker et al., "Detection of
/// Mutual Inconsistency in Distributed Systems", 1983; Dynamo §4.4).
///
/// One entry a *client*, not a server. A client does one thing after the other, so its write number
/// 5 on a key comes after its number 4 by definition, and the entry 5 may stand for both. Two
/// clients that write through the same server do not follow each other, and entries per server
/// would hide one of their writes behind the other; that takes dots beside the vector (Preguiça et
/// al., "Dotted Version Vectors", 2010) and coordinators that are replicas themselves. The price
/// of entries per client is their number: as many as clients have ever written the key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VersionVector {
    entries: SortedMap<ClientId, u64>,
}

impl VersionVector {
    /// Includes nothing.
    pub const fn new() -> VersionVector {
        VersionVector { entries: SortedMap::new() }
    }

    /// Whether `write` is included.
    pub fn includes(&self, write: RequestId) -> bool {
        self.entries.get(&write.client).is_some_and(|latest| *latest >= write.sequence)
    }

    /// Includes `write`, and what its client wrote to the key before it.
    pub fn include(&mut self, write: RequestId) {
        if !self.includes(write) {
            self.entries.insert(write.client, write.sequence);
        }
    }

    /// Includes all that `other` includes.
    pub fn join(&mut self, other: &VersionVector) {
        for (client, sequence) in other.entries.iter() {
            self.include(RequestId { client: *client, sequence: *sequence });
        }
    }

    /// Whether all that `other` includes is included.
    pub fn covers(&self, other: &VersionVector) -> bool {
        let mut entries = other.entries.iter();
        entries.all(|(client, sequence)| {
            self.includes(RequestId { client: *client, sequence: *sequence })
        })
    }

    /// Whether nothing is included.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The latest included write of every client, in the order of clients.
    pub fn iter(&self) -> impl Iterator<Item = RequestId> {
        let request = |(client, sequence): (&ClientId, &u64)| RequestId {
            client: *client,
            sequence: *sequence,
        };
        self.entries.iter().map(request)
    }
}

impl FromIterator<RequestId> for VersionVector {
    fn from_iter<I: IntoIterator<Item = RequestId>>(writes: I) -> VersionVector {
        let mut vector = VersionVector::new();
        writes.into_iter().for_each(|write| vector.include(write));
        vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(client: u16, sequence: u64) -> RequestId {
        RequestId { client: ClientId(client), sequence }
    }

    #[test]
    fn a_vector_covers_what_it_has_joined_and_no_more() {
        let mut left: VersionVector = [write(1, 3)].into_iter().collect();
        let right: VersionVector = [write(1, 2), write(2, 0)].into_iter().collect();
        assert!(!left.covers(&right) && !right.covers(&left), "they do not know of each other");
        left.join(&right);
        assert!(left.covers(&right) && !right.covers(&left));
        assert_eq!(left.iter().collect::<Vec<_>>(), [write(1, 3), write(2, 0)]);
        assert!(left.includes(write(1, 1)), "a client's earlier writes come with its later ones");
        assert!(left.includes(write(2, 0)), "0 is a number like any other");
        assert!(!left.includes(write(3, 0)));
        assert!(VersionVector::new().is_empty() && left.covers(&VersionVector::new()));
    }
}
