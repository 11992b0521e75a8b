//! What can be done with a part, a link, a message, a customer or the network.

use super::super::Choice;
use super::Cluster;
use crate::scene::Target;

/// The menu of a target.
pub(super) fn choices(_cluster: &Cluster, _target: Target) -> Vec<Choice> {
    Vec::new()
}
