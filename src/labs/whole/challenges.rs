//! The challenges that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    shipped("one-door", include_str!("challenges/one-door.rift")),
    shipped("yesterdays-page", include_str!("challenges/yesterdays-page.rift")),
];

const fn shipped(name: &'static str, text: &'static str) -> Shipped {
    Shipped { name, text }
}
