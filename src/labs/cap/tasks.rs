//! The reader's path, ticked by what happens: a fold over the history, so that replay ticks the
//! same tasks.

use super::super::Task;
use super::clients::{Asked, Fate, WhyRefused};
use super::ledger::Ledger;
use super::narration::answered_place;
use super::system::System;
use super::{CapProcess, Cluster};
use crate::quorum::Mode;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};
use crate::sorted::SortedMap;

/// The path, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Write,
    CutOff,
    Unknown,
    Refused,
    Heal,
    TurnToAp,
    BothSides,
    Price,
    Lose,
    Undead,
}

type Line = (Step, &'static str, &'static str, &'static str);

/// In the store without a leader.
const TASKS: [Line; 8] = [
    (
        Step::Write,
        "write",
        "Write something",
        "Tap a server or a client. The write goes to all replicas, and a majority decides.",
    ),
    (
        Step::CutOff,
        "cut-off",
        "Cut a minority off",
        "Drag a line through its links, so that it keeps less than half of the servers.",
    ),
    (
        Step::Unknown,
        "unknown",
        "Write on the small side, at once",
        "Nobody has noticed the tear yet: it is sent, too few acknowledge, and nobody knows.",
    ),
    (
        Step::Refused,
        "refused",
        "Write there once more",
        "Now the others are taken for down: the small side refuses before anything is sent.",
    ),
    (
        Step::Heal,
        "heal",
        "Heal, and see where the ghost goes",
        "What nobody knew of is on every replica in the end, or on none. Nobody decides which.",
    ),
    (
        Step::TurnToAp,
        "turn-to-ap",
        "Turn the store to AP",
        "From now on any replica answers, whomever it can reach.",
    ),
    (
        Step::BothSides,
        "both-sides",
        "Cut again, and write the same key on both sides",
        "Both are acknowledged. Each side reads its own.",
    ),
    (
        Step::Price,
        "price",
        "Heal, and see the price",
        "One of the two is lost although it was acknowledged; or both stay, as siblings.",
    ),
];

/// No steps of the path: scripts show them that are about one thing.
const APART: [Line; 2] = [
    (
        Step::Lose,
        "lose",
        "Lose a write that was acknowledged",
        "Write the same key at the server whose clock is ahead, then at another one.",
    ),
    (
        Step::Undead,
        "undead",
        "Delete something, and read it when it is back",
        "Cut a server off, delete, wait until the tombstones are gone, heal, wait again, read.",
    ),
];

/// Where somebody leads.
const TASKS_WITH_A_LEADER: [Line; 4] = [
    (
        Step::Write,
        "write",
        "Write something",
        "Whoever is asked passes it on to the one who leads.",
    ),
    (
        Step::CutOff,
        "cut-off",
        "Cut a minority off",
        "Drag a line through its links, so that it keeps less than half of the servers.",
    ),
    (
        Step::Refused,
        "refused",
        "Write on the small side",
        "Without a leader in reach it is refused; by a leader that was cut off nobody knows.",
    ),
    (Step::Heal, "heal", "Heal the network", "What the small side had for itself gives way."),
];

/// What has been done so far.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskBoard {
    /// Each with its instant.
    done: SortedMap<Step, u64>,
    /// Who wrote which key on which side of the present tear: the group of the server.
    written: Vec<(String, usize)>,
    /// How many writes were lost when both sides had written.
    losses: usize,
    /// What was deleted, and not written since.
    deleted: Option<String>,
}

impl TaskBoard {
    pub(super) fn tasks(&self, system: System) -> Vec<Task> {
        let path: &[Line] = match system {
            System::Quorum => &TASKS,
            System::Raft | System::PrimaryBackup => &TASKS_WITH_A_LEADER,
        };
        let task = |&(step, name, title, hint): &Line| {
            let done_us = self.done.get(&step).copied();
            let is_apart = matches!(step, Step::Lose | Step::Undead);
            Task { name, title, hint, done_us, is_apart }
        };
        let apart: &[Line] = if system == System::Quorum { &APART } else { &[] };
        path.iter().chain(apart).map(task).collect()
    }

