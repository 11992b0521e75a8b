//! The painted timeline of a store, and what lights up together.

use super::Cluster;
use crate::scene::time_strip::LaneContent;
use crate::scene::{Highlight, Thing, Window};

/// What happened in a window.
pub(super) fn lane(_cluster: &Cluster, _window: Window, _buckets: u32) -> LaneContent {
    LaneContent::default()
}

/// The instant of the next mark after this one, or of the last before it.
pub(super) fn next_mark_us(_cluster: &Cluster, _at_us: u64, _back: bool) -> Option<u64> {
    None
}

/// What belongs to a thing, wherever it is drawn.
pub(super) fn highlight(_cluster: &Cluster, thing: Thing) -> Highlight {
    Highlight::of(thing)
}
