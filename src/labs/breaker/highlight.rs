//! What lights up together in all pictures.

use super::Cluster;
use crate::scene::{Highlight, Thing};

/// What belongs to a thing.
pub(super) fn highlight(_cluster: &Cluster, thing: Thing) -> Highlight {
    Highlight::of(thing)
}
