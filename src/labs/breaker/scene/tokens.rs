//! How messages look.

use super::super::super::LegendItem;
use super::super::super::raft::scene as raft;
use super::super::super::stage::Placing;
use super::super::{Answer, BreakerMessage, BreakerProcess, Cast};
use crate::scene::{Mark, Shape, Token, Tone};
use crate::sim::Flight;

/// What the shapes mean.
pub(in crate::labs::breaker) fn legend(_cast: Cast) -> Vec<LegendItem> {
    let item =
        |filled, meaning| LegendItem { shape: Shape::Dot, tone: Tone::Calm, filled, meaning };
    vec![item(true, "a call"), item(false, "the answer")]
}

/// A message on its way.
pub(super) fn token(place: &Placing<'_, BreakerProcess>, flight: &Flight) -> Option<Token> {
    let (from, to, message) = place.world.history().message(flight.id)?;
    let (shape, filled, mark, tone) = dress(message);
    Some(Token {
        id: flight.id.0,
        shape,
        filled,
        mark,
        tone,
        label: String::new(),
        lane: place.lane(from, to),
        sent_us: flight.sent_us,
        arrives_us: flight.arrives_us,
        stopped_at: place.stop(flight),
        description: format!("from {from} to {to}"),
    })
}

/// Whether a message answers another: those that do are hollow.
pub(in crate::labs::breaker) fn is_answer(message: &BreakerMessage) -> bool {
    !dress(message).1
}

/// A message's shape, whether it is filled, its mark and its colour.
pub(in crate::labs::breaker) fn dress(
    message: &BreakerMessage,
) -> (Shape, bool, Option<Mark>, Tone) {
    match message {
        BreakerMessage::Call { .. } => (Shape::Dot, true, None, Tone::Calm),
        BreakerMessage::Answer { answer: Answer::Done, .. } => {
            (Shape::Dot, false, Some(Mark::Check), Tone::Calm)
        }
        BreakerMessage::Answer { .. } => (Shape::Dot, false, Some(Mark::Cross), Tone::Bad),
        BreakerMessage::Raft(message) => raft::dress(message),
    }
}
