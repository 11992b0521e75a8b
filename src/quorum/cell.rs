//! What a replica holds of a key, and how two such things become one.
//!
//! Merging is a least upper bound: its order, repetition and grouping change nothing
//! (`tests/it/quorum/properties.rs`). All of repair rests on that: whoever has heard of the same
//! writes, however they came, holds the same.

use super::{Data, Resolution, Stamp, VersionVector};

/// One write, as replicas keep it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sibling<V> {
    /// Which write, and when it was made.
    pub stamp: Stamp,
    /// What its client had seen of the key when it wrote, and the write itself.
    pub vector: VersionVector,
    /// What was written. `None` is a tombstone: the key was deleted (a delete is a write like any
    /// other, or repair would bring the value back).
    pub value: Option<V>,
}

/// All writes of a key that count: one under last write wins, several if they are concurrent and
/// siblings are kept. In the order of their stamps, and never none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cell<V> {
    siblings: Vec<Sibling<V>>,
}

/// What a client knows of a key: what it has read, or written, or both. It goes with a write to say
/// what the write replaces (Dynamo §4.4 and §5), and with a read to say what it must not be behind.
///
/// A client joins what it gets, so that its knowledge never shrinks; a
/// [`Session`](super::Session) does that. Whoever writes again and has forgotten what the write
/// before replaced may see that come back beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Context {
    /// The highest stamp seen.
    pub latest: Option<Stamp>,
    /// Every write that was seen, or replaced by one that was.
    pub vector: VersionVector,
}

/// A write that a merge left out in favour of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Replaced {
    /// The write that does not count any more.
    pub loser: Stamp,
    /// The write that does.
    pub winner: Stamp,
    /// What lets it win.
    pub why: WhyReplaced,
}

/// Why one write replaces another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyReplaced {
    /// The client of the winner had seen the loser. Nothing is lost.
    Seen,
    /// Neither client had seen the other's write: the lower stamp loses, and nobody is told.
    Concurrent,
    /// The client of the *loser* had seen the winner. The later write is lost, because a clock was
    /// wrong.
    ClockSkew,
}

impl<V: Data> Sibling<V> {
    /// What decides between writes under last write wins. Stamps do; what follows matters only if
    /// a client gave the same number to two writes.
    fn rank(&self) -> (Stamp, bool, &Option<V>) {
        (self.stamp, self.value.is_none(), &self.value)
    }

    /// Whether `other` had seen this write. Two that claim to have seen each other go by rank.
    fn is_seen_by(&self, other: &Sibling<V>) -> bool {
        self.stamp.request != other.stamp.request
            && other.vector.includes(self.stamp.request)
            && (other.rank() > self.rank() || !self.vector.includes(other.stamp.request))
    }
}

impl<V: Data> Cell<V> {
    /// A key that was written once.
    pub fn of(sibling: Sibling<V>) -> Cell<V> {
        Cell { siblings: vec![sibling] }
    }

    /// The writes that count, by their stamps.
    pub fn siblings(&self) -> &[Sibling<V>] {
        &self.siblings
    }

    /// The values that count. None if the key was deleted.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.siblings.iter().filter_map(|sibling| sibling.value.as_ref())
    }

    /// Whether all that is left of the key is that it was deleted.
    pub fn is_tombstone(&self) -> bool {
        self.values().next().is_none()
    }

    /// The highest stamp.
    pub fn latest(&self) -> Option<Stamp> {
        self.siblings.last().map(|sibling| sibling.stamp)
    }

    /// What a client knows that has read this.
    pub fn context(&self) -> Context {
        let mut vector = VersionVector::new();
        self.siblings.iter().for_each(|sibling| vector.join(&sibling.vector));
        Context { latest: self.latest(), vector }
    }

    /// Takes in what `other` holds. Returns which writes do not count any more, or never will.
    pub fn merge(&mut self, other: &Cell<V>, resolution: Resolution) -> Vec<Replaced> {
        for sibling in &other.siblings {
            let place = self.siblings.iter().position(|own| own.rank() >= sibling.rank());
            match place {
                Some(place) if self.siblings[place].rank() == sibling.rank() => {
                    self.siblings[place].vector.join(&sibling.vector);
                }
                Some(place) => self.siblings.insert(place, sibling.clone()),
                None => self.siblings.push(sibling.clone()),
            }
        }
        match resolution {
            Resolution::LastWriteWins => self.keep_the_last(),
            Resolution::Siblings => self.keep_the_unseen(),
        }
    }

    /// Whether taking in `other` would change nothing.
    pub fn includes(&self, other: &Cell<V>, resolution: Resolution) -> bool {
        let mut merged = self.clone();
        merged.merge(other, resolution);
        merged == *self
    }

    /// Whether this is no older than what a client knew.
    pub fn is_as_new_as(&self, floor: &Context, resolution: Resolution) -> bool {
        self.context().is_as_new_as(floor, resolution)
    }

    fn keep_the_last(&mut self) -> Vec<Replaced> {
        let Some(winner) = self.siblings.pop() else {
            return Vec::new();
        };
        let losers = std::mem::take(&mut self.siblings);
        let replaced = losers.iter().filter(|loser| loser.stamp != winner.stamp).map(|loser| {
            let why = if loser.is_seen_by(&winner) {
                WhyReplaced::Seen
            } else if winner.is_seen_by(loser) {
                WhyReplaced::ClockSkew
            } else {
                WhyReplaced::Concurrent
            };
            Replaced { loser: loser.stamp, winner: winner.stamp, why }
        });
        let replaced = replaced.collect();
        self.siblings.push(winner);
        replaced
    }

    fn keep_the_unseen(&mut self) -> Vec<Replaced> {
        let mut replaced = Vec::new();
        let all = self.siblings.clone();
        self.siblings.retain(|sibling| {
            // A request that was stamped twice is one write: the first stamp stands for both.
            let twin = |other: &&Sibling<V>| {
                other.stamp.request == sibling.stamp.request && other.rank() < sibling.rank()
            };
            if all.iter().any(|other| twin(&other)) {
                return false;
            }
            let by = all.iter().find(|other| sibling.is_seen_by(other));
            replaced.extend(by.map(|by| Replaced {
                loser: sibling.stamp,
                winner: by.stamp,
                why: WhyReplaced::Seen,
            }));
            by.is_none()
        });
        if self.siblings.is_empty() {
            // Clients that lie can claim to have seen each other round in a circle.
            self.siblings.extend(all.into_iter().last());
        }
        replaced
    }
}

