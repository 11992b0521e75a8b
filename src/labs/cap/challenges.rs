//! The challenges that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("told-and-lost", include_str!("challenges/told-and-lost.rift")),
    Shipped::new("back-in-time", include_str!("challenges/back-in-time.rift")),
];
