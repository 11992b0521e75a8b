//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    shipped("two-writers", include_str!("scenarios/two-writers.rift")),
    shipped("lost-update", include_str!("scenarios/lost-update.rift")),
    shipped("decides-again", include_str!("scenarios/decides-again.rift")),
    shipped("lost-reply-same-id", include_str!("scenarios/lost-reply-same-id.rift")),
    shipped("lost-reply-fresh-id", include_str!("scenarios/lost-reply-fresh-id.rift")),
    shipped("crash-before-publish", include_str!("scenarios/crash-before-publish.rift")),
    shipped("published-once", include_str!("scenarios/published-once.rift")),
    shipped("applied-twice", include_str!("scenarios/applied-twice.rift")),
    shipped("left-out", include_str!("scenarios/left-out.rift")),
    shipped("out-of-order", include_str!("scenarios/out-of-order.rift")),
    shipped("rebuilt", include_str!("scenarios/rebuilt.rift")),
    shipped("torn-file", include_str!("scenarios/torn-file.rift")),
    shipped("answered-too-early", include_str!("scenarios/answered-too-early.rift")),
    shipped("log-on-raft", include_str!("scenarios/log-on-raft.rift")),
];

const fn shipped(name: &'static str, text: &'static str) -> Shipped {
    Shipped { name, text }
}
