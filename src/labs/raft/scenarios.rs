//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    shipped("first-leader", include_str!("scenarios/first-leader.rift")),
    shipped("split-vote", include_str!("scenarios/split-vote.rift")),
    shipped("isolated-leader", include_str!("scenarios/isolated-leader.rift")),
    shipped("minority-writes", include_str!("scenarios/minority-writes.rift")),
    shipped("log-repair", include_str!("scenarios/log-repair.rift")),
    shipped("figure-7", include_str!("scenarios/figure-7.rift")),
    shipped("flapping-link", include_str!("scenarios/flapping-link.rift")),
    shipped("slow-follower", include_str!("scenarios/slow-follower.rift")),
    shipped("one-way-cut", include_str!("scenarios/one-way-cut.rift")),
    shipped("long-pause", include_str!("scenarios/long-pause.rift")),
    shipped("lossy-network", include_str!("scenarios/lossy-network.rift")),
    shipped("slow-disk", include_str!("scenarios/slow-disk.rift")),
    shipped("lost-vote", include_str!("scenarios/lost-vote.rift")),
    shipped("forgotten-vote", include_str!("scenarios/forgotten-vote.rift")),
    shipped("figure-8", include_str!("scenarios/figure-8.rift")),
    shipped("figure-8-saved", include_str!("scenarios/figure-8-saved.rift")),
    shipped("disruptive", include_str!("scenarios/disruptive.rift")),
    shipped("pre-vote", include_str!("scenarios/pre-vote.rift")),
    shipped("transfer", include_str!("scenarios/transfer.rift")),
    shipped("late-retry", include_str!("scenarios/late-retry.rift")),
    shipped("late-retry-in-session", include_str!("scenarios/late-retry-in-session.rift")),
    shipped("fresh-read", include_str!("scenarios/fresh-read.rift")),
    shipped("stale-lease", include_str!("scenarios/stale-lease.rift")),
    shipped("snapshot-rescue", include_str!("scenarios/snapshot-rescue.rift")),
    shipped("learner", include_str!("scenarios/learner.rift")),
    shipped("removed-leader", include_str!("scenarios/removed-leader.rift")),
    shipped("joint-consensus", include_str!("scenarios/joint-consensus.rift")),
    shipped("membership-bug", include_str!("scenarios/membership-bug.rift")),
    #[cfg(feature = "lessons")]
    shipped("broken-figure-8", include_str!("scenarios/broken/figure-8.rift")),
    #[cfg(feature = "lessons")]
    shipped("broken-vote", include_str!("scenarios/broken/vote.rift")),
    #[cfg(feature = "lessons")]
    shipped("broken-sync", include_str!("scenarios/broken/sync.rift")),
];

const fn shipped(name: &'static str, text: &'static str) -> Shipped {
    Shipped { name, text }
}
