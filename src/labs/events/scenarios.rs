//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("two-writers", include_str!("scenarios/two-writers.rift")),
    Shipped::new("lost-update", include_str!("scenarios/lost-update.rift")),
    Shipped::new("decides-again", include_str!("scenarios/decides-again.rift")),
    Shipped::new("lost-reply-same-id", include_str!("scenarios/lost-reply-same-id.rift")),
    Shipped::new("lost-reply-fresh-id", include_str!("scenarios/lost-reply-fresh-id.rift")),
    Shipped::new("crash-before-publish", include_str!("scenarios/crash-before-publish.rift")),
    Shipped::new("published-once", include_str!("scenarios/published-once.rift")),
    Shipped::new("applied-twice", include_str!("scenarios/applied-twice.rift")),
    Shipped::new("left-out", include_str!("scenarios/left-out.rift")),
    Shipped::new("out-of-order", include_str!("scenarios/out-of-order.rift")),
    Shipped::new("rebuilt", include_str!("scenarios/rebuilt.rift")),
    Shipped::new("torn-file", include_str!("scenarios/torn-file.rift")),
    Shipped::new("answered-too-early", include_str!("scenarios/answered-too-early.rift")),
    Shipped::new("log-on-raft", include_str!("scenarios/log-on-raft.rift")),
];
