//! How messages look, by what they are for.

use super::super::super::LegendItem;
use super::super::super::raft::scene as raft;
use super::super::super::stage::Placing;
use super::super::system::{EventsMessage, EventsProcess, Log};
use super::words::brief;
use crate::event_store::{AppendError, Effect, Expected};
use crate::raft::{KeyValueCommand, Message, Payload};
use crate::scene::{Mark, Shape, Token, Tone};
use crate::sim::Flight;

/// What the shapes mean where one server keeps the log.
const SINGLE: &[LegendItem] = &[
    legend(Shape::Diamond, Tone::Calm, true, "reads a stream"),
    legend(Shape::Diamond, Tone::Calm, false, "the stream and its version"),
    legend(Shape::Square, Tone::Chief, true, "appends, if the version is still that"),
    legend(Shape::Square, Tone::Chief, false, "appended ✓ or not ✗"),
    legend(Shape::Stack, Tone::Eager, true, "events for a read model"),
    legend(Shape::Dot, Tone::Eager, false, "has them"),
];

/// What those of a cluster mean.
const RAFT: &[LegendItem] = &[
    legend(Shape::Diamond, Tone::Eager, true, "asks for a vote"),
    legend(Shape::Square, Tone::Chief, true, "carries commands"),
    legend(Shape::Square, Tone::Chief, false, "has them ✓ or not ✗"),
    legend(Shape::Dot, Tone::Chief, true, "heartbeat"),
];

const fn legend(shape: Shape, tone: Tone, filled: bool, meaning: &'static str) -> LegendItem {
    LegendItem { shape, tone, filled, meaning }
}

/// What the shapes mean.
pub(in crate::labs::events) fn legend_of(log: Log) -> Vec<LegendItem> {
    match log {
        Log::Single => SINGLE,
        Log::Raft => RAFT,
    }
    .to_vec()
}

/// A message on its way.
pub(super) fn token(place: &Placing<'_, EventsProcess>, flight: &Flight) -> Option<Token> {
    let (from, to, message) = place.world.history().message(flight.id)?;
    let (shape, filled, mark, tone) = dress(message);
    let (label, name, says) = words(message);
    let says = if says.is_empty() { says } else { [", ", &says].concat() };
    Some(Token {
        id: flight.id.0,
        shape,
        filled,
        mark,
        tone,
        label,
        lane: place.lane(from, to),
        sent_us: flight.sent_us,
        arrives_us: flight.arrives_us,
        stopped_at: place.stop(flight),
        description: format!("{name} from {from} to {to}{says}"),
    })
}

/// What a message is called, and what it says, in a few words.
pub(in crate::labs::events) fn in_words(message: &EventsMessage) -> String {
    let (_, name, says) = words(message);
    if says.is_empty() { name.to_owned() } else { [name, ": ", &says].concat() }
}

/// Whether a message answers another: those that do are hollow.
pub(in crate::labs::events) fn is_answer(message: &EventsMessage) -> bool {
    !dress(message).1
}

/// A message's shape, whether it is filled, its mark and its colour.
pub(in crate::labs::events) fn dress(message: &EventsMessage) -> (Shape, bool, Option<Mark>, Tone) {
    match message {
        EventsMessage::Read { .. } => (Shape::Diamond, true, None, Tone::Calm),
        EventsMessage::Streams { .. } => (Shape::Diamond, false, None, Tone::Calm),
        EventsMessage::Append { .. } => (Shape::Square, true, None, Tone::Chief),
        EventsMessage::Appended { .. } => (Shape::Square, false, Some(Mark::Check), Tone::Chief),
        EventsMessage::NotAppended { .. } => (Shape::Square, false, Some(Mark::Cross), Tone::Bad),
        EventsMessage::Publish { events, .. } if events.is_empty() => {
            (Shape::Dot, true, None, Tone::Eager)
        }
        EventsMessage::Publish { .. } => (Shape::Stack, true, None, Tone::Eager),
        EventsMessage::Seen { .. } => (Shape::Dot, false, None, Tone::Eager),
        EventsMessage::Raft(message) => raft::dress(message),
    }
}

/// A few letters for the picture, what it is called, and what it says.
pub(in crate::labs::events) fn words(message: &EventsMessage) -> (String, &'static str, String) {
    match message {
        EventsMessage::Read { streams, .. } => {
            let streams = streams.join(" and ");
            (short(streams.split(' ').next().unwrap_or("")).to_owned() + "?", "Read", streams)
        }
        EventsMessage::Streams { found, .. } => {
            let first = found.first().map_or(0, |read| read.version);
            let each = found.iter().map(|read| format!("{} at {}", read.stream, read.version));
            let each: Vec<String> = each.collect();
            (format!("v{first}"), "Streams", each.join(" and "))
        }
        EventsMessage::Append { stream, expected, event: (_, event), .. } => {
            let (on, if_so) = match expected {
                Expected::Exact(version) => (format!(" on v{version}"), version.to_string()),
                Expected::NoStream => (" on v0".to_owned(), "0".to_owned()),
                Expected::Any | Expected::Exists => (String::new(), "whatever it is".to_owned()),
            };
            let says = format!("{event}, to {stream}, if its version is {if_so}");
            (brief(*event) + &on, "Append", says)
        }
        EventsMessage::Appended { appended, .. } => {
            let position = appended.last.map_or(0, |last| last.position);
            match appended.effect {
                Effect::Repeated => {
                    let says = format!("it was there, at position {position}");
                    (format!("was {position}"), "Appended", says)
                }
                _ => (format!("is {position}"), "Appended", format!("at position {position}")),
            }
        }
        EventsMessage::NotAppended { error, .. } => {
            let label = match error.as_ref() {
                AppendError::Conflict { actual, .. } => format!("is v{}", actual.version()),
                _ => String::new(),
            };
            (label, "Refusal", error.to_string())
        }
        EventsMessage::Publish { end, events } => match &events[..] {
            [] => (String::new(), "Sign of life", format!("the log ends at {end}")),
            [only] => {
                let says = format!("{} {}", only.position, only.event);
                (only.position.to_string(), "Event", says)
            }
            [first, .., last] => {
                let range = format!("{}–{}", first.position, last.position);
                (range.clone(), "Events", range)
            }
        },
        EventsMessage::Seen { through, .. } => {
            (String::new(), "Acknowledgement", format!("has everything to {through}"))
        }
        EventsMessage::Raft(message) => {
            (commands(message), raft::kind_name(message), raft::says(message))
        }
    }
}

/// `mug`, of `stock-mug`.
fn short(stream: &str) -> &str {
    stream.rsplit('-').next().unwrap_or(stream)
}

/// What customers asked for, of the last command in a message of Raft.
fn commands(message: &Message<KeyValueCommand>) -> String {
    let Message::AppendEntries { entries, .. } = message else { return String::new() };
    match entries.last().map(|entry| &entry.payload) {
        Some(Payload::Command(KeyValueCommand::Put { value, .. })) => value.clone(),
        Some(_) => "–".to_owned(),
        None => String::new(),
    }
}
