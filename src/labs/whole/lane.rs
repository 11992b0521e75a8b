//! The painted timeline: who led, as bands.

use super::Cluster;
use super::chronicle::{Chronicle, Reign};
use crate::scene::Window;
use crate::scene::time_strip::{LaneContent, TermBand};

/// What happened in a window.
pub(super) fn lane(
    cluster: &Cluster,
    chronicle: &Chronicle,
    window: Window,
    buckets: u32,
) -> LaneContent {
    let now_us = cluster.world().now_us();
    let band = |(reign, until_us): (&Reign, u64)| TermBand {
        record: reign.record,
        from_us: reign.at_us,
        to_us: until_us.min(now_us),
        counts: "term",
        term: reign.term,
        leader: reign.leader.map(|leader| (leader, leader.to_string())),
    };
    let bands = chronicle.annals().reigns(window).map(band).collect();
    LaneContent { bands, marks: chronicle.annals().marks.within(window, buckets) }
}
