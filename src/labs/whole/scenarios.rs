//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new(
        "leader-dies-at-rush-hour",
        include_str!("scenarios/leader-dies-at-rush-hour.rift"),
    ),
    Shipped::new("stale-stock-page", include_str!("scenarios/stale-stock-page.rift")),
    Shipped::new("oversold", include_str!("scenarios/oversold.rift")),
    Shipped::new("election-storm", include_str!("scenarios/election-storm.rift")),
    Shipped::new("charged-twice", include_str!("scenarios/charged-twice.rift")),
    Shipped::new("told-too-soon", include_str!("scenarios/told-too-soon.rift")),
];
