//! The space-time diagram of a store.

use super::super::annals::Splits;
use super::super::space_time::{self, Letter, Lived};
use super::chronicle::{Chronicle, Life, State};
use super::system::{CapMessage, CapProcess, System};
use super::{Cluster, words};
use crate::primary_backup as backup;
use crate::quorum::Message;
use crate::raft;
use crate::scene::space_time::{Lifeline, SpaceTime, Span, SpanLook, Weight};
use crate::scene::{Mark, Shape, Spacing, TimeMark, Tone, Window};
use crate::sim::{NodeId, RecordId, World};

/// The part of the history that a window shows.
pub(super) fn space_time(
    cluster: &Cluster,
    chronicle: &Chronicle,
    window: Window,
    spacing: Spacing,
) -> SpaceTime {
    space_time::space_time(&Pictured { cluster, chronicle }, window, spacing)
}

struct Pictured<'a> {
    cluster: &'a Cluster,
    chronicle: &'a Chronicle,
}

impl Lived<CapProcess> for Pictured<'_> {
    fn world(&self) -> &World<CapProcess> {
        self.cluster.world()
    }

    fn splits(&self) -> &Splits {
        &self.chronicle.annals().splits
    }

    fn is_paused(&self, node: NodeId, at_us: u64) -> bool {
        let life = self.chronicle.annals().life_at(node, at_us);
        life.is_some_and(|life| life.state == State::Paused)
    }

    fn weight(&self, message: &CapMessage) -> Weight {
        weight(message)
    }

    fn letter(&self, message: &CapMessage) -> Letter {
        let (kind, label) = label(message);
        let says = words::says(message);
        Letter { dress: dress(message), label, entries: Vec::new(), kind, says }
    }

    fn lifeline(&self, node: NodeId, window: Window) -> Lifeline {
        lifeline(self.cluster.system(), self.chronicle, node, window, self.cluster.world().now_us())
    }

    fn marks(&self, window: Window, parts: u32) -> Vec<TimeMark> {
        self.chronicle.annals().marks.within(window, parts)
    }

    fn finding(&self, record: RecordId) -> String {
        self.chronicle.finding(record).unwrap_or_default().to_owned()
    }

    fn told(&self, record: RecordId) -> String {
        let tale = self.chronicle.tale(self.cluster, record);
        tale.map_or(String::new(), |(_, text, _)| text)
    }
}

fn lifeline(
    system: System,
    chronicle: &Chronicle,
    node: NodeId,
    window: Window,
    now_us: u64,
) -> Lifeline {
    let name = node.to_string();
    let span = |(life, until_us): (&Life, u64)| {
        let (look, tone, word) = look(life.state);
        let reign = match system {
            System::Quorum => String::new(),
            System::Raft => format!("term {}", life.reign),
            System::PrimaryBackup => format!("epoch {}", life.reign),
        };
        let label = match life.state {
            State::Up | State::Candidate => reign.clone(),
            State::Chief => format!("leads {reign}"),
            State::Down | State::Paused | State::Blind => word.to_owned(),
        };
        let of_reign = if reign.is_empty() { reign } else { format!(", {reign}") };
        Span {
            record: life.record,
            from_us: life.at_us,
            to_us: until_us.min(now_us),
            look,
            tone,
            head: life.reign,
            label,
            description: format!("{name}, {word}{of_reign}"),
        }
    };
    Lifeline { node, spans: chronicle.annals().lives(node, window).map(span).collect(), name }
}

fn look(state: State) -> (SpanLook, Tone, &'static str) {
    match state {
        State::Down => (SpanLook::Gap, Tone::Off, "down"),
        State::Paused => (SpanLook::Paused, Tone::Off, "paused"),
        State::Up => (SpanLook::Line, Tone::Calm, "up"),
        State::Blind => (SpanLook::Dashed, Tone::Bad, "sees too few"),
        State::Candidate => (SpanLook::Dashed, Tone::Eager, "asks to lead"),
        State::Chief => (SpanLook::Bar, Tone::Chief, "leads"),
    }
}

/// How much a message tells.
pub(super) fn weight(message: &CapMessage) -> Weight {
    match message {
        CapMessage::Quorum(message) => match message {
            Message::Heartbeat | Message::Tree { .. } | Message::Leaves { .. } => Weight::Faint,
            Message::Want { .. } | Message::Merged { .. } => Weight::Faint,
            Message::WriteAck { .. } | Message::AskStamp { .. } | Message::StampReply { .. } => {
                Weight::Normal
            }
            Message::Read { .. } => Weight::Normal,
            Message::Write { .. } | Message::ReadReply { .. } | Message::Merge { .. } => {
                Weight::Strong
            }
        },
        CapMessage::Raft(message) => match message {
            raft::Message::AppendEntries { entries, .. } if entries.is_empty() => Weight::Faint,
            raft::Message::AppendEntriesReply { result, .. } if result.success() => Weight::Faint,
            raft::Message::AppendEntriesReply { .. } => Weight::Normal,
            _ => Weight::Strong,
        },
        CapMessage::PrimaryBackup(backup::Message::Ship { entries, .. }) if entries.is_empty() => {
            Weight::Faint
        }
        CapMessage::PrimaryBackup(backup::Message::Ship { .. }) => Weight::Strong,
        CapMessage::PrimaryBackup(backup::Message::Ack { .. }) => Weight::Normal,
    }
}

