//! The painted timeline of a Raft cluster, and what lights up together.

use super::RaftProcess;
use super::chronicle::{Chronicle, Reign};
use super::space_time::{carries, violations};
use crate::check::Verdicts;
use crate::scene::time_strip::{LaneContent, TermBand};
use crate::scene::{Highlight, Thing, Window};
use crate::sim::World;

type RaftWorld = World<RaftProcess>;

/// What happened in a window.
pub(super) fn lane(
    world: &RaftWorld,
    chronicle: &Chronicle,
    verdicts: &Verdicts,
    window: Window,
    buckets: u32,
) -> LaneContent {
    let now_us = world.now_us();
    let band = |(reign, until_us): (&Reign, u64)| TermBand {
        record: reign.record,
        from_us: reign.at_us,
        to_us: until_us.min(now_us),
        counts: "term",
        term: reign.term,
        leader: reign.leader.map(|leader| (leader, leader.to_string())),
    };
    let mut marks = chronicle.annals().marks.within(window, buckets);
    marks.extend(violations(world.history(), verdicts, window));
    LaneContent { bands: chronicle.annals().reigns(window).map(band).collect(), marks }
}

/// The instant of the next mark after this one, or of the last before it.
pub(super) fn next_mark_us(
    world: &RaftWorld,
    chronicle: &Chronicle,
    verdicts: &Verdicts,
    at_us: u64,
    back: bool,
) -> Option<u64> {
    let history = world.history();
    let broken = verdicts.violations().filter_map(|violation| history.get(violation.at));
    let broken = broken.map(|record| record.at_us);
    let ahead = broken.filter(|other| if back { *other < at_us } else { *other > at_us });
    let marks = chronicle.annals().marks.next_us(at_us, back).into_iter().chain(ahead);
    if back { marks.max() } else { marks.min() }
}

/// What belongs to a thing, wherever it is drawn: to a message the entries that it carries, to an
/// entry the messages on their way that carry it.
pub(super) fn highlight(world: &RaftWorld, thing: Thing) -> Highlight {
    let mut highlight = Highlight::of(thing);
    let history = world.history();
    match thing {
        Thing::Message(message_id) => {
            if let Some((_, _, message)) = history.message(message_id) {
                for entry in carries(message).1 {
                    highlight.things.insert(Thing::Entry(entry));
                }
            }
            for decided in history.decided_on(message_id) {
                highlight.things.insert(Thing::Record(decided));
            }
        }
        Thing::Entry(name) => {
            for flight in world.network().in_flight() {
                let message = history.message(flight.id).map(|(_, _, message)| message);
                if message.is_some_and(|message| carries(message).1.contains(&name)) {
                    highlight.things.insert(Thing::Message(flight.id));
                }
            }
        }
        Thing::Record(record) => {
            if let Some(message) = history.delivered_to(record) {
                highlight.things.insert(Thing::Message(message));
            }
        }
        Thing::Node(_) | Thing::Request(_) => {}
    }
    highlight
}

#[cfg(test)]
mod tests {
    use super::super::RaftLab;
    use super::*;
    use crate::check::{Finding, Property};
    use crate::labs::{Lab, LabSettings};
    use crate::raft::{LogIndex, ServerId};
    use crate::scene::MarkKind;
    use crate::sim::RecordId;

    /// A broken promise is marked where it showed, on the timeline and in the diagram, and steps
    /// stop there.
    #[test]
    fn a_broken_promise_is_marked() {
        let mut lab = RaftLab::new(&LabSettings::new(3, 5));
        lab.advance_to(300_000).expect("far from any limit");
        let at = RecordId(lab.history_len() as u32 - 1);
        let at_us = lab.record(at).expect("it is known").0;
        let mut verdicts = Verdicts::default();
        let finding = Finding::NeverCommitted { server: ServerId(1), index: LogIndex(7) };
        verdicts.note(Property::ALL[0], at, finding);
        let window = Window::new(0, 300_000);
        let content = super::lane(lab.world(), &lab.chronicle, &verdicts, window, 100);
        let broken = content.marks.iter().filter(|mark| mark.kind == MarkKind::Violation);
        assert_eq!(broken.map(|mark| (mark.record, mark.at_us)).collect::<Vec<_>>(), [(at, at_us)]);
        let next = super::next_mark_us(lab.world(), &lab.chronicle, &verdicts, at_us - 1, false);
        assert_eq!(next, Some(at_us));
        let spacing = crate::scene::Spacing::Time;
        let picture = super::super::space_time::space_time(
            lab.world(),
            lab.clients(),
            (&lab.chronicle, &verdicts),
            window,
            spacing,
        );
        let flag = picture.flags.iter().find(|flag| flag.mark.kind == MarkKind::Violation);
        assert!(flag.is_some_and(|flag| flag.text.contains("entry 7")), "{:?}", picture.flags);
    }
}
