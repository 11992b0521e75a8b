//! What the chronicles of all labs have in common: lists of what happened, in order, in which any
//! part of a long run is found by a few binary searches.

use super::StoryLine;
use super::telling::Telling;
use crate::scene::{MarkKind, TimeMark, Window};
use crate::shared_list;
use crate::sim::{NodeId, Process, RecordId, World};

/// In small blocks, for copies of it are kept of many instants.
pub(super) type SharedList<T> = shared_list::SharedList<T, 64>;

/// Something that has a time.
pub(super) trait Dated {
    fn at_us(&self) -> u64;
    fn record(&self) -> RecordId;
}

macro_rules! dated {
    ($($kind:ty),*) => {
        $(impl $crate::labs::annals::Dated for $kind {
            fn at_us(&self) -> u64 {
                self.at_us
            }

            fn record(&self) -> $crate::sim::RecordId {
                self.record
            }
        })*
    };
}

pub(super) use dated;

dated!(Split, Marked, Told);

/// What a chronicle has lists of: what each server was, what held for all of them, such as who led,
/// what was cut, and what is marked.
#[derive(Clone, Debug)]
pub(super) struct Annals<Life, Reign> {
    /// One list a server.
    pub(super) lives: Vec<SharedList<Life>>,
    pub(super) reigns: SharedList<Reign>,
    pub(super) splits: Splits,
    pub(super) marks: Marks,
}

impl<Life: Dated, Reign: Dated> Annals<Life, Reign> {
    pub(super) fn new(servers: usize) -> Annals<Life, Reign> {
        Annals {
            lives: (0..servers).map(|_| SharedList::default()).collect(),
            reigns: SharedList::default(),
            splits: Splits::default(),
            marks: Marks::default(),
        }
    }

    /// Forgets what ended before a record.
    pub(super) fn let_go_before(&mut self, record: RecordId) {
        for lives in &mut self.lives {
            let_go(lives, record);
        }
        let_go(&mut self.reigns, record);
        self.splits.let_go_before(record);
        self.marks.let_go_before(record);
    }

    /// What a server was, part by part, as far as a window shows it, each with its end.
    pub(super) fn lives(&self, node: NodeId, window: Window) -> impl Iterator<Item = (&Life, u64)> {
        stretches(&self.lives[node.index()], window)
    }

    /// What a server was at an instant.
    pub(super) fn life_at(&self, node: NodeId, at_us: u64) -> Option<&Life> {
        let at = Window { from_us: at_us, to_us: at_us };
        self.lives(node, at).last().map(|(life, _)| life)
    }

    /// What held for all, part by part, as far as a window shows it, each with its end.
    pub(super) fn reigns(&self, window: Window) -> impl Iterator<Item = (&Reign, u64)> {
        stretches(&self.reigns, window)
    }
}

/// A line of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    record: RecordId,
    at_us: u64,
    /// What takes a memory to tell; the rest is told when it is asked for.
    tale: Option<Telling>,
}

/// A story, line by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Story(SharedList<Told>);

impl Story {
    /// One line more, with what of it takes a memory to tell.
    pub(super) fn tell(&mut self, record: RecordId, at_us: u64, tale: Option<Telling>) {
        self.0.push(Told { record, at_us, tale });
    }

    /// Whether the last line is about a record.
    pub(super) fn ends_with(&self, record: RecordId) -> bool {
        self.0.last().is_some_and(|told| told.record == record)
    }

    /// What of a record takes a memory to tell, if there is a line about it.
    pub(super) fn tale(&self, record: RecordId) -> Option<&Option<Telling>> {
        let place = self.0.partition_point(|told| told.record < record);
        Some(&self.0.get(place).filter(|told| told.record == record)?.tale)
    }

    /// The last `most` lines, oldest first, of which a lab knows the words.
    pub(super) fn lines(
        &self,
        most: usize,
        words: &dyn Fn(RecordId) -> Option<Telling>,
    ) -> Vec<StoryLine> {
        let from = self.0.len().saturating_sub(most).max(self.0.first());
        let line = |told: &Told| {
            let (tone, text, section) = words(told.record)?;
            Some(StoryLine { record: told.record, at_us: told.at_us, tone, text, section })
        };
        self.0.from(from).filter_map(line).collect()
    }

