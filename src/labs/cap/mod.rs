//! CAP: choose, and see what the choice costs.

pub mod staleness;
