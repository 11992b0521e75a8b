//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    shipped("cp-minority", include_str!("scenarios/cp-minority.rift")),
    shipped("even-split", include_str!("scenarios/even-split.rift")),
    shipped("unknown-write-comes-back", include_str!("scenarios/unknown-write-comes-back.rift")),
    shipped("new-old-inversion", include_str!("scenarios/new-old-inversion.rift")),
    shipped(
        "write-back-prevents-inversion",
        include_str!("scenarios/write-back-prevents-inversion.rift"),
    ),
    shipped(
        "skewed-clock-loses-a-write",
        include_str!("scenarios/skewed-clock-loses-a-write.rift"),
    ),
    shipped("siblings", include_str!("scenarios/siblings.rift")),
    shipped("read-your-writes-broken", include_str!("scenarios/read-your-writes-broken.rift")),
    shipped("anti-entropy-converges", include_str!("scenarios/anti-entropy-converges.rift")),
    shipped("hinted-handoff", include_str!("scenarios/hinted-handoff.rift")),
    shipped("sloppy-quorum-stale-read", include_str!("scenarios/sloppy-quorum-stale-read.rift")),
    shipped("resurrected-delete", include_str!("scenarios/resurrected-delete.rift")),
    shipped(
        "primary-backup-loses-a-write",
        include_str!("scenarios/primary-backup-loses-a-write.rift"),
    ),
];

const fn shipped(name: &'static str, text: &'static str) -> Shipped {
    Shipped { name, text }
}
