//! The story and the lists that the pictures of a whole run are made from.
//!
//! A fold over the history that looks at the world after every single event, so that it is the same
//! however a run is played.

use super::super::annals::{Annals, Marked, Story, dated};
use super::super::breaker::chronicle::{self as of_breaker, of_caller, of_server};
use super::super::breaker::{BreakerEvent, CallId, narration as of_caller_words};
use super::super::events::RequestOutcome;
use super::super::raft::RaftEvent;
use super::super::{Promise, StoryLine, Task};
use super::judges::Word;
use super::orders::misled;
use super::system::{Conduct, FRONTS, WholeEvent, WholeProcess, WholeRequest};
use super::tasks::TaskBoard;
use super::words::{self, NYGARD, Telling, seconds};
use super::{Cluster, narration};
use crate::circuit_breaker::Outcome;
use crate::raft;
use crate::scene::{MarkKind, Tone};
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};

/// What a node is from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    pub(super) state: State,
    /// Of a front: the era of its breaker. Of a server: its term. Of a page: its position.
    pub(super) number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// As the breaker lab has it: down, paused, a caller by its breaker, a server by its role.
    Node(of_breaker::State),
    /// A page that has all there is.
    Fresh,
    /// A page that is behind.
    Behind,
    /// A page that shows what never was.
    Off,
}

/// Who leads from an instant on.
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
    /// What fronts and pages go by, as far as was told.
    conduct: Conduct,
    fronts: [Front; FRONTS as usize],
    story: Story,
    word: Word,
    tasks: TaskBoard,
    annals: Annals<Life, Reign>,
}

/// What was told of a front since its breaker moved last.
#[derive(Clone, Copy, Debug, Default)]
struct Front {
    rejected: bool,
    /// Failures since the last success.
    row: u32,
    timed_out: Option<CallId>,
    late: bool,
    /// When a failure was told last, an order that was known again, and one of what was gone.
    failed_us: Option<u64>,
    known_us: Option<u64>,
    misled_us: Option<u64>,
}

/// What comes often is told again after so long.
const AGAIN_US: u64 = 5_000_000;

/// Whether something that was told at an instant is to be told again.
fn is_due(told_us: &mut Option<u64>, at_us: u64) -> bool {
    let is_due = told_us.is_none_or(|us| at_us >= us + AGAIN_US);
    if is_due {
        *told_us = Some(at_us);
    }
    is_due
}

