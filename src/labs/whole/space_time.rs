//! The space-time diagram: fronts with what their breakers were, servers, pages, and every message.

use super::super::annals::Splits;
use super::super::breaker::chronicle::State as NodeState;
use super::super::breaker::space_time::look as node_look;
use super::super::events::space_time::weight as of_feed;
use super::super::raft::space_time as of_raft;
use super::super::space_time::{self, Letter, Lived};
use super::chronicle::{Chronicle, Life, State};
use super::scene::{dress, label};
use super::system::{Role, WholeMessage, WholeProcess};
use super::{Cluster, words};
use crate::labs::breaker::Answer;
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

impl Lived<WholeProcess> for Pictured<'_> {
    fn world(&self) -> &World<WholeProcess> {
        self.cluster.world()
    }

    fn splits(&self) -> &Splits {
        &self.chronicle.annals().splits
    }

    fn is_paused(&self, node: NodeId, at_us: u64) -> bool {
        let life = self.chronicle.annals().life_at(node, at_us);
        life.is_some_and(|life| life.state == State::Node(NodeState::Paused))
    }

    fn weight(&self, message: &WholeMessage) -> Weight {
        weight(message)
    }

    fn letter(&self, message: &WholeMessage) -> Letter {
        if let WholeMessage::Raft(message) = message {
            return of_raft::letter(message);
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
        self.chronicle.finding(record).unwrap_or_default()
    }

    fn told(&self, record: RecordId) -> String {
        self.chronicle.tale(record).map_or(String::new(), |(_, text, _)| text.clone())
    }
}

fn lifeline(cluster: &Cluster, chronicle: &Chronicle, node: NodeId, window: Window) -> Lifeline {
    let (name, now_us) = (node.to_string(), cluster.world().now_us());
    let (part, role) = (words::part(cluster.cast(), node), cluster.cast().role(node));
    let span = |(life, until_us): (&Life, u64)| {
        let (look, tone, word) = look(life.state);
        let number = life.number;
        let is_up = !matches!(life.state, State::Node(NodeState::Down | NodeState::Paused));
        let has = match (role, life.state) {
            _ if !is_up => String::new(),
            (Role::Front, State::Node(NodeState::Door(_))) => format!("era {number}"),
            (Role::Front, _) => String::new(),
            (Role::Server, _) => format!("term {number}"),
            (Role::Page(_), _) => format!("at {number}"),
        };
        let label = match life.state {
            State::Node(NodeState::Leader) => format!("leads {has}"),
            State::Node(NodeState::Candidate | NodeState::Follower) => has.clone(),
            State::Fresh | State::Behind | State::Off => has.clone(),
            State::Node(NodeState::Up) => String::new(),
            _ => word.to_owned(),
        };
        let has = if has.is_empty() { has } else { format!(", {has}") };
        Span {
            record: life.record,
            from_us: life.at_us,
            to_us: until_us.min(now_us),
            look,
            tone,
            head: number,
            label,
            description: format!("{name}, {part}: {word}{has}"),
        }
    };
    let spans = chronicle.annals().lives(node, window).map(span).collect();
    Lifeline { node, spans, name }
}

fn look(state: State) -> (SpanLook, Tone, &'static str) {
    match state {
        State::Node(state) => node_look(state),
        State::Fresh => (SpanLook::Line, Tone::Calm, "up to date"),
        State::Behind => (SpanLook::Dashed, Tone::Eager, "behind"),
        State::Off => (SpanLook::Dashed, Tone::Bad, "shows what never was"),
    }
}

/// How much a message tells.
pub(super) fn weight(message: &WholeMessage) -> Weight {
    match message {
        WholeMessage::Raft(message) => of_raft::weight(message),
        WholeMessage::Feed(message) => of_feed(message),
        WholeMessage::Look | WholeMessage::Shown(_) => Weight::Faint,
        WholeMessage::Order { .. } | WholeMessage::Answer { answer: Answer::Done, .. } => {
            Weight::Normal
        }
        WholeMessage::Answer { .. } => Weight::Strong,
    }
}
