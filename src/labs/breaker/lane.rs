//! The painted timeline: the eras of the first breaker as bands.

use super::Cluster;
use super::chronicle::{Chronicle, Era};
use super::words;
use crate::scene::Window;
use crate::scene::time_strip::{LaneContent, TermBand};
use crate::sim::NodeId;

/// What happened in a window.
pub(super) fn lane(
    cluster: &Cluster,
    chronicle: &Chronicle,
    window: Window,
    buckets: u32,
) -> LaneContent {
    let now_us = cluster.world().now_us();
    let band = |(era, until_us): (&Era, u64)| {
        Some(TermBand {
            record: era.record,
            from_us: era.at_us,
            to_us: until_us.min(now_us),
            counts: "era",
            term: era.number,
            leader: Some((NodeId(0), words::state(era.state?).to_owned())),
        })
    };
    let bands = chronicle.annals().reigns(window).filter_map(band).collect();
    LaneContent { bands, marks: chronicle.annals().marks.within(window, buckets) }
}
