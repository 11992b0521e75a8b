//! The words that story, pictures, answers and promises have in common.

use super::super::Client;
pub(in crate::labs) use super::super::telling::Telling;
use super::model::Model;
use super::requests::Asked;
use super::shop::{Customer, ShopEvent};
use super::system::{CheckpointWrites, EventsMessage, Log, ModelKind, Publish, Role, Rules, role};
use super::{Cluster, CrashSpot};
use crate::event_store::{AppendError, Effect, EventStore};
use crate::sim::NodeId;

/// Where the rules stand.
pub(in crate::labs) const YOUNG: &str = "Young, CQRS Documents (2010)";
pub(in crate::labs) const DECIDER: &str = "Chassaing, Decider (2021)";
pub(in crate::labs) const REPLAY: &str = "Fowler, Event Sourcing (2005)";
pub(in crate::labs) const OPTIMISTIC: &str = "Kung & Robinson 1981";
pub(in crate::labs) const LOST_UPDATE: &str = "Berenson et al. 1995, P4";
pub(in crate::labs) const AGAIN: &str = "Helland 2007";
pub(in crate::labs) const ATOMIC: &str = "Gray & Reuter 1993";
/// Of what is done from outside.
pub(in crate::labs) const OUTSIDE: &str = "";
pub(in crate::labs) const RAFT_MACHINE: &str = "Raft §2";
pub(in crate::labs) const RAFT_CLIENTS: &str = "Raft §8";
pub(in crate::labs) const RAFT_LOG: &str = "Raft §5.3";
pub(in crate::labs) const RAFT_ELECTION: &str = "Raft §5.2";

/// `Ann`; a client without a name in the shop is `C7`.
pub(in crate::labs) fn who(client: Client) -> String {
    let place = usize::from(client.0.wrapping_sub(1));
    Customer::ALL.get(place).map_or_else(|| client.to_string(), |one| one.name().to_owned())
}

/// `Ann’s pay`, `Ben’s take mug`.
pub(in crate::labs) fn act(asked: &Asked) -> String {
    format!("{}’s “{}”", who(asked.client), asked.command)
}

/// What a node is, in a word or two.
pub(in crate::labs) fn part(log: Log, node: NodeId) -> &'static str {
    match role(log, node) {
        Role::Desk => "a desk",
        Role::Keeper => "the keeper of the log",
        Role::Model(kind) => model(kind),
        Role::Replica => "a server of the cluster",
    }
}

/// What a read model is about.
pub(in crate::labs) fn model(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Carts => "the read model of carts",
        ModelKind::Stock => "the read model of stock",
        ModelKind::Payments => "the read model of payments",
    }
}

/// Between which two steps the power went.
pub(in crate::labs) fn spot(spot: CrashSpot) -> &'static str {
    match spot {
        CrashSpot::AfterAppend => {
            "right after the append was durable, and before any read model was told"
        }
        CrashSpot::BeforeDurable => "with an append that is not on the disk yet",
        CrashSpot::BetweenStateAndPosition => {
            "after the first of state and position was written, and before the second"
        }
    }
}

/// The read model on a node, if one runs there.
pub(in crate::labs) fn model_of(cluster: &Cluster, node: NodeId) -> Option<&Model> {
    cluster.process(node)?.model()
}

/// The log that a node has, if it runs and has one.
pub(in crate::labs) fn log_of(cluster: &Cluster, node: NodeId) -> Option<&EventStore<ShopEvent>> {
    let process = cluster.process(node)?;
    let keeper = process.keeper().map(|keeper| keeper.store());
    keeper.or_else(|| process.replica().map(|replica| replica.store()))
}

/// `an event`, `3 events`.
pub(in crate::labs) fn events(count: u64) -> String {
    if count == 1 { "an event".to_owned() } else { format!("{count} events") }
}

/// `event 7`, `events 7 to 9`.
pub(in crate::labs) fn span(from: u64, through: u64) -> String {
    if from >= through { format!("event {through}") } else { format!("events {from} to {through}") }
}

/// A stream and a version of it: `stock-mug at version 3`, `payments-ann, which is not there yet`.
pub(in crate::labs) fn at_version(stream: &str, version: u64) -> String {
    match version {
        0 => format!("{stream}, which is not there yet"),
        version => format!("{stream} at version {version}"),
    }
}

/// What a message is called.
pub(in crate::labs) fn kind(message: &EventsMessage) -> &'static str {
    match message {
        EventsMessage::Read { .. } => "Question for streams",
        EventsMessage::Streams { .. } => "Streams",
        EventsMessage::Append { .. } => "Append",
        EventsMessage::Appended { .. } => "Answer to an append",
        EventsMessage::NotAppended { .. } => "Refusal of an append",
        EventsMessage::Publish { events, .. } if events.is_empty() => "Sign of the keeper",
        EventsMessage::Publish { .. } => "Events",
        EventsMessage::Seen { asks: true, .. } => "Question for events",
        EventsMessage::Seen { .. } => "Acknowledgement",
        EventsMessage::Raft(_) => "Message of Raft",
    }
}

