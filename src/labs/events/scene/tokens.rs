//! How messages look, by what they are for.

use super::super::super::LegendItem;
use super::super::super::raft::scene as raft;
use super::super::super::stage::Placing;
use super::super::system::{EventsMessage, EventsProcess, Log};
use super::super::words;
use super::words::brief;
use crate::event_store::{AppendError, Effect, Expected};
use crate::raft::{KeyValueCommand, Message, Payload};
use crate::scene::{Mark, Shape, Token, Tone};
use crate::sim::Flight;

/// What the shapes mean where one server keeps the log.
const SINGLE: &[LegendItem] = &[
    LegendItem::new(Shape::Diamond, Tone::Calm, true, "reads a stream"),
    LegendItem::new(Shape::Diamond, Tone::Calm, false, "the stream and its version"),
    LegendItem::new(Shape::Square, Tone::Chief, true, "appends, if the version is still that"),
    LegendItem::new(Shape::Square, Tone::Chief, false, "appended ✓ or not ✗"),
    LegendItem::new(Shape::Stack, Tone::Eager, true, "events for a read model"),
    LegendItem::new(Shape::Dot, Tone::Off, false, "has them"),
];

/// What those of a cluster mean.
const RAFT: &[LegendItem] = &[
    LegendItem::new(Shape::Diamond, Tone::Eager, true, "asks for a vote"),
    LegendItem::new(Shape::Square, Tone::Chief, true, "carries commands"),
    LegendItem::new(Shape::Square, Tone::Chief, false, "has them ✓ or not ✗"),
    LegendItem::new(Shape::Dot, Tone::Chief, true, "heartbeat"),
];

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
    let (name, says) = (words::kind(message), words::says(message));
    Some(Token {
        id: flight.id.0,
        shape,
        filled,
        mark,
        tone,
        label: label(message),
        tint: None,
        lane: place.lane(from, to),
        sent_us: flight.sent_us,
        arrives_us: flight.arrives_us,
        stopped_at: place.stop(flight),
        description: format!("{name} from {from} to {to}, {says}"),
    })
}

/// Whether a message answers another: those that do are hollow.
pub(in crate::labs::events) fn is_answer(message: &EventsMessage) -> bool {
    !dress(message).1
}

/// A message's shape, whether it is filled, its mark and its colour.
pub(in crate::labs) fn dress(message: &EventsMessage) -> (Shape, bool, Option<Mark>, Tone) {
    match message {
        EventsMessage::Read { .. } => (Shape::Diamond, true, None, Tone::Calm),
        EventsMessage::Streams { .. } => (Shape::Diamond, false, None, Tone::Calm),
        EventsMessage::Append { .. } => (Shape::Square, true, None, Tone::Chief),
        EventsMessage::Appended { appended, .. } => {
            let tone = if appended.effect == Effect::Repeated { Tone::Calm } else { Tone::Chief };
            (Shape::Square, false, Some(Mark::Check), tone)
        }
        EventsMessage::NotAppended { .. } => (Shape::Square, false, Some(Mark::Cross), Tone::Bad),
        EventsMessage::Publish { events, .. } if events.is_empty() => {
            (Shape::Dot, true, None, Tone::Off)
        }
        EventsMessage::Publish { .. } => (Shape::Stack, true, None, Tone::Eager),
        EventsMessage::Seen { .. } => (Shape::Dot, false, None, Tone::Off),
        EventsMessage::Raft(message) => raft::dress(message),
    }
}

/// A few letters.
pub(in crate::labs) fn label(message: &EventsMessage) -> String {
    match message {
        EventsMessage::Read { streams, .. } => {
            // `mug?` for `stock-mug`.
            let first = streams.first().and_then(|stream| stream.rsplit('-').next());
            [first.unwrap_or(""), "?"].concat()
        }
        EventsMessage::Streams { found, .. } => {
            found.first().map_or(String::new(), |read| format!("v{}", read.version))
        }
        EventsMessage::Append { expected, event: (_, event), .. } => match expected {
            Expected::Exact(version) => format!("{} on v{version}", brief(*event)),
            Expected::NoStream => brief(*event) + " on v0",
            Expected::Any | Expected::Exists => brief(*event),
        },
        EventsMessage::Appended { appended, .. } => {
            let position = appended.last.map_or(0, |last| last.position);
            let word = if appended.effect == Effect::Repeated { "was" } else { "is" };
            format!("{word} {position}")
        }
        EventsMessage::NotAppended { error, .. } => match error.as_ref() {
            AppendError::Conflict { actual, .. } => format!("is v{}", actual.version()),
            _ => String::new(),
        },
        EventsMessage::Publish { events, .. } => match &events[..] {
            [] => String::new(),
            [only] => only.position.to_string(),
            [first, .., last] => format!("{}–{}", first.position, last.position),
        },
        EventsMessage::Seen { .. } => String::new(),
        EventsMessage::Raft(message) => commands(message),
    }
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