/// Requests are filled, replies hollow; a shape a kind.
fn dress(message: &CapMessage) -> (Shape, bool, Option<Mark>, Tone) {
    let ok = Some(Mark::Check);
    match message {
        CapMessage::Quorum(message) => match message {
            Message::Write { .. } => (Shape::Square, true, None, Tone::Calm),
            Message::WriteAck { .. } => (Shape::Square, false, ok, Tone::Calm),
            Message::AskStamp { .. } | Message::Read { .. } => {
                (Shape::Diamond, true, None, Tone::Chief)
            }
            Message::StampReply { .. } | Message::ReadReply { .. } => {
                (Shape::Diamond, false, None, Tone::Chief)
            }
            Message::Merge { .. } => (Shape::Stack, true, None, Tone::Eager),
            Message::Merged { .. } => (Shape::Stack, false, ok, Tone::Eager),
            Message::Heartbeat => (Shape::Dot, true, None, Tone::Off),
            Message::Tree { .. } | Message::Leaves { .. } | Message::Want { .. } => {
                (Shape::Diamond, true, None, Tone::Eager)
            }
        },
        CapMessage::Raft(message) => match message {
            raft::Message::AppendEntries { entries, .. } if entries.is_empty() => {
                (Shape::Dot, true, None, Tone::Chief)
            }
            raft::Message::AppendEntries { .. } => (Shape::Square, true, None, Tone::Chief),
            raft::Message::AppendEntriesReply { result, .. } => {
                let mark = if result.success() { Mark::Check } else { Mark::Cross };
                (Shape::Square, false, Some(mark), Tone::Chief)
            }
            _ => (Shape::Diamond, true, None, Tone::Eager),
        },
        CapMessage::PrimaryBackup(backup::Message::Ship { .. }) => {
            (Shape::Square, true, None, Tone::Chief)
        }
        CapMessage::PrimaryBackup(backup::Message::Ack { .. }) => {
            (Shape::Square, false, ok, Tone::Chief)
        }
    }
}

/// What kind it is, and a few letters.
fn label(message: &CapMessage) -> (&'static str, String) {
    let none = String::new;
    let value = |value: Option<&String>| value.map_or("deleted".to_owned(), String::clone);
    match message {
        CapMessage::Quorum(message) => match message {
            Message::Write { key, sibling, .. } => {
                ("Write", format!("{key}={}", value(sibling.value.as_ref())))
            }
            Message::WriteAck { .. } => ("Acknowledgement", "ok".to_owned()),
            Message::AskStamp { .. } => ("Question for a stamp", "stamp?".to_owned()),
            Message::StampReply { .. } => ("Stamp", none()),
            Message::Read { key, .. } => ("Read", format!("{key}?")),
            Message::ReadReply { cell, .. } => {
                ("Answer", cell.as_ref().map_or("not found".to_owned(), words::held))
            }
            Message::Merge { key, cell, .. } => ("Repair", format!("{key}={}", words::held(cell))),
            Message::Merged { .. } => ("Repair taken in", none()),
            Message::Heartbeat => ("Heartbeat", none()),
            Message::Tree { .. } => ("Hash tree", none()),
            Message::Leaves { .. } => ("Hashes of keys", none()),
            Message::Want { .. } => ("Wish for cells", none()),
        },
        CapMessage::Raft(message) => match message {
            raft::Message::AppendEntries { entries, .. } if entries.is_empty() => {
                ("Heartbeat", none())
            }
            raft::Message::AppendEntries { .. } => ("AppendEntries", "entries".to_owned()),
            raft::Message::AppendEntriesReply { .. } => ("Reply to AppendEntries", none()),
            raft::Message::RequestVote { .. } => ("RequestVote", "vote?".to_owned()),
            raft::Message::RequestVoteReply { vote_granted, .. } => {
                ("Vote", if *vote_granted { "yes" } else { "no" }.to_owned())
            }
            _ => ("Message", none()),
        },
        CapMessage::PrimaryBackup(backup::Message::Ship { entries, .. }) => {
            ("Log", if entries.is_empty() { none() } else { "log".to_owned() })
        }
        CapMessage::PrimaryBackup(backup::Message::Ack { .. }) => ("Acknowledgement", none()),
    }
}
