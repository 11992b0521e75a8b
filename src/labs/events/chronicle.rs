//! The story and the lists that the pictures of a whole run are made from: a fold over the history
//! that looks at the shop after every single event.

use super::super::{Promise, StoryLine, Task};
use super::Cluster;
use crate::sim::RecordId;

/// The fold.
#[derive(Clone, Debug)]
pub(super) struct Chronicle {}

impl Chronicle {
    pub(super) fn new(_cluster: &Cluster) -> Chronicle {
        Chronicle {}
    }

    /// Takes in what has happened since the last time. To be called after every single event.
    pub(super) fn observe(&mut self, _cluster: &Cluster) {}

    pub(super) fn let_go_before(&mut self, _record: RecordId) {}

    pub(super) fn next_mark_us(&self, _at_us: u64, _back: bool) -> Option<u64> {
        None
    }

    pub(super) fn story(&self, _cluster: &Cluster, _most: usize) -> Vec<StoryLine> {
        Vec::new()
    }

    pub(super) fn tasks(&self, _cluster: &Cluster) -> Vec<Task> {
        Vec::new()
    }

    pub(super) fn promises(&self, _cluster: &Cluster) -> Vec<Promise> {
        Vec::new()
    }
}
