//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    shipped("leader-dies-at-rush-hour", include_str!("scenarios/leader-dies-at-rush-hour.rift")),
    shipped("stale-stock-page", include_str!("scenarios/stale-stock-page.rift")),
    shipped("oversold", include_str!("scenarios/oversold.rift")),
    shipped("election-storm", include_str!("scenarios/election-storm.rift")),
    shipped("charged-twice", include_str!("scenarios/charged-twice.rift")),
    shipped("told-too-soon", include_str!("scenarios/told-too-soon.rift")),
];

const fn shipped(name: &'static str, text: &'static str) -> Shipped {
    Shipped { name, text }
}
