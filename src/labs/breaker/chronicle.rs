//! The story and the lists that the pictures of a whole run are made from.
//!
//! A fold over the history that looks at the world after every single event, so that it is the same
//! however a run is played, and so that a picture of any part of a long run is a few binary
//! searches.

use super::super::annals::{Annals, Marked, Story, dated};
use super::super::raft::RaftEvent;
use super::super::{Promise, StoryLine, Task};
use super::judges::{Heard, Word};
use super::system::{BreakerEvent, BreakerProcess, BreakerRequest};
use super::tasks::TaskBoard;
use super::telling::Teller;
use super::words::{self, Telling};
use super::{Caller, Cluster, narration};
use crate::circuit_breaker;
use crate::raft;
use crate::scene::{MarkKind, Tone};
use crate::sim::{Fault, Happening, NodeId, Record, RecordId};

/// What a node is from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    pub(super) state: State,
    /// Of a caller: the era of its first breaker. Of a server of the cluster: its term.
    pub(super) number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::labs) enum State {
    Down,
    Paused,
    /// Of a caller: what its breaker is; of several the worst.
    Door(circuit_breaker::State),
    /// Of a caller without a breaker, and of what is called when all is well with it.
    Up,
    /// It does not do its work well, or at all.
    Ill,
    /// Calls wait in its queue.
    Busy,
    /// Its queue is full.
    Full,
    Leader,
    Candidate,
    Follower,
}

/// The era of the first breaker of the first caller, from an instant on; or that it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Era {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    pub(super) number: u64,
    /// `None` from when on there is no breaker.
    pub(super) state: Option<circuit_breaker::State>,
}

dated!(Life, Era);

/// The fold.
#[derive(Clone, Debug)]
pub(super) struct Chronicle {
    /// Records before this one are in.
    read: usize,
    story: Story,
    word: Word,
    teller: Teller,
    tasks: TaskBoard,
    annals: Annals<Life, Era>,
}

