//! The story and the lists that the pictures of a whole run are made from.
//!
//! A fold over the history that looks at the cluster after every single event, so that it is the
//! same however a run is played, and so that a picture of any part of a long run is a few binary
//! searches.

use super::super::StoryLine;
use super::super::annals::{Annals, Marked, Story, dated};
use super::clients::Fate;
use super::ledger::Ledger;
use super::promises::Word;
use super::system::{CapEvent, CapRequest};
use super::tasks::TaskBoard;
use super::words::{self, Telling};
use super::{CapProcess, Cluster, RaftEvent, narration};
use crate::primary_backup as backup;
use crate::raft::{self, Role};
use crate::scene::MarkKind;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId, World};

/// What a server is from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    /// The term of Raft, the epoch of primary-backup.
    pub(super) reign: u64,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    Paused,
    /// It serves, or follows.
    Up,
    /// It takes too few to be up, and refuses.
    Blind,
    /// It asks to lead.
    Candidate,
    /// It leads, or is the primary.
    Chief,
}

/// The highest term or epoch, and who leads it, from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reign {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    pub(super) reign: u64,
    pub(super) chief: Option<NodeId>,
}

dated!(Life, Reign);

/// The fold.
#[derive(Clone, Debug)]
pub(super) struct Chronicle {
    /// Records before this one are in.
    read: usize,
    story: Story,
    ledger: Ledger,
    tasks: TaskBoard,
    word: Word,
    annals: Annals<Life, Reign>,
}

impl Chronicle {
    pub(super) fn new(cluster: &Cluster) -> Chronicle {
        Chronicle {
            read: 0,
            story: Story::default(),
            ledger: Ledger::new(&cluster.config().quorum),
            tasks: TaskBoard::default(),
            word: Word::new(cluster),
            annals: Annals::new(cluster.world().node_ids().count()),
        }
    }

    /// Takes in what has happened since the last time. To be called after every single event.
    pub(super) fn observe(&mut self, cluster: &Cluster) {
        let world = cluster.world();
        let records = world.history().records();
        // Bit k: something happened to server k.
        let mut touched: u64 = 0;
        let mut newest = None;
        let (mut recut, mut stirred) = (false, false);
        for (place, record) in records.from(self.read).enumerate() {
            let id = RecordId((self.read.max(records.first()) + place) as u32);
            newest = Some((id, record.at_us));
            let tale = self.ledger.read(cluster, id, record);
            if tale.is_some() || narration::tell(cluster, id, record).is_some() {
                let at_us = record.at_us;
                let tale = tale.map(|tale| self.whole(cluster, id, record, tale));
                self.story.tell(id, at_us, tale);
            }
            self.mark(cluster, id, record);
            self.tasks.read(cluster, &self.ledger, id, record);
            match &record.what {
                Happening::Booted { node, .. } | Happening::Decided { node, .. } => {
                    touched |= 1 << node.0;
                }
                Happening::Requested { node, .. } => {
                    touched |= 1 << node.0;
                    stirred = true;
                }
                Happening::Fault(fault) => {
                    stirred = true;
                    if let Some(node) = fault.node() {
                        touched |= 1 << node.0;
                    }
                    recut |= matches!(fault, Fault::Cut(_) | Fault::Heal(_) | Fault::HealAll);
                }
                _ => {}
            }
        }
        self.read = records.len();
        // A client may give up, and nothing happens in the world.
        let at = (RecordId(records.len().saturating_sub(1) as u32), world.now_us());
        for node in self.word.observe(cluster, &self.ledger, at, stirred) {
            self.annals.marks.push(MarkKind::Violation, Marked { record: at.0, at_us: at.1, node });
        }
        let Some((record, at_us)) = newest else { return };
        if recut {
            self.annals.splits.note(world, record, at_us);
        }
        if touched != 0 && self.note_lives(world, touched, (record, at_us)) {
            self.note_reign(cluster, record, at_us);
        }
    }

