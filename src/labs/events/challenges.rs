//! The challenges that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("oversold", include_str!("challenges/oversold.rift")),
    Shipped::new("charged-twice", include_str!("challenges/charged-twice.rift")),
    Shipped::new("amnesia", include_str!("challenges/amnesia.rift")),
];
