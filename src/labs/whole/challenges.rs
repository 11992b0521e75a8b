//! The challenges that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("one-door", include_str!("challenges/one-door.rift")),
    Shipped::new("yesterdays-page", include_str!("challenges/yesterdays-page.rift")),
];
