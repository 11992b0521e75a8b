//! The reader's path, ticked by what happens: a fold over the history, so that replay ticks the
//! same tasks.

use super::super::Task;
use super::super::raft::RaftEvent;
use super::judges::Word;
use super::narration::outcome_at;
use super::promises::Kind;
use super::requests::Asked;
use super::shop::ShopCommand;
use super::system::{EventsEvent, EventsProcess, KEEPER, Log, Outcome};
use super::{Cluster, words};
use crate::event_store::AppendError;
use crate::raft;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};
use crate::sorted::{SortedMap, SortedSet};

/// The path, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Take,
    Race,
    DecideAgain,
    LostUpdate,
    LostReply,
    PayTwice,
    CrashBeforePublish,
    CountTwice,
    Rebuild,
    Kill,
    Replay,
}

type Line = (Step, &'static str, &'static str, &'static str);

/// With the log in the file of one server.
const TASKS: [Line; 9] = [
    (
        Step::Take,
        "take",
        "Let Ann take a tea",
        "Her desk reads the stream, decides, and appends an event. What is left follows from it.",
    ),
    (
        Step::Race,
        "race",
        "Let Ann and Ben both take the last mug",
        "One right after the other: both desks read version 3, and one of the appends is refused.",
    ),
    (
        Step::DecideAgain,
        "decide-again",
        "Let the one who came second retry",
        "The desk reads again and decides anew, and now it sees what the other has done.",
    ),
    (
        Step::LostUpdate,
        "lost-update",
        "Put the mug back, switch the check off, and race again",
        "Both decide at the same version, and both are told that it is done: −1 is left.",
    ),
    (
        Step::LostReply,
        "lost-reply",
        "Lose an answer, and retry",
        "Let Ann pay, and cut S1 – S3 before the answer is back. When she knows nothing, heal and \
         retry: the id is recognised.",
    ),
    (
        Step::PayTwice,
        "pay-twice",
        "Retry with a fresh id",
        "Nobody can tell such a retry from a second wish, and she pays twice.",
    ),
    (
        Step::CrashBeforePublish,
        "crash-before-publish",
        "Let the power go between append and publish",
        "Set the crash, ask for something, and restart S3. The read models hear of it all the \
         same, for it is in the log.",
    ),
    (
        Step::CountTwice,
        "count-twice",
        "Let a read model count an event twice",
        "Let it keep state and position in two writes, and the power go between them.",
    ),
    (
        Step::Rebuild,
        "rebuild",
        "Rebuild it",
        "It forgets everything and reads the log from the start. The log was never wrong.",
    ),
];

/// With the log on a cluster.
const TASKS_ON_RAFT: [Line; 4] = [
    (
        Step::Take,
        "take",
        "Let Ann take a tea",
        "The command is committed by a majority, and then every server carries it out.",
    ),
    (
        Step::LostReply,
        "lost-reply",
        "Retry it with the same id",
        "It is committed a second time, and recognised when it is carried out.",
    ),
    (Step::Kill, "kill", "Crash the leader", "The others elect a new one, and nothing is lost."),
    (
        Step::Replay,
        "replay",
        "Restart it, and watch it rebuild",
        "All it has is its log. It carries that out from the first entry, and is where it was.",
    ),
];

/// What has been done so far.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskBoard {
    /// Each with its instant.
    done: SortedMap<Step, u64>,
    /// Up to where the log is durable, and up to where the read models were told of it.
    durable: u64,
    published: u64,
    /// The end of the log when the keeper crashed before it had told of it.
    untold: Option<u64>,
    /// Read models that were not what the log comes to, and those of them that begin anew.
    off: SortedSet<NodeId>,
    rebuilding: SortedSet<NodeId>,
    /// Servers of the cluster that crashed, and those of them that run again.
    crashed: SortedSet<NodeId>,
    replaying: SortedSet<NodeId>,
}

impl TaskBoard {
    pub(super) fn tasks(&self, log: Log) -> Vec<Task> {
        let path: &[Line] = match log {
            Log::Single => &TASKS,
            Log::Raft => &TASKS_ON_RAFT,
        };
        let task = |&(step, name, title, hint): &Line| {
            let done_us = self.done.get(&step).copied();
            Task { name, title, hint, done_us, is_apart: false }
        };
        path.iter().map(task).collect()
    }