/// What a message says, in a few words.
pub(in crate::labs) fn says(message: &EventsMessage) -> String {
    match message {
        EventsMessage::Read { streams, .. } => format!("what is in {}?", listed(streams)),
        EventsMessage::Streams { found, .. } => {
            let one = |read: &super::StreamRead| at_version(read.stream, read.version);
            joined(found.iter().map(one))
        }
        EventsMessage::Append { stream, expected, event: (_, event), .. } => {
            format!("append “{event}” to {stream}, expected {expected}")
        }
        EventsMessage::Appended { appended, .. } => {
            let position = appended.last.map_or(0, |last| last.position);
            match appended.effect {
                Effect::Repeated => format!("it was there already, at position {position}"),
                _ => format!("it is event {position}"),
            }
        }
        EventsMessage::NotAppended { error, .. } => refusal(error),
        EventsMessage::Publish { end, events } => match (events.first(), events.last()) {
            (Some(first), Some(last)) => {
                format!("{} of {end}", span(first.position, last.position))
            }
            _ => format!("the log has {end}"),
        },
        EventsMessage::Seen { through, asks: true } => format!("what comes after {through}?"),
        EventsMessage::Seen { through, .. } => format!("I have all up to {through}"),
        EventsMessage::Raft(message) => format!("{:?}, {}", message.kind(), message.term()),
    }
}

/// Why the store refuses an append.
pub(in crate::labs) fn refusal(error: &AppendError) -> String {
    match error {
        AppendError::Conflict { expected, actual, .. } => {
            format!("expected {expected}, actual {actual}")
        }
        other => other.to_string(),
    }
}

/// What is different in the rules, as one tells who has turned them.
pub(in crate::labs) fn turned(before: &Rules, after: &Rules) -> Option<(String, &'static str)> {
    let mut told: Vec<(&str, &'static str)> = Vec::new();
    if before.check != after.check {
        told.push(match after.check {
            true => ("every append says again which version it rests on", OPTIMISTIC),
            false => (
                "appends no longer say which version they rest on: the last writer wins",
                LOST_UPDATE,
            ),
        });
    }
    if before.same_ids != after.same_ids {
        told.push(match after.same_ids {
            true => ("a retry has the ids of the first attempt", AGAIN),
            false => ("a retry has fresh ids: nobody can tell it from a new request", AGAIN),
        });
    }
    if before.decides_again != after.decides_again {
        told.push(match after.decides_again {
            true => ("a desk that comes second reads and decides again by itself", DECIDER),
            false => ("a desk that comes second tells its customer", DECIDER),
        });
    }
    if before.durable_first != after.durable_first {
        told.push(match after.durable_first {
            true => ("the keeper answers when its file is durable", ATOMIC),
            false => ("the keeper answers at once, before its file is durable", ATOMIC),
        });
    }
    if before.publish != after.publish {
        told.push(match after.publish {
            Publish::FromTheLog => {
                ("the keeper sends on from the log until each read model has it all", YOUNG)
            }
            Publish::Once => {
                ("the keeper tells the read models of each event once, and never again", YOUNG)
            }
        });
    }
    if before.checkpoint != after.checkpoint {
        told.push(match after.checkpoint {
            CheckpointWrites::Together => {
                ("a read model keeps state and position in one write", AGAIN)
            }
            CheckpointWrites::StateFirst => {
                ("a read model writes its state, and then its position", AGAIN)
            }
            CheckpointWrites::PositionFirst => {
                ("a read model writes its position, and then its state", AGAIN)
            }
        });
    }
    if before.in_order != after.in_order {
        told.push(match after.in_order {
            true => ("read models take events in by their positions, each once", YOUNG),
            false => ("read models take events in as they arrive", YOUNG),
        });
    }
    let section = told.first()?.1;
    let text = joined(told.into_iter().map(|(text, _)| text.to_owned()));
    Some((format!("From now on {text}."), section))
}

/// One sentence more, of words that begin and end without being one.
pub(in crate::labs) fn add_sentence(text: &mut String, words: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    let mut letters = words.chars();
    text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
    text.push_str(letters.as_str());
    text.push('.');
}

/// `a`, `a and b`, `a, b and c`.
pub(in crate::labs) fn joined(words: impl Iterator<Item = String>) -> String {
    let mut words: Vec<String> = words.collect();
    let Some(last) = words.pop() else { return "nothing".to_owned() };
    match words.is_empty() {
        true => last,
        false => format!("{} and {last}", words.join(", ")),
    }
}

fn listed(words: &[&str]) -> String {
    joined(words.iter().map(|word| (*word).to_owned()))
}

/// The event as a decision, before it has happened: `Ann takes a mug`.
pub(in crate::labs) fn decision(event: ShopEvent) -> String {
    match event {
        ShopEvent::Stocked { item, count } => format!("{count} × {} come in", item.name()),
        ShopEvent::Taken { item, customer } => {
            format!("{} takes a {}", customer.name(), item.name())
        }
        ShopEvent::PutBack { item, customer } => {
            format!("{} puts a {} back", customer.name(), item.name())
        }
        ShopEvent::Charged { customer, cents } => {
            format!("{} pays {}", customer.name(), super::shop::Euros(cents.into()))
        }
        ShopEvent::ChargedEuros { customer, euros } => {
            format!("{} pays {euros} €", customer.name())
        }
        ShopEvent::Sold { item, customer } => {
            format!("{} buys a {}", customer.name(), item.name())
        }
    }
}
