//! What a run has come to.

use super::super::Outcome;
use super::{Cluster, scene};

/// How things stand.
pub(super) fn outcome(cluster: &Cluster) -> Outcome {
    Outcome { headline: scene::headline(cluster), writes: Vec::new() }
}
