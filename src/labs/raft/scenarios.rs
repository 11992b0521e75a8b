//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("first-leader", include_str!("scenarios/first-leader.rift")),
    Shipped::new("split-vote", include_str!("scenarios/split-vote.rift")),
    Shipped::new("isolated-leader", include_str!("scenarios/isolated-leader.rift")),
    Shipped::new("minority-writes", include_str!("scenarios/minority-writes.rift")),
    Shipped::new("log-repair", include_str!("scenarios/log-repair.rift")),
    Shipped::new("figure-7", include_str!("scenarios/figure-7.rift")),
    Shipped::new("flapping-link", include_str!("scenarios/flapping-link.rift")),
    Shipped::new("slow-follower", include_str!("scenarios/slow-follower.rift")),
    Shipped::new("one-way-cut", include_str!("scenarios/one-way-cut.rift")),
    Shipped::new("long-pause", include_str!("scenarios/long-pause.rift")),
    Shipped::new("lossy-network", include_str!("scenarios/lossy-network.rift")),
    Shipped::new("slow-disk", include_str!("scenarios/slow-disk.rift")),
    Shipped::new("lost-vote", include_str!("scenarios/lost-vote.rift")),
    Shipped::new("forgotten-vote", include_str!("scenarios/forgotten-vote.rift")),
    Shipped::new("figure-8", include_str!("scenarios/figure-8.rift")),
    Shipped::new("figure-8-saved", include_str!("scenarios/figure-8-saved.rift")),
    Shipped::new("disruptive", include_str!("scenarios/disruptive.rift")),
    Shipped::new("pre-vote", include_str!("scenarios/pre-vote.rift")),
    Shipped::new("transfer", include_str!("scenarios/transfer.rift")),
    Shipped::new("late-retry", include_str!("scenarios/late-retry.rift")),
    Shipped::new("late-retry-in-session", include_str!("scenarios/late-retry-in-session.rift")),
    Shipped::new("fresh-read", include_str!("scenarios/fresh-read.rift")),
    Shipped::new("stale-lease", include_str!("scenarios/stale-lease.rift")),
    Shipped::new("snapshot-rescue", include_str!("scenarios/snapshot-rescue.rift")),
    Shipped::new("learner", include_str!("scenarios/learner.rift")),
    Shipped::new("removed-leader", include_str!("scenarios/removed-leader.rift")),
    Shipped::new("joint-consensus", include_str!("scenarios/joint-consensus.rift")),
    Shipped::new("membership-bug", include_str!("scenarios/membership-bug.rift")),
    #[cfg(feature = "lessons")]
    Shipped::new("broken-figure-8", include_str!("scenarios/broken/figure-8.rift")),
    #[cfg(feature = "lessons")]
    Shipped::new("broken-vote", include_str!("scenarios/broken/vote.rift")),
    #[cfg(feature = "lessons")]
    Shipped::new("broken-sync", include_str!("scenarios/broken/sync.rift")),
];
