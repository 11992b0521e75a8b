//! What led to a record, by the rules of the store: the causes that the history has, and those that
//! only the store knows, such as all the acknowledgements of a write and not just the last.

use super::{Happened, Look, Why};
use crate::labs::cap::system::CapEvent;
use crate::labs::cap::{RaftEvent, words};
use crate::labs::explaining::Reasons;
use crate::quorum::{Event, RequestId, ServerId, Stamp};
use crate::raft;
use crate::sim::{Fault, Happening, NodeId, RecordId};

/// At most so many losses stand for a silence.
const LOSSES: usize = 8;

impl Why<'_> {
    /// What led to the record `id`: first the main reason, one step back. All are earlier.
    pub(super) fn reasons(&self, id: RecordId) -> Vec<RecordId> {
        let mut reasons = Reasons::of(id);
        match self.what(id) {
            Some(Happening::Decided { node, event }) => self.of_event(&mut reasons, *node, event),
            Some(Happening::Sent { .. } | Happening::WriteStarted { .. }) => {
                reasons.add(self.decided_with(id, &mut |_| true));
            }
            _ => {}
        }
        for reason in self.history().reasons(&self.budget, id) {
            reasons.add(Some(reason));
        }
        reasons.found
    }

    fn of_event(&self, reasons: &mut Reasons, node: NodeId, event: &CapEvent) {
        let id = reasons.of;
        match event {
            CapEvent::Quorum(event) => self.of_quorum(reasons, node, event),
            CapEvent::Answered { request, .. } => {
                reasons.add(self.decided_with(id, &mut |_| true));
                self.rounds(reasons, node, *request);
            }
            CapEvent::Raft(RaftEvent::Answered { .. } | RaftEvent::Read { .. })
            | CapEvent::BackupAnswered { .. } => {
                reasons.add(self.decided_with(id, &mut |_| true));
                let place = super::super::narration::answered_place(self.cluster, id);
                let asked = place.map(|place| self.clients().asked()[place].called);
                reasons.add(asked);
            }
            CapEvent::Raft(RaftEvent::Raft(raft::Event::BecameLeader { .. })) => {
                let mut votes = Vec::new();
                self.find_back(
                    RecordId(0),
                    id,
                    &mut |at, happened| match raft_event(happened, node) {
                        Some(raft::Event::VoteReceived { granted: true, .. }) => {
                            votes.push(at);
                            false
                        }
                        Some(raft::Event::BecameCandidate { .. }) => {
                            votes.push(at);
                            true
                        }
                        _ => false,
                    },
                );
                votes.into_iter().for_each(|vote| reasons.add(Some(vote)));
            }
            _ => {}
        }
    }

    fn of_quorum(&self, reasons: &mut Reasons, node: NodeId, event: &Event<String>) {
        let id = reasons.of;
        match event {
            Event::Succeeded { request, .. }
            | Event::WriteBackStarted { request, .. }
            | Event::RepairSent { request, .. } => {
                reasons.cause(self.history());
                self.rounds(reasons, node, *request);
            }
            Event::TimedOut { request, .. } => {
                // What died on the way tells more than that time went by.
                self.losses_of(reasons, *request);
                self.rounds(reasons, node, *request);
            }
            Event::Unavailable { .. } => {
                self.suspicions(id, node).into_iter().for_each(|one| reasons.add(Some(one)));
            }
            Event::StandInChosen { replica, .. } => {
                reasons.add(self.suspicion(id, node, *replica));
            }
            Event::Suspected { server, .. } => self.of_silence(reasons, node, *server),
            Event::WriteReplaced { replaced, .. } => {
                reasons.cause(self.history());
                reasons.add(self.origin(id, replaced.winner));
                reasons.add(self.origin(id, replaced.loser));
                self.clocks(reasons, &[replaced.winner, replaced.loser]);
            }
            Event::Merged { latest, .. } => {
                reasons.cause(self.history());
                reasons.add(latest.and_then(|stamp| self.origin(id, stamp)));
            }
            Event::TombstoneCollected { key, stamp, .. } => {
                reasons.add(self.came(id, node, key, *stamp));
            }
            Event::HintSent { replica, .. } => {
                reasons.add(self.event_before(
                    id,
                    node,
                    &mut |event| matches!(event, Event::HeardAgain { server } if server == replica),
                ));
                reasons.add(self.event_before(id, node, &mut |event| {
                    matches!(event, Event::HintKept { replica: of, .. } if of == replica)
                }));
            }
            _ => {}
        }
    }

    /// The answers that came for a request, and where it began.
    fn rounds(&self, reasons: &mut Reasons, node: NodeId, request: RequestId) {
        let mut found = Vec::new();
        self.find_back(RecordId(0), reasons.of, &mut |at, happened| match quorum_event(
            happened, node,
        ) {
            Some(Event::Acknowledged { request: of, .. } | Event::Answered { request: of, .. })
                if *of == request =>
            {
                found.push(at);
                false
            }
            Some(
                Event::WriteStarted { request: of, .. }
                | Event::ReadStarted { request: of, .. }
                | Event::StampAsked { request: of, .. }
                | Event::Unavailable { request: of, .. },
            ) if *of == request => {
                found.push(at);
                true
            }
            _ => false,
        });
        found.into_iter().for_each(|one| reasons.add(Some(one)));
    }

    /// Messages of an operation that died.
    pub(super) fn losses_of(&self, reasons: &mut Reasons, request: RequestId) {
        let called = self.clients().writer(request).map_or(RecordId(0), |asked| asked.called);
        let mut losses = Vec::new();
        self.find_back(called, reasons.of, &mut |at, happened| {
            if let Happening::Lost { message, .. } = happened
                && losses.len() < LOSSES
                && self.is_about(*message, request)
            {
                losses.push(at);
            }
            false
        });
        losses.into_iter().for_each(|loss| reasons.add(Some(loss)));
    }

    pub(super) fn is_about(&self, message: RecordId, request: RequestId) -> bool {
        let found = self.history().message(message);
        found.is_some_and(|(_, _, message)| words::subject(message) == Some(request))
    }

    /// What made `node` miss `server`: the messages that died on the way from it.
    fn of_silence(&self, reasons: &mut Reasons, node: NodeId, server: ServerId) {
        let from = NodeId(server.0);
        let mut losses = Vec::new();
        let mut acts = Vec::new();
        self.find_back(RecordId(0), reasons.of, &mut |at, happened| match happened {
            Happening::Lost { message, .. } if losses.len() < LOSSES => {
                let ends = self.history().message(*message).map(|(from, to, _)| (from, to));
                if ends == Some((from, node)) {
                    losses.push(at);
                }
                false
            }
            Happening::Fault(
                Fault::Crash(other) | Fault::CrashTorn { node: other, .. } | Fault::Pause(other),
            ) if *other == from => {
                acts.push(at);
                true
            }
            Happening::Delivered { message } => {
                let ends = self.history().message(*message).map(|(from, to, _)| (from, to));
                ends == Some((from, node))
            }
            _ => false,
        });
        acts.into_iter().chain(losses).for_each(|one| reasons.add(Some(one)));
    }

    /// Whom `node` took for down when `id` happened, and since when.
    pub(super) fn suspicions(&self, id: RecordId, node: NodeId) -> Vec<RecordId> {
        let others = self.world().node_ids().filter(|other| *other != node);
        others.filter_map(|other| self.suspicion(id, node, ServerId(other.0))).collect()
    }

    fn suspicion(&self, id: RecordId, node: NodeId, of: ServerId) -> Option<RecordId> {
        let latest = self.event_before(id, node, &mut |event| match event {
            Event::Suspected { server, .. } | Event::HeardAgain { server } => *server == of,
            _ => false,
        })?;
        let is_open =
            matches!(quorum_event(self.what(latest)?, node), Some(Event::Suspected { .. }));
        is_open.then_some(latest)
    }

    /// Where a write was stamped.
    pub(super) fn origin(&self, id: RecordId, stamp: Stamp) -> Option<RecordId> {
        let node = NodeId(stamp.server.0);
        self.event_before(
            id,
            node,
            &mut |event| matches!(event, Event::WriteStarted { stamp: of, .. } if *of == stamp),
        )
    }

    /// How `node` came to hold what was stamped so.
    pub(super) fn came(
        &self,
        id: RecordId,
        node: NodeId,
        key: &str,
        stamp: Stamp,
    ) -> Option<RecordId> {
        self.event_before(id, node, &mut |event| match event {
            Event::WriteApplied { key: of, stamp: other } => of == key && *other == stamp,
            Event::Merged { key: of, latest, .. } => of == key && *latest == Some(stamp),
            _ => false,
        })
    }

    /// Who set the clocks by which these were stamped.
    fn clocks(&self, reasons: &mut Reasons, stamps: &[Stamp]) {
        for stamp in stamps {
            let node = NodeId(stamp.server.0);
            let mut is_it =
                |fault: &Fault| matches!(fault, Fault::SetClock { node: of, .. } if *of == node);
            let act = self.history().find_act(&self.budget, RecordId(0), reasons.of, &mut is_it);
            reasons.add(act);
        }
    }

    /// The latest act that set a server’s clock before `id`.
    pub(super) fn clock_act(&self, id: RecordId, node: NodeId) -> Option<RecordId> {
        let mut is_it =
            |fault: &Fault| matches!(fault, Fault::SetClock { node: of, .. } if *of == node);
        self.history().find_act(&self.budget, RecordId(0), id, &mut is_it)
    }

    /// The decision just before `id` that came of the same input.
    fn decided_with(
        &self,
        id: RecordId,
        is: &mut dyn FnMut(&CapEvent) -> bool,
    ) -> Option<RecordId> {
        self.history().decided_with(&self.budget, id, is)
    }

    /// The latest event of `node` before `id` that is one of those.
    pub(super) fn event_before(
        &self,
        id: RecordId,
        node: NodeId,
        is: &mut dyn FnMut(&Event<String>) -> bool,
    ) -> Option<RecordId> {
        self.find_back(RecordId(0), id, &mut |_, happened| {
            quorum_event(happened, node).is_some_and(&mut *is)
        })
    }
}

/// The decision of the store that this is, if it is one of `node`.
pub(super) fn quorum_event(happened: &Happened, node: NodeId) -> Option<&Event<String>> {
    match happened {
        Happening::Decided { node: on, event: CapEvent::Quorum(event) } if *on == node => {
            Some(event)
        }
        _ => None,
    }
}

fn raft_event(happened: &Happened, node: NodeId) -> Option<&raft::Event> {
    match happened {
        Happening::Decided { node: on, event: CapEvent::Raft(RaftEvent::Raft(event)) }
            if *on == node =>
        {
            Some(event)
        }
        _ => None,
    }
}
