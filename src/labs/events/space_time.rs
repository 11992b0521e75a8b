//! The space-time diagram of a shop.

use super::super::annals::Splits;
use super::super::raft::space_time as raft_letters;
use super::super::space_time::{Letter, Lived, MARKS, arrows, cuts};
use super::chronicle::{Chronicle, Life, State};
use super::system::{EventsMessage, EventsProcess, Log, Role, role};
use super::{Cluster, scene, words};
use crate::scene::space_time::{Flag, Lifeline, SpaceTime, Span, SpanLook, Weight};
use crate::scene::{MarkKind, Spacing, TimeMark, Tone, Window};
use crate::sim::{NodeId, World};

/// The messages and lives in a part of the run.
pub(super) fn space_time(
    cluster: &Cluster,
    chronicle: &Chronicle,
    window: Window,
    spacing: Spacing,
) -> Option<SpaceTime> {
    let (world, now_us) = (cluster.world(), cluster.world().now_us());
    let (arrows, left_out) = arrows(&Pictured { world, chronicle }, window);
    let life = |node| lifeline(cluster.rules().log, chronicle, node, window, now_us);
    Some(SpaceTime {
        window,
        spacing,
        now_us,
        lifelines: world.node_ids().map(life).collect(),
        arrows,
        cuts: cuts(&chronicle.annals().splits, window, now_us),
        flags: flags(cluster, chronicle, window),
        left_out,
    })
}

struct Pictured<'a> {
    world: &'a World<EventsProcess>,
    chronicle: &'a Chronicle,
}

impl Lived<EventsProcess> for Pictured<'_> {
    fn world(&self) -> &World<EventsProcess> {
        self.world
    }

    fn splits(&self) -> &Splits {
        &self.chronicle.annals().splits
    }

    fn is_paused(&self, node: NodeId, at_us: u64) -> bool {
        let at = Window { from_us: at_us, to_us: at_us };
        let life = self.chronicle.annals().lives(node, at).last();
        life.is_some_and(|(life, _)| life.state == State::Paused)
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

fn flags(cluster: &Cluster, chronicle: &Chronicle, window: Window) -> Vec<Flag> {
    let flag = |mark: TimeMark| {
        let text = match mark.kind {
            MarkKind::Violation => chronicle.finding(mark.record).unwrap_or_default().to_owned(),
            _ => chronicle.tale(cluster, mark.record).map_or(String::new(), |(_, text, _)| text),
        };
        Flag { mark, text }
    };
    chronicle.annals().marks.within(window, MARKS).into_iter().map(flag).collect()
}

/// How much a message tells.
pub(super) fn weight(message: &EventsMessage) -> Weight {
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
