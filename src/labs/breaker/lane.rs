//! The painted timeline.

use super::Cluster;
use super::chronicle::Chronicle;
use crate::scene::Window;
use crate::scene::time_strip::LaneContent;

/// What happened in a window.
pub(super) fn lane(
    _cluster: &Cluster,
    chronicle: &Chronicle,
    window: Window,
    buckets: u32,
) -> LaneContent {
    LaneContent { bands: Vec::new(), marks: chronicle.marks(window, buckets) }
}
