//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// All of them.
pub(super) const SHIPPED: &[Shipped] = &[
    shipped("five-failures", include_str!("scenarios/five-failures.rift")),
    shipped("probe-fails", include_str!("scenarios/probe-fails.rift")),
    shipped("late-answers", include_str!("scenarios/late-answers.rift")),
    shipped("stale-success", include_str!("scenarios/stale-success.rift")),
    shipped("one-probe", include_str!("scenarios/one-probe.rift")),
    shipped("probe-herd", include_str!("scenarios/probe-herd.rift")),
    shipped("leased-probe", include_str!("scenarios/leased-probe.rift")),
    shipped("wedged-probe", include_str!("scenarios/wedged-probe.rift")),
    shipped("sharded-trap", include_str!("scenarios/sharded-trap.rift")),
    shipped("retry-storm", include_str!("scenarios/retry-storm.rift")),
    shipped("storm-with-breakers", include_str!("scenarios/storm-with-breakers.rift")),
    shipped("storm-with-backoff", include_str!("scenarios/storm-with-backoff.rift")),
    shipped("cut-cluster", include_str!("scenarios/cut-cluster.rift")),
    shipped("passed-on", include_str!("scenarios/passed-on.rift")),
    shipped("ended-twice", include_str!("scenarios/ended-twice.rift")),
];

const fn shipped(name: &'static str, text: &'static str) -> Shipped {
    Shipped { name, text }
}
