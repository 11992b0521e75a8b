//! The story and the lists that the pictures of a whole run are made from.
//!
//! A fold over the history that looks at the shop after every single event, so that it is the same
//! however a run is played, and so that a picture of any part of a long run is a few binary
//! searches.

use super::super::annals::{Annals, Marked, SharedList, Story, dated};
use super::super::raft::RaftEvent;
use super::super::{Promise, StoryLine, Task};
use super::judges::Word;
use super::keeper::MODELS;
use super::ledger::Ledger;
use super::system::{EventsEvent, EventsProcess, EventsRequest, KEEPER, Log, Outcome, Rules};
use super::tasks::TaskBoard;
use super::words::{self, Telling};
use super::{Cluster, Replica, narration};
use crate::raft;
use crate::scene::{MarkKind, Tone};
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};
use crate::sorted::SortedSet;

/// What a node is from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    pub(super) state: State,
    /// The last position that it has; of a desk how much it is at.
    pub(super) position: u64,
    /// Of a server of a cluster: its term.
    pub(super) term: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    Paused,
    /// It does what it is there for.
    Up,
    /// It keeps the log, or leads those that do.
    Chief,
    /// It has less than the log.
    Behind,
    /// It is not what the log comes to.
    Off,
    /// It asks to lead.
    Candidate,
}

/// The highest term, and who leads it, from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reign {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    pub(super) term: u64,
    pub(super) leader: Option<NodeId>,
}

dated!(Life, Reign);

/// The fold.
#[derive(Clone, Debug)]
pub(super) struct Chronicle {
    /// Records before this one are in.
    read: usize,
    /// What the parts go by, as far as was told.
    rules: Rules,
    /// Whether something was in the way of read models since all of them had all.
    apart: bool,
    /// Servers of a cluster that run again, and have not carried out all yet.
    rebuilding: SortedSet<NodeId>,
    story: Story,
    word: Word,
    tasks: TaskBoard,
    annals: Annals<Life, Reign>,
}

impl Chronicle {
    pub(super) fn new(cluster: &Cluster) -> Chronicle {
        Chronicle {
            read: 0,
            rules: *cluster.rules(),
            apart: false,
            rebuilding: SortedSet::new(),
            story: Story::default(),
            word: Word::new(cluster),
            tasks: TaskBoard::default(),
            annals: Annals::new(cluster.world().node_ids().count()),
        }
    }

    /// Which promises were kept.
    pub(super) fn word(&self) -> &Word {
        &self.word
    }

    /// Takes in what has happened since the last time. To be called after every single event, and
    /// when time has gone by without any.
    pub(super) fn observe(&mut self, cluster: &Cluster) {
        let world = cluster.world();
        let records = world.history().records();
        self.word.wait(world.now_us());
        let mut recut = false;
        let first = self.read.max(records.first());
        for (place, record) in records.from(self.read).enumerate() {
            let id = RecordId((first + place) as u32);
            let known = self.word.ledger().end();
            let remarks = self.word.read(cluster, id, record);
            let is_new = self.word.ledger().end() > known;
            self.tell(cluster, (id, record), is_new, remarks);
            self.mark(cluster, id, record);
            self.tasks.read(cluster, id, record);
            recut |= matches!(
                &record.what,
                Happening::Fault(Fault::Cut(_) | Fault::Heal(_) | Fault::HealAll)
            );
        }
        let has_news = records.len() > self.read;
        self.read = records.len();
        let at = (RecordId(records.len().saturating_sub(1) as u32), world.now_us());
        for mark in self.word.look(cluster, at) {
            self.annals.marks.push(MarkKind::Violation, mark);
        }
        if !has_news {
            return;
        }
        self.tasks.look(cluster, &self.word, at.1);
        if recut {
            self.annals.splits.note(world, at.0, at.1);
        }
        if self.note_lives(cluster, at) {
            self.note_reign(cluster, at);
        }
    }

