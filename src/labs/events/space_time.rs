//! The space-time diagram of a shop.

use super::super::annals::Splits;
use super::super::raft::space_time as raft_letters;
use super::super::space_time::{self, Letter, Lived};
use super::chronicle::{Chronicle, Life, State};
use super::system::{EventsMessage, EventsProcess, Log, Role, role};
use super::{Cluster, scene, words};
use crate::scene::space_time::{Lifeline, SpaceTime, Span, SpanLook, Weight};
use crate::scene::{Spacing, TimeMark, Tone, Window};
use crate::sim::{NodeId, RecordId, World};

/// The messages and lives in a part of the run.
pub(super) fn space_time(
    cluster: &Cluster,
    chronicle: &Chronicle,
    window: Window,
    spacing: Spacing,
) -> Option<SpaceTime> {
    Some(space_time::space_time(&Pictured { cluster, chronicle }, window, spacing))
}

struct Pictured<'a> {
    cluster: &'a Cluster,
    chronicle: &'a Chronicle,
}

impl Lived<EventsProcess> for Pictured<'_> {
    fn world(&self) -> &World<EventsProcess> {
        self.cluster.world()
    }

    fn splits(&self) -> &Splits {
        &self.chronicle.annals().splits
    }

    fn is_paused(&self, node: NodeId, at_us: u64) -> bool {
        let life = self.chronicle.annals().life_at(node, at_us);
        life.is_some_and(|life| life.state == State::Paused)
    }

    fn weight(&self, message: &EventsMessage) -> Weight {
        weight(message)
    }

    fn letter(&self, message: &EventsMessage) -> Letter {
        if let EventsMessage::Raft(message) = message {
            return raft_letters::letter(message);
        }
        let (label, kind, says) =
            (scene::label(message), words::kind(message), words::says(message));
        Letter { dress: scene::dress(message), label, entries: Vec::new(), kind, says }
    }

    fn lifeline(&self, node: NodeId, window: Window) -> Lifeline {
        lifeline(
            self.cluster.rules().log,
            self.chronicle,
            node,
            window,
            self.cluster.world().now_us(),
        )
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

/// Its stretches: of a read model one for each position, so that its lag behind the log is to be
/// seen.
fn lifeline(
    log: Log,
    chronicle: &Chronicle,
    node: NodeId,
    window: Window,
    now_us: u64,
) -> Lifeline {
    let name = node.to_string();
    let span = |(life, until_us): (&Life, u64)| {
        let (look, tone, word) = look(log, life.state);
        let has = match (log, role(log, node)) {
            (Log::Raft, _) if life.state == State::Behind => {
                format!("term {}, at {}", life.term, life.position)
            }
            (Log::Raft, _) => format!("term {}", life.term),
            (_, Role::Desk) => String::new(),
            (_, Role::Keeper) => words::events(life.position),
            _ => format!("at {}", life.position),
        };
        let label = match life.state {
            State::Down | State::Paused => word.to_owned(),
            State::Chief if log == Log::Raft => format!("leads {has}"),
            _ => has.clone(),
        };
        let part = words::part(log, node);
        let has = if has.is_empty() { has } else { format!(", {has}") };
        Span {
            record: life.record,
            from_us: life.at_us,
            to_us: until_us.min(now_us),
            look,
            tone,
            head: if log == Log::Raft { life.term } else { life.position },
            label,
            description: format!("{name}, {part}: {word}{has}"),
        }
    };
    Lifeline { node, spans: chronicle.annals().lives(node, window).map(span).collect(), name }
}

fn look(log: Log, state: State) -> (SpanLook, Tone, &'static str) {
    match state {
        State::Chief if log == Log::Raft => (SpanLook::Bar, Tone::Chief, "leads"),
        State::Down => (SpanLook::Gap, Tone::Off, "down"),
        State::Paused => (SpanLook::Paused, Tone::Off, "paused"),
        State::Up => (SpanLook::Line, Tone::Calm, "up"),
        State::Chief => (SpanLook::Bar, Tone::Chief, "has the log"),
        State::Behind => (SpanLook::Dashed, Tone::Eager, "behind the log"),
        State::Off => (SpanLook::Dashed, Tone::Bad, "not what the log comes to"),
        State::Candidate => (SpanLook::Dashed, Tone::Eager, "asks to lead"),
    }
}

/// How much a message tells.
pub(in crate::labs) fn weight(message: &EventsMessage) -> Weight {
    match message {
        EventsMessage::Raft(message) => raft_letters::weight(message),
        EventsMessage::Publish { events, .. } if events.is_empty() => Weight::Faint,
        EventsMessage::Seen { .. } => Weight::Faint,
        EventsMessage::Read { .. } | EventsMessage::Streams { .. } => Weight::Normal,
        EventsMessage::Append { .. }
        | EventsMessage::Appended { .. }
        | EventsMessage::NotAppended { .. }
        | EventsMessage::Publish { .. } => Weight::Strong,
    }
}