impl Context {
    /// What one knows who knows both.
    pub fn join(&mut self, other: &Context) {
        self.latest = self.latest.max(other.latest);
        self.vector.join(&other.vector);
    }

    /// Whether one who knows this knows no less than `floor`.
    pub fn is_as_new_as(&self, floor: &Context, resolution: Resolution) -> bool {
        match resolution {
            Resolution::LastWriteWins => self.latest >= floor.latest,
            Resolution::Siblings => self.vector.covers(&floor.vector),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quorum::{ClientId, RequestId, ServerId};

    fn write(clock_us: u64, client: u16, seen: &[(u16, u64)], value: Option<u8>) -> Cell<u8> {
        let request = |(client, sequence)| RequestId { client: ClientId(client), sequence };
        let own = request((client, clock_us));
        let vector = seen.iter().copied().map(request).chain([own]).collect();
        Cell::of(Sibling {
            stamp: Stamp { clock_us, server: ServerId(0), request: own },
            vector,
            value,
        })
    }

    fn values(cell: &Cell<u8>) -> Vec<u8> {
        cell.values().copied().collect()
    }

    #[test]
    fn the_last_write_wins_and_the_reason_is_told() {
        let cases = [
            (write(2, 2, &[(1, 1)], Some(20)), 20, WhyReplaced::Seen),
            (write(2, 2, &[], Some(20)), 20, WhyReplaced::Concurrent),
            (write(0, 2, &[(1, 1)], Some(20)), 10, WhyReplaced::ClockSkew),
        ];
        for (other, left, why) in cases {
            let mut cell = write(1, 1, &[], Some(10));
            let replaced = cell.merge(&other, Resolution::LastWriteWins);
            assert_eq!(values(&cell), [left]);
            assert_eq!(replaced.iter().map(|one| one.why).collect::<Vec<_>>(), [why]);
            assert_eq!(
                cell.merge(&other, Resolution::LastWriteWins).len(),
                usize::from(left == 10)
            );
        }
    }

    #[test]
    fn siblings_stay_until_somebody_has_seen_them() {
        let mut cell = write(1, 1, &[], Some(10));
        assert!(cell.merge(&write(2, 2, &[], Some(20)), Resolution::Siblings).is_empty());
        assert_eq!(values(&cell), [10, 20]);
        // A delete by one who had seen the first alone leaves the second.
        cell.merge(&write(3, 3, &[(1, 1)], None), Resolution::Siblings);
        assert_eq!((values(&cell), cell.siblings().len()), (vec![20], 2));
        assert!(!cell.is_tombstone());
        let seen = cell.context();
        assert!(seen.is_as_new_as(&write(2, 2, &[], None).context(), Resolution::Siblings));
        let all = [(1, 1), (2, 2), (3, 3)];
        cell.merge(&write(4, 1, &all, Some(40)), Resolution::Siblings);
        assert_eq!((values(&cell), cell.siblings().len()), (vec![40], 1));
    }

    #[test]
    fn a_request_with_two_stamps_is_one_sibling() {
        let mut cell = write(1, 1, &[], Some(10));
        let mut again = cell.clone();
        again.siblings[0].stamp.clock_us = 9;
        cell.merge(&again, Resolution::Siblings);
        assert_eq!(cell.siblings().len(), 1);
        assert_eq!(cell.latest().map(|stamp| stamp.clock_us), Some(1));
    }
}