    /// Goes on by a record.
    pub(super) fn read(
        &mut self,
        cluster: &Cluster,
        ledger: &Ledger,
        id: RecordId,
        record: &Record<CapProcess>,
    ) {
        let at_us = record.at_us;
        let is_ap = matches!(cluster.config().quorum.settings().mode, Mode::Ap { .. });
        match &record.what {
            Happening::Fault(Fault::Cut(_) | Fault::Heal(_) | Fault::HealAll) => {
                let mut nodes = cluster.world().node_ids();
                self.tick(Step::CutOff, at_us, nodes.any(|node| is_cut_off(cluster, node)));
                if is_whole(cluster) {
                    self.written.clear();
                    let leads = cluster.system() != System::Quorum;
                    self.tick(Step::Heal, at_us, leads && self.done.contains_key(&Step::Refused));
                }
            }
            Happening::Requested { .. } => self.tick(Step::TurnToAp, at_us, is_ap),
            Happening::Decided { .. } => {
                if let Some(place) = answered_place(cluster, id) {
                    let asked = &cluster.clients().asked()[place];
                    self.read_answer(cluster, ledger, asked, at_us);
                }
                self.look(cluster, ledger, at_us);
            }
            Happening::WriteSynced { .. } => self.look(cluster, ledger, at_us),
            _ => {}
        }
    }

    fn tick(&mut self, step: Step, at_us: u64, done: bool) {
        if done && !self.done.contains_key(&step) {
            self.done.insert(step, at_us);
        }
    }

    fn read_answer(&mut self, cluster: &Cluster, ledger: &Ledger, asked: &Asked, at_us: u64) {
        let Some(written) = asked.written() else {
            let finds = matches!(&asked.fate, Fate::Done(found) if !found.is_empty());
            let was_deleted = self.deleted.as_ref() == Some(&asked.key);
            return self.tick(Step::Undead, at_us, finds && was_deleted);
        };
        if asked.is_done() {
            self.deleted = written.is_none().then(|| asked.key.clone());
        }
        let is_small = is_cut_off(cluster, asked.via);
        let leads = cluster.system() != System::Quorum;
        match asked.fate {
            Fate::Done(_) => {
                self.tick(Step::Write, at_us, true);
                let groups = cluster.world().network().groups();
                let side = groups.iter().position(|group| group.contains(&asked.via));
                if let Some(side) = side.filter(|_| groups.len() > 1 && !leads) {
                    let other = |(key, of): &(String, usize)| *key == asked.key && *of != side;
                    if self.written.iter().any(other) && !self.done.contains_key(&Step::BothSides) {
                        self.losses = ledger.losses().len();
                        self.tick(Step::BothSides, at_us, true);
                    }
                    self.written.push((asked.key.clone(), side));
                }
            }
            Fate::Unknown { .. } => {
                self.tick(if leads { Step::Refused } else { Step::Unknown }, at_us, is_small);
            }
            Fate::Refused(why) => {
                let is_in_vain = leads || matches!(why, WhyRefused::TooFewAlive { .. });
                self.tick(Step::Refused, at_us, is_small && is_in_vain);
            }
            Fate::Open => {}
        }
    }

    /// What takes a look at the replicas; only while it is what comes next.
    fn look(&mut self, cluster: &Cluster, ledger: &Ledger, at_us: u64) {
        let waits = |board: &TaskBoard, for_it: Step, after: Step| {
            board.done.contains_key(&after) && !board.done.contains_key(&for_it)
        };
        self.tick(Step::Lose, at_us, !ledger.losses().is_empty());
        if cluster.system() != System::Quorum || !is_whole(cluster) {
            return;
        }
        if waits(self, Step::Heal, Step::Unknown) && cluster.unequal().is_none() {
            self.tick(Step::Heal, at_us, true);
        }
        if waits(self, Step::Price, Step::BothSides) {
            let is_lost = ledger.losses().len() > self.losses;
            self.tick(Step::Price, at_us, is_lost || has_siblings(cluster));
        }
    }
}

/// Whether nothing is cut.
fn is_whole(cluster: &Cluster) -> bool {
    let network = cluster.world().network();
    network.link_ends().all(|(from, to)| !network.is_cut(from, to))
}

/// Whether `node` can talk to less than a majority, itself included.
fn is_cut_off(cluster: &Cluster, node: NodeId) -> bool {
    let network = cluster.world().network();
    let nodes = cluster.world().node_ids().count();
    let talks = |other: &NodeId| {
        *other == node || (!network.is_cut(node, *other) && !network.is_cut(*other, node))
    };
    cluster.world().node_ids().filter(talks).count() <= nodes / 2
}

fn has_siblings(cluster: &Cluster) -> bool {
    let world = cluster.world();
    let mut servers = world.node_ids().filter_map(|node| world.node(node)?.process()?.quorum());
    servers.any(|server| server.cells().any(|(_, cell)| cell.siblings().len() > 1))
}
