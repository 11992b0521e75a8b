//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("cp-minority", include_str!("scenarios/cp-minority.rift")),
    Shipped::new("even-split", include_str!("scenarios/even-split.rift")),
    Shipped::new(
        "unknown-write-comes-back",
        include_str!("scenarios/unknown-write-comes-back.rift"),
    ),
    Shipped::new("new-old-inversion", include_str!("scenarios/new-old-inversion.rift")),
    Shipped::new(
        "write-back-prevents-inversion",
        include_str!("scenarios/write-back-prevents-inversion.rift"),
    ),
    Shipped::new(
        "skewed-clock-loses-a-write",
        include_str!("scenarios/skewed-clock-loses-a-write.rift"),
    ),
    Shipped::new("siblings", include_str!("scenarios/siblings.rift")),
    Shipped::new("read-your-writes-broken", include_str!("scenarios/read-your-writes-broken.rift")),
    Shipped::new("anti-entropy-converges", include_str!("scenarios/anti-entropy-converges.rift")),
    Shipped::new("hinted-handoff", include_str!("scenarios/hinted-handoff.rift")),
    Shipped::new(
        "sloppy-quorum-stale-read",
        include_str!("scenarios/sloppy-quorum-stale-read.rift"),
    ),
    Shipped::new("resurrected-delete", include_str!("scenarios/resurrected-delete.rift")),
    Shipped::new(
        "primary-backup-loses-a-write",
        include_str!("scenarios/primary-backup-loses-a-write.rift"),
    ),
];
