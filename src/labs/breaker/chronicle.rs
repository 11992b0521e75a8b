//! The story and the lists that the pictures of a whole run are made from.
//!
//! A fold over the history that looks at the world after every single event, so that it is the same
//! however a run is played, and so that a picture of any part of a long run is a few binary
//! searches.

use super::super::annals::{Marks, Splits};
use super::super::{Promise, StoryLine, Task};
use super::Cluster;
use super::words::Telling;
use crate::scene::{TimeMark, Window};
use crate::sim::RecordId;

/// The fold.
#[derive(Clone, Debug)]
pub(super) struct Chronicle {
    splits: Splits,
    marks: Marks,
}

impl Chronicle {
    pub(super) fn new(_cluster: &Cluster) -> Chronicle {
        Chronicle { splits: Splits::default(), marks: Marks::default() }
    }

    /// Takes in what has happened since the last time. To be called after every single event, and
    /// when time has gone by without any.
    pub(super) fn observe(&mut self, _cluster: &Cluster) {}

    /// The last `most` lines of the story, oldest first.
    pub(super) fn story(&self, _cluster: &Cluster, _most: usize) -> Vec<StoryLine> {
        Vec::new()
    }

    /// What the story says of a record, if anything.
    pub(super) fn tale(&self, _cluster: &Cluster, _id: RecordId) -> Option<Telling> {
        None
    }

    /// The reader's path.
    pub(super) fn tasks(&self, _cluster: &Cluster) -> Vec<Task> {
        Vec::new()
    }

    /// What is promised, and whether it was kept.
    pub(super) fn promises(&self, _cluster: &Cluster) -> Vec<Promise> {
        Vec::new()
    }

    /// Forgets what ended before a record.
    pub(super) fn let_go_before(&mut self, record: RecordId) {
        self.splits.let_go_before(record);
        self.marks.let_go_before(record);
    }

    /// What was cut, and when.
    pub(super) fn splits(&self) -> &Splits {
        &self.splits
    }

    /// The marks in a window, see [`Marks::within`].
    pub(super) fn marks(&self, window: Window, buckets: u32) -> Vec<TimeMark> {
        self.marks.within(window, buckets)
    }

    /// The instant of the next mark of any kind after this one, or of the last one before it.
    pub(super) fn next_mark_us(&self, at_us: u64, back: bool) -> Option<u64> {
        self.marks.next_us(at_us, back)
    }
}
