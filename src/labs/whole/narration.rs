//! What happened, in sentences, each with the source that has the rule where there is one.
//!
//! What takes a memory of what came before is told by the [`chronicle`](super::chronicle).

use super::super::breaker::narration::tell_caller;
use super::super::breaker::{BreakerEvent, ByHand};
use super::super::events::EventsEvent;
use super::super::events::shop::{ShopCommand, ShopRefusal};
use super::super::raft::{RaftEvent, RaftRequest};
use super::super::telling::{tell_fault, tell_raft};
use super::Cluster;
use super::system::{Role, Shown, WholeEvent, WholeProcess, WholeRequest};
use super::words::{self, CQRS, KEYS, Telling};
use crate::scene::Tone;
use crate::sim::{Fault, Happening, NodeId, Record};

/// What happened, if it is worth a line of the story.
pub(super) fn tell(cluster: &Cluster, record: &Record<WholeProcess>) -> Option<Telling> {
    match &record.what {
        Happening::Fault(fault) => Some((Tone::Bad, tell_act(cluster, fault), None)),
        Happening::Booted { node, boot } if *boot > 1 => Some(tell_boot(cluster, *node)),
        Happening::Requested { node, request } => tell_request(*node, request),
        Happening::Decided { node, event } => tell_event(cluster, *node, event),
        _ => None,
    }
}

fn tell_act(cluster: &Cluster, fault: &Fault) -> String {
    let mut text = tell_fault(fault);
    if let Fault::Crash(node) = fault {
        text.push_str(match cluster.cast().role(*node) {
            Role::Front => " Its customers are gone, and its breaker forgets.",
            Role::Server => " The events that it had made are made again from Raft’s log.",
            Role::Page(_) => " Nobody sees it, and nothing else stops.",
        });
    }
    text
}

fn tell_boot(cluster: &Cluster, node: NodeId) -> Telling {
    let text = match cluster.cast().role(node) {
        Role::Front => format!("{node} opens again, its breaker closed and empty."),
        Role::Server => format!("{node} starts again, with the log that is on its disk."),
        Role::Page(_) => format!("{node} starts again, from the position that is on its disk."),
    };
    (Tone::Plain, text, None)
}

fn tell_request(node: NodeId, request: &WholeRequest) -> Option<Telling> {
    let text = match request {
        WholeRequest::OrderOnce => format!("You send a customer to {node}."),
        WholeRequest::ByHand(what) => {
            let what = match what {
                ByHand::Open => "open",
                ByHand::Close => "close",
                ByHand::Reset => "reset",
                ByHand::ForceOpen => "hold open",
                ByHand::Disable => "disable",
                ByHand::WatchOnly => "only watch with",
            };
            format!("You {what} the breaker of {node}.")
        }
        WholeRequest::Rebuild => format!("{node} is to read all events from the start."),
        WholeRequest::Raft(RaftRequest::TimeOutNow) => format!("You make {node} time out."),
        WholeRequest::Raft(RaftRequest::TransferLeadership { to }) => {
            format!("You ask {node} to hand over to {to}.")
        }
        // What was turned is told by what comes of it.
        WholeRequest::GoBy(_) | WholeRequest::Raft(_) => return None,
    };
    Some((Tone::Plain, text, None))
}

fn tell_event(cluster: &Cluster, node: NodeId, event: &WholeEvent) -> Option<Telling> {
    match event {
        // How often orders are tried again is to be seen; a line for each would be too many.
        WholeEvent::Caller(BreakerEvent::RetriesAt { .. } | BreakerEvent::Redirected { .. }) => {
            None
        }
        WholeEvent::Caller(event) => tell_caller(node, &|_| node.to_string(), true, event),
        WholeEvent::Turned { to } => {
            let part = words::part(cluster.cast(), node);
            let text = format!("{node}, {part}, has no answer, and asks {to} for events.");
            Some((Tone::Eager, text, Some(CQRS)))
        }
        WholeEvent::Raft(RaftEvent::Raft(event)) => {
            let (tone, text, section) = tell_raft(node, event)?;
            Some((tone, text, Some(section)))
        }
        WholeEvent::Shop(EventsEvent::Rebuilding) => {
            let text = format!("{node} forgets what it shows, and makes it anew from all events.");
            Some((Tone::Plain, text, Some(CQRS)))
        }
        _ => None,
    }
}

/// What a customer is told who ordered what the stock page showed to be there.
pub(super) fn tell_misled(
    node: NodeId,
    wish: ShopCommand,
    shown: Option<Shown>,
    refusal: ShopRefusal,
) -> Telling {
    let (wish, why) = (words::wish(wish), words::refused(shown, refusal));
    (Tone::Bad, format!("At {node} {wish}, and is told: {why}."), Some(CQRS))
}

/// What a customer is told whose order had been carried out before.
pub(super) fn tell_known(node: NodeId, wish: ShopCommand, position: u64) -> Telling {
    let wish = words::wish(wish);
    let text = format!(
        "At {node} {wish}: a retry of what was event {position} already. Its key is known, so it \
         happened once."
    );
    (Tone::Chief, text, Some(KEYS))
}
