//! The reader's path, ticked by what happens: a fold over the history, so that replay ticks the
//! same tasks.

use crate::sorted::{SortedMap, SortedSet};

use super::super::Task;
use super::{RaftEvent, RaftProcess};
use crate::raft::{CommitRule, Effect, Event, LogIndex, Outcome, StepDown, Term};
use crate::sim::{Fault, Happening, NodeId, Record};

/// The path, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Elect,
    CutOff,
    SecondLeader,
    OldWrite,
    NewWrite,
    Heal,
    Gone,
    Commit,
    WithoutTwo,
    SplitVote,
    Carried,
    VoteKept,
    Overthrow,
    Rescue,
    OldRead,
    Again,
    Break,
}

/// A step, its name, its title, and how.
type Line = (Step, &'static str, &'static str, &'static str);

const TASKS: [Line; 7] = [
    (
        Step::Elect,
        "elect",
        "Let them elect a leader",
        "The first server whose timer runs out asks the others for votes.",
    ),
    (
        Step::CutOff,
        "cut-off",
        "Cut the leader off",
        "Drag a line through its links, so that it keeps less than a majority. Or use Network.",
    ),
    (
        Step::SecondLeader,
        "second-leader",
        "Watch a second leader rise",
        "The others miss its heartbeats. Their new leader has a higher term.",
    ),
    (
        Step::OldWrite,
        "old-write",
        "Write through the old leader",
        "Tap the server with the crown that is cut off. Its entry stays dashed: not committed.",
    ),
    (
        Step::NewWrite,
        "new-write",
        "Write through the new leader",
        "A majority stores the entry. It turns solid: committed, for good.",
    ),
    (
        Step::Heal,
        "heal",
        "Heal the network",
        "Tap the × on the tear. The old leader hears of the higher term and steps down.",
    ),
    (
        Step::Gone,
        "gone",
        "See the old entry go",
        "Write through the new leader: its entry takes the place of one that was never committed.",
    ),
];

/// No steps of the path: scripts show them that are about one thing.
const APART: [Line; 10] = [
    (
        Step::Commit,
        "commit",
        "Write something, and see it committed",
        "Tap the leader and write. The entry turns solid once a majority has it.",
    ),
    (
        Step::WithoutTwo,
        "without-two",
        "Commit a write with two servers down",
        "Crash two followers, then write. With a third one down, nothing would commit.",
    ),
    (
        Step::SplitVote,
        "split-vote",
        "Make an election without a winner",
        "Pause, and have two servers time out at the same instant.",
    ),
    (
        Step::Carried,
        "carried",
        "Commit an entry of an earlier term",
        "Go to where S1 leads again, and write through it: the new entry takes the old one along.",
    ),
    (
        Step::VoteKept,
        "vote-kept",
        "Crash a server that has voted, and restart it",
        "Its vote was on its disk before anybody heard of it.",
    ),
    (
        Step::Overthrow,
        "overthrow",
        "Overthrow a leader that did nothing wrong",
        "Cut a follower off until it has stood for election some times, then heal.",
    ),
    (
        Step::Rescue,
        "rescue",
        "Have a server rescued by a snapshot",
        "Crash a follower, write five times, and restart it.",
    ),
    (
        Step::OldRead,
        "old-read",
        "Read through a leader that is cut off",
        "Its clock is slow. Cut it off, and read at once.",
    ),
    (
        Step::Again,
        "again",
        "Ask once more for what was done",
        "Have a client open a session and write; crash the leader before it answers; retry.",
    ),
    (
        Step::Break,
        "break",
        "Break a promise of Raft",
        "S1 counts its old entry as committed. Crash it, heal, and let S5 lead.",
    ),
];

/// What has been done so far.
#[derive(Clone, Debug)]
pub(super) struct TaskBoard {
    servers: u8,
    /// Each with its instant.
    done: SortedMap<Step, u64>,
    now_us: u64,
    cut: SortedSet<(NodeId, NodeId)>,
    leading: SortedMap<NodeId, Term>,
    /// Entries that a cut-off leader took, as their place and term.
    stranded: SortedSet<(LogIndex, Term)>,
    /// Servers that are down, those that have voted, and those of them that crashed then.
    down: SortedSet<NodeId>,
    voters: SortedSet<NodeId>,
    forgetful: SortedSet<NodeId>,
    /// The newest term in which a server stands, and how many stand in it.
    standing: (Term, usize),
    /// A leader that has an entry of an earlier term on a majority, and where that is.
    waiting: Option<(NodeId, LogIndex)>,
}

impl TaskBoard {
    pub(super) fn new(servers: u8) -> TaskBoard {
        TaskBoard {
            servers,
            done: SortedMap::new(),
            now_us: 0,
            cut: SortedSet::new(),
            leading: SortedMap::new(),
            stranded: SortedSet::new(),
            down: SortedSet::new(),
            voters: SortedSet::new(),
            forgetful: SortedSet::new(),
            standing: (Term(0), 0),
            waiting: None,
        }
    }

    /// `broken_us`: when the first promise was broken, if one was.
    pub(super) fn tasks(&self, broken_us: Option<u64>) -> Vec<Task> {
        let task = |is_apart| {
            move |&(step, name, title, hint): &Line| {
                let done_us = match step {
                    Step::Break => broken_us,
                    _ => self.done.get(&step).copied(),
                };
                Task { name, title, hint, done_us, is_apart }
            }
        };
        TASKS.iter().map(task(false)).chain(APART.iter().map(task(true))).collect()
    }

    pub(super) fn read(&mut self, record: &Record<RaftProcess>) {
        self.now_us = record.at_us;
        match &record.what {
            Happening::Fault(fault) => self.read_fault(fault),
            Happening::Decided { node, event: RaftEvent::Raft(event) } => {
                self.read_event(*node, event);
            }
            Happening::Decided {
                node,
                event: RaftEvent::Answered { outcome: Outcome::Committed { .. }, .. },
            } => {
                let is_new = self.leading.get(node) == self.leading.values().max();
                self.tick(Step::Commit, true);
                self.tick(Step::WithoutTwo, self.down.len() >= 2);
                self.tick(Step::NewWrite, self.done.contains_key(&Step::SecondLeader) && is_new);
            }
            Happening::Decided {
                node,
                event: RaftEvent::Answered { outcome: Outcome::Readable { .. }, .. },
            } => self.tick(Step::OldRead, self.is_cut_off(*node)),
            Happening::Decided {
                event: RaftEvent::Session { effect: Effect::Repeated { .. }, .. },
                ..
            } => self.tick(Step::Again, true),
            Happening::Booted { node, .. } => {
                self.down.remove(node);
                let has_voted = self.forgetful.contains(node);
                self.tick(Step::VoteKept, has_voted);
            }
            _ => {}
        }
    }

    fn tick(&mut self, step: Step, done: bool) {
        if done && !self.done.contains_key(&step) {
            self.done.insert(step, self.now_us);
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
                self.down.insert(*node);
                if self.voters.contains(node) {
                    self.forgetful.insert(*node);
                }
            }
            _ => {}
        }
        let leader_is_cut_off = self.leading.keys().any(|leader| self.is_cut_off(*leader));
        self.tick(Step::CutOff, leader_is_cut_off);
        let after_two = self.done.contains_key(&Step::SecondLeader);
        self.tick(Step::Heal, after_two && self.cut.is_empty());
    }

    fn read_event(&mut self, node: NodeId, event: &Event) {
        match event {
            Event::BecameLeader { term, .. } => {
                self.tick(Step::Elect, true);
                let is_second = self.leading.values().any(|older| older < term);
                self.tick(Step::SecondLeader, is_second);
                self.leading.insert(node, *term);
                self.standing = (*term, 0);
            }
            Event::BecameCandidate { term } => {
                let (newest, standing) = self.standing;
                // Nobody has won the term before.
                self.tick(Step::SplitVote, *term > newest && standing >= 2);
                self.standing = if *term > newest { (*term, 1) } else { (newest, standing + 1) };
            }
            Event::SteppedDown { reason, .. } => {
                let leads = self.leading.get(&node).copied();
                let is_newest = leads.is_some() && leads.as_ref() == self.leading.values().max();
                let is_higher = matches!(reason, StepDown::HigherTerm { .. });
                self.tick(Step::Overthrow, is_newest && is_higher && !self.is_cut_off(node));
                self.leading.remove(&node);
            }
            Event::VoteGranted { .. } => {
                self.voters.insert(node);
            }
            Event::NotCommittedYet { index, .. } => self.waiting = Some((node, *index)),
            Event::Committed { through, by: CommitRule::Counted { .. } } => {
                let has = |(leader, index): (NodeId, LogIndex)| leader == node && index <= *through;
                self.tick(Step::Carried, self.waiting.is_some_and(has));
            }
            Event::SnapshotInstalled { .. } => self.tick(Step::Rescue, true),
            Event::Proposed { index, term, .. } if self.is_cut_off(node) => {
                self.tick(Step::OldWrite, true);
                self.stranded.insert((*index, *term));
            }
            Event::ConflictTruncated { from_index, old_term, .. } => {
                let lost =
                    |(index, term): &(LogIndex, Term)| index >= from_index && term == old_term;
                self.tick(Step::Gone, self.stranded.iter().any(lost));
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

#[cfg(test)]
mod tests {
    use crate::labs::raft::RaftLab;
    use crate::labs::{Command, Lab, LabSettings};
    use crate::sim::{Fault, NodeId};

    fn done(lab: &RaftLab) -> Vec<bool> {
        let path = lab.tasks().into_iter().filter(|task| !task.is_apart);
        path.map(|task| task.done_us.is_some()).collect()
    }

    fn write(via: NodeId) -> Command {
        Command::write(via, "x", "1")
    }

    fn cut_off(node: NodeId) -> Command {
        let others: Vec<NodeId> = (0..5).map(NodeId).filter(|other| *other != node).collect();
        Command::Faults(vec![Fault::cut_between(&[node], &others)])
    }

    fn leaders(lab: &RaftLab) -> Vec<NodeId> {
        let crowned = |id: &NodeId| {
            let process = lab.world().node(*id).and_then(|node| node.process());
            process.is_some_and(|process| process.server().leader().is_some_and(|l| l.0 == id.0))
        };
        lab.world().node_ids().filter(crowned).collect()
    }

    /// The whole path, one task at a time.
    #[test]
    fn each_task_ticks_when_it_is_done_and_not_before() {
        let mut lab = RaftLab::new(&LabSettings::new(5, 5));
        assert_eq!(done(&lab), [false; 7]);
        lab.advance_to(200_000).expect("far from any limit");
        assert_eq!(done(&lab), [true, false, false, false, false, false, false]);
        let old = leaders(&lab)[0];
        lab.act(&write(old)).expect("it leads");
        lab.advance_to(260_000).expect("far from any limit");
        assert_eq!(done(&lab)[1..], [false; 6], "an ordinary write is no step of the path");
        lab.act(&cut_off(old)).expect("the links exist");
        lab.act(&write(old)).expect("it takes itself for the leader");
        assert_eq!(done(&lab), [true, true, false, true, false, false, false]);
        lab.advance_to(900_000).expect("far from any limit");
        assert_eq!(done(&lab), [true, true, true, true, false, false, false]);
        lab.act(&Command::Faults(vec![Fault::HealAll])).expect("always possible");
        lab.advance_to(1_100_000).expect("far from any limit");
        assert_eq!(done(&lab), [true, true, true, true, false, true, false]);
        let new = leaders(&lab)[0];
        assert_ne!(new, old);
        lab.act(&write(new)).expect("it leads");
        lab.advance_to(1_300_000).expect("far from any limit");
        assert_eq!(done(&lab), [true; 7]);
    }

    #[test]
    fn a_write_through_the_first_leader_after_a_cut_elsewhere_is_no_new_write() {
        let mut lab = RaftLab::new(&LabSettings::new(5, 5));
        lab.advance_to(200_000).expect("far from any limit");
        let leader = leaders(&lab)[0];
        lab.act(&cut_off(NodeId((leader.0 + 1) % 5))).expect("the links exist");
        lab.act(&write(leader)).expect("it leads");
        lab.advance_to(400_000).expect("far from any limit");
        assert_eq!(done(&lab), [true, false, false, false, false, false, false]);
    }
}
