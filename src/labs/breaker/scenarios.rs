//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// All of them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("five-failures", include_str!("scenarios/five-failures.rift")),
    Shipped::new("probe-fails", include_str!("scenarios/probe-fails.rift")),
    Shipped::new("late-answers", include_str!("scenarios/late-answers.rift")),
    Shipped::new("stale-success", include_str!("scenarios/stale-success.rift")),
    Shipped::new("one-probe", include_str!("scenarios/one-probe.rift")),
    Shipped::new("probe-herd", include_str!("scenarios/probe-herd.rift")),
    Shipped::new("leased-probe", include_str!("scenarios/leased-probe.rift")),
    Shipped::new("wedged-probe", include_str!("scenarios/wedged-probe.rift")),
    Shipped::new("sharded-trap", include_str!("scenarios/sharded-trap.rift")),
    Shipped::new("retry-storm", include_str!("scenarios/retry-storm.rift")),
    Shipped::new("storm-with-breakers", include_str!("scenarios/storm-with-breakers.rift")),
    Shipped::new("storm-with-backoff", include_str!("scenarios/storm-with-backoff.rift")),
    Shipped::new("cut-cluster", include_str!("scenarios/cut-cluster.rift")),
    Shipped::new("passed-on", include_str!("scenarios/passed-on.rift")),
    Shipped::new("ended-twice", include_str!("scenarios/ended-twice.rift")),
];