    /// What the ledger has to tell goes after what the record says by itself, such as a crash.
    fn whole(
        &self,
        cluster: &Cluster,
        id: RecordId,
        record: &Record<CapProcess>,
        (tone, text, section): Telling,
    ) -> Telling {
        match narration::tell(cluster, id, record) {
            Some((_, first, _)) => (tone, format!("{first} {text}"), section),
            None => (tone, text, section),
        }
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
    pub(super) fn tasks(&self) -> &TaskBoard {
        &self.tasks
    }

    /// What is promised, and whether it was kept.
    pub(super) fn word(&self) -> &Word {
        &self.word
    }

    /// What broke at a record, in words.
    pub(super) fn finding(&self, record: RecordId) -> Option<&str> {
        self.word.finding(record)
    }

    /// What is held where, and what was lost.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
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

    fn mark(&mut self, cluster: &Cluster, id: RecordId, record: &Record<CapProcess>) {
        let at_us = record.at_us;
        let mut push =
            |kind, node| self.annals.marks.push(kind, Marked { record: id, at_us, node });
        match &record.what {
            Happening::Fault(fault) => push(MarkKind::Fault, fault.node()),
            Happening::Requested { node, request } => {
                let turned = self.story.ends_with(id);
                if matches!(request, CapRequest::Configure(_)) {
                    if turned {
                        push(MarkKind::Turned, None);
                    }
                } else if let Some(place) = cluster.clients().place_of(id)
                    && cluster.clients().asked()[place].written().is_some()
                {
                    push(MarkKind::Write, Some(*node));
                }
            }
            Happening::Decided { node, event } => match event {
                CapEvent::Raft(RaftEvent::Raft(raft::Event::BecameCandidate { .. })) => {
                    push(MarkKind::Election, Some(*node));
                }
                CapEvent::Raft(RaftEvent::Raft(raft::Event::BecameLeader { .. }))
                | CapEvent::PrimaryBackup(backup::Event::Promoted { .. }) => {
                    push(MarkKind::Leader, Some(*node));
                }
                CapEvent::Answered { .. }
                | CapEvent::BackupAnswered { .. }
                | CapEvent::Raft(RaftEvent::Answered { .. } | RaftEvent::Read { .. }) => {
                    let Some(place) = narration::answered_place(cluster, id) else { return };
                    let asked = &cluster.clients().asked()[place];
                    let kind = match asked.fate {
                        Fate::Done(_) if asked.written().is_some() => Some(MarkKind::Commit),
                        Fate::Unknown { .. } => Some(MarkKind::Unknown),
                        Fate::Refused(_) => Some(MarkKind::Refused),
                        _ => None,
                    };
                    let breaks = narration::breaches_at(cluster, id).next().is_some();
                    for kind in
                        kind.into_iter().chain((asked.stale || breaks).then_some(MarkKind::Stale))
                    {
                        push(kind, Some(asked.via));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Whether any of the touched servers has changed.
    fn note_lives(
        &mut self,
        world: &World<CapProcess>,
        touched: u64,
        (record, at_us): (RecordId, u64),
    ) -> bool {
        let mut changed = false;
        for node in world.node_ids().filter(|node| touched & (1 << node.0) != 0) {
            let (reign, state) = stands(world, &self.ledger, node);
            let lives = &mut self.annals.lives[node.index()];
            if lives.last().is_none_or(|last| (last.reign, last.state) != (reign, state)) {
                lives.push(Life { record, at_us, reign, state });
                changed = true;
            }
        }
        changed
    }

    fn note_reign(&mut self, cluster: &Cluster, record: RecordId, at_us: u64) {
        let highest = self.annals.lives.iter().filter_map(|lives| Some(lives.last()?.reign)).max();
        let reign = highest.unwrap_or(0);
        let chief = words::chief(cluster).filter(|(_, of)| *of == reign).map(|(node, _)| node);
        let same = |last: &Reign| (last.reign, last.chief) == (reign, chief);
        if reign > 0 && !self.annals.reigns.last().is_some_and(same) {
            self.annals.reigns.push(Reign { record, at_us, reign, chief });
        }
    }
}

/// What a server is now.
fn stands(world: &World<CapProcess>, ledger: &Ledger, id: NodeId) -> (u64, State) {
    let Some(node) = world.node(id) else { return (0, State::Down) };
    let image = node.disk().image();
    let Some(process) = node.process() else {
        let epoch = image.backup.epoch.map_or(0, |epoch| epoch.number);
        return (image.raft.current_term.0.max(epoch), State::Down);
    };
    let (reign, state) = match process {
        CapProcess::Quorum(_) if ledger.is_blind(id) => (0, State::Blind),
        CapProcess::Quorum(_) => (0, State::Up),
        CapProcess::Raft(raft) => {
            let server = raft.server();
            let state = match server.role() {
                Role::Leader { .. } => State::Chief,
                Role::Candidate { .. } | Role::PreCandidate { .. } => State::Candidate,
                Role::Follower { .. } => State::Up,
            };
            (server.current_term().0, state)
        }
        CapProcess::PrimaryBackup(server) => {
            let state = if server.is_primary() { State::Chief } else { State::Up };
            (server.epoch().number, state)
        }
    };
    match node.paused_since_us() {
        Some(_) => (reign, State::Paused),
        None => (reign, state),
    }
}
