//! What the space-time diagrams of all labs have in common: messages with what became of them, and
//! when the network was cut. A lab says what its servers were and how its messages look.

use super::annals::{Split, Splits};
use crate::scene::space_time::{
    Arrow, ArrowFate, Cut, Flag, LeftOut, Lifeline, SpaceTime, Weight, thin_out,
};
use crate::scene::{EntryName, Mark, MarkKind, Shape, Spacing, TimeMark, Tone, Window};
use crate::sim::{
    Flight, Happening, History, LossReason, NodeId, Process, Record, RecordId, World,
};
use crate::sorted::SortedMap;

/// With more records than this in the window no message is drawn.
const MOST_RECORDS: usize = 20_000;
/// How many records before the window are looked through for messages that arrive in it, and after
/// it for the fate of those that left in it.
const LOOK_AROUND: usize = 2_048;
/// Into so many parts a window is parted for marks.
const MARKS: u32 = 250;

/// How a message looks, and what it says.
pub(super) struct Letter {
    pub(super) dress: (Shape, bool, Option<Mark>, Tone),
    pub(super) label: String,
    pub(super) entries: Vec<EntryName>,
    /// Its kind and what it says, in words.
    pub(super) kind: &'static str,
    pub(super) says: String,
}

/// A lab, as its diagram sees it.
pub(super) trait Lived<P: Process> {
    fn world(&self) -> &World<P>;
    fn splits(&self) -> &Splits;
    fn is_paused(&self, node: NodeId, at_us: u64) -> bool;
    fn weight(&self, message: &P::Message) -> Weight;
    fn letter(&self, message: &P::Message) -> Letter;

    /// What a server was, as far as a window shows it.
    fn lifeline(&self, node: NodeId, window: Window) -> Lifeline;

    /// What is marked in a window of so many parts.
    fn marks(&self, window: Window, parts: u32) -> Vec<TimeMark>;

    /// What a judge found at a record; nothing where none did.
    fn finding(&self, record: RecordId) -> String;

    /// What the story tells of a record; nothing where it tells nothing.
    fn told(&self, record: RecordId) -> String;
}

/// The part of a lab's history that a window shows.
pub(super) fn space_time<P: Process>(
    lab: &dyn Lived<P>,
    window: Window,
    spacing: Spacing,
) -> SpaceTime {
    let (world, now_us) = (lab.world(), lab.world().now_us());
    let (arrows, left_out) = arrows(lab, window);
    let flag = |mark: TimeMark| {
        let text = match mark.kind {
            MarkKind::Violation => lab.finding(mark.record),
            _ => lab.told(mark.record),
        };
        Flag { text, mark }
    };
    SpaceTime {
        window,
        spacing,
        now_us,
        lifelines: world.node_ids().map(|node| lab.lifeline(node, window)).collect(),
        arrows,
        cuts: cuts(lab.splits(), window, now_us),
        flags: lab.marks(window, MARKS).into_iter().map(flag).collect(),
        left_out,
    }
}

/// The messages that a window shows, oldest first, and what is left out of them.
fn arrows<P: Process>(lab: &dyn Lived<P>, window: Window) -> (Vec<Arrow>, LeftOut) {
    let history = lab.world().history();
    let records = history.records();
    let first = records.partition_point(|record| record.at_us < window.from_us);
    let end = records.partition_point(|record| record.at_us <= window.to_us);
    if end - first > MOST_RECORDS {
        return (Vec::new(), LeftOut::AllMessages(end - first));
    }
    let mut found = messages(history, first, end);
    let left_out = thin_out(&mut found, |found| {
        let message = history.message(found.flight.id);
        message.map_or(Weight::Faint, |(_, _, message)| lab.weight(message))
    });
    (found.iter().filter_map(|found| arrow(lab, found)).collect(), left_out)
}

/// While something was cut.
fn cuts(splits: &Splits, window: Window, now_us: u64) -> Vec<Cut> {
    let splits = splits.within(window).filter(|(split, _)| split.links > 0);
    let cut = |(split, until_us): (&Split, u64)| {
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

/// A message that was found, and what became of it as far as is known.
struct Found {
    flight: Flight,
    end: Option<(RecordId, u64, Option<LossReason>)>,
}

/// The messages that left or ended in the records from `first` to before `end`, oldest first.
fn messages<P: Process>(history: &History<P>, first: usize, end: usize) -> Vec<Found> {
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

fn end_of<P: Process>(record: &Record<P>) -> Option<(RecordId, Option<LossReason>)> {
    match record.what {
        Happening::Delivered { message } => Some((message, None)),
        Happening::Lost { message, reason } => Some((message, Some(reason))),
        _ => None,
    }
}

fn arrow<P: Process>(lab: &dyn Lived<P>, found: &Found) -> Option<Arrow> {
    let world = lab.world();
    let Flight { id, sent_us, arrives_us, .. } = found.flight;
    let (from, to, message) = world.history().message(id)?;
    let now_us = world.now_us();
    let (ends_us, fate) = match found.end {
        // Once it has reached a paused server it waits at the door.
        Some((record, at_us, None)) => {
            let waited = at_us > arrives_us && lab.is_paused(to, arrives_us);
            (if waited { arrives_us } else { at_us }, ArrowFate::Arrived(record))
        }
        Some((record, at_us, Some(reason))) => {
            let (permille, reason) = lost(lab.splits(), &found.flight, at_us, reason);
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
    let Letter { dress: (shape, filled, mark, tone), label, entries, kind, says } =
        lab.letter(message);
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
        weight: lab.weight(message),
        label,
        entries,
        description: format!("{kind} from {from} to {to}, {says}"),
    })
}

/// After how much of its way a message was lost, in thousandths, and why.
fn lost(splits: &Splits, flight: &Flight, at_us: u64, reason: LossReason) -> (u16, &'static str) {
    match reason {
        LossReason::Cut => (tear(splits, flight, at_us), "cut"),
        LossReason::Chance => (500, "lost"),
        LossReason::NodeDown => (1_000, "down"),
        LossReason::NetworkFull | LossReason::QueueFull => (80, "full"),
        LossReason::Dropped => ((flight.progress(at_us) * 1_000 / 65_536) as u16, "dropped"),
    }
}

/// Where a message meets the tear: halfway between the first two lifelines on its way that were
/// apart when it died. Halfway in all if only links were cut, and no group.
fn tear(splits: &Splits, flight: &Flight, at_us: u64) -> u16 {
    let at = Window { from_us: at_us, to_us: at_us };
    let split = splits.within(at).last().map(|(split, _)| &split.groups[..]);
    let groups = split.unwrap_or_default();
    let (from, to) = (flight.from.index(), flight.to.index());
    let rows = from.abs_diff(to);
    let group = |step: usize| groups.get(if from < to { from + step } else { from - step });
    let before = (0..rows).find(|step| group(*step) != group(step + 1));
    before.map_or(500, |step| ((2 * step + 1) * 500 / rows.max(1)) as u16)
}
