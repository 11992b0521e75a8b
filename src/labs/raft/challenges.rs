//! The challenges that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped::new("two-crowns", include_str!("challenges/two-crowns.rift")),
    Shipped::new("two-are-enough", include_str!("challenges/two-are-enough.rift")),
    Shipped::new("stalemate", include_str!("challenges/stalemate.rift")),
    Shipped::new("majority-report", include_str!("challenges/majority-report.rift")),
    Shipped::new("borrowed-time", include_str!("challenges/borrowed-time.rift")),
];