impl Chronicle {
    pub(super) fn new(cluster: &Cluster) -> Chronicle {
        Chronicle {
            read: 0,
            conduct: cluster.conduct().clone(),
            fronts: Default::default(),
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
        let mut recut = false;
        let first = self.read.max(records.first());
        for (place, record) in records.from(self.read).enumerate() {
            let id = RecordId((first + place) as u32);
            let remarks = self.word.read(cluster, id, record);
            let tale = self.remember(record);
            self.mark(id, record);
            self.tell(cluster, (id, record), tale, &remarks);
            self.tasks.read(cluster, record);
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

    /// What is told of a record beyond what [`narration`] says.
    fn remember(&mut self, record: &Record<WholeProcess>) -> Option<Telling> {
        match &record.what {
            Happening::Requested { request: WholeRequest::GoBy(conduct), .. } => {
                let of_policy = of_caller_words::turned(&self.conduct.policy, &conduct.policy);
                let turned = of_policy.or_else(|| words::turned(&self.conduct, conduct));
                self.conduct = (**conduct).clone();
                Some((Tone::Eager, turned?, None))
            }
            Happening::Decided { node, event: WholeEvent::Caller(event) } => {
                let front = self.fronts.get_mut(node.index())?;
                front.tell(*node, event, &self.conduct, record.at_us)
            }
            Happening::Decided { node, event: WholeEvent::Heard { wish, done, shown, .. } } => {
                let front = self.fronts.get_mut(node.index())?;
                match done.outcome? {
                    RequestOutcome::Refused(refusal) if misled(*shown, refusal) => {
                        let is_new = is_due(&mut front.misled_us, record.at_us);
                        is_new.then(|| narration::tell_misled(*node, *wish, *shown, refusal))
                    }
                    RequestOutcome::Done { position, repeated: true } => {
                        let is_new = is_due(&mut front.known_us, record.at_us);
                        is_new.then(|| narration::tell_known(*node, *wish, position))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn tell(
        &mut self,
        cluster: &Cluster,
        (id, record): (RecordId, &Record<WholeProcess>),
        mut tale: Option<Telling>,
        remarks: &[String],
    ) {
        if !remarks.is_empty() {
            let told = tale.or_else(|| narration::tell(cluster, record));
            let (_, mut text, section) = told.unwrap_or((Tone::Bad, String::new(), None));
            remarks.iter().for_each(|remark| words::add_sentence(&mut text, remark));
            tale = Some((Tone::Bad, text, section));
        }
        let tale = tale.or_else(|| narration::tell(cluster, record));
        if tale.is_some() {
            self.story.tell(id, record.at_us, tale);
        }
    }

    /// The last `most` lines of the story, oldest first.
    pub(super) fn story(&self, most: usize) -> Vec<StoryLine> {
        self.story.lines(most, &|id| self.tale(id).cloned())
    }

    /// What the story says of a record, if anything.
    pub(super) fn tale(&self, id: RecordId) -> Option<&Telling> {
        self.story.tale(id)?.as_ref()
    }

    /// The reader's path.
    pub(super) fn tasks(&self) -> Vec<Task> {
        self.tasks.tasks()
    }

    /// What is promised, and whether it was kept.
    pub(super) fn promises(&self, cluster: &Cluster) -> Vec<Promise> {
        self.word.promises(cluster)
    }

    /// What broke at a record, in words.
    pub(super) fn finding(&self, record: RecordId) -> Option<String> {
        self.word.finding(record)
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

    /// Marks a record if it changes the state of things.
    fn mark(&mut self, id: RecordId, record: &Record<WholeProcess>) {
        use crate::circuit_breaker::State::{Closed, ForcedOpen, HalfOpen, Open};
        let (kind, node) = match &record.what {
            Happening::Fault(fault) => (MarkKind::Fault, fault.node()),
            Happening::Requested { node, request } => match request {
                WholeRequest::ByHand(_) | WholeRequest::Rebuild => (MarkKind::Turned, Some(*node)),
                // The first one that is told stands for all.
                WholeRequest::GoBy(_) if *node == NodeId(0) => (MarkKind::Turned, None),
                _ => return,
            },
            Happening::Decided { node, event } => {
                let kind = match event {
                    WholeEvent::Caller(BreakerEvent::Moved { transition, .. }) => {
                        match transition.to {
                            Open { .. } | ForcedOpen => MarkKind::Opened,
                            HalfOpen => MarkKind::HalfOpened,
                            Closed => MarkKind::Closed,
                            _ => MarkKind::Turned,
                        }
                    }
                    WholeEvent::Heard { done, shown, .. } => match done.outcome {
                        Some(RequestOutcome::Refused(refusal)) if misled(*shown, refusal) => {
                            MarkKind::Stale
                        }
                        _ => return,
                    },
                    WholeEvent::Raft(RaftEvent::Raft(raft::Event::BecameCandidate { .. })) => {
                        MarkKind::Election
                    }
                    WholeEvent::Raft(RaftEvent::Raft(raft::Event::BecameLeader { .. })) => {
                        MarkKind::Leader
                    }
                    _ => return,
                };
                (kind, Some(*node))
            }
            _ => return,
        };
        self.annals.marks.push(kind, Marked { record: id, at_us: record.at_us, node });
    }

    /// Whether any node has changed.
    fn note_lives(&mut self, cluster: &Cluster, (record, at_us): (RecordId, u64)) -> bool {
        let mut changed = false;
        for node in cluster.world().node_ids() {
            let (state, number) = stands(cluster, self.word.is_off(node), node);
            let lives = &mut self.annals.lives[node.index()];
            if !lives.last().is_some_and(|last| (last.state, last.number) == (state, number)) {
                lives.push(Life { record, at_us, state, number });
                changed = true;
            }
        }
        changed
    }

    fn note_reign(&mut self, cluster: &Cluster, (record, at_us): (RecordId, u64)) {
        let leader = cluster.leader();
        let terms = cluster.servers().filter_map(|node| cluster.replica(node));
        let term = terms.map(|replica| replica.raft().server().current_term().0).max().unwrap_or(0);
        let leader = leader.filter(|node| cluster.leads(*node).is_some_and(|led| led.0 == term));
        let same = |last: &Reign| (last.term, last.leader) == (term, leader);
        if term > 0 && !self.annals.reigns.last().is_some_and(same) {
            self.annals.reigns.push(Reign { record, at_us, term, leader });
        }
    }
}

impl Front {
    /// What repeats itself is told once.
    fn tell(
        &mut self,
        node: NodeId,
        event: &BreakerEvent,
        by: &Conduct,
        at_us: u64,
    ) -> Option<Telling> {
        match event {
            BreakerEvent::Moved { .. } | BreakerEvent::NewBreakers => {
                let Front { known_us, misled_us, .. } = *self;
                *self = Front { known_us, misled_us, ..Front::default() };
                None
            }
            BreakerEvent::Rejected { retry_after_us, .. } => {
                let is_new = !std::mem::replace(&mut self.rejected, true);
                let wait = match retry_after_us {
                    Some(us) => format!(": it may ask again in {}", seconds(*us)),
                    None => String::new(),
                };
                let text = format!("{node} may not call the cluster, and says no at once{wait}.");
                is_new.then_some((Tone::Off, text, Some(NYGARD)))
            }
            BreakerEvent::TimedOut { call } => {
                self.timed_out = Some(*call);
                None
            }
            BreakerEvent::Ended { call, outcome, .. } => {
                self.row = match outcome {
                    Outcome::Failure => self.row + 1,
                    Outcome::Success => 0,
                    _ => self.row,
                };
                let is_told = *outcome == Outcome::Failure
                    && self.row == 1
                    && is_due(&mut self.failed_us, at_us);
                let text = match self.timed_out == Some(*call) {
                    true => {
                        let timeout = seconds(by.policy.timeout_us);
                        format!("{node} has no answer after {timeout}.")
                    }
                    false => format!("{node} is told that nobody leads."),
                };
                is_told.then_some((Tone::Bad, text, None))
            }
            BreakerEvent::CameTooLate { .. } => {
                let is_new = !std::mem::replace(&mut self.late, true);
                let text = format!(
                    "An answer comes that {node} had given up: what it asked for has happened."
                );
                is_new.then_some((Tone::Off, text, None))
            }
            _ => None,
        }
    }
}

/// What a node is now.
fn stands(cluster: &Cluster, is_off: bool, id: NodeId) -> (State, u64) {
    let down = (State::Node(of_breaker::State::Down), 0);
    let Some(node) = cluster.world().node(id) else { return down };
    let (state, number) = match node.process() {
        None => return down,
        Some(WholeProcess::Front(front)) => {
            let (state, era) = of_caller(front.caller());
            (State::Node(state), era)
        }
        Some(WholeProcess::Server(server)) => {
            let (state, term) = of_server(server.replica().raft().server());
            (State::Node(state), term)
        }
        Some(WholeProcess::Page(page)) => {
            let through = page.model().through();
            let behind = cluster.last_position() > through;
            let state = match (is_off, behind) {
                (true, _) => State::Off,
                (false, true) => State::Behind,
                (false, false) => State::Fresh,
            };
            (state, through)
        }
    };
    match node.paused_since_us() {
        Some(_) => (State::Node(of_breaker::State::Paused), number),
        None => (state, number),
    }
}
