//! What lights up together.

use super::Cluster;
use crate::scene::{Highlight, Thing};

/// What belongs to a thing, wherever it is drawn.
pub(super) fn highlight(_cluster: &Cluster, thing: Thing) -> Highlight {
    Highlight::of(thing)
}
