//! The space-time diagram of a shop.

use super::Cluster;
use super::chronicle::Chronicle;
use crate::scene::space_time::SpaceTime;
use crate::scene::{Spacing, Window};

/// The messages and lives in a part of the run.
pub(super) fn space_time(
    _cluster: &Cluster,
    _chronicle: &Chronicle,
    _window: Window,
    _spacing: Spacing,
) -> Option<SpaceTime> {
    None
}
