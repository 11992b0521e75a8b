//! How messages look, by what they are for.

use super::super::super::LegendItem;
use super::super::super::raft::scene as raft;
use super::super::super::stage::Placing;
use super::super::{CapMessage, CapProcess, System};
use crate::primary_backup;
use crate::quorum::{Cell, Message, Purpose, Sibling};
use crate::scene::{Mark, Shape, Token, Tone};
use crate::sim::{Flight, RecordId, World};

/// What the shapes of the store without a leader mean.
const QUORUM: &[LegendItem] = &[
    LegendItem::new(Shape::Square, Tone::Calm, true, "write"),
    LegendItem::new(Shape::Square, Tone::Calm, false, "acknowledged"),
    LegendItem::new(Shape::Diamond, Tone::Chief, true, "read"),
    LegendItem::new(Shape::Diamond, Tone::Chief, false, "answer"),
    LegendItem::new(Shape::Stack, Tone::Eager, true, "repair, or a write kept for you"),
    LegendItem::new(Shape::Triangle, Tone::Eager, true, "compares hash trees"),
    LegendItem::new(Shape::Dot, Tone::Off, true, "I am up"),
];

/// What those of Raft mean.
const RAFT: &[LegendItem] = &[
    LegendItem::new(Shape::Diamond, Tone::Eager, true, "asks for a vote"),
    LegendItem::new(Shape::Square, Tone::Chief, true, "carries entries"),
    LegendItem::new(Shape::Square, Tone::Chief, false, "has it ✓ or not ✗"),
    LegendItem::new(Shape::Dot, Tone::Chief, true, "heartbeat"),
];

/// What those of primary-backup mean.
const BACKUP: &[LegendItem] = &[
    LegendItem::new(Shape::Square, Tone::Chief, true, "ships the log"),
    LegendItem::new(Shape::Square, Tone::Chief, false, "has it"),
];

/// What the shapes mean.
pub(in crate::labs::cap) fn legend_of(system: System) -> Vec<LegendItem> {
    match system {
        System::Quorum => QUORUM,
        System::Raft => RAFT,
        System::PrimaryBackup => BACKUP,
    }
    .to_vec()
}

/// A message's shape, whether it is filled, its mark and its colour.
type Dress = (Shape, bool, Option<Mark>, Tone);

/// A message on its way.
pub(super) fn token(place: &Placing<'_, CapProcess>, flight: &Flight) -> Option<Token> {
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
        tint: None,
        lane: place.lane(from, to),
        sent_us: flight.sent_us,
        arrives_us: flight.arrives_us,
        stopped_at: place.stop(flight),
        description: format!("{name} from {from} to {to}{says}"),
    })
}

/// Whether a message says nothing but that its sender is up.
pub(super) fn is_sign_of_life(world: &World<CapProcess>, message: RecordId) -> bool {
    let message = world.history().message(message);
    matches!(message, Some((_, _, CapMessage::Quorum(Message::Heartbeat))))
}

/// What a message is called, and what it says, in a few words.
pub(in crate::labs::cap) fn in_words(message: &CapMessage) -> String {
    let (_, name, says) = words(message);
    if says.is_empty() { name.to_owned() } else { [name, ": ", &says].concat() }
}

/// Whether a message answers another: those that do are hollow.
pub(in crate::labs::cap) fn is_answer(message: &CapMessage) -> bool {
    !dress(message).1
}

