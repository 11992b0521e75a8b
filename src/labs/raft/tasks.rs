//! The reader's path, ticked by what happens: a fold over the history, so that replay ticks the
//! same tasks.

use crate::sorted::{SortedMap, SortedSet};

use super::super::Task;
use super::{RaftEvent, RaftProcess};
use crate::raft::{Event, LogIndex, Outcome, Term};
use crate::sim::{Fault, Happening, NodeId, Record};

const TASKS: [(&str, &str); 6] = [
    (
        "Let them elect a leader",
        "Press Play. The first timer to run out asks the others for votes.",
    ),
    (
        "Cut the leader off",
        "Drag a line through its links, so that it keeps less than a majority. Or use Network.",
    ),
    (
        "Watch a second leader rise",
        "The others miss its heartbeats. Their new leader has a higher term.",
    ),
    (
        "Write through the old leader",
        "Tap the server with the crown that is cut off. Its entry stays dashed: not committed.",
    ),
    (
        "Write through the new leader",
        "A majority stores the entry. It turns solid: committed, for good.",
    ),
    (
        "Heal the network",
        "Tap the × on the tear. The old leader sees the higher term, and its entry must go.",
    ),
];

/// What has been done so far.
#[derive(Clone, Debug)]
pub(super) struct TaskBoard {
    servers: u8,
    done: [bool; TASKS.len()],
    cut: SortedSet<(NodeId, NodeId)>,
    leading: SortedMap<NodeId, Term>,
    /// Entries that a cut-off leader took, as their place and term.
    stranded: SortedSet<(LogIndex, Term)>,
}

impl TaskBoard {
    pub(super) fn new(servers: u8) -> TaskBoard {
        TaskBoard {
            servers,
            done: [false; TASKS.len()],
            cut: SortedSet::new(),
            leading: SortedMap::new(),
            stranded: SortedSet::new(),
        }
    }

    pub(super) fn tasks(&self) -> Vec<Task> {
        let task = |(&(title, hint), &done)| Task { title, hint, done };
        TASKS.iter().zip(&self.done).map(task).collect()
    }

    pub(super) fn read(&mut self, record: &Record<RaftProcess>) {
        match &record.what {
            Happening::Fault(fault) => self.read_fault(fault),
            Happening::Decided { node, event: RaftEvent::Raft(event) } => {
                self.read_event(*node, event);
            }
            Happening::Decided {
                node,
                event: RaftEvent::Answered { outcome: Outcome::Committed { .. }, .. },
            } => {
                self.done[4] |= !self.cut.is_empty() && !self.is_cut_off(*node);
            }
            _ => {}
        }
    }

    fn read_fault(&mut self, fault: &Fault) {
        match fault {
            Fault::Cut(links) => {
                for link in links {
                    self.cut.insert(*link);
                }
            }
            Fault::Heal(links) => self.cut.retain(|link| !links.contains(link)),
            Fault::HealAll => self.cut.clear(),
            Fault::Crash(node) | Fault::CrashTorn { node, .. } => {
                self.leading.remove(node);
            }
            Fault::SetLinks(..)
            | Fault::Restart(_)
            | Fault::Pause(_)
            | Fault::Resume(_)
            | Fault::SetSync(..)
            | Fault::SetClock { .. }
            | Fault::DropMessage(_)
            | Fault::DelayMessage(..)
            | Fault::DuplicateMessage(_) => {}
        }
        self.done[1] |= self.leading.keys().any(|leader| self.is_cut_off(*leader));
    }

    fn read_event(&mut self, node: NodeId, event: &Event) {
        match event {
            Event::BecameLeader { term, .. } => {
                self.done[0] = true;
                self.done[2] |= self.leading.values().any(|older| older < term);
                self.leading.insert(node, *term);
            }
            Event::SteppedDown { .. } => drop(self.leading.remove(&node)),
            Event::Proposed { index, term, .. } if self.is_cut_off(node) => {
                self.done[3] = true;
                self.stranded.insert((*index, *term));
            }
            Event::ConflictTruncated { from_index, old_term, .. } => {
                let lost =
                    |(index, term): &(LogIndex, Term)| index >= from_index && term == old_term;
                self.done[5] |= self.stranded.iter().any(lost);
            }
            _ => {}
        }
    }

    /// Whether `node` can talk to less than a majority, itself included.
    fn is_cut_off(&self, node: NodeId) -> bool {
        let talks = |other: &NodeId| {
            !self.cut.contains(&(node, *other)) && !self.cut.contains(&(*other, node))
        };
        let reached = (0..self.servers).map(NodeId).filter(talks).count();
        reached <= usize::from(self.servers) / 2
    }
}
