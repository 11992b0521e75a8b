//! The space-time diagram: callers with what their breakers were, and every call.

use super::super::annals::Splits;
use super::super::raft::space_time as raft_letters;
use super::super::space_time::{self, Letter, Lived};
use super::chronicle::{Chronicle, Life, State};
use super::scene::dress;
use super::system::{Answer, BreakerMessage, BreakerProcess};
use super::{Cluster, words};
use crate::circuit_breaker;
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

impl Lived<BreakerProcess> for Pictured<'_> {
    fn world(&self) -> &World<BreakerProcess> {
        self.cluster.world()
    }

    fn splits(&self) -> &Splits {
        &self.chronicle.annals().splits
    }

    fn is_paused(&self, node: NodeId, at_us: u64) -> bool {
        let life = self.chronicle.annals().life_at(node, at_us);
        life.is_some_and(|life| life.state == State::Paused)
    }

    fn weight(&self, message: &BreakerMessage) -> Weight {
        weight(message)
    }

    fn letter(&self, message: &BreakerMessage) -> Letter {
        if let BreakerMessage::Raft(message) = message {
            return raft_letters::letter(message);
        }
        let (kind, says) = (words::kind(message), words::says(message));
        Letter { dress: dress(message), label: label(message), entries: Vec::new(), kind, says }
    }

    fn lifeline(&self, node: NodeId, window: Window) -> Lifeline {
        lifeline(self.cluster, self.chronicle, node, window)
    }

    fn marks(&self, window: Window, parts: u32) -> Vec<TimeMark> {
        self.chronicle.annals().marks.within(window, parts)
    }

    fn finding(&self, record: RecordId) -> String {
        self.chronicle.finding(record).unwrap_or_default().to_owned()
    }

    fn told(&self, record: RecordId) -> String {
        self.chronicle.tale(record).map_or(String::new(), |(_, text, _)| text.clone())
    }
}

fn lifeline(cluster: &Cluster, chronicle: &Chronicle, node: NodeId, window: Window) -> Lifeline {
    let (name, now_us) = (node.to_string(), cluster.world().now_us());
    let part = words::part(cluster.cast(), node);
    let span = |(life, until_us): (&Life, u64)| {
        let (look, tone, word) = look(life.state);
        let has = match life.state {
            State::Leader | State::Candidate | State::Follower => format!("term {}", life.number),
            State::Door(_) => format!("era {}", life.number),
            _ => String::new(),
        };
        let label = match life.state {
            State::Up => String::new(),
            State::Leader => format!("leads {has}"),
            State::Candidate | State::Follower => has.clone(),
            _ => word.to_owned(),
        };
        let has = if has.is_empty() { has } else { format!(", {has}") };
        Span {
            record: life.record,
            from_us: life.at_us,
            to_us: until_us.min(now_us),
            look,
            tone,
            head: life.number,
            label,
            description: format!("{name}, {part}: {word}{has}"),
        }
    };
    let spans = chronicle.annals().lives(node, window).map(span).collect();
    Lifeline { node, spans, name }
}

pub(in crate::labs) fn look(state: State) -> (SpanLook, Tone, &'static str) {
    use circuit_breaker::State::{Closed, HalfOpen};
    match state {
        State::Down => (SpanLook::Gap, Tone::Off, "down"),
        State::Paused => (SpanLook::Paused, Tone::Off, "paused"),
        State::Up => (SpanLook::Line, Tone::Calm, "up"),
        State::Door(Closed) => (SpanLook::Line, Tone::Calm, words::state(Closed)),
        State::Door(HalfOpen) => (SpanLook::Dashed, Tone::Eager, words::state(HalfOpen)),
        State::Door(other) => (SpanLook::Bar, Tone::Bad, words::state(other)),
        State::Ill => (SpanLook::Dashed, Tone::Bad, "ill"),
        State::Busy => (SpanLook::Bar, Tone::Eager, "calls wait"),
        State::Full => (SpanLook::Bar, Tone::Bad, "its queue is full"),
        State::Leader => (SpanLook::Bar, Tone::Chief, "leads"),
        State::Candidate => (SpanLook::Dashed, Tone::Eager, "asks to lead"),
        State::Follower => (SpanLook::Line, Tone::Calm, "follows"),
    }
}

/// How much a message tells.
pub(super) fn weight(message: &BreakerMessage) -> Weight {
    match message {
        BreakerMessage::Raft(message) => raft_letters::weight(message),
        BreakerMessage::Call { .. } | BreakerMessage::Answer { answer: Answer::Done, .. } => {
            Weight::Normal
        }
        BreakerMessage::Answer { .. } => Weight::Strong,
    }
}

/// A few letters.
fn label(message: &BreakerMessage) -> String {
    match message {
        BreakerMessage::Call { call, .. } | BreakerMessage::Answer { call, .. } => {
            call.number.to_string()
        }
        BreakerMessage::Raft(_) => String::new(),
    }
}
