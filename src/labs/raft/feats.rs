//! What challenges ask of a whole run, and no instant tells: a fold over the history, and over how
//! the servers stand after every event.

use super::{Asked, Fate, RaftEvent, RaftLab, RaftProcess};
use crate::labs::Ask;
use crate::raft::{Event, LogIndex, Term};
use crate::sim::{Fault, Happening, NodeId, Record};
use crate::sorted::{SortedMap, SortedSet};

/// What was brought about so far.
#[derive(Debug, Default)]
pub(super) struct Feats {
    /// So many records were read, and so many requests are known.
    read: usize,
    known: usize,
    /// The places of requests that are not over yet.
    open: Vec<usize>,
    /// Who is down, and since when, in microseconds since the start of the run.
    down: SortedMap<NodeId, u64>,
    without: SortedMap<NodeId, u64>,
    stale_reads: u64,
    /// The newest term that was split, and how many before it were, without a gap.
    split: Option<(Term, u64)>,
    /// Entries that a majority of disks has had.
    wide: SortedSet<(LogIndex, Term)>,
    taken_back: bool,
}

impl Feats {
    /// So many writes were done, from the asking to the answer, while a server was down.
    pub(super) fn without(&self, node: NodeId) -> u64 {
        self.without.get(&node).copied().unwrap_or(0)
    }

    /// So many reads found what had been overwritten before they were asked for.
    pub(super) fn stale_reads(&self) -> u64 {
        self.stale_reads
    }

    /// So many terms, one right after the other up to the newest that was, were split.
    pub(super) fn splits(&self) -> u64 {
        self.split.map_or(0, |(_, row)| row)
    }

    /// Whether an entry that a majority had on its disks was replaced.
    pub(super) fn is_taken_back(&self) -> bool {
        self.taken_back
    }

    /// Takes in what has happened. `split` is the newest term, if nobody can win it any more.
    pub(super) fn look(&mut self, lab: &RaftLab, split: Option<Term>) {
        let records = lab.world().history().records();
        for record in records.from(self.read) {
            self.read_record(lab, record);
        }
        self.read = records.len();
        if let Some(term) = split {
            let row = match self.split {
                Some((before, row)) if before == term => row,
                Some((before, row)) if before.0 + 1 == term.0 => row + 1,
                _ => 1,
            };
            self.split = Some((term, row));
        }
        self.look_at_requests(lab);
    }

    fn read_record(&mut self, lab: &RaftLab, record: &Record<RaftProcess>) {
        match &record.what {
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
                self.down.insert(*node, record.at_us);
            }
            Happening::Booted { node, .. } => {
                self.down.remove(node);
            }
            Happening::WriteSynced { node, .. } => self.note_wide(lab, *node),
            Happening::Decided {
                event: RaftEvent::Raft(Event::ConflictTruncated { from_index, old_term, .. }),
                ..
            } => {
                let gone =
                    |(index, term): &(LogIndex, Term)| index >= from_index && term == old_term;
                self.taken_back |= self.wide.iter().any(gone);
            }
            _ => {}
        }
    }

    /// Which entries of a disk are on a majority of them now.
    fn note_wide(&mut self, lab: &RaftLab, node: NodeId) {
        let world = lab.world();
        let logs = world.node_ids().filter_map(|node| world.node(node));
        let logs: Vec<_> = logs.map(|node| &node.disk().image().log).collect();
        let Some(own) = logs.get(node.index()) else { return };
        for (index, entry) in own.iter().rev() {
            let name = (index, entry.term);
            if self.wide.contains(&name) {
                // So are all before it.
                break;
            }
            let count = logs.iter().filter(|log| log.term_at(index) == Some(entry.term)).count();
            if count >= lab.majority() {
                self.wide.insert(name);
            }
        }
    }

    fn look_at_requests(&mut self, lab: &RaftLab) {
        let asked = lab.clients().asked();
        self.open.extend(self.known..asked.len());
        self.known = asked.len();
        let open = std::mem::take(&mut self.open);
        for place in open {
            match &asked[place].fate {
                Fate::Open => self.open.push(place),
                Fate::Done(found) => self.take_done(lab, &asked[place], found.as_deref()),
                _ => {}
            }
        }
    }

    fn take_done(&mut self, lab: &RaftLab, asked: &Asked, found: Option<&str>) {
        match &asked.what {
            Ask::Read { key } => {
                self.stale_reads += u64::from(is_stale(lab, asked, key, found));
            }
            Ask::Write { .. } | Ask::Delete { .. } | Ask::Retry => {
                for (node, since_us) in self.down.iter() {
                    if *since_us <= asked.at_us {
                        let before = self.without.get(node).copied().unwrap_or(0);
                        self.without.insert(*node, before + 1);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a read found what was surely overwritten: by a write that was over before the read was
/// asked for, and was itself asked for after all writes of what was found were over.
fn is_stale(lab: &RaftLab, read: &Asked, key: &str, found: Option<&str>) -> bool {
    let all = || lab.clients().asked().iter();
    let value_of = |asked: &Asked| match &asked.what {
        Ask::Write { key: other, value } if other == key => Some(Some(value.clone())),
        Ask::Delete { key: other } if other == key => Some(None),
        _ => None,
    };
    let is_over = |asked: &&Asked| {
        matches!(asked.fate, Fate::Done(_)) && asked.known_us.is_some_and(|us| us <= read.at_us)
    };
    let overwritten = |newer: &Asked| {
        let same = |asked: &&Asked| value_of(asked).is_some_and(|it| it.as_deref() == found);
        all().filter(same).all(|asked| asked.known_us.is_some_and(|us| us <= newer.at_us))
    };
    let mut newer = all().filter(is_over).filter(|it| value_of(it).is_some());
    newer
        .any(|newer| value_of(newer).is_some_and(|it| it.as_deref() != found) && overwritten(newer))
}