fn dress(message: &CapMessage) -> Dress {
    let message = match message {
        CapMessage::Quorum(message) => message,
        CapMessage::Raft(message) => return raft::dress(message),
        CapMessage::PrimaryBackup(primary_backup::Message::Ship { entries, .. }) => {
            let shape = if entries.is_empty() { Shape::Dot } else { Shape::Square };
            return (shape, true, None, Tone::Chief);
        }
        CapMessage::PrimaryBackup(primary_backup::Message::Ack { .. }) => {
            return (Shape::Square, false, Some(Mark::Check), Tone::Chief);
        }
    };
    match message {
        Message::Write { .. } => (Shape::Square, true, None, Tone::Calm),
        Message::WriteAck { .. } => (Shape::Square, false, Some(Mark::Check), Tone::Calm),
        Message::Read { .. } | Message::AskStamp { .. } => {
            (Shape::Diamond, true, None, Tone::Chief)
        }
        Message::ReadReply { .. } | Message::StampReply { .. } => {
            (Shape::Diamond, false, None, Tone::Chief)
        }
        Message::Merge { .. } => (Shape::Stack, true, None, Tone::Eager),
        Message::Merged { .. } => (Shape::Stack, false, Some(Mark::Check), Tone::Eager),
        Message::Heartbeat => (Shape::Dot, true, None, Tone::Off),
        Message::Tree { .. } | Message::Leaves { .. } | Message::Want { .. } => {
            (Shape::Triangle, true, None, Tone::Eager)
        }
    }
}

/// A few letters for the picture, what it is called, and what it says.
fn words(message: &CapMessage) -> (String, &'static str, String) {
    let message = match message {
        CapMessage::Quorum(message) => message,
        CapMessage::Raft(message) => {
            return (raft_label(message), raft::kind_name(message), raft::says(message));
        }
        CapMessage::PrimaryBackup(message) => return backup_words(message),
    };
    let (label, name) = match message {
        Message::Write { key, sibling, stands_in_for, .. } => {
            let label = written(key, sibling);
            let label = match stands_in_for {
                Some(replica) => format!("{label} for {replica}"),
                None => label,
            };
            (label, "Write")
        }
        Message::WriteAck { .. } => (String::new(), "Acknowledgement"),
        Message::AskStamp { key, .. } => (format!("stamp of {key}?"), "Question for the stamp"),
        Message::StampReply { .. } => (String::new(), "Stamp"),
        Message::Read { key, .. } => (format!("{key}?"), "Read"),
        Message::ReadReply { cell, .. } => (found(cell.as_ref()), "Answer"),
        Message::Merge { purpose, key, cell } => {
            let name = match purpose {
                Purpose::WriteBack(_) => "Write-back",
                Purpose::ReadRepair(_) => "Read repair",
                Purpose::Handoff => "Write that was kept",
                Purpose::AntiEntropy { .. } => "Repair after comparing",
            };
            (format!("{key}: {}", found(Some(cell))), name)
        }
        Message::Merged { .. } => (String::new(), "Acknowledgement of a repair"),
        Message::Heartbeat => (String::new(), "Sign of life"),
        Message::Tree { level, .. } => (format!("level {level}"), "Hashes of a tree"),
        Message::Leaves { entries, .. } => (format!("{} keys", entries.len()), "Hashes of keys"),
        Message::Want { keys, .. } => (keys.join(" "), "Wish for keys"),
    };
    let says = label.clone();
    (label, name, says)
}

fn written(key: &str, sibling: &Sibling<String>) -> String {
    match &sibling.value {
        Some(value) => [key, "=", value].concat(),
        None => [key, " †"].concat(),
    }
}

/// What a replica holds of a key, in a few letters.
fn found(cell: Option<&Cell<String>>) -> String {
    match cell {
        None => "nothing".to_owned(),
        Some(cell) if cell.is_tombstone() => "†".to_owned(),
        Some(cell) => cell.values().cloned().collect::<Vec<_>>().join(" ∥ "),
    }
}

fn raft_label(message: &crate::raft::Message<crate::raft::KeyValueCommand>) -> String {
    match message {
        crate::raft::Message::AppendEntries { entries, .. } => {
            entries.last().map_or(String::new(), |entry| raft::entry_text(entry))
        }
        _ => String::new(),
    }
}

fn backup_words(
    message: &primary_backup::Message<String, String>,
) -> (String, &'static str, String) {
    match message {
        primary_backup::Message::Ship { entries, .. } => {
            let last = entries.last().map(|entry| match &entry.value {
                Some(value) => [entry.key.as_str(), "=", value].concat(),
                None => [entry.key.as_str(), " †"].concat(),
            });
            (last.unwrap_or_default(), "Log", format!("{} entries", entries.len()))
        }
        primary_backup::Message::Ack { .. } => (String::new(), "Acknowledgement", String::new()),
    }
}
