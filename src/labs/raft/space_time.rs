//! The space-time diagram of a Raft cluster.

use super::super::annals::Splits;
use super::super::space_time::{self, Letter, Lived};
use super::chronicle::{Chronicle, Life, State};
use super::scene::{dress, entry_text, kind_name, says};
use super::{Clients, RaftProcess, narration};
use crate::check::Verdicts;
use crate::raft::{KeyValueCommand, Message, RoleKind};
use crate::scene::space_time::{Lifeline, SpaceTime, Span, SpanLook, Weight};
use crate::scene::{EntryName, MarkKind, Spacing, TimeMark, Tone, Window};
use crate::sim::{History, NodeId, RecordId, World};

type RaftWorld = World<RaftProcess>;
type RaftHistory = History<RaftProcess>;

/// The part of the history that a window shows.
pub(super) fn space_time(
    world: &RaftWorld,
    clients: &Clients,
    (chronicle, verdicts): (&Chronicle, &Verdicts),
    window: Window,
    spacing: Spacing,
) -> SpaceTime {
    let pictured = Pictured { world, clients, chronicle, verdicts };
    space_time::space_time(&pictured, window, spacing)
}

struct Pictured<'a> {
    world: &'a RaftWorld,
    clients: &'a Clients,
    chronicle: &'a Chronicle,
    verdicts: &'a Verdicts,
}

impl Lived<RaftProcess> for Pictured<'_> {
    fn world(&self) -> &RaftWorld {
        self.world
    }

    fn splits(&self) -> &Splits {
        &self.chronicle.annals().splits
    }

    fn is_paused(&self, node: NodeId, at_us: u64) -> bool {
        let life = self.chronicle.annals().life_at(node, at_us);
        life.is_some_and(|life| matches!(life.state, State::Up { paused: true, .. }))
    }

    fn weight(&self, message: &Message<KeyValueCommand>) -> Weight {
        weight(message)
    }

    fn letter(&self, message: &Message<KeyValueCommand>) -> Letter {
        letter(message)
    }

    fn lifeline(&self, node: NodeId, window: Window) -> Lifeline {
        lifeline(self.chronicle, node, window, self.world.now_us())
    }

    fn marks(&self, window: Window, parts: u32) -> Vec<TimeMark> {
        let mut marks = self.chronicle.annals().marks.within(window, parts);
        marks.extend(violations(self.world.history(), self.verdicts, window));
        marks
    }

    fn finding(&self, record: RecordId) -> String {
        let found = self.verdicts.violations().find(|violation| violation.at == record);
        found.map_or_else(String::new, |violation| violation.finding.to_string())
    }

    fn told(&self, record: RecordId) -> String {
        let line = narration::line(self.clients, self.world.history(), record);
        line.map_or(String::new(), |line| line.text)
    }
}

fn lifeline(chronicle: &Chronicle, node: NodeId, window: Window, now_us: u64) -> Lifeline {
    let name = node.to_string();
    let span = |(life, until_us): (&Life, u64)| {
        let (look, tone, word) = look(life.state);
        let label = match life.state {
            State::Down => "down".to_owned(),
            State::Up { paused: true, .. } => "paused".to_owned(),
            State::Up { role: RoleKind::Leader, .. } => format!("leads term {}", life.term),
            State::Up { .. } => format!("term {}", life.term),
        };
        Span {
            record: life.record,
            from_us: life.at_us,
            to_us: until_us.min(now_us),
            look,
            tone,
            head: life.term,
            label,
            description: format!("{name}, {word}, term {}", life.term),
        }
    };
    Lifeline { node, spans: chronicle.annals().lives(node, window).map(span).collect(), name }
}

fn look(state: State) -> (SpanLook, Tone, &'static str) {
    match state {
        State::Down => (SpanLook::Gap, Tone::Off, "down"),
        State::Up { paused: true, .. } => (SpanLook::Paused, Tone::Off, "paused"),
        State::Up { role: RoleKind::Follower, .. } => (SpanLook::Line, Tone::Calm, "follower"),
        State::Up { role: RoleKind::PreCandidate, .. } => {
            (SpanLook::Dashed, Tone::Eager, "pre-candidate")
        }
        State::Up { role: RoleKind::Candidate, .. } => (SpanLook::Dashed, Tone::Eager, "candidate"),
        State::Up { role: RoleKind::Leader, .. } => (SpanLook::Bar, Tone::Chief, "leader"),
    }
}

/// The violations found so far, as marks.
pub(super) fn violations(
    history: &RaftHistory,
    verdicts: &Verdicts,
    window: Window,
) -> Vec<TimeMark> {
    let mark = |violation: &crate::check::Violation| {
        let at_us = history.get(violation.at)?.at_us;
        let kind = MarkKind::Violation;
        let mark = TimeMark { kind, at_us, record: violation.at, node: None, count: 1 };
        window.contains(at_us).then_some(mark)
    };
    verdicts.violations().filter_map(mark).collect()
}

/// How much a message tells.
pub(in crate::labs) fn weight(message: &Message<KeyValueCommand>) -> Weight {
    match message {
        Message::AppendEntries { entries, .. } if entries.is_empty() => Weight::Faint,
        Message::AppendEntriesReply { result, .. } if result.success() => Weight::Faint,
        Message::AppendEntriesReply { .. } | Message::InstallSnapshotReply { .. } => Weight::Normal,
        Message::RequestVoteReply { .. } | Message::PreVoteReply { .. } => Weight::Normal,
        _ => Weight::Strong,
    }
}

/// How a message looks, and what it says.
pub(in crate::labs) fn letter(message: &Message<KeyValueCommand>) -> Letter {
    let (label, entries) = carries(message);
    let (kind, says) = (kind_name(message), says(message));
    Letter { dress: dress(message), label, entries, kind, says }
}

/// A few letters, and the names of the entries.
pub(super) fn carries(message: &Message<KeyValueCommand>) -> (String, Vec<EntryName>) {
    let Message::AppendEntries { entries, prev_log_index, .. } = message else {
        let label = match message {
            Message::RequestVote { .. } => "vote?",
            Message::PreVote { .. } => "would you?",
            Message::TimeoutNow { .. } => "stand!",
            Message::InstallSnapshot { .. } => "snapshot",
            Message::RequestVoteReply { vote_granted, .. }
            | Message::PreVoteReply { vote_granted, .. } => match vote_granted {
                true => "yes",
                false => "no",
            },
            Message::AppendEntriesReply { result, .. } if !result.success() => "no",
            _ => "",
        };
        return (label.to_owned(), Vec::new());
    };
    let label = match &entries[..] {
        [] => String::new(),
        [only] => entry_text(only),
        [first, .., last] => format!("{} … {}", entry_text(first), entry_text(last)),
    };
    let name = |(place, entry): (usize, &std::sync::Arc<crate::raft::Entry<KeyValueCommand>>)| {
        EntryName { index: prev_log_index.plus(place + 1).0, term: entry.term.0 }
    };
    (label, entries.iter().enumerate().map(name).collect())
}
