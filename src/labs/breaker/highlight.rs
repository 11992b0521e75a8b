//! What lights up together in all pictures, whichever of them a thing is pointed at in.

use super::Cluster;
use super::system::{BreakerMessage, CallId};
use crate::scene::{Highlight, Thing};
use crate::sim::NodeId;

/// What belongs to a thing: to a message what its receiver decided on it, and the others of the
/// same call that are on their way; to a record the message that led to it.
pub(super) fn highlight(cluster: &Cluster, thing: Thing) -> Highlight {
    let mut lit = Highlight::of(thing);
    let history = cluster.world().history();
    match thing {
        Thing::Message(id) => {
            for decided in history.decided_on(id) {
                lit.things.insert(Thing::Record(decided));
            }
            let found =
                history.message(id).and_then(|(from, to, message)| called(message, from, to));
            let Some(found) = found else { return lit };
            for flight in cluster.world().network().in_flight() {
                let other = history.message(flight.id);
                let other = other.and_then(|(from, to, message)| called(message, from, to));
                if other == Some(found) {
                    lit.things.insert(Thing::Message(flight.id));
                }
            }
        }
        Thing::Record(id) => {
            if let Some(message) = history.delivered_to(id) {
                lit.things.insert(Thing::Message(message));
            }
        }
        Thing::Entry(_) | Thing::Node(_) | Thing::Request(_) => {}
    }
    lit
}

/// Who called, and which call it is.
fn called(message: &BreakerMessage, from: NodeId, to: NodeId) -> Option<(NodeId, CallId)> {
    match message {
        BreakerMessage::Call { call, .. } => Some((from, *call)),
        BreakerMessage::Answer { call, .. } => Some((to, *call)),
        BreakerMessage::Raft(_) => None,
    }
}
