//! What lights up together in all pictures, whichever of them a thing is pointed at in.

use super::Cluster;
use super::system::{WholeEvent, WholeMessage};
use crate::labs::breaker::CallId;
use crate::scene::{Highlight, Thing};
use crate::sim::{Happening, NodeId};

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
            let called_in = |id| {
                let (from, to, message) = history.message(id)?;
                called(message, from, to)
            };
            let Some(found) = called_in(id) else { return lit };
            for flight in cluster.world().network().in_flight() {
                if called_in(flight.id) == Some(found) {
                    lit.things.insert(Thing::Message(flight.id));
                }
            }
        }
        Thing::Record(id) => {
            if let Some(message) = history.delivered_to(id) {
                lit.things.insert(Thing::Message(message));
            }
            // An order lights up the message that carries it.
            let sent = history.get(id).and_then(|record| match &record.what {
                Happening::Decided { node, event: WholeEvent::Sent { call, .. } } => {
                    Some((*node, *call))
                }
                _ => None,
            });
            for flight in cluster.world().network().in_flight() {
                let message = history.message(flight.id);
                let other = message.and_then(|(from, to, message)| called(message, from, to));
                if sent.is_some() && other == sent {
                    lit.things.insert(Thing::Message(flight.id));
                }
            }
        }
        Thing::Entry(_) | Thing::Node(_) | Thing::Request(_) => {}
    }
    lit
}

/// Which front called, and which call it is.
fn called(message: &WholeMessage, from: NodeId, to: NodeId) -> Option<(NodeId, CallId)> {
    match message {
        WholeMessage::Order { call, .. } => Some((from, *call)),
        WholeMessage::Answer { call, .. } => Some((to, *call)),
        _ => None,
    }
}
