//! How messages look, by what they are for.

use super::super::super::LegendItem;
use super::super::super::events::scene as shop;
use super::super::super::raft::scene as raft;
use super::super::super::stage::Placing;
use super::super::{WholeMessage, WholeProcess, words};
use crate::labs::breaker::Answer;
use crate::labs::events::RequestOutcome;
use crate::scene::{Mark, Scene, Shape, Token, Tone};
use crate::sim::Flight;

/// What the shapes mean.
pub(in crate::labs::whole) const LEGEND: &[LegendItem] = &[
    LegendItem::new(Shape::Square, Tone::Calm, true, "an order, in the tint of its breaker’s era"),
    LegendItem::new(Shape::Dot, Tone::Calm, false, "sold ✓ or not ✗"),
    LegendItem::new(Shape::Diamond, Tone::Calm, true, "looks at the stock page"),
    LegendItem::new(Shape::Stack, Tone::Eager, true, "events for a page"),
    LegendItem::new(Shape::Square, Tone::Chief, true, "carries orders"),
    LegendItem::new(Shape::Dot, Tone::Chief, true, "heartbeat"),
    LegendItem::new(Shape::Diamond, Tone::Eager, true, "asks for a vote"),
];

/// With more messages on their way none has letters.
const MOST_LABELLED: usize = 16;

/// A crowd goes in so many strands, so far apart at the bend, so that each of it can be seen.
const STRANDS: u32 = 13;
const STRAND: f32 = 9.0;

/// A message on its way, one of so many.
pub(super) fn token(
    place: &Placing<'_, WholeProcess>,
    flight: &Flight,
    crowd: usize,
) -> Option<Token> {
    let (from, to, message) = place.world.history().message(flight.id)?;
    let (shape, filled, mark, tone) = dress(message);
    let era = match message {
        WholeMessage::Order { era, .. } | WholeMessage::Answer { era, .. } => Some(*era),
        _ => None,
    };
    let (kind, lane) = (words::kind(message), place.lane(from, to));
    // By its number, so that it keeps to it all the way.
    let strand = (flight.id.0 / 2 % STRANDS) as f32;
    let description = match crowd <= Scene::CROWD {
        true => format!("{kind} from {from} to {to}, {}", words::says(message)),
        false => String::new(),
    };
    Some(Token {
        id: flight.id.0,
        shape,
        filled,
        mark,
        tone,
        label: if crowd <= MOST_LABELLED { label(message) } else { String::new() },
        tint: era.map(|era| (era.0 % 6) as u8),
        lane: if crowd > Scene::CROWD { lane.bent(strand * STRAND) } else { lane },
        sent_us: flight.sent_us,
        arrives_us: flight.arrives_us,
        stopped_at: place.stop(flight),
        description,
    })
}

/// Whether a message answers another: those that do are hollow.
pub(in crate::labs::whole) fn is_answer(message: &WholeMessage) -> bool {
    !dress(message).1
}

/// A message's shape, whether it is filled, its mark and its colour.
pub(in crate::labs::whole) fn dress(message: &WholeMessage) -> (Shape, bool, Option<Mark>, Tone) {
    match message {
        WholeMessage::Order { .. } => (Shape::Square, true, None, Tone::Calm),
        WholeMessage::Answer { answer: Answer::Done, done, .. } => {
            match done.and_then(|done| done.outcome) {
                Some(RequestOutcome::Refused(_)) => {
                    (Shape::Dot, false, Some(Mark::Cross), Tone::Calm)
                }
                _ => (Shape::Dot, false, Some(Mark::Check), Tone::Calm),
            }
        }
        WholeMessage::Answer { .. } => (Shape::Dot, false, Some(Mark::Cross), Tone::Bad),
        WholeMessage::Look => (Shape::Diamond, true, None, Tone::Calm),
        WholeMessage::Shown(_) => (Shape::Diamond, false, None, Tone::Calm),
        WholeMessage::Feed(message) => shop::dress(message),
        WholeMessage::Raft(message) => raft::dress(message),
    }
}

/// A few letters.
pub(in crate::labs::whole) fn label(message: &WholeMessage) -> String {
    match message {
        WholeMessage::Order { wish, .. } => words::brief(*wish),
        WholeMessage::Answer { done, .. } => match done.and_then(|done| done.outcome) {
            Some(RequestOutcome::Done { position, .. }) => position.to_string(),
            Some(RequestOutcome::Refused(_)) => "no".to_owned(),
            _ => String::new(),
        },
        WholeMessage::Feed(message) => shop::label(message),
        WholeMessage::Look | WholeMessage::Shown(_) | WholeMessage::Raft(_) => String::new(),
    }
}
