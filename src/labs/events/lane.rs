//! The painted timeline of a shop.

use super::Cluster;
use super::chronicle::Chronicle;
use crate::scene::Window;
use crate::scene::time_strip::LaneContent;

/// What happened in a window.
pub(super) fn lane(_: &Cluster, _: &Chronicle, _window: Window, _buckets: u32) -> LaneContent {
    LaneContent::default()
}