    /// Goes on by a record.
    pub(super) fn read(&mut self, cluster: &Cluster, id: RecordId, record: &Record<EventsProcess>) {
        let at_us = record.at_us;
        match &record.what {
            Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
                self.crashed.insert(*node);
                if *node == KEEPER && self.durable > self.published {
                    self.untold = Some(self.durable);
                }
            }
            Happening::Booted { node, boot } if *boot > 1 && self.crashed.contains(node) => {
                self.replaying.insert(*node);
            }
            Happening::Decided { node, event } => {
                self.read_event(*node, event, at_us);
                if let Some((asked, outcome)) = outcome_at(cluster, id, event) {
                    self.read_answer(cluster, asked, outcome, at_us);
                }
            }
            _ => {}
        }
    }

    fn read_event(&mut self, node: NodeId, event: &EventsEvent, at_us: u64) {
        match event {
            EventsEvent::Refused { error } => {
                let is_race = matches!(**error, AppendError::Conflict { .. });
                self.tick(Step::Race, at_us, is_race);
            }
            EventsEvent::Decided { again: true, .. } => {
                self.tick(Step::DecideAgain, at_us, self.done.contains_key(&Step::Race));
            }
            EventsEvent::Durable { through } => self.durable = *through,
            EventsEvent::Published { through, .. } => self.published = *through,
            EventsEvent::Rebuilding if self.off.contains(&node) => {
                self.rebuilding.insert(node);
            }
            EventsEvent::Raft(RaftEvent::Raft(raft::Event::BecameLeader { .. })) => {
                self.tick(Step::Kill, at_us, !self.crashed.is_empty());
            }
            _ => {}
        }
    }

    fn read_answer(&mut self, cluster: &Cluster, asked: &Asked, outcome: Outcome, at_us: u64) {
        let before = asked.retries.and_then(|earlier| cluster.requests().numbered(earlier));
        let before = before.and_then(|earlier| earlier.outcome);
        let (is_done, is_refused) =
            (matches!(outcome, Outcome::Done { .. }), matches!(outcome, Outcome::Refused(_)));
        self.tick(Step::Take, at_us, is_done && matches!(asked.command, ShopCommand::Take(..)));
        let was_second = matches!(before, Some(Outcome::Conflict { .. }));
        self.tick(Step::DecideAgain, at_us, was_second && (is_done || is_refused));
        let is_recognised = matches!(outcome, Outcome::Done { repeated: true, .. });
        // Whoever has heard nothing yet need not wait until the desk gives up.
        let was_lost = asked.retries.is_some() && matches!(before, None | Some(Outcome::Unknown));
        let on_raft = cluster.rules().log == Log::Raft;
        self.tick(Step::LostReply, at_us, is_recognised && (was_lost || on_raft));
    }

    /// What takes a look at how things stand; only while it is what comes next.
    pub(super) fn look(&mut self, cluster: &Cluster, word: &Word, at_us: u64) {
        let is_broken = |kind| word.is_broken(kind);
        self.tick(Step::LostUpdate, at_us, is_broken(Kind::NoLostUpdate));
        self.tick(Step::PayTwice, at_us, is_broken(Kind::OnceOnly));
        for node in cluster.world().node_ids().filter(|node| word.is_off(*node)) {
            self.off.insert(node);
            self.tick(Step::CountTwice, at_us, true);
        }
        if let Some(end) = self.untold {
            let models =
                cluster.world().node_ids().filter_map(|node| words::model_of(cluster, node));
            let heard = models.filter(|model| model.through() >= end).count();
            self.tick(Step::CrashBeforePublish, at_us, heard == super::MODELS.len());
        }
        if !self.rebuilding.is_empty() {
            let end = cluster.log().last_position();
            let is_whole = |node: &NodeId| {
                let model = words::model_of(cluster, *node);
                model.is_some_and(|model| model.through() == end) && !word.is_off(*node)
            };
            let rebuilt = self.rebuilding.iter().any(is_whole);
            self.tick(Step::Rebuild, at_us, rebuilt);
        }
        if !self.replaying.is_empty() && !self.done.contains_key(&Step::Replay) {
            let end = cluster.log().last_position();
            let has_all = |node: &NodeId| {
                words::log_of(cluster, *node).is_some_and(|log| log.last_position() == end)
            };
            let replayed =
                end > super::shop::BEFORE.len() as u64 && self.replaying.iter().any(has_all);
            self.tick(Step::Replay, at_us, replayed);
        }
    }

    fn tick(&mut self, step: Step, at_us: u64, done: bool) {
        if done && !self.done.contains_key(&step) {
            self.done.insert(step, at_us);
        }
    }
}
