//! The scenarios that come with the lab: one line each.

use super::super::Shipped;

/// All of them.
pub(super) const SHIPPED: &[Shipped] = &[];
