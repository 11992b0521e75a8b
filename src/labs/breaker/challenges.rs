//! The challenges that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("rolling", include_str!("challenges/rolling.rift")),
    Shipped::new("old-news", include_str!("challenges/old-news.rift")),
];
