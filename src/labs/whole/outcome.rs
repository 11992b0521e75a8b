//! What a run has come to.

use super::super::Outcome;
use super::{Cluster, table};

/// How things stand.
pub(super) fn outcome(cluster: &Cluster) -> Outcome {
    Outcome { headline: table::headline(cluster), writes: Vec::new() }
}
