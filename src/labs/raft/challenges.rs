//! The challenges that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    shipped("two-crowns", include_str!("challenges/two-crowns.rift")),
    shipped("two-are-enough", include_str!("challenges/two-are-enough.rift")),
    shipped("stalemate", include_str!("challenges/stalemate.rift")),
    shipped("majority-report", include_str!("challenges/majority-report.rift")),
    shipped("borrowed-time", include_str!("challenges/borrowed-time.rift")),
];

const fn shipped(name: &'static str, text: &'static str) -> Shipped {
    Shipped { name, text }
}