    fn tell(
        &mut self,
        cluster: &Cluster,
        (id, record): (RecordId, &Record<EventsProcess>),
        is_new_event: bool,
        remarks: Vec<String>,
    ) {
        let mut tale = match &record.what {
            Happening::Requested { request: EventsRequest::GoBy(rules), .. } => {
                let turned = words::turned(&self.rules, rules);
                self.rules = *rules;
                let Some((text, section)) = turned else { return };
                Some((Tone::Eager, text, Some(section)))
            }
            // Every server of a cluster carries out what is committed; that is told once.
            Happening::Decided { node, event: EventsEvent::Appended { recorded, .. } }
                if self.rules.log == Log::Raft =>
            {
                if is_new_event {
                    Some(narration::tell_carried_out(*node, recorded))
                } else if self.rebuilding.contains(node) && self.has_all(cluster, *node) {
                    self.rebuilding.remove(node);
                    Some(narration::tell_rebuilt(*node, self.word.ledger().end()))
                } else {
                    None
                }
            }
            Happening::Decided { node, event: EventsEvent::Recognised { position, .. } }
                if self.rules.log == Log::Raft =>
            {
                let leads = self.annals.lives[node.index()].last();
                let leads = leads.is_some_and(|life| life.state == State::Chief);
                leads.then(|| narration::tell_recognised(*node, *position))
            }
            // After something was in their way, it is worth a line that all have all again.
            Happening::Decided { event: EventsEvent::TookIn { position, .. }, .. }
                if self.apart && self.are_together(cluster, *position) =>
            {
                self.apart = false;
                let text = format!("All read models have all up to event {position} again.");
                Some((Tone::Calm, text, Some(words::REPLAY)))
            }
            _ => None,
        };
        self.apart |= parts(cluster, &record.what);
        if let Happening::Booted { node, boot: 2.. } = record.what {
            self.rebuilding.insert(node);
        }
        if !remarks.is_empty() {
            let told = tale.or_else(|| narration::tell(cluster, id, record));
            let (_, mut text, section) = told.unwrap_or((Tone::Bad, String::new(), None));
            remarks.iter().for_each(|remark| words::add_sentence(&mut text, remark));
            tale = Some((Tone::Bad, text, section));
        }
        if tale.is_some() || narration::tell(cluster, id, record).is_some() {
            self.story.tell(id, record.at_us, tale);
        }
    }

    /// Whether a server of the cluster has carried out all, and come to the state that was told.
    fn has_all(&self, cluster: &Cluster, node: NodeId) -> bool {
        let replica = cluster.process(node).and_then(EventsProcess::replica);
        let ledger = self.word.ledger();
        replica.is_some_and(|replica| {
            replica.store().last_position() == ledger.end() && replica.shop() == ledger.shop()
        })
    }

    /// Whether every read model is at the end of the log, and what it comes to.
    fn are_together(&self, cluster: &Cluster, end: u64) -> bool {
        let is_there = |node: &NodeId| {
            let model = words::model_of(cluster, *node);
            model.is_some_and(|model| model.through() == end) && !self.word.is_off(*node)
        };
        cluster.log().last_position() == end && MODELS.iter().all(is_there)
    }

    /// The last `most` lines of the story, oldest first.
    pub(super) fn story(&self, cluster: &Cluster, most: usize) -> Vec<StoryLine> {
        self.story.lines(most, &|id| self.tale(cluster, id))
    }

    /// What the story says of a record, if anything.
    pub(super) fn tale(&self, cluster: &Cluster, id: RecordId) -> Option<Telling> {
        let tale = self.story.tale(id)?;
        // Of what was let go nothing is told.
        let record = cluster.world().history().get(id)?;
        tale.clone().or_else(|| narration::tell(cluster, id, record))
    }

    /// The reader's path.
    pub(super) fn tasks(&self, cluster: &Cluster) -> Vec<Task> {
        self.tasks.tasks(cluster.rules().log)
    }

    /// What is promised, and whether it was kept.
    pub(super) fn promises(&self, cluster: &Cluster) -> Vec<Promise> {
        self.word.promises(cluster)
    }

    /// What broke at a record, in words.
    pub(super) fn finding(&self, record: RecordId) -> Option<&str> {
        self.word.finding(record)
    }

    /// What the log was told to be.
    pub(super) fn ledger(&self) -> &Ledger {
        self.word.ledger()
    }

    /// Whether a read model is not what the log comes to up to its position.
    pub(super) fn is_off(&self, node: NodeId) -> bool {
        self.word.is_off(node)
    }

    /// Forgets what ended before a record.
    pub(super) fn let_go_before(&mut self, record: RecordId) {
        self.story.let_go_before(record);
        self.annals.let_go_before(record);
    }

    /// What the pictures are made from.
    pub(super) fn annals(&self) -> &Annals<Life, Reign> {
        &self.annals
    }