    /// Forgets what was told of before a record.
    pub(super) fn let_go_before(&mut self, record: RecordId) {
        self.0.let_go_before(self.0.partition_point(|told| told.record < record));
    }
}

/// Which links are cut from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    /// How many directed links are cut.
    pub(super) links: usize,
    /// The group of each server.
    pub(super) groups: Vec<u8>,
}

/// How the network was cut, part by part of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Splits(SharedList<Split>);

impl Splits {
    /// Somebody has cut or healed.
    pub(super) fn note<P: Process>(&mut self, world: &World<P>, record: RecordId, at_us: u64) {
        let network = world.network();
        let links = network.link_ends().filter(|(from, to)| network.is_cut(*from, *to)).count();
        let mut groups = vec![0; world.node_ids().count()];
        for (number, group) in network.groups().iter().enumerate() {
            for node in group {
                groups[node.index()] = number as u8;
            }
        }
        let same = |last: &Split| last.links == links && last.groups == groups;
        if !self.0.last().is_some_and(same) {
            self.0.push(Split { record, at_us, links, groups });
        }
    }

    /// What was cut, as far as a window shows it. With nothing cut, too.
    pub(super) fn within(&self, window: Window) -> impl Iterator<Item = (&Split, u64)> {
        stretches(&self.0, window)
    }

    pub(super) fn let_go_before(&mut self, record: RecordId) {
        let_go(&mut self.0, record);
    }
}

/// Something that is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    pub(super) node: Option<NodeId>,
}

/// What is marked, a list a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks([SharedList<Marked>; MarkKind::ALL.len()]);

impl Marks {
    /// Marks something that has just happened.
    pub(super) fn push(&mut self, kind: MarkKind, mark: Marked) {
        self.0[kind as usize].push(mark);
    }

    /// The marks in a window, kind by kind. The window is parted into so many buckets; in each of
    /// them the marks of a kind are one.
    pub(super) fn within(&self, window: Window, buckets: u32) -> Vec<TimeMark> {
        let bucket_us = window.span_us().div_ceil(u64::from(buckets.max(1))).max(1);
        let mut marks = Vec::new();
        for (kind, list) in MarkKind::ALL.into_iter().zip(&self.0) {
            let mut place = list.partition_point(|mark| mark.at_us < window.from_us);
            while let Some(first) = list.get(place).filter(|mark| mark.at_us <= window.to_us) {
                let bucket = (first.at_us - window.from_us) / bucket_us;
                let until_us = window.from_us + (bucket + 1) * bucket_us;
                let next = list.partition_point(|mark| mark.at_us < until_us);
                let Marked { record, at_us, node } = *first;
                marks.push(TimeMark { kind, at_us, record, node, count: next - place });
                place = next;
            }
        }
        marks
    }

    /// The instant of the next mark of any kind after this one, or of the last one before it.
    pub(super) fn next_us(&self, at_us: u64, back: bool) -> Option<u64> {
        let of = |list: &SharedList<Marked>| {
            if back {
                let place = list.partition_point(|mark| mark.at_us < at_us);
                list.get(place.checked_sub(1)?).map(|mark| mark.at_us)
            } else {
                list.get(list.partition_point(|mark| mark.at_us <= at_us)).map(|mark| mark.at_us)
            }
        };
        let all = self.0.iter().filter_map(of);
        if back { all.max() } else { all.min() }
    }

    pub(super) fn let_go_before(&mut self, record: RecordId) {
        for marks in &mut self.0 {
            let_go(marks, record);
        }
    }
}

/// The elements that hold in a window, each with the instant at which the next one begins.
fn stretches<T: Dated>(list: &SharedList<T>, window: Window) -> impl Iterator<Item = (&T, u64)> {
    let first = list.partition_point(|element| element.at_us() <= window.from_us);
    let first = first.saturating_sub(1).max(list.first());
    let end = list.partition_point(|element| element.at_us() <= window.to_us);
    (first..end).map(move |place| {
        let until_us = list.get(place + 1).map_or(u64::MAX, Dated::at_us);
        (&list[place], until_us)
    })
}

/// Lets go of what ended before a record; what holds at it stays.
fn let_go<T: Dated>(list: &mut SharedList<T>, record: RecordId) {
    let after = list.partition_point(|element| element.record() <= record);
    list.let_go_before(after.saturating_sub(1));
}
