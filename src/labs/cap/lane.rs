//! The painted timeline of a store.

use super::Cluster;
use super::chronicle::{Chronicle, Reign};
use super::system::System;
use crate::scene::Window;
use crate::scene::time_strip::{LaneContent, TermBand};

/// What happened in a window. There are bands only where somebody leads.
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
        term: reign.reign,
        leader: reign.chief.map(|chief| (chief, chief.to_string())),
    };
    let bands = match cluster.system() {
        System::Quorum => Vec::new(),
        System::Raft | System::PrimaryBackup => {
            chronicle.annals().reigns(window).map(band).collect()
        }
    };
    LaneContent { bands, marks: chronicle.annals().marks.within(window, buckets) }
}
