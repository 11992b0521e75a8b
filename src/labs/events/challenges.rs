//! The challenges that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    shipped("oversold", include_str!("challenges/oversold.rift")),
    shipped("charged-twice", include_str!("challenges/charged-twice.rift")),
    shipped("amnesia", include_str!("challenges/amnesia.rift")),
];

const fn shipped(name: &'static str, text: &'static str) -> Shipped {
    Shipped { name, text }
}
