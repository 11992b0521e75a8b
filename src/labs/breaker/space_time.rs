//! The space-time diagram.

use super::Cluster;
use super::chronicle::Chronicle;
use super::system::BreakerMessage;
use crate::scene::space_time::{SpaceTime, Weight};
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

/// How much a message tells.
pub(super) fn weight(_message: &BreakerMessage) -> Weight {
    Weight::Normal
}