impl Chronicle {
    pub(super) fn new(cluster: &Cluster) -> Chronicle {
        Chronicle {
            read: 0,
            story: Story::default(),
            word: Word::new(cluster, cluster.callers()),
            teller: Teller::new(cluster),
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
            let heard = heard(record);
            let at = (id, record.at_us);
            let remarks = heard.map(|heard| self.word.read(cluster, at, heard)).unwrap_or_default();
            let tale = self.teller.tell(cluster, record);
            self.mark(id, record, tale.is_some());
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
        self.note_lives(cluster, at);
        self.note_era(cluster, at);
    }

    fn tell(
        &mut self,
        cluster: &Cluster,
        (id, record): (RecordId, &Record<BreakerProcess>),
        mut tale: Option<Telling>,
        remarks: &[String],
    ) {
        if !remarks.is_empty() {
            let told = tale.or_else(|| narration::tell(cluster, record));
            let (_, mut text, section) = told.unwrap_or((Tone::Bad, String::new(), None));
            remarks.iter().for_each(|remark| words::add_sentence(&mut text, remark));
            tale = Some((Tone::Bad, text, section));
        }
        if tale.is_some() || narration::tell(cluster, record).is_some() {
            // What the settings are now may be something else when it is asked for.
            let tale = tale.or_else(|| narration::tell(cluster, record));
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
    pub(super) fn tasks(&self, cluster: &Cluster) -> Vec<Task> {
        self.tasks.tasks(cluster.cast())
    }

    /// What is promised, and whether it was kept.
    pub(super) fn promises(&self, cluster: &Cluster) -> Vec<Promise> {
        self.word.promises(cluster.policy())
    }

    /// What broke at a record, in words.
    pub(super) fn finding(&self, record: RecordId) -> Option<&str> {
        self.word.finding(record)
    }

    /// Forgets what ended before a record.
    pub(super) fn let_go_before(&mut self, record: RecordId) {
        self.story.let_go_before(record);
        self.annals.let_go_before(record);
    }

    /// What the pictures are made from.
    pub(super) fn annals(&self) -> &Annals<Life, Era> {
        &self.annals
    }

    /// Marks a record if it changes the state of things.
    fn mark(&mut self, id: RecordId, record: &Record<BreakerProcess>, is_told: bool) {
        use circuit_breaker::State::{Closed, ForcedOpen, HalfOpen, Open};
        let (kind, node) = match &record.what {
            Happening::Fault(fault) => (MarkKind::Fault, fault.node()),
            Happening::Requested { node, request } => match request {
                BreakerRequest::GoBy(_) | BreakerRequest::Do(_) if is_told => {
                    (MarkKind::Turned, Some(*node))
                }
                BreakerRequest::ByHand(_) => (MarkKind::Turned, Some(*node)),
                BreakerRequest::CallOnce => (MarkKind::Write, Some(*node)),
                _ => return,
            },
            Happening::Decided { node, event } => {
                let kind = match event {
                    BreakerEvent::Moved { transition, .. } => match transition.to {
                        Open { .. } | ForcedOpen => MarkKind::Opened,
                        HalfOpen => MarkKind::HalfOpened,
                        Closed => MarkKind::Closed,
                        _ => MarkKind::Turned,
                    },
                    BreakerEvent::Raft(RaftEvent::Raft(raft::Event::BecameCandidate {
                        ..
                    })) => MarkKind::Election,
                    BreakerEvent::Raft(RaftEvent::Raft(raft::Event::BecameLeader { .. })) => {
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

    fn note_lives(&mut self, cluster: &Cluster, (record, at_us): (RecordId, u64)) {
        for node in cluster.world().node_ids() {
            let (state, number) = stands(cluster, node);
            let lives = &mut self.annals.lives[node.index()];
            if !lives.last().is_some_and(|last| (last.state, last.number) == (state, number)) {
                lives.push(Life { record, at_us, state, number });
            }
        }
    }

    fn note_era(&mut self, cluster: &Cluster, (record, at_us): (RecordId, u64)) {
        let Some(caller) = cluster.process(NodeId(0)).and_then(BreakerProcess::caller) else {
            return;
        };
        let door = caller.doors().first();
        let (number, state) = door.map_or((0, None), |it| (it.generation().0, Some(it.state())));
        let era = Era { record, at_us, number, state };
        let last = self.annals.reigns.last();
        if last.map_or(state.is_some(), |last| (last.number, last.state) != (number, state)) {
            self.annals.reigns.push(era);
        }
    }
}

/// What a judge hears of a record.
fn heard(record: &Record<BreakerProcess>) -> Option<Heard<'_>> {
    match &record.what {
        Happening::Booted { node, .. } => Some(Heard::Booted(*node)),
        Happening::Fault(Fault::Crash(node) | Fault::CrashTorn { node, .. }) => {
            Some(Heard::Crashed(*node))
        }
        Happening::Decided { node, event } => Some(Heard::Told(*node, event)),
        _ => None,
    }
}

/// What a node is now.
fn stands(cluster: &Cluster, id: NodeId) -> (State, u64) {
    let Some(node) = cluster.world().node(id) else { return (State::Down, 0) };
    let Some(process) = node.process() else { return (State::Down, 0) };
    let (state, number) = match process {
        BreakerProcess::Caller(caller) => of_caller(caller),
        BreakerProcess::Service(service) => {
            let (health, waiting) = (service.health(), service.waiting());
            let is_ill = health.errors_ppm > 0 || health.hangs_ppm > 0;
            let state = match () {
                () if waiting > 0 && waiting >= health.queue as usize => State::Full,
                () if is_ill => State::Ill,
                // A few are soon gone.
                () if waiting > health.workers as usize => State::Busy,
                () => State::Up,
            };
            (state, 0)
        }
        BreakerProcess::Replica(replica) => of_server(replica.raft().server()),
    };
    if node.paused_since_us().is_some() { (State::Paused, number) } else { (state, number) }
}

/// What a caller is, and the era of its first breaker.
pub(in crate::labs) fn of_caller(caller: &Caller) -> (State, u64) {
    let doors = caller.doors();
    let worst = doors.iter().map(|door| door.state()).max_by_key(|state| badness(*state));
    let number = doors.iter().map(|door| door.generation().0).max().unwrap_or(0);
    (worst.map_or(State::Up, State::Door), number)
}

/// What a server of a cluster is, and its term.
pub(in crate::labs) fn of_server(server: &raft::Server<raft::KeyValueCommand>) -> (State, u64) {
    let state = match server.role() {
        raft::Role::Leader { .. } => State::Leader,
        raft::Role::Candidate { .. } | raft::Role::PreCandidate { .. } => State::Candidate,
        raft::Role::Follower { .. } => State::Follower,
    };
    (state, server.current_term().0)
}

fn badness(state: circuit_breaker::State) -> u8 {
    match state {
        circuit_breaker::State::Closed => 0,
        circuit_breaker::State::MetricsOnly => 1,
        circuit_breaker::State::Disabled => 2,
        circuit_breaker::State::HalfOpen => 3,
        circuit_breaker::State::Open { .. } => 4,
        circuit_breaker::State::ForcedOpen => 5,
    }
}
