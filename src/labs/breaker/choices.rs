//! What can be done with a node, a link, a message or the network.

use super::super::acts::{for_link, for_message};
use super::super::{Choice, Client};
use super::{Cluster, client_views};
use crate::scene::Target;

/// The choices for `target`.
pub(super) fn choices(cluster: &Cluster, target: Target) -> Vec<Choice> {
    let world = cluster.world();
    match target {
        Target::Link(a, b) => for_link(world, a, b),
        Target::Message(message) => for_message(world, message),
        Target::Client(client, via) => client_views::choices(cluster, Client(client), via),
        Target::Node(_) | Target::More(..) | Target::Stage => Vec::new(),
    }
}