    fn mark(&mut self, cluster: &Cluster, id: RecordId, record: &Record<EventsProcess>) {
        let kind = match &record.what {
            Happening::Fault(fault) => Some((MarkKind::Fault, fault.node())),
            Happening::Requested { node, request } => match request {
                EventsRequest::GoBy(_) => {
                    let is_told = self.story.ends_with(id);
                    is_told.then_some((MarkKind::Turned, None))
                }
                EventsRequest::Rebuild => Some((MarkKind::Turned, Some(*node))),
                _ => narration::asked_at(cluster, id).map(|_| (MarkKind::Write, Some(*node))),
            },
            Happening::Decided { node, event } => match event {
                EventsEvent::Raft(RaftEvent::Raft(raft::Event::BecameCandidate { .. })) => {
                    Some((MarkKind::Election, Some(*node)))
                }
                EventsEvent::Raft(RaftEvent::Raft(raft::Event::BecameLeader { .. })) => {
                    Some((MarkKind::Leader, Some(*node)))
                }
                _ => narration::outcome_at(cluster, id, event).map(|(_, outcome)| {
                    let kind = match outcome {
                        Outcome::Done { .. } => MarkKind::Commit,
                        Outcome::Unknown => MarkKind::Unknown,
                        _ => MarkKind::Refused,
                    };
                    (kind, Some(*node))
                }),
            },
            _ => None,
        };
        if let Some((kind, node)) = kind {
            self.annals.marks.push(kind, Marked { record: id, at_us: record.at_us, node });
        }
    }

    /// Whether any node has changed.
    fn note_lives(&mut self, cluster: &Cluster, (record, at_us): (RecordId, u64)) -> bool {
        let mut changed = false;
        for node in cluster.world().node_ids() {
            let (state, position, term) = stands(cluster, self.word.is_off(node), node);
            let lives = &mut self.annals.lives[node.index()];
            let same =
                |last: &Life| (last.state, last.position, last.term) == (state, position, term);
            if !lives.last().is_some_and(same) {
                lives.push(Life { record, at_us, state, position, term });
                changed = true;
            }
        }
        changed
    }

    fn note_reign(&mut self, cluster: &Cluster, (record, at_us): (RecordId, u64)) {
        if self.rules.log == Log::Single {
            return;
        }
        let of = |lives: &SharedList<Life>| lives.last().map_or(0, |life| life.term);
        let term = self.annals.lives.iter().map(of).max().unwrap_or(0);
        let leads = |node: &NodeId| {
            let life = self.annals.lives[node.index()].last();
            life.is_some_and(|life| (life.term, life.state) == (term, State::Chief))
        };
        let leader = cluster.world().node_ids().find(leads);
        let same = |last: &Reign| (last.term, last.leader) == (term, leader);
        if term > 0 && !self.annals.reigns.last().is_some_and(same) {
            self.annals.reigns.push(Reign { record, at_us, term, leader });
        }
    }
}

/// Whether something happened for which a read model may be behind for longer than usual.
fn parts(cluster: &Cluster, what: &Happening<EventsProcess>) -> bool {
    let is_model = |node: &NodeId| MODELS.contains(node);
    match what {
        Happening::Fault(Fault::Cut(links)) => {
            links.iter().any(|(from, to)| is_model(from) || is_model(to))
        }
        Happening::Fault(fault) => {
            fault.node().is_some_and(|node| node == KEEPER || is_model(&node))
        }
        Happening::Lost { message, .. } => {
            let ends = cluster.world().history().message(*message);
            ends.is_some_and(|(from, to, _)| is_model(&from) || is_model(&to))
        }
        Happening::Decided { event, .. } => {
            matches!(event, EventsEvent::Rebuilding | EventsEvent::PassedOver { .. })
        }
        _ => false,
    }
}

/// Of a server of a cluster, the position counts only while it is behind.
fn stands_in_cluster(cluster: &Cluster, replica: &Replica) -> (State, u64, u64) {
    let server = replica.raft().server();
    let position = replica.store().last_position();
    let is_behind = position < cluster.log().last_position();
    let state = match server.role() {
        raft::Role::Leader { .. } => State::Chief,
        raft::Role::Candidate { .. } | raft::Role::PreCandidate { .. } => State::Candidate,
        raft::Role::Follower { .. } if is_behind => State::Behind,
        raft::Role::Follower { .. } => State::Up,
    };
    (state, if state == State::Behind { position } else { 0 }, server.current_term().0)
}

/// What a node is now: its state, the last position that it has, and its term.
fn stands(cluster: &Cluster, is_off: bool, id: NodeId) -> (State, u64, u64) {
    let Some(node) = cluster.world().node(id) else { return (State::Down, 0, 0) };
    let Some(process) = node.process() else { return (State::Down, 0, 0) };
    let (state, position, term) = match process {
        EventsProcess::Desk(_) => (State::Up, 0, 0),
        EventsProcess::Keeper(keeper) => (State::Chief, keeper.store().last_position(), 0),
        EventsProcess::Model(model) => {
            let is_behind = model.through() < cluster.log().last_position();
            let state = match (is_off, is_behind) {
                (true, _) => State::Off,
                (false, true) => State::Behind,
                (false, false) => State::Up,
            };
            (state, model.through(), 0)
        }
        EventsProcess::Replica(replica) => stands_in_cluster(cluster, replica),
    };
    let is_paused = node.paused_since_us().is_some();
    (if is_paused { State::Paused } else { state }, position, term)
}
