//! The space-time diagram of a Raft cluster.

use super::chronicle::{Chronicle, Life, State};
use super::scene::{dress, entry_text, kind_name, says};
use super::{Clients, RaftProcess, narration};
use crate::check::Verdicts;
use crate::raft::{KeyValueCommand, Message, RoleKind};
use crate::scene::space_time::{
    Arrow, ArrowFate, Cut, Flag, LeftOut, Lifeline, SpaceTime, Span, SpanLook, Weight, thin_out,
};
use crate::scene::{EntryName, MarkKind, Spacing, TimeMark, Tone, Window};
use crate::sim::{Flight, Happening, History, LossReason, NodeId, Record, RecordId, World};
use crate::sorted::SortedMap;

type RaftWorld = World<RaftProcess>;
type RaftHistory = History<RaftProcess>;

/// With more records than this in the window no message is drawn.
const MOST_RECORDS: usize = 20_000;
/// How many records before the window are looked through for messages that arrive in it, and after
/// it for the fate of those that left in it.
const LOOK_AROUND: usize = 2_048;
/// Into so many parts a window is parted for marks.
const MARKS: u32 = 250;

/// The part of the history that a window shows.
pub(super) fn space_time(
    world: &RaftWorld,
    clients: &Clients,
    (chronicle, verdicts): (&Chronicle, &Verdicts),
    window: Window,
    spacing: Spacing,
) -> SpaceTime {
    let now_us = world.now_us();
    let mut picture = SpaceTime {
        window,
        spacing,
        now_us,
        lifelines: world.node_ids().map(|node| lifeline(chronicle, node, window, now_us)).collect(),
        arrows: Vec::new(),
        cuts: cuts(chronicle, window, now_us),
        flags: flags(world.history(), clients, (chronicle, verdicts), window),
        left_out: LeftOut::Nothing,
    };
    let records = world.history().records();
    let first = records.partition_point(|record| record.at_us < window.from_us);
    let end = records.partition_point(|record| record.at_us <= window.to_us);
    if end - first > MOST_RECORDS {
        picture.left_out = LeftOut::AllMessages(end - first);
    } else {
        let mut found = messages(world.history(), first, end);
        picture.left_out = thin_out(&mut found, |found| {
            let message = world.history().message(found.flight.id);
            message.map_or(Weight::Faint, |(_, _, message)| weight(message))
        });
        let arrow = |found: &Found| arrow(world, chronicle, found);
        picture.arrows = found.iter().filter_map(arrow).collect();
    }
    picture
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
    Lifeline { node, spans: chronicle.lives(node, window).map(span).collect(), name }
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

fn cuts(chronicle: &Chronicle, window: Window, now_us: u64) -> Vec<Cut> {
    let splits = chronicle.splits(window).filter(|(split, _)| split.links > 0);
    let cut = |(split, until_us): (&super::super::annals::Split, u64)| {
        let parted = split.groups.iter().any(|group| *group > 0);
        let label = match (parted, split.links) {
            (true, _) => groups_in_words(&split.groups),
            (false, 1) => "1 link cut one way".to_owned(),
            (false, links) => format!("{links} directions cut"),
        };
        Cut {
            record: split.record,
            from_us: split.at_us,
            to_us: until_us.min(now_us),
            label,
            groups: if parted { split.groups.clone() } else { Vec::new() },
        }
    };
    splits.map(cut).collect()
}

/// `S1 S2 | S3 S4 S5`.
fn groups_in_words(groups: &[u8]) -> String {
    let mut words = String::new();
    for number in 0..=groups.iter().copied().max().unwrap_or(0) {
        if number > 0 {
            words.push_str(" |");
        }
        for (place, _) in groups.iter().enumerate().filter(|(_, group)| **group == number) {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(&NodeId(place as u8).to_string());
        }
    }
    words
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

fn flags(
    history: &RaftHistory,
    clients: &Clients,
    (chronicle, verdicts): (&Chronicle, &Verdicts),
    window: Window,
) -> Vec<Flag> {
    let told = |mark: TimeMark| {
        let line = narration::line(clients, history, mark.record);
        Flag { mark, text: line.map_or(String::new(), |line| line.text) }
    };
    let broken = |mark: TimeMark| {
        let found = verdicts.violations().find(|violation| violation.at == mark.record);
        let text = found.map_or_else(String::new, |violation| violation.finding.to_string());
        Flag { mark, text }
    };
    let marks = chronicle.marks(window, MARKS).into_iter().map(told);
    marks.chain(violations(history, verdicts, window).into_iter().map(broken)).collect()
}

/// A message that was found, and what became of it as far as is known.
struct Found {
    flight: Flight,
    end: Option<(RecordId, u64, Option<LossReason>)>,
}

/// The messages that left or ended in the records from `first` to before `end`, oldest first.
fn messages(history: &RaftHistory, first: usize, end: usize) -> Vec<Found> {
    let mut found: SortedMap<RecordId, Found> = SortedMap::new();
    let mut open = 0_usize;
    let begin = first.saturating_sub(LOOK_AROUND).max(history.records().first());
    for (place, record) in history.records().from(begin).enumerate() {
        let place = begin + place;
        let id = RecordId(place as u32);
        // Past the window only what became of those on their way matters.
        if place >= end && (open == 0 || place >= end + LOOK_AROUND) {
            break;
        }
        match end_of(record) {
            None if place < end => {
                if let Some(flight) = history.flight(id) {
                    found.insert(id, Found { flight, end: None });
                    open += 1;
                }
            }
            Some((message, reason)) => {
                if let Some(known) = found.get_mut(&message) {
                    open -= usize::from(known.end.is_none());
                    known.end = Some((id, record.at_us, reason));
                    if place < first {
                        found.remove(&message);
                    }
                } else if place < end
                    && place >= first
                    && let Some(flight) = history.flight(message)
                {
                    let end = Some((id, record.at_us, reason));
                    found.insert(message, Found { flight, end });
                }
            }
            None => {}
        }
    }
    found.into_values().collect()
}

fn end_of(record: &Record<RaftProcess>) -> Option<(RecordId, Option<LossReason>)> {
    match record.what {
        Happening::Delivered { message } => Some((message, None)),
        Happening::Lost { message, reason } => Some((message, Some(reason))),
        _ => None,
    }
}

fn arrow(world: &RaftWorld, chronicle: &Chronicle, found: &Found) -> Option<Arrow> {
    let Flight { id, sent_us, arrives_us, .. } = found.flight;
    let (from, to, message) = world.history().message(id)?;
    let now_us = world.now_us();
    let (ends_us, fate) = match found.end {
        // Once it has reached a paused server it waits at the door.
        Some((record, at_us, None)) => {
            let waited = at_us > arrives_us && is_paused(chronicle, to, arrives_us);
            (if waited { arrives_us } else { at_us }, ArrowFate::Arrived(record))
        }
        Some((record, at_us, Some(reason))) => {
            let (permille, reason) = lost(chronicle, &found.flight, at_us, reason);
            let way_us = at_us.max(arrives_us) - sent_us;
            let ends_us = match permille {
                1_000 => at_us,
                _ => sent_us + way_us / 1_000 * u64::from(permille),
            };
            (ends_us, ArrowFate::Lost { record, permille, reason })
        }
        None => {
            // What was put off is due later than when it left.
            let flight = world.network().flight(id).unwrap_or(&found.flight);
            let permille = flight.progress(now_us) * 1_000 / 65_536;
            (
                now_us.min(flight.arrives_us.max(sent_us)),
                ArrowFate::OnItsWay { permille: permille as u16 },
            )
        }
    };
    let (shape, filled, mark, tone) = dress(message);
    let (label, entries) = carries(message);
    Some(Arrow {
        id,
        from,
        to,
        sent_us,
        ends_us,
        fate,
        shape,
        filled,
        mark,
        tone,
        weight: weight(message),
        label,
        entries,
        description: format!("{} from {from} to {to}, {}", kind_name(message), says(message)),
    })
}

fn is_paused(chronicle: &Chronicle, node: NodeId, at_us: u64) -> bool {
    let at = Window { from_us: at_us, to_us: at_us };
    let life = chronicle.lives(node, at).last();
    life.is_some_and(|(life, _)| matches!(life.state, State::Up { paused: true, .. }))
}

/// After how much of its way a message was lost, in thousandths, and why.
fn lost(
    chronicle: &Chronicle,
    flight: &Flight,
    at_us: u64,
    reason: LossReason,
) -> (u16, &'static str) {
    match reason {
        LossReason::Cut => (tear(chronicle, flight, at_us), "cut"),
        LossReason::Chance => (500, "lost"),
        LossReason::NodeDown => (1_000, "down"),
        LossReason::NetworkFull | LossReason::QueueFull => (80, "full"),
        LossReason::Dropped => ((flight.progress(at_us) * 1_000 / 65_536) as u16, "dropped"),
    }
}

/// Where a message meets the tear: halfway between the first two lifelines on its way that were
/// apart when it died. Halfway in all if only links were cut, and no group.
fn tear(chronicle: &Chronicle, flight: &Flight, at_us: u64) -> u16 {
    let at = Window { from_us: at_us, to_us: at_us };
    let split = chronicle.splits(at).last().map(|(split, _)| &split.groups[..]);
    let groups = split.unwrap_or_default();
    let (from, to) = (flight.from.index(), flight.to.index());
    let rows = from.abs_diff(to);
    let group = |step: usize| groups.get(if from < to { from + step } else { from - step });
    let before = (0..rows).find(|step| group(*step) != group(step + 1));
    before.map_or(500, |step| ((2 * step + 1) * 500 / rows.max(1)) as u16)
}

/// How much a message tells.
pub(super) fn weight(message: &Message<KeyValueCommand>) -> Weight {
    match message {
        Message::AppendEntries { entries, .. } if entries.is_empty() => Weight::Faint,
        Message::AppendEntriesReply { result, .. } if result.success() => Weight::Faint,
        Message::AppendEntriesReply { .. } | Message::InstallSnapshotReply { .. } => Weight::Normal,
        Message::RequestVoteReply { .. } | Message::PreVoteReply { .. } => Weight::Normal,
        _ => Weight::Strong,
    }
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
