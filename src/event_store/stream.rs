//! A stream: which of the store's events are its own.

use std::ops::Range;

use super::StreamState;

/// The events of one stream, as runs of neighbours in the store. A stream that is written alone is
/// one run however long it is, so that replaying it goes through memory in one sweep.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stream {
    /// In order.
    runs: Vec<Run>,
    version: u32,
    /// The number of the first event that was not removed; one more than `version` if all were.
    first: u32,
    /// The version at which it was last deleted; 0 if it never was.
    pub(super) deleted_through: u32,
}

/// Events that follow each other in the stream and in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Run {
    first_version: u32,
    /// Where the first one is in the store, from 0.
    first_at: u32,
}

impl Stream {
    pub(super) fn new() -> Stream {
        Stream { runs: Vec::new(), version: 0, first: 1, deleted_through: 0 }
    }

    pub(super) fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn first(&self) -> u32 {
        self.first
    }

    #[inline]
    pub(super) fn state(&self) -> StreamState {
        let version = self.version.into();
        if self.version > self.deleted_through {
            StreamState::Exists { version, first: self.first.into() }
        } else if self.version > 0 {
            StreamState::Deleted { version }
        } else {
            StreamState::Missing
        }
    }

    /// Adds the event at `at` in the store, which is after all of the stream's others.
    #[inline]
    pub(super) fn push(&mut self, at: u32) {
        self.version += 1;
        let goes_on = self.runs.last().is_some_and(|run| run.at(self.version) == at);
        if !goes_on {
            self.runs.push(Run { first_version: self.version, first_at: at });
        }
    }

    /// Where in the store the event with this number is, removed or not.
    #[inline]
    pub(super) fn at(&self, version: u32) -> Option<u32> {
        if version == 0 || version > self.version {
            return None;
        }
        self.runs.get(self.run_of(version)).map(|run| run.at(version))
    }

    /// How many of its events are among the first `count` of the store.
    pub(super) fn version_within(&self, count: u32) -> u32 {
        let after = self.runs.partition_point(|run| run.first_at < count);
        let Some(run) = after.checked_sub(1).and_then(|last| self.runs.get(last)) else {
            return 0;
        };
        let end = self.runs.get(after).map_or(self.version, |next| next.first_version - 1);
        end.min(run.at_most(count))
    }

    /// The events `low..=high`, which exist, as ranges of the store.
    pub(super) fn ranges(&self, low: u32, high: u32) -> impl Iterator<Item = Range<usize>> {
        let (first, last) = match low {
            low if low == 0 || low > high || high > self.version => (0, 0),
            low => (self.run_of(low), self.run_of(high) + 1),
        };
        self.runs[first..last].iter().enumerate().map(move |(index, run)| {
            let next = self.runs.get(first + index + 1);
            let end = next.map_or(self.version, |next| next.first_version - 1).min(high);
            let start = run.first_version.max(low);
            run.at(start) as usize..run.at(end) as usize + 1
        })
    }

    /// Notes that its events up to this number were removed.
    pub(super) fn remove_through(&mut self, version: u32) {
        self.first = self.first.max(version.min(self.version) + 1);
    }

    /// The place of the run to which an event belongs that exists.
    #[inline]
    fn run_of(&self, version: u32) -> usize {
        match self.runs.last() {
            Some(last) if last.first_version <= version => self.runs.len() - 1,
            _ => self.runs.partition_point(|run| run.first_version <= version).saturating_sub(1),
        }
    }
}

impl Run {
    /// The number of its last event, were it to go on to the end of the store's first `count`
    /// events, of which there are more than stand before it.
    fn at_most(self, count: u32) -> u32 {
        self.first_version + (count - self.first_at - 1)
    }

    #[inline]
    fn at(self, version: u32) -> u32 {
        self.first_at + (version - self.first_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(places: &[u32]) -> Stream {
        let mut stream = Stream::new();
        places.iter().for_each(|at| stream.push(*at));
        stream
    }

    #[test]
    fn neighbours_are_one_run() {
        let stream = stream(&[3, 4, 5, 9, 12, 13]);
        assert_eq!(stream.runs.len(), 3);
        let places: Vec<Option<u32>> = (0..8).map(|version| stream.at(version)).collect();
        let expected = [None, Some(3), Some(4), Some(5), Some(9), Some(12), Some(13), None];
        assert_eq!(places, expected);
        let within: Vec<u32> = (0..16).map(|count| stream.version_within(count)).collect();
        assert_eq!(within, [0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 4, 4, 4, 5, 6, 6]);
    }

    #[test]
    fn ranges_hold_exactly_the_events_between_two_versions() {
        let stream = stream(&[3, 4, 5, 9, 12, 13]);
        for low in 1..=6 {
            for high in low..=6 {
                let places: Vec<u32> = (low..=high).filter_map(|n| stream.at(n)).collect();
                let ranges = stream.ranges(low, high).flatten();
                assert_eq!(ranges.map(|at| at as u32).collect::<Vec<_>>(), places);
            }
        }
        assert_eq!(stream.ranges(4, 3).count(), 0);
        assert_eq!(stream.ranges(0, 3).count() + stream.ranges(1, 7).count(), 0);
    }
}
