//! How messages look: a call keeps the tint of the era in which it was admitted, there and back.

use super::super::super::LegendItem;
use super::super::super::raft::scene as raft;
use super::super::super::stage::Placing;
use super::super::{Answer, BreakerMessage, BreakerProcess, Cast, words};
use super::looks::tint;
use crate::scene::{Mark, Scene, Shape, Token, Tone};
use crate::sim::Flight;

/// What the shapes mean.
const CALLS: &[LegendItem] = &[
    LegendItem::new(Shape::Square, Tone::Calm, true, "a call, in the tint of its era"),
    LegendItem::new(Shape::Dot, Tone::Calm, false, "done ✓"),
    LegendItem::new(Shape::Dot, Tone::Bad, false, "failed ✗"),
];

/// What those of the cluster mean besides.
const RAFT: &[LegendItem] = &[
    LegendItem::new(Shape::Diamond, Tone::Eager, true, "asks for a vote"),
    LegendItem::new(Shape::Square, Tone::Chief, true, "carries commands"),
    LegendItem::new(Shape::Dot, Tone::Chief, true, "heartbeat"),
];

/// What the shapes mean.
pub(in crate::labs::breaker) fn legend_of(cast: Cast) -> Vec<LegendItem> {
    let more = if cast == Cast::Network { RAFT } else { &[] };
    [CALLS, more].concat()
}

/// With more messages on their way none has letters.
const MOST_LABELLED: usize = 16;

/// A crowd goes in so many strands, so far apart at the bend, so that each of it can be seen.
const STRANDS: u32 = 13;
const STRAND: f32 = 9.0;

/// A message on its way, one of so many.
pub(super) fn token(
    place: &Placing<'_, BreakerProcess>,
    flight: &Flight,
    crowd: usize,
) -> Option<Token> {
    let (from, to, message) = place.world.history().message(flight.id)?;
    let (shape, filled, mark, tone) = dress(message);
    let era = match message {
        BreakerMessage::Call { era, .. } | BreakerMessage::Answer { era, .. } => Some(*era),
        BreakerMessage::Raft(_) => None,
    };
    let label = match era {
        Some(era) if crowd <= MOST_LABELLED => format!("era {}", era.0),
        _ => String::new(),
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
        label,
        tint: era.map(tint),
        lane: if crowd > Scene::CROWD { lane.bent(strand * STRAND) } else { lane },
        sent_us: flight.sent_us,
        arrives_us: flight.arrives_us,
        stopped_at: place.stop(flight),
        description,
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
        BreakerMessage::Call { .. } => (Shape::Square, true, None, Tone::Calm),
        BreakerMessage::Answer { answer: Answer::Done, .. } => {
            (Shape::Dot, false, Some(Mark::Check), Tone::Calm)
        }
        BreakerMessage::Answer { .. } => (Shape::Dot, false, Some(Mark::Cross), Tone::Bad),
        BreakerMessage::Raft(message) => raft::dress(message),
    }
}
