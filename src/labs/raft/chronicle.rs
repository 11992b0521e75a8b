//! What the pictures of a whole run are made from: lives, terms, cuts and marks, each in its list.
//!
//! A fold over the history that looks at the world after every event, so that a picture of any
//! part of a long run is a few binary searches.

use super::super::annals::{Annals, Marked, SharedList, dated};
use super::{RaftEvent, RaftProcess, RaftRequest};
use crate::raft::{CommitRule, Event, LogIndex, RoleKind};
use crate::scene::MarkKind;
use crate::sim::{Fault, Happening, NodeId, Record, RecordId, World};

type RaftWorld = World<RaftProcess>;

/// What a server is from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) record: RecordId,
    pub(super) at_us: u64,
    pub(super) term: u64,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    Up { role: RoleKind, paused: bool },
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
    annals: Annals<Life, Reign>,
    committed: LogIndex,
}

impl Chronicle {
    pub(super) fn new(world: &RaftWorld) -> Chronicle {
        let annals = Annals::new(world.node_ids().count());
        Chronicle { read: 0, annals, committed: LogIndex(0) }
    }

    /// Takes in what has happened since the last time. To be called after every single event.
    pub(super) fn observe(&mut self, world: &RaftWorld) {
        let records = world.history().records();
        let mut newest = None;
        // Bit k: something happened to server k.
        let mut touched: u64 = 0;
        let mut recut = false;
        for (place, record) in records.from(self.read).enumerate() {
            let id = RecordId((self.read.max(records.first()) + place) as u32);
            newest = Some((id, record.at_us));
            if let Some((kind, node)) = self.mark_of(record) {
                self.annals.marks.push(kind, Marked { record: id, at_us: record.at_us, node });
            }
            match &record.what {
                Happening::Booted { node, .. } | Happening::Decided { node, .. } => {
                    touched |= 1 << node.0;
                }
                Happening::Fault(fault) => match fault {
                    Fault::Crash(node)
                    | Fault::CrashTorn { node, .. }
                    | Fault::Pause(node)
                    | Fault::Resume(node) => touched |= 1 << node.0,
                    Fault::Cut(_) | Fault::Heal(_) | Fault::HealAll => recut = true,
                    _ => {}
                },
                _ => {}
            }
        }
        self.read = records.len();
        let Some((record, at_us)) = newest else {
            return;
        };
        if recut {
            self.annals.splits.note(world, record, at_us);
        }
        if touched != 0 && self.note_lives(world, touched, record, at_us) {
            self.note_reign(record, at_us);
        }
    }

    /// Forgets what ended before a record.
    pub(super) fn let_go_before(&mut self, record: RecordId) {
        self.annals.let_go_before(record);
    }

    /// What the pictures are made from.
    pub(super) fn annals(&self) -> &Annals<Life, Reign> {
        &self.annals
    }

    fn mark_of(&mut self, record: &Record<RaftProcess>) -> Option<(MarkKind, Option<NodeId>)> {
        match &record.what {
            Happening::Fault(fault) => Some((MarkKind::Fault, fault.node())),
            Happening::Requested {
                node,
                request: RaftRequest::Propose { .. } | RaftRequest::ClientRequest { .. },
            } => Some((MarkKind::Write, Some(*node))),
            Happening::Decided { node, event: RaftEvent::Raft(event) } => match event {
                Event::BecameCandidate { .. } => Some((MarkKind::Election, Some(*node))),
                Event::BecameLeader { .. } => Some((MarkKind::Leader, Some(*node))),
                // Once for all: followers learn of it later.
                Event::Committed { through, by: CommitRule::Counted { .. } }
                    if *through > self.committed =>
                {
                    self.committed = *through;
                    Some((MarkKind::Commit, Some(*node)))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether any of the touched servers has changed.
    fn note_lives(
        &mut self,
        world: &RaftWorld,
        touched: u64,
        record: RecordId,
        at_us: u64,
    ) -> bool {
        let mut changed = false;
        for node in world.node_ids().filter(|node| touched & (1 << node.0) != 0) {
            let (term, state) = stands(world, node);
            let lives = &mut self.annals.lives[node.index()];
            if lives.last().is_none_or(|last| (last.term, last.state) != (term, state)) {
                lives.push(Life { record, at_us, term, state });
                changed = true;
            }
        }
        changed
    }

    fn note_reign(&mut self, record: RecordId, at_us: u64) {
        let newest = |(place, lives): (usize, &SharedList<Life>)| {
            lives.last().map(|life| (NodeId(place as u8), *life))
        };
        let lives = || self.annals.lives.iter().enumerate().filter_map(newest);
        let term = lives().map(|(_, life)| life.term).max().unwrap_or(0);
        let leads = |life: &Life| {
            life.term == term && matches!(life.state, State::Up { role: RoleKind::Leader, .. })
        };
        let leader = lives().find(|(_, life)| leads(life)).map(|(node, _)| node);
        if self.annals.reigns.last().is_none_or(|last| (last.term, last.leader) != (term, leader)) {
            self.annals.reigns.push(Reign { record, at_us, term, leader });
        }
    }
}

/// What a server is now.
fn stands(world: &RaftWorld, id: NodeId) -> (u64, State) {
    let Some(node) = world.node(id) else {
        return (0, State::Down);
    };
    match node.process() {
        Some(process) => {
            let (role, paused) = (process.server().role().kind(), node.paused_since_us().is_some());
            (process.server().current_term().0, State::Up { role, paused })
        }
        None => (node.disk().image().current_term.0, State::Down),
    }
}
