//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// In the order in which a reader should meet them.
pub(super) const SHIPPED: &[Shipped] = &[
];
